/** The keyboard: which key does what, and when it is somebody else's. */

import { ANALYSE, PLAY } from "./modes.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `page`: { game, board, analysis, setMode(mode), leaveBoard(), newGame(), announce(text), toggleLook(name), help() }. */
export function listenToKeys(page) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) return;
    const action = event.ctrlKey || event.metaKey ? withControl(page, event) : actionOf(page, event);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox]), textarea, select");
}

function withControl({ game }, { key, shiftKey }) {
  if (key.toLowerCase() === "z") return () => (shiftKey ? game.redo() : game.undo());
  return key.toLowerCase() === "y" ? () => game.redo() : null;
}

function actionOf(page, event) {
  const { game, board, analysis } = page;
  const { key } = event;
  const isOnControl = !board.hasFocus && event.target !== document.body;
  if (key in ARROWS) return arrow(page, event);
  if (key === "Tab") {
    if (!board.hasFocus || event.shiftKey) return null;
    return () => page.setMode(game.mode === PLAY ? ANALYSE : PLAY);
  }
  if (isOnControl && key === " ") return null;
  if (!board.hasFocus && key === "Enter") return null; // a button that has just been disabled leaves the focus nowhere
  const actions = {
    Enter: () => board.chooseCursor(),
    Escape: () => page.leaveBoard(),
    " ": () => {
      page.setMode(ANALYSE);
      analysis.toggle();
    },
    Home: () => game.goToPly(0),
    End: () => game.goToPly(Infinity),
    Backspace: () => game.undo(),
    Delete: () => game.mode === ANALYSE && game.remove(),
    "?": () => page.help(),
    h: () => game.computer.hint(),
    i: () => page.announce(analysis.summary()),
    m: () => game.computer.move(),
    n: () => page.newGame(),
    u: () => game.undo(),
    r: () => game.redo(),
    b: () => board.focus(),
    c: () => page.toggleLook("coordinates"),
    "#": () => page.toggleLook("numbers"),
    p: () => page.toggleLook("heat"),
  };
  return actions[key.length === 1 ? key.toLowerCase() : key] ?? null;
}

/** On the board in play, arrows move the cursor; in analysis, and anywhere else, they walk through the game. */
function arrow({ game, board }, { key, shiftKey, target }) {
  if (target.matches("[role=tab], [role=radio], input")) return null;
  const isCursor = shiftKey || (board.hasFocus && game.mode === PLAY);
  if (isCursor) return () => board.moveCursor(...ARROWS[key]);
  return { ArrowLeft: () => game.back(), ArrowRight: () => game.forward(), ArrowUp: () => game.sibling(-1), ArrowDown: () => game.sibling(1) }[key];
}
