/** Which position undo and redo lead to in play: `isTheirs(node)` tells whether a person is to move there. */

/** The latest turn before `node`, but none among the first `fixed` stones; null where there is none. */
export function turnBefore(node, isTheirs, fixed) {
  for (let at = node.parent; at && at.ply >= fixed; at = at.parent) if (isTheirs(at)) return at;
  return null;
}

/** The next turn after `node` on the line last visited, or that line's end; null where nothing follows. */
export function turnAfter(node, isTheirs) {
  let at = node.next;
  while (at?.next && !isTheirs(at)) at = at.next;
  return at;
}
