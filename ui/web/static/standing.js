/** Where the game that is played stands in its tree: there it goes on, and there it ends, whatever is looked at. */

export class Standing {
  #restore = null;

  /** `node`: where play got to; null where nobody has played yet, and a game may go on at the end of any line. */
  constructor(node = null) {
    this.node = node;
  }

  isAt(node) {
    return this.node ? node === this.node : node.children.length === 0;
  }

  nodeIn(tree) {
    return this.node ?? tree.line().at(-1) ?? tree.root;
  }

  /** The game ends here. What follows is no part of it. */
  close(tree) {
    if (this.node) this.#restore = tree.cut(this.node);
  }

  /** The end is taken back, and what followed is there again. */
  reopen() {
    this.#restore?.();
    this.#restore = null;
  }

  /** `node` has left the tree, with all that follows it. */
  leave(tree, node) {
    if (this.node && tree.pathTo(this.node).includes(node)) this.node = node.parent; // the root is in no path
  }
}
