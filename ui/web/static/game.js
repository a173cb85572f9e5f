/** The game on the page: the tree, who plays, and whose turn it is. Says `change` when anything is to be redrawn,
 *  `moved` when another position is shown, `asked` when somebody is about to have the server think. Draws nothing. */

import { PLAY } from "./modes.js";
import { Clock } from "./clock.js";
import { Computer } from "./computer.js";
import { endOf, resultOf } from "./outcomes.js";
import { BLACK, WHITE, other, pointName } from "./notation.js";
import { Standing } from "./standing.js";
import { GameTree } from "./tree.js";
import { turnAfter, turnBefore } from "./turns.js";

export const BOTH = "both";

export class Game extends EventTarget {
  #link;
  #isAnnounced = false;
  #standing = new Standing();

  constructor(link) {
    super();
    this.#link = link;
    this.computer = new Computer(this, link);
    this.mode = PLAY;
    this.tree = new GameTree("15x15");
    this.setup = { you: BLACK, level: null, clock: null };
    this.clock = null;
    this.opening = null;
    this.ended = null;
    this.hint = null;
    this.notice = "";
    this.isThinking = false;
  }

  get node() {
    return this.tree.current;
  }

  /** The outcome at the position shown: {winner, reason}, winner null for a draw; null while the game goes on. */
  get outcome() {
    return this.node.facts?.outcome ?? (this.mode === PLAY ? this.ended : null);
  }

  /** Whether the game goes on from here: where play got to, or at the end of a line that nobody has played on. */
  get isLive() {
    return this.#standing.isAt(this.node);
  }

  /** Whether the game is over, also where an earlier position is shown. */
  get isOver() {
    return Boolean(this.outcome ?? this.#standing.nodeIn(this.tree).facts?.outcome);
  }

  get isComputersTurn() {
    const plays = this.opening ? this.opening.isComputersTurn : this.setup.you !== BOTH && this.node.toPlay !== this.setup.you;
    return this.mode === PLAY && !this.outcome && plays;
  }

  /** Whether a person may put a stone. */
  get isOpen() {
    return !this.outcome && !this.isComputersTurn && !(this.mode === PLAY && this.opening?.isChoice);
  }

  get position() {
    return this.tree.positionOf(this.node);
  }

  nameOf(colour) {
    const { you, level } = this.setup;
    if (this.opening) return "to be chosen";
    return you === BOTH || you === colour ? "You" : `Computer${level ? `, ${level}` : ""}`;
  }

  /** Begins a game; the one before is gone. */
  begin(rules, setup, opening = null) {
    this.#link.stop();
    this.leave();
    this.setup = setup;
    this.opening = opening;
    this.startClock(setup.clock);
    this.mode = PLAY;
    this.show(new GameTree(rules));
    this.nameSeats();
  }

  /** Drops what only the game that was played has: its opening and its clock, which would run out for another. */
  leave() {
    this.clock?.pause();
    this.clock = this.opening = null;
    this.setup = { ...this.setup, clock: null, fixed: 0 };
  }

  /** `setting`: see `Clock`; null for none. */
  startClock(setting) {
    this.clock = setting && new Clock(setting, (colour) => this.end(other(colour), "time"));
  }

  /** Writes into the record who plays, and when. */
  nameSeats() {
    const date = new Date().toISOString().slice(0, 10);
    Object.assign(this.tree.info, { black: this.nameOf(BLACK), white: this.nameOf(WHITE), date });
  }

  /** Shows another tree, at its current position. `goesOn`: that is where play got to, whatever follows there. */
  show(tree, goesOn = false) {
    this.tree = tree;
    this.#standing = new Standing(goesOn ? tree.current : null);
    this.ended = endOf(tree.info);
    this.settle();
  }

  setMode(mode) {
    if (mode === this.mode) return;
    this.mode = mode;
    this.settle();
  }

  /** A person puts a stone. Returns whether it is on the board. */
  play(move) {
    const refusal = this.#refusal(move);
    if (refusal) {
      this.say(refusal);
      return false;
    }
    this.put(move);
    return true;
  }

  #refusal(move) {
    const name = pointName(move, this.tree.size);
    if (this.outcome) return "The game is over.";
    if (this.tree.cellsAt(this.node)[move]) return `${name} is taken.`;
    if (this.isComputersTurn) return "It is the computer's turn.";
    if (this.mode === PLAY && this.opening?.isChoice) return "Choose first.";
    const foul = this.node.facts?.forbidden[name];
    return foul ? `${name} is forbidden to Black: ${foul}.` : null;
  }

  /** Puts a stone for whoever is to move. What is played is the main line; what was taken back becomes a variation. */
  put(move) {
    const isPlayed = this.mode === PLAY;
    if (isPlayed && !this.opening && !this.tree.knows(move)) this.clock?.moved(this.node.toPlay); // once for a move
    const goesOn = this.node.children.length === 0 && this.tree.isOnMainLine;
    if (isPlayed || goesOn) this.#noteEnd(null); // else a variation: the result stays
    this.tree.play(move);
    if (isPlayed) {
      this.tree.promote();
      this.#standing.node = this.node;
    }
    this.settle();
  }

  goTo(node) {
    if (node === this.node) return;
    this.tree.goTo(node);
    this.settle();
  }

  goToPly(ply) {
    const path = [this.tree.root, ...this.tree.line()];
    this.goTo(path[Math.max(0, Math.min(ply, path.length - 1))]);
  }

  back() {
    this.goToPly(this.node.ply - 1);
  }

  forward() {
    this.goToPly(this.node.ply + 1);
  }

  /** The variation before (-1) or after (+1) this one. */
  sibling(step) {
    const siblings = this.node.parent?.children ?? [];
    const found = siblings[siblings.indexOf(this.node) + step];
    if (found) this.goTo(found);
  }

  /** Takes moves back to the person's latest turn, or only the end of the game; goes one back in analysis. */
  undo() {
    if (this.mode !== PLAY) return this.back();
    if (this.opening && !this.opening.hasStonesToTakeBack) return this.say("The opening's stones stay where they are.");
    const { node, ended } = this;
    const turn = turnBefore(node, (at) => this.#isPersons(at), this.setup.fixed ?? 0);
    if (!turn && !ended) return this.say("There is no move to take back.");
    if (ended?.reason === "time") this.clock = null; // whose time is over has none to go on with
    if (ended) this.#noteEnd(null);
    if (turn && !(ended && this.#isPersons(node))) {
      this.tree.goTo(turn);
      this.#standing.node = turn;
    }
    this.settle();
  }

  redo() {
    if (this.mode !== PLAY) return this.forward();
    const turn = turnAfter(this.node, (at) => this.#isPersons(at));
    if (!turn) return;
    if (this.node === this.#standing.node) this.#standing.node = turn;
    this.goTo(turn);
  }

  /** Whether a person moves at `node`; in an opening, undo and redo go stone by stone. */
  #isPersons(node) {
    return Boolean(this.opening) || this.setup.you === BOTH || node.toPlay === this.setup.you;
  }

  remove() {
    if (this.node.parent && this.tree.isOnMainLine) this.#noteEnd(null);
    this.#drop();
    this.settle();
  }

  #drop() {
    this.#standing.leave(this.tree, this.tree.remove());
  }

  promote() {
    if (!this.tree.isOnMainLine) this.#noteEnd(null); // the result was that of the line before
    this.tree.promote();
    this.changed();
  }

  resign() {
    const { you } = this.setup;
    if (!this.isOver) this.end(other(you === BOTH ? this.#standing.nodeIn(this.tree).toPlay : you), "resignation");
  }

  /** Ends the game where it stands. What follows there is no part of it, and comes back when the end is taken back. */
  end(winner, reason) {
    this.#link.stop();
    this.#noteEnd({ winner, reason });
    this.#standing.close(this.tree);
    this.isThinking = false;
    this.clock?.pause();
    this.changed();
  }

  /** Notes how the game ended where the board does not show it. */
  #noteEnd(ended) {
    this.ended = ended;
    if (!ended) this.#standing.reopen();
    Object.assign(this.tree.info, resultOf(ended));
  }

  /** Whoever has the server think says so before: it thinks about one thing at a time. */
  ask() {
    this.dispatchEvent(new Event("asked"));
  }

  say(notice) {
    this.notice = notice;
    this.changed();
  }

  /** Redraws once, however often it is called in one go. */
  changed() {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    queueMicrotask(() => {
      this.#isAnnounced = false;
      this.dispatchEvent(new Event("change"));
    });
  }

  /** What the server says about a position; asked for once. */
  async factsOf(node) {
    node.facts ??= await this.#link.ask(this.tree.positionOf(node));
    return node.facts;
  }

  /** Another position is shown: asks what is to be known about it, and lets the computer go on where it is its turn. */
  async settle() {
    const { node } = this;
    this.#link.stop();
    this.isThinking = false;
    this.hint = null;
    this.notice = "";
    this.changed();
    this.dispatchEvent(new Event("moved"));
    try {
      await this.factsOf(node);
    } catch (error) {
      if (node !== this.node) return;
      if (node.parent) this.#drop(); // the server refused the move that led here
      this.say(`${error.message}.`);
      return;
    }
    if (node !== this.node) return;
    this.#runClock();
    this.changed();
    if (this.isComputersTurn && this.isLive) (this.opening ?? this.computer).move();
  }

  #runClock() {
    if (this.mode === PLAY && this.isLive && !this.outcome && !this.opening) this.clock?.run(this.node.toPlay);
    else this.clock?.pause();
  }
}
