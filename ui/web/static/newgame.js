/** The form in which a person sets up a new game. */

import { byId, element } from "./dom.js";
import { BOTH } from "./game.js";
import { BLACK, parseRules, rulesName } from "./notation.js";
import { Swap2 } from "./swap2.js";

const RENJU_LENGTH = 5;

export class NewGame {
  #game;
  #form = byId("new-form");
  #dialog = byId("new-dialog");

  /** `onStart` is called when the form has gone and the game is on. */
  constructor(game, link, about, onStart) {
    this.#game = game;
    this.about = about;
    this.link = link;
    this.usualLevel = about.levels[Math.floor((about.levels.length - 1) / 2)] ?? null;
    this.#fill();
    byId("new-game").addEventListener("click", () => this.ask());
    byId("new-cancel").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#dialog.returnValue === "start" && onStart());
    this.#form.addEventListener("submit", () => this.#start());
    this.#form.elements.size.addEventListener("change", () => this.#suggest());
    this.#form.elements.variant.addEventListener("change", () => this.#suggest());
  }

  ask() {
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }

  #fill() {
    const { level, size, winLength } = this.#form.elements;
    const rules = parseRules(this.about.rules);
    const option = (value, text, isChosen) => element("option", { value, selected: isChosen }, text);
    level.replaceChildren(...this.about.levels.map((name) => option(name, name, name === this.usualLevel)));
    size.replaceChildren(...wholes(this.about.sizes).map((one) => option(one, `${one} × ${one}`, one === rules.size)));
    winLength.replaceChildren(...wholes(this.about.win_lengths).map((one) => option(one, String(one), one === rules.winLength)));
    this.#form.elements.variant.value = rules.variant;
    this.#restrict();
  }

  /** Four in a row on the smallest boards, five elsewhere; renju is five on any board that has room for them. */
  #suggest() {
    const { winLength, variant } = this.#form.elements;
    const size = Number(this.#form.elements.size.value);
    if (size < RENJU_LENGTH && variant.value === "renju") variant.value = "freestyle";
    winLength.value = String(size < 8 && variant.value !== "renju" ? Math.min(4, size) : RENJU_LENGTH);
    this.#restrict();
  }

  /** Leaves only what goes together to choose from. */
  #restrict() {
    const { winLength, variant } = this.#form.elements;
    const size = Number(this.#form.elements.size.value);
    winLength.disabled = variant.value === "renju";
    for (const one of winLength.options) one.disabled = Number(one.value) > size;
    for (const one of variant.options) one.disabled = one.value === "renju" && size < RENJU_LENGTH;
  }

  #start() {
    const { you, level, size, winLength, variant, clock, opening } = this.#form.elements;
    const [minutes, increment] = clock.value.split("+").map(Number);
    const rules = rulesName({ size: Number(size.value), winLength: Number(winLength.value), variant: variant.value });
    const setup = {
      you: you.value === "both" ? BOTH : you.value,
      level: level.value || null,
      clock: clock.value ? { minutes, increment } : null,
    };
    const isSwap2 = opening.value === "swap2" && setup.you !== BOTH;
    this.#game.begin(rules, setup, isSwap2 ? new Swap2(this.#game, this.link, { isProposer: setup.you === BLACK }) : null);
  }
}

/** All whole numbers from the first to the last. */
function wholes([first, last]) {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
