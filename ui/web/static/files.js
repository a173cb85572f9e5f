/** Game files in and out, through the server's door. */

import { GameTree } from "./tree.js";

/** Reads a file that a person chose during a game by `rules`: its tree, and what is to be said of it; rejects with
 * the server's reason. */
export async function readFile(file, rules) {
  const query = new URLSearchParams({ name: file.name, rules });
  const response = await fetch(`/api/read?${query}`, { method: "POST", body: file });
  const facts = await checked(response).then((found) => found.json());
  return { tree: GameTree.fromFacts(facts), remark: facts.remark };
}

/** Offers the game as a download; `form` is "sgf", "psq" or "svg". */
export async function saveFile(tree, form) {
  const body = JSON.stringify(tree.toFacts());
  const response = await fetch(`/api/write?form=${form}`, { method: "POST", body });
  const url = URL.createObjectURL(await checked(response).then((found) => found.blob()));
  const link = document.createElement("a");
  link.href = url;
  link.download = `gomoku-${new Date().toISOString().slice(0, 10)}.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function checked(response) {
  if (response.ok) return response;
  const { reason } = await response.json().catch(() => ({ reason: response.statusText }));
  throw new Error(reason);
}
