"""Which judge finds openings that are even in play: candidates judged, then played out by a model against itself.

    python -m benchmarks.opening_judges models/15x15 --judges balanced model:models/15x15@50

Every candidate is played several times with moves drawn from the search, so that games differ. Told is, among those
that a judge finds evenest, Black's score and the share that both colours won. All candidates together are the measure
of a judge that knows nothing.
"""

import argparse
import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from arena.openings import find_judge, new_candidates
from arena.specs import Contestant, parse_spec
from gomoku.board import Board
from gomoku.match import Pairing, derived_seed, play_games
from gomoku.rules import BLACK, WHITE
from mcts.player import SearchPlayer

POINTS_OF = {BLACK: 1.0, 0: 0.5, WHITE: 0.0}
TEMPERATURE = 0.25
PARTS = (12, 6, 4, 2)
"""The evenest twelfth of the candidates is what a match takes that draws twelve for each opening, and so on."""


def scores_of(player: SearchPlayer, boards: list[Board], games: int) -> NDArray[np.float64]:
    """`[boards, games]` Black's points in games of the player against itself."""
    drawing = SearchPlayer(player.name, player.evaluator, replace(player.options, temperature=TEMPERATURE))
    starts = [board for board in boards for _ in range(games)]
    pairings = [Pairing(drawing, drawing, start, derived_seed(5, number)) for number, start in enumerate(starts)]
    points = [POINTS_OF[game.outcome.winner] for game in play_games(pairings)]
    return np.array(points).reshape(len(boards), games)


def describe(scores: NDArray[np.float64]) -> str:
    """Black's score, and the share of openings in which not all games went to one colour."""
    means = scores.mean(axis=1)
    return f"{means.mean():.3f} ({((means > 0) & (means < 1)).mean():.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="who plays the candidates out, like models/15x15@100")
    parser.add_argument("--judges", nargs="+", default=["balanced"], metavar="NAME", help="as of --openings")
    parser.add_argument("--candidates", type=int, default=240)
    parser.add_argument("--games", type=int, default=4, help="of each candidate")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--backend", default="auto")
    args = parser.parse_args()
    contestant = Contestant.find(parse_spec(args.model))
    if (rules := contestant.rules) is None:
        parser.error(f"{args.model} is no model")
    judges = {name: judge for name in args.judges if (judge := find_judge(name, rules)) is not None}
    (player,) = contestant.players(1, rules, device="cpu", precision=args.precision, backend=args.backend)
    assert isinstance(player, SearchPlayer)
    drawn = itertools.islice(new_candidates(rules, np.random.default_rng(77), set()), args.candidates)
    boards, seeds = zip(*drawn, strict=True)
    scores = scores_of(player, list(boards), args.games)
    print(f"{len(boards)} candidates on {rules.name}: Black's score {describe(scores)}")
    print(f"| judge | {' | '.join(f'evenest 1/{part}' for part in PARTS)} |\n|---|{'---|' * len(PARTS)}")
    for name, judge in judges.items():
        unevenness = np.array([2.0 if value is None else abs(value) for value in judge.judge(boards, seeds)])
        order = np.argsort(unevenness)
        evenest = (scores[order[: len(boards) // part]] for part in PARTS)
        print(f"| `{name}` | {' | '.join(map(describe, evenest))} |", flush=True)


if __name__ == "__main__":
    main()
