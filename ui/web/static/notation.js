/** Points, rules and positions as text, in the project's one notation: h8, letters with i, rows from the bottom. */

export const BLACK = "black";
export const WHITE = "white";

export function other(colour) {
  return colour === BLACK ? WHITE : BLACK;
}

export function named(colour) {
  return colour === BLACK ? "Black" : "White";
}

export function columnName(column) {
  return String.fromCharCode(97 + column);
}

/** `move` is row * size + column, row 0 on top. */
export function pointName(move, size) {
  return columnName(move % size) + (size - Math.floor(move / size));
}

/** The move that `name` names, or -1. */
export function parsePoint(name, size) {
  const match = /^([a-z])([0-9]{1,2})$/.exec(name);
  if (!match) return -1;
  const column = match[1].charCodeAt(0) - 97;
  const row = size - Number(match[2]);
  return column < size && row >= 0 && row < size ? row * size + column : -1;
}

/** Reads `h8i9g7`; null where a part is no point of this board or comes twice. */
export function parseMoves(text, size) {
  const names = text.match(/[a-z][0-9]{1,2}/g) ?? [];
  const moves = names.map((name) => parsePoint(name, size));
  const isWhole = names.join("") === text;
  return isWhole && !moves.includes(-1) && new Set(moves).size === moves.length ? moves : null;
}

export function movesName(moves, size) {
  return moves.map((move) => pointName(move, size)).join("");
}

export function rulesName({ size, winLength, variant }) {
  const implied = winLength === 5 && (size >= 15 || variant === "renju");
  return (variant === "freestyle" ? "" : `${variant}-`) + `${size}x${size}` + (implied ? "" : `x${winLength}`);
}

/** Reads what `rulesName` writes; null where it is something else. The server has the last word. */
export function parseRules(name) {
  const match = /^(?:(freestyle|standard|renju)-)?([0-9]{1,2})x([0-9]{1,2})(?:x([0-9]))?$/.exec(name);
  if (!match || match[2] !== match[3]) return null;
  const rules = { variant: match[1] ?? "freestyle", size: Number(match[2]), winLength: Number(match[4] ?? 5) };
  const { size, winLength, variant } = rules;
  const isKnown = size >= 3 && size <= 22 && winLength >= 3 && winLength <= Math.min(6, size) && (variant !== "renju" || winLength === 5);
  return isKnown ? rules : null;
}

/** The stones of `.X./.O./...-b`, as a list of colours and nulls, "blocked" for points nobody may take. */
export function parseStart(start, size) {
  const stones = { X: BLACK, O: WHITE, "#": "blocked", ".": null };
  if (!start) return { cells: Array(size * size).fill(null), toPlay: BLACK };
  const at = start.lastIndexOf("-");
  const cells = [...start.slice(0, at).replaceAll("/", "")].map((symbol) => stones[symbol]);
  const isWhole = cells.length === size * size && !cells.includes(undefined);
  return isWhole ? { cells, toPlay: start.slice(at + 1) === "w" ? WHITE : BLACK } : null;
}

/** What stands behind the # in the address bar: rules, all moves of the line, how many are shown, the start. */
export function addressOf({ rules, moves, ply, start }) {
  const parts = [rules, moves, ply === null ? "" : String(ply), start.replaceAll("/", "_")];
  while (parts.at(-1) === "") parts.pop();
  return `#${parts.join("/")}`;
}

/** Reads what `addressOf` writes, and capitals that people type; null where it is something else. */
export function readAddress(hash) {
  const [names, points = "", ply = "", start = ""] = decoded(hash.replace(/^#/, "")).split("/");
  const [rules, moves] = [names.toLowerCase(), points.toLowerCase()];
  const parsed = parseRules(rules);
  const list = parsed && parseMoves(moves, parsed.size);
  const rows = start.replaceAll("_", "/");
  if (!list || !parseStart(rows, parsed.size) || !/^[0-9]{0,3}$/.test(ply)) return null;
  return { rules, moves: list, ply: ply === "" ? list.length : Math.min(Number(ply), list.length), start: rows };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
