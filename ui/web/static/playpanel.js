/** What goes with playing: who sits where, the clocks, whose turn it is, the moves, the computer's estimate. */

import { leadText, shareOf } from "./analysis.js";
import { clockText } from "./clock.js";
import { byId, element, setAttribute, setText } from "./dom.js";
import { BOTH } from "./game.js";
import { ANALYSE } from "./modes.js";
import { BLACK, WHITE, named, pointName } from "./notation.js";
import { outcomeText } from "./outcomes.js";
import { looks } from "./settings.js";

const TICK = 100;

export class PlayPanel {
  #game;
  #link;
  #movesKey = "";

  constructor(game, link) {
    this.#game = game;
    this.#link = link;
    setInterval(() => this.#drawClocks(), TICK);
  }

  draw() {
    const game = this.#game;
    for (const colour of [BLACK, WHITE]) {
      const seat = byId(`seat-${colour}`);
      const isToMove = !game.outcome && game.node.toPlay === colour;
      seat.classList.toggle("to-move", isToMove);
      seat.classList.toggle("thinking", isToMove && game.isThinking && game.isComputersTurn);
      const name = game.mode === ANALYSE ? game.tree.info[colour] || named(colour) : game.nameOf(colour);
      setText(seat.querySelector(".seat-name"), name);
    }
    setText(byId("status"), this.#status());
    byId("undo").disabled = !game.node.parent && !game.ended;
    byId("resign").disabled = game.isOver || Boolean(game.opening);
    byId("hint").disabled = Boolean(game.outcome) || game.isComputersTurn;
    for (const id of ["first", "back"]) byId(id).disabled = !game.node.parent;
    for (const id of ["forward", "last"]) byId(id).disabled = !game.node.next;
    this.#drawClocks();
    this.#drawEstimate();
    this.#drawMoves();
    this.#drawChoices();
  }

  #drawChoices() {
    const { opening, mode } = this.#game;
    const choices = mode === ANALYSE ? [] : (opening?.choices ?? []);
    const box = byId("choices");
    const key = choices.map(({ text }) => text).join();
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.hidden = choices.length === 0;
    box.replaceChildren(...choices.map(({ text, choose }) => element("button", { type: "button", class: "primary", onclick: choose }, text)));
  }

  #status() {
    const game = this.#game;
    if (this.#link.isAsleep) return "Asleep; any move wakes the computer.";
    if (!this.#link.isOpen) return "Connecting …";
    if (game.notice) return game.notice;
    if (game.outcome) return outcomeText(game.outcome);
    const { node, tree } = game;
    const last = node.parent ? `${named(node.parent.toPlay)} ${pointName(node.move, tree.size)}. ` : "";
    if (!node.facts) return last.trim(); // the game may be over: the server is being asked
    if (game.opening && game.mode !== ANALYSE) return `${last}${game.opening.status}`;
    if (game.mode === ANALYSE || game.setup.you === BOTH) return `${last}${named(node.toPlay)} to move.`;
    if (!game.isComputersTurn) return `${last}Your move.`;
    if (game.isLive) return `${last}The computer is thinking …`;
    return last + (node.next ? `${named(node.toPlay)} moved next.` : "The game went on otherwise; M has the computer move here.");
  }

  #drawClocks() {
    const { clock, mode } = this.#game;
    for (const colour of [BLACK, WHITE]) {
      const shown = byId(`seat-${colour}`).querySelector(".seat-clock");
      const left = clock && mode !== ANALYSE ? clock.remaining(colour) : null;
      setText(shown, left === null ? "" : clockText(left));
      shown.classList.toggle("low", left !== null && left < 10);
    }
  }

  #drawEstimate() {
    byId("estimate").hidden = !looks.estimate;
    const game = this.#game;
    const judged = [...game.tree.pathTo(game.node)].reverse().find((node) => node.blackValue !== null && !node.facts?.outcome);
    const judgedFrom = game.node.blackValue !== null ? game.node : (judged ?? game.tree.root);
    const value = judgedFrom.blackValue;
    byId("estimate-bar").style.width = `${100 * shareOf(value ?? 0)}%`;
    const best = judgedFrom.thought?.candidates[0];
    const line = best?.line.match(/[a-z][0-9]+/g)?.slice(0, 6).join(" ");
    setText(byId("estimate-text"), value === null ? "No estimate yet." : `${leadText(value)}${line ? `, expects ${line}` : ""}`);
  }

  #drawMoves() {
    const { tree, node } = this.#game;
    const line = tree.line();
    const key = `${tree.size}:${line.map((at) => at.move).join()}:${node.ply}`;
    if (key === this.#movesKey) return;
    this.#movesKey = key;
    const rows = [];
    for (let at = 0; at < line.length; at += 2) {
      const buttons = line.slice(at, at + 2).map((move) => this.#moveButton(move, tree.size, move === node));
      rows.push(element("li", {}, element("span", { class: "count" }, `${at / 2 + 1}.`), ...buttons, buttons.length < 2 ? element("span") : null));
    }
    const list = byId("moves");
    list.replaceChildren(...rows);
    const here = list.querySelector("[aria-current]");
    if (here) list.scrollTop = here.offsetTop - list.offsetTop - list.clientHeight / 2;
    setAttribute(list, "aria-label", "Moves");
  }

  #moveButton(move, size, isHere) {
    const name = pointName(move.move, size);
    const label = `${move.ply}. ${named(move.parent.toPlay)} ${name}`;
    return element("button", { type: "button", "aria-label": label, "aria-current": isHere ? "true" : null, onclick: () => this.#game.goTo(move) }, name);
  }
}
