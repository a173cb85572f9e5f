/** The variations as a tree of stones: one row a line, time to the right; click to go there. */

import { setAttribute, shape } from "./dom.js";
import { BLACK, WHITE, named, pointName } from "./notation.js";

const STEP_X = 30;
const STEP_Y = 30;

export class TreeView {
  #game;
  #svg;
  #drawn = new Map();
  #shownKey = "";

  constructor(game, svg) {
    this.#game = game;
    this.#svg = svg;
    svg.addEventListener("click", (event) => {
      const found = event.target.closest("[data-node]");
      if (found) game.goTo([...this.#drawn.keys()][Number(found.dataset.node)]);
    });
  }

  draw() {
    const { tree, node } = this.#game;
    const places = layOut(tree);
    const key = `${tree.size}:${[...places.keys()].map((at) => `${at.move}@${places.get(at)}`).join()}`;
    if (key !== this.#shownKey || this.root !== tree.root) this.#build(tree, places);
    this.#shownKey = key;
    this.root = tree.root;
    const line = new Set([tree.root, ...tree.line()]);
    for (const [at, group] of this.#drawn) {
      const isHere = at === node;
      group.classList.toggle("off-line", !line.has(at));
      if (isHere !== (group.getAttribute("aria-selected") === "true")) {
        setAttribute(group, "aria-selected", isHere);
        if (isHere) this.#reveal(places.get(at));
      }
    }
  }

  #build(tree, places) {
    const nodes = [...places.keys()];
    const xy = (at) => places.get(at).map((place, axis) => (place + 0.5) * (axis ? STEP_Y : STEP_X));
    const links = nodes.filter((at) => at.parent).map((at) => {
      const [[x, y], [fromX, fromY]] = [xy(at), xy(at.parent)];
      return shape("path", { class: "branch", d: y === fromY ? `M${fromX} ${y}H${x}` : `M${fromX} ${fromY}V${y - 12}Q${fromX} ${y} ${fromX + 12} ${y}H${x}` });
    });
    this.#drawn = new Map(nodes.map((at, index) => [at, this.#stone(tree, at, index, xy(at))]));
    const width = Math.max(...nodes.map((at) => places.get(at)[0])) + 1;
    const height = Math.max(...nodes.map((at) => places.get(at)[1])) + 1;
    setAttribute(this.#svg, "width", width * STEP_X);
    setAttribute(this.#svg, "height", height * STEP_Y);
    this.#svg.replaceChildren(...links, ...this.#drawn.values());
  }

  #stone(tree, at, index, [cx, cy]) {
    const colour = at.parent ? at.parent.toPlay : null;
    const name = at.parent ? `${at.ply}, ${named(colour)} ${pointName(at.move, tree.size)}` : "Start";
    const group = shape("g", { class: `twig ${colour ?? "root"}`, role: "treeitem", "aria-label": name, "aria-selected": "false", "data-node": index });
    group.append(shape("title", {}, name), shape("circle", { cx, cy, r: at.parent ? 11 : 6 }));
    if (at.parent) group.append(shape("text", { class: `on-${colour === BLACK ? BLACK : WHITE}`, x: cx, y: cy }, String(at.ply)));
    return group;
  }

  #reveal([column, row]) {
    const box = this.#svg.parentElement;
    const into = (at, step, size) => Math.max(0, (at + 0.5) * step - size / 2);
    box.scrollTo({ left: into(column, STEP_X, box.clientWidth), top: into(row, STEP_Y, box.clientHeight) });
  }
}

/** [column, row] by node: a first child stays on its parent's row, each further one gets the next free row. */
function layOut(tree) {
  const places = new Map();
  let rows = 0;
  const waiting = [[tree.root, 0]];
  while (waiting.length) {
    let [at, row] = waiting.pop();
    if (row === null) row = ++rows;
    places.set(at, [at.ply, row]);
    const [first, ...others] = at.children;
    for (const child of others) waiting.push([child, null]);
    if (first) waiting.push([first, row]);
  }
  return places;
}
