/** How games end, in words and as records tell it. An outcome is { winner, reason }, winner null for a draw. */

import { BLACK, WHITE, named } from "./notation.js";

const UNSEEN = ["resignation", "time"];
const REASONS = {
  line: "with a line",
  "no legal move": "because the other side has no legal move",
  resignation: "by resignation",
  time: "on time",
};

/** The end that a record tells and its board does not show; null where there is none. */
export function endOf({ result, reason }) {
  const winner = { "1-0": BLACK, "0-1": WHITE }[result];
  return winner && UNSEEN.includes(reason) ? { winner, reason } : null;
}

/** What a record says of an outcome, or of a game that goes on (null). */
export function resultOf(outcome) {
  if (!outcome) return { result: "*", reason: "" };
  return { result: outcome.winner === BLACK ? "1-0" : "0-1", reason: outcome.reason };
}

/** "Black won with a line.", in a sentence. */
export function outcomeText({ winner, reason }) {
  if (!winner) return reason === "full board" ? "A draw: the board is full." : "A draw.";
  return `${[named(winner), "won", REASONS[reason]].filter(Boolean).join(" ")}.`;
}
