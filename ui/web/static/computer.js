/** What a game asks the computer for in play: its move, or a hint. */

import { PLAY } from "./modes.js";
import { parsePoint } from "./notation.js";

const HINT_SECONDS = 0.7;

export class Computer {
  #game;
  #link;

  constructor(game, link) {
    this.#game = game;
    this.#link = link;
  }

  /** Asks for a good move for the side to move, and marks it. */
  async hint() {
    const game = this.#game;
    const asked = game.node;
    const isKnown = await game.factsOf(asked).catch(() => null); // until then the game may be over
    if (!isKnown || game.node !== asked || game.mode !== PLAY || game.outcome) return;
    if (game.isThinking || game.isComputersTurn) return;
    this.#think("analyse", { seconds: HINT_SECONDS }, (thought) => {
      if (game.node !== asked || !thought) return;
      game.hint = thought.move;
      game.say(`Hint: ${thought.move}.`);
    });
  }

  /** Has the computer move here, whoever's turn it is. */
  move() {
    const game = this.#game;
    if (game.outcome || game.isThinking) return;
    if (game.opening) return game.say("The computer makes no moves for you in the opening.");
    const asked = game.node;
    const seconds = game.clock ? Math.min(3600, game.clock.budget(asked.toPlay)) : null;
    this.#think("move", { level: game.setup.level, seconds }, (thought) => {
      if (game.node !== asked || !thought) return;
      game.put(parsePoint(thought.move, game.tree.size));
    });
  }

  #think(kind, limits, onDone) {
    const game = this.#game;
    const asked = game.node;
    let latest = null;
    game.ask();
    game.isThinking = true;
    game.changed();
    this.#link.think(kind, { ...game.position, ...limits }, {
      onThought: (thought) => {
        latest = thought;
        if (thought.candidates.length) asked.keep(thought);
      },
      onDone: () => {
        game.isThinking = false;
        onDone(latest);
        game.changed();
      },
      onStopped: () => {
        game.isThinking = false;
      },
      onError: (reason) => {
        game.isThinking = false;
        game.say(`The computer cannot think here: ${reason}.`);
      },
    });
  }
}
