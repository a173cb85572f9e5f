/** The board: a drawing in SVG, and over it a grid of points that can be clicked, walked through and heard. */

import { element, setAttribute, shape } from "./dom.js";
import { BLACK, columnName, named, pointName } from "./notation.js";

const STARS = { 9: [2, 4, 6], 11: [2, 5, 8], 13: [3, 6, 9], 15: [3, 7, 11], 17: [3, 8, 13], 19: [3, 9, 15], 21: [3, 10, 17] };
const STONE = 0.455;

export class BoardView {
  #grid;
  #drawing;
  #layers = {};
  #points = [];
  #size = 0;
  #coordinates = null;
  #cursor = 0;
  #hovered = null;
  #aimed = null;

  /** `on`: { play(move), point(move or null) }: a point was chosen; a point is looked at. */
  constructor(host, on) {
    this.on = on;
    this.#drawing = shape("svg", { class: "board-drawing", "aria-hidden": "true", focusable: "false" });
    this.#grid = element("div", { class: "points", role: "grid", "aria-label": "Board", "aria-describedby": "board-help" });
    host.append(this.#drawing, this.#grid);
    this.host = host;
    this.#listen();
  }

  /** The point that is looked at: under the mouse, aimed at by a tap, or under the keyboard's cursor. */
  get pointed() {
    if (this.#hovered !== null) return this.#hovered;
    if (this.#aimed !== null) return this.#aimed;
    return this.#grid.matches(":focus-within") && this.#grid.querySelector(":focus-visible") ? this.#cursor : null;
  }

  get hasFocus() {
    return this.#grid.contains(document.activeElement);
  }

  get cursor() {
    return this.#cursor;
  }

  get aimed() {
    return this.#aimed;
  }

  focus() {
    this.#points[this.#cursor]?.focus({ preventScroll: true });
  }

  moveCursor(columns, rows) {
    const at = (value, step) => Math.max(0, Math.min(this.#size - 1, value + step));
    const column = at(this.#cursor % this.#size, columns);
    const row = at(Math.floor(this.#cursor / this.#size), rows);
    this.#aimed = null;
    this.#setCursor(row * this.#size + column);
    this.focus();
    this.on.point(this.pointed);
  }

  chooseCursor() {
    this.on.play(this.#cursor);
  }

  clearAim() {
    this.#aimed = null;
  }

  #setCursor(move) {
    setAttribute(this.#points[this.#cursor], "tabindex", "-1");
    this.#cursor = move;
    setAttribute(this.#points[move], "tabindex", "0");
  }

  #listen() {
    const moveOf = (event) => {
      const point = event.target.closest("[data-move]");
      return point ? Number(point.dataset.move) : null;
    };
    this.#grid.addEventListener("click", (event) => {
      const move = moveOf(event);
      if (move === null) return;
      this.#setCursor(move);
      const isFinger = event.pointerType === "touch";
      if (isFinger && this.#aimed !== move) {
        this.#aimed = move;
        this.on.point(move);
        return;
      }
      this.#aimed = null;
      this.on.play(move);
    });
    this.#grid.addEventListener("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      this.#hovered = moveOf(event);
      this.on.point(this.pointed);
    });
    this.#grid.addEventListener("pointerleave", () => {
      this.#hovered = null;
      this.on.point(this.pointed);
    });
    for (const name of ["focusin", "focusout"]) this.#grid.addEventListener(name, () => this.on.point(this.pointed));
  }

  /** Draws `view`: { size, cells, winLine, last, numbers: Map, forbidden: Map, marks: Map, preview: [{move, colour,
   *  number}], heat: Map, hint, toPlay, canPlay, coordinates, labelOf(move) }. */
  draw(view) {
    if (view.size !== this.#size || view.coordinates !== this.#coordinates) this.#build(view.size, view.coordinates);
    const { heat, forbidden, stones, marks, preview, aim } = this.#layers;
    heat.replaceChildren(...[...view.heat].map(([move, share]) => this.#heatSquare(move, share)));
    forbidden.replaceChildren(...[...view.forbidden.keys()].map((move) => this.#cross(move)));
    stones.replaceChildren(...this.#stones(view));
    marks.replaceChildren(...[...view.marks].map(([move, mark]) => this.#candidate(move, mark)), ...this.#hint(view));
    preview.replaceChildren(...view.preview.map((stone) => this.#previewStone(stone)));
    aim.replaceChildren(...this.#ghost(view));
    this.#label(view);
  }

  #build(size, coordinates) {
    const isNew = size !== this.#size;
    this.#size = size;
    this.#coordinates = coordinates;
    const margin = 0.7;
    const wide = coordinates ? 1.12 : margin;
    const side = size - 1 + margin + wide;
    const inset = (space) => `${(100 * (space - 0.5)) / side}%`;
    setAttribute(this.#drawing, "viewBox", `${-wide} ${-margin} ${side} ${side}`);
    this.host.style.setProperty("--inset", `${inset(margin)} ${inset(margin)} ${inset(wide)} ${inset(wide)}`);
    this.host.style.setProperty("--size", size);
    const names = ["heat", "forbidden", "stones", "marks", "preview", "aim"];
    for (const name of names) this.#layers[name] = shape("g", { class: name });
    this.#drawing.replaceChildren(
      definitions(),
      shape("rect", { class: "wood", x: -wide, y: -margin, width: side, height: side, rx: 0.26, fill: "url(#wood)" }),
      shape("rect", { class: "grain", x: -wide, y: -margin, width: side, height: side, rx: 0.26, fill: "url(#grain)" }),
      this.#lines(),
      ...(coordinates ? this.#coordinateTexts() : []),
      ...names.map((name) => this.#layers[name]),
    );
    if (isNew) this.#buildPoints();
  }

  #buildPoints() {
    const size = this.#size;
    this.#points = Array.from({ length: size * size }, (_, move) =>
      element("div", { role: "gridcell", class: "point", tabindex: "-1", "data-move": move, "data-point": pointName(move, size) }),
    );
    const rows = Array.from({ length: size }, (_, row) =>
      element("div", { role: "row" }, ...this.#points.slice(row * size, (row + 1) * size)),
    );
    this.#grid.replaceChildren(...rows);
    this.#hovered = this.#aimed = null;
    const middle = Math.floor(size / 2);
    this.#cursor = middle * size + middle;
    this.#setCursor(this.#cursor);
  }

  #lines() {
    const last = this.#size - 1;
    const path = Array.from({ length: this.#size }, (_, at) => `M0 ${at}H${last}M${at} 0V${last}`).join("");
    const stars = STARS[this.#size] ?? (this.#size % 2 ? [(this.#size - 1) / 2] : []);
    const isCentreOrCorner = (x, y) => stars.length < 3 || (x === stars[1]) === (y === stars[1]);
    const dots = stars.flatMap((y) => stars.filter((x) => isCentreOrCorner(x, y)).map((x) => shape("circle", { cx: x, cy: y, r: 0.09 })));
    return shape("g", { class: "lines" }, shape("path", { d: path }), ...dots);
  }

  #coordinateTexts() {
    const size = this.#size;
    return Array.from({ length: size }, (_, at) => [
      shape("text", { class: "coordinate", x: at, y: size - 0.22 }, columnName(at)),
      shape("text", { class: "coordinate", x: -0.78, y: at }, String(size - at)),
    ]).flat();
  }

  #at(move) {
    return { cx: move % this.#size, cy: Math.floor(move / this.#size) };
  }

  #stones({ cells, last, numbers, winLine, size }) {
    const drawn = [];
    cells.forEach((colour, move) => {
      if (!colour) return;
      const at = this.#at(move);
      if (colour === "blocked") {
        drawn.push(shape("rect", { class: "blocked", x: at.cx - 0.4, y: at.cy - 0.4, width: 0.8, height: 0.8, rx: 0.1 }));
        return;
      }
      drawn.push(shape("circle", { class: "shadow", cx: at.cx + 0.02, cy: at.cy + 0.045, r: STONE }));
      drawn.push(shape("circle", { class: `stone ${colour}`, ...at, r: STONE, fill: `url(#${colour}-stone)` }));
      const number = numbers.get(move);
      if (number) drawn.push(text(at, number, `number on-${colour}${move === last ? " last" : ""}`, number > 99 ? 0.36 : 0.44));
      else if (move === last && winLine.length === 0) drawn.push(shape("circle", { class: "last-mark", ...at, r: 0.13 }));
    });
    if (winLine.length) {
      const [from, to] = [this.#at(winLine[0]), this.#at(winLine.at(-1))];
      drawn.push(shape("line", { class: "win-line", x1: from.cx, y1: from.cy, x2: to.cx, y2: to.cy }));
      for (const move of winLine) drawn.push(shape("circle", { class: "win-stone", cx: move % size, cy: Math.floor(move / size), r: STONE }));
    }
    return drawn;
  }

  #heatSquare(move, share) {
    const { cx, cy } = this.#at(move);
    return shape("rect", { class: "heat-square", x: cx - 0.5, y: cy - 0.5, width: 1, height: 1, "fill-opacity": (0.75 * Math.sqrt(share)).toFixed(3) });
  }

  #cross(move) {
    const { cx, cy } = this.#at(move);
    return shape("path", { class: "forbidden-mark", d: `M${cx - 0.17} ${cy - 0.17}l.34 .34m0 -.34l-.34 .34` });
  }

  #candidate(move, { title, detail, quality, isBest }) {
    const at = this.#at(move);
    const group = shape("g", { class: `candidate ${isBest ? "best" : ""}`, "data-quality": quality }, shape("circle", { ...at, r: 0.46 }));
    group.append(text({ cx: at.cx, cy: at.cy - 0.1 }, title, "share", 0.36), text({ cx: at.cx, cy: at.cy + 0.22 }, detail, "visits", 0.22));
    return group;
  }

  #hint({ hint }) {
    return hint === null ? [] : [shape("circle", { class: "hint", ...this.#at(hint), r: 0.4 })];
  }

  #previewStone({ move, colour, number }) {
    const at = this.#at(move);
    return shape("g", { class: "preview-stone" }, shape("circle", { class: `stone ${colour}`, ...at, r: 0.43, fill: `url(#${colour}-stone)` }), text(at, number, `number on-${colour}`, 0.42));
  }

  #ghost({ canPlay, cells, toPlay, preview }) {
    const move = this.pointed;
    if (move === null || !canPlay || cells[move]) return [];
    const at = this.#at(move);
    const drawn = preview.length ? [] : [shape("circle", { class: "ghost", ...at, r: STONE, fill: `url(#${toPlay}-stone)` })];
    if (move === this.#aimed) {
      const last = this.#size - 1;
      drawn.push(shape("path", { class: "crosshair", d: `M0 ${at.cy}H${last}M${at.cx} 0V${last}` }), shape("circle", { class: "aim-ring", ...at, r: 0.62 }));
    }
    return drawn;
  }

  #label({ cells, labelOf, canPlay }) {
    setAttribute(this.#grid, "data-can-play", canPlay);
    this.#points.forEach((point, move) => {
      const { stone, remark } = labelOf(move, cells[move]);
      const words = [pointName(move, this.#size), stone, remark].filter(Boolean);
      setAttribute(point, "aria-label", words.join(", "));
    });
  }
}

/** What a point holds, in words. */
export function stoneWord(colour) {
  if (!colour) return "empty";
  return colour === "blocked" ? "blocked" : named(colour === BLACK ? BLACK : colour);
}

function text({ cx, cy }, content, name, height) {
  return shape("text", { class: name, x: cx, y: cy, "font-size": height }, String(content));
}

function definitions() {
  const gradient = (id, stops) =>
    shape("radialGradient", { id, cx: "36%", cy: "30%", r: "75%" }, ...stops.map(([offset, name]) => shape("stop", { offset, class: name })));
  const strip = (x, width) => shape("rect", { class: "fibre", x, y: 0, width, height: 4 });
  return shape(
    "defs",
    {},
    shape("linearGradient", { id: "wood", x1: "0%", y1: "0%", x2: "100%", y2: "100%" }, shape("stop", { offset: "0%", class: "wood-light" }), shape("stop", { offset: "100%", class: "wood-dark" })),
    shape("pattern", { id: "grain", width: 3.7, height: 4, patternUnits: "userSpaceOnUse" }, strip(0.1, 0.05), strip(0.62, 0.12), strip(1.3, 0.03), strip(1.75, 0.2), strip(2.45, 0.06), strip(3.2, 0.14)),
    gradient("black-stone", [["0%", "black-light"], ["60%", "black-middle"], ["100%", "black-dark"]]),
    gradient("white-stone", [["0%", "white-light"], ["60%", "white-middle"], ["100%", "white-dark"]]),
  );
}
