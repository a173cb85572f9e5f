/** Black's share of the game, ply by ply; click or drag to jump. */

import { setAttribute, shape } from "./dom.js";
import { leadText, shareOf } from "./analysis.js";

const WIDTH = 340;
const HEIGHT = 96;

export class Graph {
  #game;
  #svg;

  constructor(game, svg) {
    this.#game = game;
    this.#svg = svg;
    setAttribute(svg, "viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    setAttribute(svg, "preserveAspectRatio", "none");
    const jump = (event) => game.goToPly(this.#plyAt(event));
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      jump(event);
    });
    svg.addEventListener("pointermove", (event) => event.buttons && jump(event));
  }

  #plyAt(event) {
    const box = this.#svg.getBoundingClientRect();
    return Math.round(((event.clientX - box.left) / box.width) * this.#last());
  }

  #last() {
    return Math.max(1, this.#game.tree.line().length);
  }

  draw() {
    const { tree, node } = this.#game;
    const nodes = [tree.root, ...tree.line()];
    const x = (ply) => (ply / this.#last()) * WIDTH;
    const y = (value) => HEIGHT * (1 - shareOf(value));
    const known = nodes.filter((at) => at.blackValue !== null);
    const points = known.map((at) => `${x(at.ply).toFixed(1)} ${y(at.blackValue).toFixed(1)}`);
    const drawn = [shape("line", { class: "even", x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 })];
    if (points.length) {
      const area = `M${x(known[0].ply)} ${HEIGHT}L${points.join("L")}L${x(known.at(-1).ply)} ${HEIGHT}Z`;
      drawn.unshift(shape("path", { class: "area", d: area }));
      drawn.push(shape("path", { class: "curve", d: `M${points.join("L")}` }));
    }
    if (known.length < 40) {
      // A line of no length with round ends stays round however the graph is stretched.
      drawn.push(...known.map((at) => shape("path", { class: "dot", d: `M${x(at.ply).toFixed(1)} ${y(at.blackValue).toFixed(1)}h0` })));
    }
    drawn.push(shape("line", { class: "here", x1: x(node.ply), x2: x(node.ply), y1: 0, y2: HEIGHT }));
    this.#svg.replaceChildren(...drawn);
    setAttribute(this.#svg, "aria-valuemax", nodes.length - 1);
    setAttribute(this.#svg, "aria-valuenow", node.ply);
    const lead = node.blackValue === null ? "not analysed" : leadText(node.blackValue);
    setAttribute(this.#svg, "aria-valuetext", `move ${node.ply}, ${lead}`);
  }
}
