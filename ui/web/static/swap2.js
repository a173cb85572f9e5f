/** The swap2 opening: one side puts three stones; the other takes a colour, or puts two more and leaves the choice.
 *
 *  The step follows from the stones on the board, so that undo needs no help. The computer never asks for two more:
 *  by its own judgement the better colour is never worse than half a point. */

import { BLACK, WHITE, movesName, named, other } from "./notation.js";

const OPENINGS_JUDGED = 8;
const SECONDS_AN_OPENING = 0.12;
const SECONDS_A_CHOICE = 0.5;
const WIDTH = 7;

export class Swap2 {
  #game;
  #link;
  #planned;
  #wantsTwo;

  /** `isProposer`: the person puts the first three stones. The rest is from another one's `kept`. */
  constructor(game, link, { isProposer, wantsTwo = false, planned = [] }) {
    this.#game = game;
    this.#link = link;
    this.isProposer = isProposer;
    this.#wantsTwo = wantsTwo;
    this.#planned = planned;
  }

  /** What makes this opening again; its stones are on the board. */
  get kept() {
    return { isProposer: this.isProposer, wantsTwo: this.#wantsTwo, planned: this.#planned };
  }

  get #step() {
    const { ply } = this.#game.node;
    if (ply < 3) return "three";
    if (ply >= 5) return "pick";
    return this.#wantsTwo ? "two" : "choose";
  }

  get isComputersTurn() {
    const isProposers = ["three", "pick"].includes(this.#step);
    return isProposers !== this.isProposer;
  }

  get isChoice() {
    return ["choose", "pick"].includes(this.#step);
  }

  /** Whether the person put stones of this step: those may still be taken back. */
  get hasStonesToTakeBack() {
    const first = this.#step === "three" ? 0 : 3;
    return !this.isComputersTurn && !this.isChoice && this.#game.node.ply > first;
  }

  get status() {
    if (this.isComputersTurn) return "The computer is thinking about the opening …";
    if (this.isChoice) return "Choose your colour.";
    const last = this.#step === "three" ? 3 : 5;
    const left = last - this.#game.node.ply;
    return `Put ${left === 1 ? "one more stone" : `${left} stones`}: ${named(this.#game.node.toPlay)} next.`;
  }

  /** What a person may choose now: [{ text, choose() }]. */
  get choices() {
    if (!this.isChoice || this.isComputersTurn) return [];
    const choices = [
      { text: "Play White, who moves next", choose: () => this.#take(WHITE) },
      { text: "Play Black", choose: () => this.#take(BLACK) },
    ];
    if (this.#step === "choose") choices.push({ text: "Put two more stones", choose: () => this.#putTwo() });
    return choices;
  }

  /** The computer does what is next in the opening. */
  async move() {
    const game = this.#game;
    if (this.isChoice) {
      const thought = await this.#judge(game.position.moves, SECONDS_A_CHOICE);
      const taken = thought.value >= 0 ? WHITE : BLACK;
      this.#take(other(taken));
      game.say(`The computer takes ${named(taken)}.${taken === WHITE ? "" : " Your move."}`);
      return;
    }
    if (game.node.ply === 0) this.#planned = await this.#evenOpening();
    game.put(this.#planned[game.node.ply]);
  }

  #take(yours) {
    this.#game.setup = { ...this.#game.setup, you: yours, fixed: this.#game.node.ply };
    this.#game.opening = null;
    this.#game.nameSeats();
    this.#game.settle();
  }

  #putTwo() {
    this.#wantsTwo = true;
    this.#game.changed();
  }

  /** Of some openings drawn by lot the one that the computer finds most even. */
  async #evenOpening() {
    const { size } = this.#game.tree;
    let best = null;
    for (let tried = 0; tried < OPENINGS_JUDGED; tried++) {
      const moves = drawnOpening(size);
      const { value } = await this.#judge(movesName(moves, size), SECONDS_AN_OPENING);
      if (!best || Math.abs(value) < best.distance) best = { moves, distance: Math.abs(value) };
    }
    return best.moves;
  }

  /** Resolves to the last thought; never, where the game has gone elsewhere meanwhile. */
  #judge(moves, seconds) {
    const { rules, start } = this.#game.position;
    let latest = null;
    this.#game.isThinking = true;
    this.#game.changed();
    return new Promise((resolve) => {
      this.#link.think("analyse", { rules, start, moves, seconds }, {
        onThought: (thought) => (latest = thought),
        onDone: () => {
          this.#game.isThinking = false;
          resolve(latest);
        },
        onError: (reason) => this.#game.say(`The computer cannot open here: ${reason}.`),
      });
    });
  }
}

function drawnOpening(size) {
  const width = Math.min(size, WIDTH);
  const corner = Math.floor((size - width) / 2);
  const moves = new Set();
  while (moves.size < 3) {
    const place = Math.floor(Math.random() * width * width);
    moves.add((corner + Math.floor(place / width)) * size + corner + (place % width));
  }
  return [...moves];
}
