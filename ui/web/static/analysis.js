/** Continuous analysis of the position shown, and its candidates as a table and as marks on the board. */

import { element, setAttribute, setText } from "./dom.js";
import { ANALYSE } from "./modes.js";
import { BLACK, other, parseMoves, parsePoint } from "./notation.js";

const SHOWN = 7;
/** A candidate is drawn on the board from this share of the best one's visits on. */
const WORTH_MARKING = 0.002;

export class Analysis {
  #game;
  #link;
  #rows;
  #seconds = 0;
  #made = 0;
  #isAtEnd = false;

  /** `elements`: { toggle, speed, table, rows, nothing }; `onPoint(move or null)`: a row is looked at. */
  constructor(game, link, elements, onPoint) {
    this.#game = game;
    this.#link = link;
    this.elements = elements;
    this.onPoint = onPoint;
    this.isOn = false;
    game.addEventListener("moved", () => this.#follow());
    link.addEventListener("change", () => game.changed());
    elements.toggle.addEventListener("click", () => this.toggle());
    this.#rows = Array.from({ length: SHOWN }, () => this.#makeRow());
    elements.rows.replaceChildren(...this.#rows.map((row) => row.element));
  }

  /** Whether it is under way. It may be on and at rest, where all is known, and goes on with the next position. */
  get isThinking() {
    return this.isOn && !this.#isAtEnd && !this.#game.outcome;
  }

  toggle(isOn = !this.isThinking) {
    if (isOn) this.#game.ask();
    this.isOn = isOn;
    this.#link.stop();
    this.#follow();
    this.#game.changed();
  }

  async #follow() {
    const game = this.#game;
    const { node } = game;
    this.#seconds = this.#made = 0;
    this.#isAtEnd = false;
    if (!this.isOn || game.mode !== ANALYSE) return;
    await game.factsOf(node).catch(() => null);
    if (node !== game.node || !this.isOn || game.mode !== ANALYSE || game.outcome) return;
    this.#link.think("analyse", game.position, {
      onThought: (thought) => {
        this.#seconds = thought.seconds;
        this.#made = thought.simulations;
        node.keep(thought);
        game.changed();
      },
      onDone: () => {
        this.#isAtEnd = true;
        game.changed();
      },
      onError: (reason) => {
        this.isOn = false;
        game.say(`No analysis here: ${reason}.`);
      },
    });
  }

  /** Marks for the board, by move. */
  marks() {
    const { node, tree } = this.#game;
    const fewest = WORTH_MARKING * (node.thought?.candidates[0]?.visits ?? 0);
    const candidates = this.#candidates().filter((one) => one.visits > fewest || this.#decides(one));
    const best = candidates[0]?.value;
    return new Map(
      candidates.map((candidate, at) => [
        parsePoint(candidate.move, tree.size),
        {
          title: shareText(candidate),
          detail: countText(candidate.visits),
          quality: qualityOf(best - candidate.value),
          isBest: at === 0,
          words: `candidate ${at + 1}, ${shareText(candidate, true)}, ${candidate.visits} visits`,
          candidate,
          toPlay: node.toPlay,
        },
      ]),
    );
  }

  /** Priors by move, the largest as 1. */
  heat() {
    const { node, tree } = this.#game;
    const all = node.thought?.candidates ?? [];
    const most = Math.max(...all.map(({ prior }) => prior), 1e-6);
    return new Map(all.map(({ move, prior }) => [parsePoint(move, tree.size), prior / most]));
  }

  /** The expected line behind a candidate, as stones to draw. */
  lineOf(move) {
    const { node, tree } = this.#game;
    const candidate = this.#candidates().find((one) => parsePoint(one.move, tree.size) === move);
    const line = candidate ? (parseMoves(candidate.line, tree.size) ?? []) : [];
    return line.map((at, index) => ({ move: at, colour: index % 2 ? other(node.toPlay) : node.toPlay, number: index + 1 }));
  }

  /** The best move so far, in a sentence. */
  summary() {
    const [best] = this.#candidates();
    return best ? `Best is ${best.move}, ${shareText(best, true)}, ${best.visits} visits.` : "Nothing is known about this position yet.";
  }

  draw() {
    const { node, outcome } = this.#game;
    setAttribute(this.elements.toggle, "aria-pressed", this.isThinking);
    setText(this.elements.toggle, this.isThinking ? "Stop" : "Analyse");
    const total = node.thought ? node.thought.simulations + node.thought.reused : 0;
    const speed = this.#seconds > 0.3 ? ` · ${countText(Math.round(this.#made / this.#seconds))} a second` : "";
    const proof = node.thought?.proof ? ` · proven ${node.thought.proof}` : "";
    setText(this.elements.speed, node.thought ? `${countText(total)} simulations${speed}${proof}` : "");
    const candidates = this.#candidates();
    this.elements.table.hidden = candidates.length === 0;
    this.elements.nothing.hidden = candidates.length > 0;
    setText(this.elements.nothing, outcome ? "The game is over." : this.isThinking ? "Thinking …" : "Space or the button starts the analysis.");
    this.#rows.forEach((row, at) => drawRow(row, candidates[at], candidates[0]));
  }

  #candidates() {
    if (this.#game.outcome) return [];
    const all = this.#game.node.thought?.candidates ?? [];
    return all.slice(0, SHOWN).filter((one) => one.visits > 0 || this.#decides(one));
  }

  /** Whether the proof of the position rests on this move; tactics prove without a single visit. */
  #decides({ proof }) {
    return proof !== null && proof === this.#game.node.thought.proof;
  }

  #makeRow() {
    const cells = Object.fromEntries(["move", "share", "visits", "prior", "line"].map((name) => [name, element("td", { class: name })]));
    const play = element("button", { type: "button", class: "quiet", onclick: () => this.#play(row) });
    cells.move.append(play);
    const look = (isOn) => this.onPoint(isOn && row.name ? parsePoint(row.name, this.#game.tree.size) : null);
    const tableRow = element(
      "tr",
      { onpointerenter: () => look(true), onpointerleave: () => look(false), onfocusin: () => look(true), onfocusout: () => look(false) },
      ...Object.values(cells),
    );
    const row = { element: tableRow, cells, play, name: null };
    return row;
  }

  #play(row) {
    this.#game.play(parsePoint(row.name, this.#game.tree.size));
  }
}

function drawRow(row, candidate, best) {
  row.name = candidate?.move ?? null;
  row.element.hidden = !candidate;
  if (!candidate) return;
  setText(row.play, candidate.move);
  setAttribute(row.play, "aria-label", `Play ${candidate.move}`);
  setText(row.cells.share, shareText(candidate, true));
  setText(row.cells.visits, countText(candidate.visits));
  setText(row.cells.prior, percent(candidate.prior));
  setText(row.cells.line, candidate.line.match(/[a-z][0-9]+/g)?.slice(1, 9).join(" ") ?? "");
  setAttribute(row.element, "data-quality", qualityOf(best.value - candidate.value));
}

/** The chance in percent that a value in [-1, 1] stands for. */
export function percent(share) {
  return `${Math.round(100 * share)}%`;
}

export function shareOf(value) {
  return (value + 1) / 2;
}

function shareText({ value, proof }, isLong = false) {
  if (proof) return proof;
  const share = Math.round(100 * shareOf(value));
  return isLong ? `${share}%` : String(share);
}

function qualityOf(loss) {
  if (loss < 0.04) return "good";
  return loss < 0.2 ? "fair" : "poor";
}

export function countText(count) {
  if (count < 1000) return String(count);
  return count < 1_000_000 ? `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** "Black 62%": who is ahead, and by what share. */
export function leadText(blackValue) {
  const share = Math.round(100 * shareOf(blackValue));
  return share >= 50 ? `Black ${share}%` : `White ${100 - share}%`;
}

export function sideShare(blackValue, colour) {
  return shareOf(colour === BLACK ? blackValue : -blackValue);
}
