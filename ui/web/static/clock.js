/** A chess clock for two: sudden death with an increment. */

import { BLACK, WHITE } from "./notation.js";

export class Clock {
  #left;
  #running = null;
  #since = 0;
  #flag = null;

  /** From minutes for each, or from what another clock's `kept` was. `onFlag(colour)`: a side's time is over. */
  constructor({ minutes, increment, left }, onFlag) {
    this.#left = left ?? { [BLACK]: minutes * 60, [WHITE]: minutes * 60 };
    this.increment = increment;
    this.onFlag = onFlag;
  }

  get running() {
    return this.#running;
  }

  /** Seconds that a side has left, never below zero. */
  remaining(colour) {
    const used = colour === this.#running ? (performance.now() - this.#since) / 1000 : 0;
    return Math.max(0, this.#left[colour] - used);
  }

  /** What makes this clock again, as it stands now. */
  get kept() {
    return { increment: this.increment, left: { [BLACK]: this.remaining(BLACK), [WHITE]: this.remaining(WHITE) } };
  }

  run(colour) {
    if (colour === this.#running) return;
    this.pause();
    this.#running = colour;
    this.#since = performance.now();
    this.#flag = setTimeout(() => {
      this.pause();
      this.onFlag(colour);
    }, this.#left[colour] * 1000);
  }

  pause() {
    if (this.#running) this.#left[this.#running] = this.remaining(this.#running);
    this.#running = null;
    clearTimeout(this.#flag);
  }

  /** A side made its move. */
  moved(colour) {
    this.pause();
    this.#left[colour] += this.increment;
  }

  /** What a player should spend on one move, in seconds. */
  budget(colour) {
    return Math.max(0.05, this.remaining(colour) / 20 + this.increment * 0.7);
  }
}

/** As `clock_text` in `ui/clock.py`: rounded up, so that nobody has lost with time left. */
export function clockText(seconds) {
  if (seconds < 20) return (Math.ceil(Number((10 * seconds).toFixed(6))) / 10).toFixed(1);
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
