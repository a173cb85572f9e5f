"""What a search by itself asks its network about, and what it does not have to ask any more.

  python -m benchmarks.spared_evaluations models/15x15@0.2s --games 4 --precision int8 --backend openvino

The player plays against itself, first with nothing spared, then with one way more in each line: positions met again
(`transpositions`), forced replies (`follow_forced`), leaves met again (`collisions`). A line says how many new
simulations a move had (the middle one of the moves that were not proven), how many positions a call, and of all
positions that were asked about the share asked about before in the same game, and that with a line to stop.
"""

import argparse
from statistics import median

from tqdm import tqdm

from arena.match_options import choose_rules
from arena.openings import choose_openings
from arena.specs import Contestant, Entrant, parse_spec
from benchmarks.search_settings import with_settings
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.evaluator import Evaluation, Evaluator, Positions
from mcts.player import SearchPlayer
from mcts.threats import allocate_threat_space, scan
from mcts.tree import NO_MOVE
from nets.calibration import EngineOptions

NOTHING = ("transpositions=false", "tactics.follow_forced=false", "collisions=0")
STEPS = {
    "nothing spared": NOTHING,
    "positions met again": NOTHING[1:],
    "and forced replies": NOTHING[2:],
    "and leaves met again": (),
}


class Watch:
    """An evaluator that counts what it is asked."""

    def __init__(self, evaluator: Evaluator, rules: Rules) -> None:
        self.calls = self.rows = self.again = self.forced = 0
        self._evaluator = evaluator
        self._space = allocate_threat_space(rules)
        self._seen: set[bytes] = set()

    def begin_game(self) -> None:
        """What was asked before is forgotten."""
        self._seen.clear()

    def evaluate(self, positions: Positions) -> Evaluation:
        """See `Evaluator`."""
        self.calls += 1
        for stones, to_play in zip(positions.stones, positions.to_play, strict=True):
            cells = (stones * (stones < 2) * to_play + stones * (stones == 2)).reshape(-1)
            key = cells.tobytes() + bytes([int(to_play > 0)])
            threats = scan(cells, positions.rules.compiled, self._space, int(to_play))
            self.rows += 1
            self.again += key in self._seen
            self.forced += threats.win == NO_MOVE and threats.block != NO_MOVE
            self._seen.add(key)
        return self._evaluator.evaluate(positions)


def watched(entrant: Entrant, openings: list[Board], plies: int) -> tuple[Watch, list[int]]:
    """Plays at most so many moves from each opening.

    Returns: what was asked, and the new simulations of each move that was not proven.
    """
    evaluator = entrant.make_evaluator()
    assert evaluator is not None, "a player without an evaluator asks nobody"
    watch = Watch(evaluator, openings[0].rules)
    player = entrant.make(watch)
    assert isinstance(player, SearchPlayer)
    simulations = []
    for opening in openings:
        board = opening.copy()
        player.forget()
        watch.begin_game()
        while board.outcome is None and len(board.moves) < len(opening.moves) + plies:
            (decision,) = player.decide([board], Limit(seed=len(board.moves)))
            if decision.proof is None:
                simulations.append(decision.simulations)
            board.push(decision.move)
    return watch, simulations


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("player", help="a model or run, as in evaluate.py")
    parser.add_argument("--games", type=int, default=4)
    parser.add_argument("--plies", type=int, default=30, help="moves of a game (default: 30)")
    parser.add_argument("--rules")
    parser.add_argument("--openings", default="balanced")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--backend", default="openvino")
    args = parser.parse_args()
    contestant = Contestant.find(parse_spec(args.player))
    rules = choose_rules(args.rules, [contestant])
    entrant = contestant.entrant(rules, EngineOptions(args.backend, args.precision), 1)
    try:
        entrants = {name: with_settings(entrant, settings) for name, settings in STEPS.items()}
    except ValueError as error:
        parser.error(str(error))
    openings = choose_openings(args.openings, rules, args.games, args.seed)
    watched(entrant, openings[:1], 2)  # compiles what is not compiled yet
    print(f"{args.player}, {rules.name}, {args.games} games of at most {args.plies} moves")
    for name, one in tqdm(entrants.items()):
        watch, simulations = watched(one, openings, args.plies)
        tqdm.write(
            f"{name}: {median(simulations):,.0f} simulations a move, "
            f"{watch.rows / watch.calls:.2f} positions a call, {watch.again / watch.rows:.3f} asked about before, "
            f"{watch.forced / watch.rows:.3f} forced"
        )


if __name__ == "__main__":
    main()
