/** After a game: looks at every position of the line, and tells which moves lost most and what was better. */

import { element, setAttribute, setText } from "./dom.js";
import { sideShare } from "./analysis.js";
import { ANALYSE } from "./modes.js";
import { named, pointName } from "./notation.js";

const SECONDS_A_MOVE = 0.4;
/** Simulations after which a position counts as looked at. */
const ENOUGH = 400;
const WORTH_TELLING = 0.05;
const MOST_TOLD = 8;

export class Review {
  #game;
  #link;
  #analysis;
  #elements;
  #run = 0;
  #line = null;

  /** `elements`: { button, progress, list }. */
  constructor(game, link, analysis, elements) {
    this.#game = game;
    this.#link = link;
    this.#analysis = analysis;
    this.#elements = elements;
    this.isRunning = false;
    elements.button.addEventListener("click", () => (this.isRunning ? this.stop() : this.start()));
    game.addEventListener("moved", () => this.isRunning && (game.mode === ANALYSE ? this.#next() : this.stop()));
    game.addEventListener("asked", () => this.isRunning && this.stop());
  }

  start() {
    this.#line = [this.#game.tree.root, ...this.#game.tree.line()];
    this.isRunning = true;
    this.#analysis.toggle(false);
    this.#next();
  }

  stop() {
    this.isRunning = false;
    this.#run++;
    this.#link.stop();
    this.#game.changed();
  }

  /** Looks at the first position that nobody has looked at. */
  async #next() {
    const run = ++this.#run;
    const game = this.#game;
    if (game.tree.root !== this.#line[0]) return this.stop();
    try {
      await Promise.all(this.#line.map((node) => game.factsOf(node)));
    } catch (error) {
      if (run === this.#run) this.#giveUp(error.message);
      return;
    }
    if (run !== this.#run) return;
    const node = this.#line.find((at) => !isKnown(at));
    game.changed();
    if (!node) {
      this.isRunning = false;
      game.say(this.#summary());
      return;
    }
    this.#link.think("analyse", { ...game.tree.positionOf(node), seconds: SECONDS_A_MOVE }, {
      onThought: (thought) => node.keep(thought),
      onDone: () => {
        node.isReviewed = true;
        this.#next();
      },
      onError: (reason) => this.#giveUp(reason),
    });
  }

  #giveUp(reason) {
    this.stop();
    this.#game.say(`The review ended early: ${reason}.`);
  }

  /** The moves of the line that lost most, worst first: { node, loss, better, line }. */
  mistakes() {
    const found = [];
    for (const node of [...this.#game.tree.pathTo(this.#game.node), ...rest(this.#game.node)]) {
      const best = node.parent.thought?.candidates[0];
      if (!best || node.parent.blackValue === null || node.blackValue === null) continue;
      const mover = node.parent.toPlay;
      const loss = sideShare(node.parent.blackValue, mover) - sideShare(node.blackValue, mover);
      const better = best.move;
      if (loss >= WORTH_TELLING && better !== pointName(node.move, this.#game.tree.size)) found.push({ node, loss, better, line: best.line });
    }
    return found.sort((a, b) => b.loss - a.loss).slice(0, MOST_TOLD);
  }

  draw() {
    const { button, progress, list } = this.#elements;
    setText(button, this.isRunning ? "Stop the review" : "Review the game");
    button.disabled = !this.isRunning && this.#game.tree.line().length === 0;
    progress.hidden = !this.isRunning;
    if (this.isRunning) {
      setAttribute(progress, "max", this.#line.length);
      progress.value = this.#line.filter(isKnown).length;
    }
    const told = this.mistakes();
    const key = told.map(({ node, loss, better }) => `${node.ply}${better}${loss.toFixed(2)}`).join();
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...told.map((mistake) => this.#item(mistake)));
  }

  #item({ node, loss, better, line }) {
    const { tree } = this.#game;
    const words = `${node.ply}. ${named(node.parent.toPlay)} ${pointName(node.move, tree.size)}`;
    const expected = line.match(/[a-z][0-9]+/g)?.slice(0, 6).join(" ") ?? better;
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "mistake", onclick: () => this.#game.goTo(node.parent) },
        element("span", { class: "mistake-move" }, words),
        element("span", { class: "mistake-loss" }, `−${Math.round(100 * loss)}%`),
        element("span", { class: "mistake-better" }, `better ${expected}`),
      ),
    );
  }

  #summary() {
    const count = this.mistakes().length;
    if (!count) return "The review is done: no move lost much.";
    return `The review is done: ${count === 1 ? "one move" : `${count} moves`} lost more than ${100 * WORTH_TELLING}%.`;
  }
}

function isKnown(node) {
  if (node.facts?.outcome || node.isReviewed) return true;
  return node.thought !== null && (node.thought.proof !== null || node.thought.simulations + node.thought.reused >= ENOUGH);
}

function rest(node) {
  const line = [];
  for (let at = node.next; at; at = at.next) line.push(at);
  return line;
}
