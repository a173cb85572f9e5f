/** Wires the page: the game, the link to the server, and the views. */

import { Analysis } from "./analysis.js";
import { BoardView, stoneWord } from "./board.js";
import { byId, setAttribute } from "./dom.js";
import { readFile, saveFile } from "./files.js";
import { Game } from "./game.js";
import { ANALYSE, PLAY } from "./modes.js";
import { Graph } from "./graph.js";
import { listenToKeys } from "./keys.js";
import { Link } from "./link.js";
import { NewGame } from "./newgame.js";
import { addressOf, movesName, parsePoint, parseRules, readAddress } from "./notation.js";
import { PlayPanel } from "./playpanel.js";
import { Review } from "./review.js";
import { keepGame, keepLooks, keptGame, looks } from "./settings.js";
import { Swap2 } from "./swap2.js";
import { GameTree } from "./tree.js";
import { TreeView } from "./treeview.js";

const THEMES = { auto: "as the system", light: "light", dark: "dark" };
const NO_POSITION = "The address holds no position.";

const about = await fetch("/api/about").then((response) => response.json());
const link = new Link();
const game = new Game(link);
let tableMove = null;

const board = new BoardView(byId("board"), { play, point: () => game.changed() });
const analysisElements = {
  toggle: byId("analyse"),
  speed: byId("speed"),
  table: byId("candidates-table"),
  rows: byId("candidates"),
  nothing: byId("no-candidates"),
};
const analysis = new Analysis(game, link, analysisElements, (move) => {
  tableMove = move;
  game.changed();
});
const graph = new Graph(game, byId("graph"));
const treeView = new TreeView(game, byId("tree"));
const review = new Review(game, link, analysis, { button: byId("review"), progress: byId("review-progress"), list: byId("mistakes") });
const playPanel = new PlayPanel(game, link);
const newGame = new NewGame(game, link, about, () => board.focus());

function play(move) {
  board.clearAim();
  game.play(move);
}

function draw() {
  const isAnalysis = game.mode === ANALYSE;
  for (const [mode, name] of [[PLAY, "play"], [ANALYSE, "analyse"]]) {
    setAttribute(byId(`tab-${name}`), "aria-selected", game.mode === mode);
    setAttribute(byId(`tab-${name}`), "tabindex", game.mode === mode ? 0 : -1);
    byId(`panel-${name}`).hidden = game.mode !== mode;
  }
  drawBoard(isAnalysis);
  playPanel.draw();
  if (isAnalysis) {
    for (const view of [analysis, graph, treeView, review]) view.draw();
    const comment = byId("comment");
    if (document.activeElement !== comment) comment.value = game.node.comment;
  }
  const { aimed } = board;
  byId("confirm").hidden = aimed === null;
}

function drawBoard(isAnalysis) {
  const { node, tree } = game;
  const { size } = tree;
  const facts = node.facts ?? { forbidden: {}, line: [] };
  const marks = isAnalysis ? analysis.marks() : new Map();
  const pointed = tableMove ?? board.pointed;
  const preview = isAnalysis && pointed !== null ? analysis.lineOf(pointed) : [];
  const forbidden = new Map(Object.entries(facts.forbidden).map(([name, foul]) => [parsePoint(name, size), foul]));
  const plies = new Map(tree.pathTo(node).map((at) => [at.move, at.ply]));
  byId("board").classList.toggle("has-preview", preview.length > 0);
  board.draw({
    size,
    cells: tree.cellsAt(node),
    winLine: facts.line.map((name) => parsePoint(name, size)),
    last: node.move,
    numbers: looks.numbers ? plies : new Map(),
    forbidden,
    marks,
    preview,
    heat: isAnalysis && looks.heat ? analysis.heat() : new Map(),
    hint: game.hint === null ? null : parsePoint(game.hint, size),
    toPlay: node.toPlay,
    canPlay: game.isOpen,
    coordinates: looks.coordinates,
    labelOf: (move, colour) => ({
      stone: colour && plies.has(move) ? `${stoneWord(colour)}, move ${plies.get(move)}` : stoneWord(colour),
      remark: move === node.move ? "last move" : forbidden.has(move) ? `forbidden, ${forbidden.get(move)}` : marks.get(move)?.words,
    }),
  });
}

function setMode(mode) {
  game.setMode(mode);
}

function toggleLook(name, isOn = !looks[name]) {
  looks[name] = isOn;
  byId(`look-${name}`).checked = isOn;
  keepLooks();
  game.changed();
}

function applyTheme() {
  document.documentElement.dataset.theme = looks.theme;
  setAttribute(byId("theme"), "aria-label", `Colours: ${THEMES[looks.theme]}`);
  setAttribute(byId("theme"), "title", `Colours: ${THEMES[looks.theme]}`);
}

/** The address bar always shows the position, and the tab keeps the whole game. */
function keepPlace() {
  const { tree, node } = game;
  const moves = tree.line().map((at) => at.move);
  const ply = node.ply === moves.length ? null : node.ply;
  const address = addressOf({ rules: tree.rules, moves: movesName(moves, tree.size), ply, start: tree.start });
  if (location.hash !== address) history.replaceState(null, "", address);
  const { mode, setup, clock, opening, isLive } = game;
  keepGame({ address, mode, setup, isLive, clock: clock?.kept, opening: opening?.kept, tree: tree.toFacts() });
}

/** The game of before a reload, the position in the address, or a new game. */
function comeBack() {
  const { hash } = location; // it will be the game's place
  const wanted = readAddress(hash);
  const kept = keptGame();
  if (kept && (!wanted || kept.address === hash)) {
    Object.assign(game, { mode: kept.mode, setup: kept.setup });
    game.startClock(kept.clock ?? null);
    game.opening = kept.opening ? new Swap2(game, link, kept.opening) : null;
    const tree = GameTree.fromFacts(kept.tree);
    showLine(tree, wanted ?? readAddress(kept.address), kept.isLive && kept.mode === PLAY);
  } else if (wanted) showAddress(wanted);
  else game.begin(about.rules, { you: "black", level: newGame.usualLevel, clock: null });
  if (hash && !wanted) game.say(NO_POSITION);
}

function showAddress(wanted) {
  game.leave();
  game.setup = { ...game.setup, level: game.setup.level ?? newGame.usualLevel };
  if (wanted.moves.length) game.mode = ANALYSE;
  showLine(new GameTree(wanted.rules, wanted.start), wanted);
}

function showLine(tree, { moves, ply }, goesOn = false) {
  const path = [tree.root];
  for (const move of moves) path.push(tree.play(move));
  tree.goTo(path[ply]);
  game.show(tree, goesOn);
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    game.say(`${error.message}.`.replace("..", "."));
  }
}

async function openFile(file) {
  const { tree, remark } = await readFile(file, game.tree.rules);
  game.leave();
  game.mode = ANALYSE;
  game.show(tree);
  game.goToPly(Infinity);
  if (remark) game.say(`Opened ${remark}.`);
}

async function savePsq() {
  await saveFile(game.tree, "psq");
  const { rules } = game.tree;
  if (parseRules(rules).variant !== "freestyle") game.say(`PSQ does not hold the rules, ${rules}; SGF does.`);
}

async function copyLink() {
  if (!navigator.clipboard) throw new Error("Over plain http from another machine the browser lets no page copy: copy the address bar");
  await navigator.clipboard.writeText(location.href);
  game.say("The link is copied.");
}

function listen() {
  const onClick = (id, action) => byId(id).addEventListener("click", action);
  onClick("tab-play", () => setMode(PLAY));
  onClick("tab-analyse", () => setMode(ANALYSE));
  byId("tab-play").parentElement.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    setMode(game.mode === PLAY ? ANALYSE : PLAY);
    byId(game.mode === PLAY ? "tab-play" : "tab-analyse").focus();
    event.preventDefault();
  });
  onClick("first", () => game.goToPly(0));
  onClick("back", () => game.back());
  onClick("forward", () => game.forward());
  onClick("last", () => game.goToPly(Infinity));
  onClick("undo", () => game.undo());
  onClick("hint", () => game.computer.hint());
  onClick("resign", () => game.resign());
  onClick("promote", () => game.promote());
  onClick("remove", () => game.remove());
  onClick("confirm", () => play(board.aimed));
  onClick("help-button", () => byId("help-dialog").showModal());
  onClick("open", () => byId("file").click());
  onClick("save-sgf", () => attempt(() => saveFile(game.tree, "sgf")));
  onClick("save-psq", () => attempt(savePsq));
  onClick("save-svg", () => attempt(() => saveFile(game.tree, "svg")));
  onClick("copy", () => attempt(copyLink));
  onClick("theme", () => {
    const names = Object.keys(THEMES);
    looks.theme = names[(names.indexOf(looks.theme) + 1) % names.length];
    keepLooks();
    applyTheme();
  });
  byId("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) attempt(() => openFile(file));
  });
  byId("comment").addEventListener("input", (event) => {
    game.node.comment = event.target.value;
    keepPlace();
  });
  for (const name of ["coordinates", "numbers", "heat", "estimate"]) {
    byId(`look-${name}`).checked = looks[name];
    byId(`look-${name}`).addEventListener("change", (event) => toggleLook(name, event.target.checked));
  }
  window.addEventListener("hashchange", ({ newURL }) => {
    const wanted = readAddress(new URL(newURL).hash); // what the address bar shows may be the game's place again
    if (wanted) showAddress(wanted);
    else game.say(NO_POSITION);
  });
}

listenToKeys({
  game,
  board,
  analysis,
  setMode,
  toggleLook,
  leaveBoard: () => byId(game.mode === PLAY ? "new-game" : "analyse").focus(),
  newGame: () => newGame.ask(),
  announce: (text) => game.say(text),
  help: () => byId("help-dialog").showModal(),
});
listen();
applyTheme();
game.addEventListener("change", draw);
game.addEventListener("change", keepPlace);
game.addEventListener("change", () => board.focus(), { once: true });
window.addEventListener("pagehide", keepPlace); // a clock runs on without any change
comeBack();
