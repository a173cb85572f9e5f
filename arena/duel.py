"""One player against another: every opening with both colours, on as many threads as there are players.

Owns how a duel is dealt out and counted; what the count is worth is `arena/statistics.py`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

from arena.statistics import Strength, measure
from gomoku.board import Board
from gomoku.match import SIDE_BY_SIDE, FinishedGame, Pairing, derived_seed, play_games
from gomoku.player import Decision, Player
from gomoku.rules import BLACK, WHITE

LOSS, DRAW, WIN = 0.0, 0.5, 1.0
GamesByColour = tuple[FinishedGame, FinishedGame]


@dataclass(frozen=True)
class Duel:
    """What was played, seen by the first player."""

    pairs: tuple[GamesByColour, ...]
    """One pair per opening: the first player as Black, then as White."""

    @property
    def games(self) -> list[FinishedGame]:
        return [game for pair in self.pairs for game in pair]

    @property
    def num_distinct_games(self) -> int:
        """Games that do not repeat another one, with the same colours, move for move."""
        return sum(len({_course(pair[colour]) for pair in self.pairs}) for colour in range(2))

    @property
    def strength(self) -> Strength:
        num_distinct = len({(_course(as_black), _course(as_white)) for as_black, as_white in self.pairs})
        return measure(self.pair_scores, num_distinct)

    @property
    def pair_scores(self) -> list[float]:
        """Points per game of each pair."""
        return [(_points(as_black, BLACK) + _points(as_white, WHITE)) / 2 for as_black, as_white in self.pairs]

    def new_pair_scores(self, earlier: "Duel") -> list[float]:
        """Those of the pairs that repeat none of an earlier duel, and none of this one, move for move."""
        seen = {(_course(as_black), _course(as_white)) for as_black, as_white in earlier.pairs}
        scores = []
        for pair, score in zip(self.pairs, self.pair_scores, strict=True):
            courses = _course(pair[0]), _course(pair[1])
            if courses not in seen:
                seen.add(courses)
                scores.append(score)
        return scores

    def report(self) -> dict[str, Any]:
        """The figures, in the form in which they are written as JSON."""
        strength = self.strength
        as_black = _tally([_points(game, BLACK) for game, _ in self.pairs])
        as_white = _tally([_points(game, WHITE) for _, game in self.pairs])
        return {
            "games": 2 * len(self.pairs),
            **{name: as_black[name] + as_white[name] for name in as_black},
            "score": strength.score,
            "elo": strength.elo,
            "elo_low": strength.elo_low,
            "elo_high": strength.elo_high,
            "distinct_games": self.num_distinct_games,
            "as_black": as_black,
            "as_white": as_white,
        }


def play_duel(
    first: Sequence[Player],
    second: Sequence[Player],
    openings: Sequence[Board],
    seed: int,
    *,
    side_by_side: int = SIDE_BY_SIDE,
    on_finished: Callable[[], None] | None = None,
) -> Duel:
    """Plays every opening with both colours.

    Args:
      first, second: equal players, one per thread; each thread plays its share of the openings. The result does
        not depend on their number.
      seed: of the whole duel (≥ 0).
      side_by_side: games running at once in each thread (≥ 1).
      on_finished: is called after every game, from its thread.

    Raises:
      ValueError: rules that a player cannot play.
      KeyboardInterrupt: at once; threads that are still thinking end with their move.
    """
    given_up = Event()

    def play_share(thread: int) -> list[FinishedGame]:
        def end_if_given_up(_index: int, _board: Board, _decision: Decision) -> None:
            if given_up.is_set():
                raise GivenUpError

        pairings = []
        for number in range(thread, len(openings), len(first)):
            players = first[thread], second[thread]
            for colour in range(2):
                black, white = players[colour], players[1 - colour]
                pairings.append(Pairing(black, white, openings[number], derived_seed(seed, 2 * number + colour)))
        return play_games(
            pairings,
            side_by_side=side_by_side,
            on_move=end_if_given_up,
            on_finished=None if on_finished is None else lambda _index, _game: on_finished(),
        )

    shares = on_threads(play_share, len(first), given_up)
    pairs: list[GamesByColour] = []
    for number in range(len(openings)):
        share, place = shares[number % len(first)], 2 * (number // len(first))
        pairs.append((share[place], share[place + 1]))
    return Duel(tuple(pairs))


class GivenUpError(Exception):
    """Ends the threads that are left over when a duel is broken off."""


def on_threads(
    play_share: Callable[[int], list[FinishedGame]], num_threads: int, given_up: Event
) -> list[list[FinishedGame]]:
    """Lets each thread play its share; where one fails, or Ctrl-C comes, `given_up` tells the others to end."""
    if num_threads == 1:
        return [play_share(0)]
    pool = ThreadPoolExecutor(num_threads)
    try:
        return list(pool.map(play_share, range(num_threads)))
    finally:
        given_up.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _points(game: FinishedGame, colour: int) -> float:
    winner = game.outcome.winner
    return DRAW if winner == 0 else WIN if winner == colour else LOSS


def _tally(points: Sequence[float]) -> dict[str, int]:
    counts = Counter(points)
    return {"wins": counts[WIN], "draws": counts[DRAW], "losses": counts[LOSS]}


def _course(game: FinishedGame) -> tuple[bytes, tuple[int, ...]]:
    return game.pairing.start.key, game.moves
