/** What a person chose and the browser keeps: for ever (looks), or as long as the tab lives (the game). */

const LOOKS = "gomoku.looks";
const GAME = "gomoku.game";

export const looks = {
  theme: "auto",
  coordinates: true,
  numbers: false,
  heat: false,
  estimate: true,
  ...read(localStorage, LOOKS),
};

export function keepLooks() {
  localStorage.setItem(LOOKS, JSON.stringify(looks));
}

/** The game of this tab, as `keepGame` got it; null where there is none. */
export function keptGame() {
  return read(sessionStorage, GAME);
}

export function keepGame(game) {
  try {
    sessionStorage.setItem(GAME, JSON.stringify(game));
  } catch {
    sessionStorage.removeItem(GAME); // larger than the browser allows: the address bar still has the line
  }
}

function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name));
  } catch {
    return null;
  }
}
