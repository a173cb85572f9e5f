/** The form in which a person sets up a new game. */

import { byId, element } from "./dom.js";
import { BOTH } from "./game.js";
import { BLACK, parseRules, rulesName } from "./notation.js";
import { Swap2 } from "./swap2.js";

const USUAL_SIZES = [6, 8, 9, 11, 13, 15, 17, 19, 20];

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
    const sizes = [...new Set([...USUAL_SIZES, rules.size])].sort((a, b) => a - b);
    size.replaceChildren(...sizes.map((one) => option(one, `${one} × ${one}`, one === rules.size)));
    winLength.replaceChildren(...[3, 4, 5, 6].map((one) => option(one, String(one), one === rules.winLength)));
    this.#form.elements.variant.value = rules.variant;
  }

  /** Four in a row on the smallest boards, five elsewhere; renju is five on any board. */
  #suggest() {
    const { size, winLength, variant } = this.#form.elements;
    winLength.value = Number(size.value) < 8 && variant.value !== "renju" ? "4" : "5";
    winLength.disabled = variant.value === "renju";
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
