/** A game with its variations: where we are in it, and every way that was tried. */

import { WHITE, BLACK, movesName, other, parsePoint, parseRules, parseStart, pointName } from "./notation.js";

/** One position. `thought` is the best analysis so far, `facts` what the server says about it. */
class Node {
  constructor(move, parent, toPlay) {
    this.move = move;
    this.parent = parent;
    this.toPlay = toPlay;
    this.ply = parent ? parent.ply + 1 : 0;
    this.children = [];
    this.preferred = null;
    this.comment = "";
    this.value = null;
    this.thought = null;
    this.facts = null;
  }

  /** In [-1, 1] for Black, from the deepest look at the position there was; null where nobody looked. */
  get blackValue() {
    const { outcome } = this.facts ?? {};
    if (outcome) return outcome.winner ? (outcome.winner === BLACK ? 1 : -1) : 0;
    if (this.thought?.value != null) return this.toPlay === BLACK ? this.thought.value : -this.thought.value;
    return this.value;
  }

  /** Keeps a thought where it looked deeper than what is kept; a proof stays. */
  keep(thought) {
    const depth = (one) => one.simulations + one.reused;
    if (!this.thought || (this.thought.proof === null && depth(thought) >= depth(this.thought))) this.thought = thought;
  }

  get next() {
    return this.preferred ?? this.children[0] ?? null;
  }
}

export class GameTree {
  constructor(rules, start = "") {
    this.rules = rules;
    this.start = start;
    this.size = parseRules(rules).size;
    this.beginning = parseStart(start, this.size);
    this.root = new Node(null, null, this.beginning.toPlay);
    this.current = this.root;
    this.info = { black: "", white: "", result: "*", reason: "", date: "" };
  }

  /** From the root to `node`, without the root. */
  pathTo(node) {
    const path = [];
    for (let at = node; at.parent; at = at.parent) path.push(at);
    return path.reverse();
  }

  /** The line we are in: to the current position and on from there as last visited. */
  line() {
    const line = this.pathTo(this.current);
    for (let at = this.current.next; at; at = at.next) line.push(at);
    return line;
  }

  get isOnMainLine() {
    return this.pathTo(this.current).every((at) => at.parent.children[0] === at);
  }

  /** As the server is asked about it. */
  positionOf(node) {
    return { rules: this.rules, start: this.start, moves: this.movesTo(node) };
  }

  movesTo(node) {
    return movesName(this.pathTo(node).map((at) => at.move), this.size);
  }

  /** Colours by point, as they stand at `node`. */
  cellsAt(node) {
    const cells = this.beginning.cells.slice();
    for (const at of this.pathTo(node)) cells[at.move] = at.parent.toPlay;
    return cells;
  }

  /** Plays from the current position, or follows the move where it is known; returns its node. */
  play(move) {
    this.goTo(this.childOf(this.current, move));
    return this.current;
  }

  childOf(parent, move) {
    const known = parent.children.find((child) => child.move === move);
    if (known) return known;
    const child = new Node(move, parent, other(parent.toPlay));
    parent.children.push(child);
    return child;
  }

  goTo(node) {
    this.current = node;
    for (let at = node; at.parent; at = at.parent) at.parent.preferred = at;
  }

  /** Drops the current move and all that follows it; returns its node, which at the root stays. */
  remove() {
    const { parent } = this.current;
    const dropped = this.current;
    if (!parent) return dropped;
    parent.children = parent.children.filter((child) => child !== dropped);
    parent.preferred = null;
    this.current = parent;
    return dropped;
  }

  /** Drops all that follows `node`; returns how to have it back. */
  cut(node) {
    const { children } = node;
    if (this.pathTo(this.current).includes(node)) this.goTo(node);
    Object.assign(node, { children: [], preferred: null });
    return () => node.children.push(...children.filter(({ move }) => !node.children.some((child) => child.move === move)));
  }

  knows(move) {
    return this.current.children.some((child) => child.move === move);
  }

  /** Makes the line we are in the main one. */
  promote() {
    for (const at of this.pathTo(this.current)) {
      at.parent.children = [at, ...at.parent.children.filter((child) => child !== at)];
    }
  }

  /** All nodes but the root, parents first, each line before its variations. */
  nodes() {
    const found = [];
    const waiting = [...this.root.children].reverse();
    while (waiting.length) {
      const node = waiting.pop();
      found.push(node);
      waiting.push(...[...node.children].reverse());
    }
    return found;
  }

  /** The form in which the server reads and writes game files. */
  toFacts() {
    const nodes = this.nodes();
    const places = new Map(nodes.map((node, at) => [node, at]));
    return {
      rules: this.rules,
      start: this.start,
      ...this.info,
      comment: this.root.comment,
      nodes: nodes.map((node) => ({
        move: pointName(node.move, this.size),
        parent: places.get(node.parent) ?? -1,
        comment: node.comment,
        value: valueForMover(node),
      })),
    };
  }

  static fromFacts(facts) {
    const tree = new GameTree(facts.rules, facts.start);
    const made = [];
    for (const { move, parent, comment, value } of facts.nodes) {
      const from = parent < 0 ? tree.root : made[parent];
      const node = tree.childOf(from, parsePoint(move, tree.size));
      node.comment = comment;
      node.value = value === null || from.toPlay === BLACK ? value : -value;
      made.push(node);
    }
    tree.root.comment = facts.comment ?? "";
    for (const name of Object.keys(tree.info)) if (facts[name]) tree.info[name] = facts[name];
    return tree;
  }
}

function valueForMover(node) {
  const value = node.blackValue;
  if (value === null) return null;
  return Number((node.toPlay === WHITE ? value : -value).toFixed(4));
}
