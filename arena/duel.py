"""One player against another: every opening with both colours.

Owns how a duel is cut into units and counted; who plays them is `arena/crew.py`, what the count is worth is
`arena/statistics.py`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from arena.forfeits import is_forfeit
from arena.statistics import Strength, measure
from arena.units import PAIRS_PER_UNIT, GameToPlay, PlayedGame, TimeSpent, Unit, even_parts, play_unit
from gomoku.board import Board
from gomoku.match import derived_seed
from gomoku.player import Player
from gomoku.rules import BLACK, WHITE

FIRST, SECOND = 0, 1
"""The players' numbers."""
LOSS, DRAW, WIN = 0.0, 0.5, 1.0
GamesByColour = tuple[PlayedGame, PlayedGame]


@dataclass(frozen=True)
class Duel:
    """What was played, seen by the first player."""

    pairs: tuple[GamesByColour, ...]
    """One pair per opening: the first player as Black, then as White."""

    @classmethod
    def of(cls, units: Iterable[Sequence[PlayedGame]]) -> "Duel":
        """Of the games of `duel_units`, in their order."""
        games = [game for unit in units for game in unit]
        return cls(tuple(zip(games[::2], games[1::2], strict=True)))

    @property
    def games(self) -> list[PlayedGame]:
        return [game for pair in self.pairs for game in pair]

    @property
    def num_distinct_games(self) -> int:
        """Games that do not repeat another one, with the same colours, move for move."""
        return sum(len({_course(pair[colour]) for pair in self.pairs}) for colour in range(2))

    def pairs_won_by(self, colour: int) -> int:
        """Openings that this colour won for both players, which tell nothing of them."""
        return sum(all(game.outcome.winner == colour for game in pair) for pair in self.pairs)

    @property
    def strength(self) -> Strength:
        num_distinct = len({(_course(as_black), _course(as_white)) for as_black, as_white in self.pairs})
        return measure(self.pair_scores, num_distinct)

    @property
    def pair_scores(self) -> list[float]:
        """Points per game of each pair."""
        return [(_points(as_black, BLACK) + _points(as_white, WHITE)) / 2 for as_black, as_white in self.pairs]

    def new_pairs(self, earlier: "Duel") -> list[bool]:
        """Which pairs repeat none of an earlier duel, and none before them in this one, move for move."""
        seen = {(_course(as_black), _course(as_white)) for as_black, as_white in earlier.pairs}
        are_new = []
        for as_black, as_white in self.pairs:
            courses = _course(as_black), _course(as_white)
            are_new.append(courses not in seen)
            seen.add(courses)
        return are_new

    @property
    def forfeits(self) -> tuple[int, int]:
        """Games that the first and the second player lost without a move."""
        losers = [loser for loser, _ in self._lost_without_a_move()]
        return losers.count(FIRST), losers.count(SECOND)

    @property
    def forfeit_reasons(self) -> tuple[str, str]:
        """Why the first and the second player first lost a game without a move, in one line; empty: they did not."""
        reasons = {FIRST: "", SECOND: ""}
        for loser, game in self._lost_without_a_move():
            reasons[loser] = reasons[loser] or game.detail.partition("\n")[0]
        return reasons[FIRST], reasons[SECOND]

    @property
    def spent(self) -> tuple[TimeSpent, TimeSpent]:
        """What the first and the second player's decisions took."""
        first, second = (
            [
                seconds
                for pair in self.pairs
                for game, own in zip(pair, colours, strict=True)
                for seconds in game.seconds_of(own)
            ]
            for colours in ((BLACK, WHITE), (WHITE, BLACK))
        )
        return TimeSpent.of(first), TimeSpent.of(second)

    def _lost_without_a_move(self) -> Iterator[tuple[int, PlayedGame]]:
        """Who lost, and the game."""
        for pair in self.pairs:
            for first_colour, game in zip((BLACK, WHITE), pair, strict=True):
                if is_forfeit(game.record("", "")):
                    yield (SECOND if game.outcome.winner == first_colour else FIRST), game

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
            "forfeits": list(self.forfeits),
            "forfeit_reasons": list(self.forfeit_reasons),
            "distinct_games": self.num_distinct_games,
            "black_won_both": self.pairs_won_by(BLACK),
            "white_won_both": self.pairs_won_by(WHITE),
            "as_black": as_black,
            "as_white": as_white,
            "seconds_per_move": [round(spent.per_move, 4) for spent in self.spent],
            "longest_seconds": [round(spent.longest, 4) for spent in self.spent],
        }


def duel_units(
    openings: Sequence[Board],
    seed: int,
    *,
    is_timed: bool = False,
    first_pair: int = 0,
    most_pairs: int = PAIRS_PER_UNIT,
) -> Iterator[Unit]:
    """All games of a duel, of which each has a seed of its own.

    Args:
      openings: each is played with both colours.
      seed: of the whole duel (≥ 0).
      is_timed: a player has seconds per move. A unit is one pair then: its games are played one after the other.
      first_pair: pairs of an earlier part, for the units' names.
      most_pairs: in a unit (≥ 1).
    """
    for part in even_parts(len(openings), 1 if is_timed else most_pairs):
        before = 2 * (first_pair + part.start)
        games = [
            GameToPlay(*colours, openings[number], derived_seed(seed, 2 * number + turn))
            for number in range(part.start, part.stop)
            for turn, colours in enumerate(((FIRST, SECOND), (SECOND, FIRST)))
        ]
        yield Unit(f"games {before + 1} to {before + len(games)}", tuple(games), is_timed)


def play_duel(first: Sequence[Player], second: Sequence[Player], openings: Sequence[Board], seed: int) -> Duel:
    """Plays every opening with both colours, between players that there are already.

    Args:
      first, second: equal players, one per thread. The result does not depend on their number.
      seed: of the whole duel (≥ 0).

    Raises:
      ValueError: rules that a player cannot play.
    """
    units = list(duel_units(openings, seed, most_pairs=-(-len(openings) // len(first))))
    seated = [dict(enumerate(players)) for players in zip(first, second, strict=True)]
    if len(units) == 1:
        return Duel.of([play_unit(units[0], seated[0])])
    with ThreadPoolExecutor(len(units)) as pool:
        return Duel.of(pool.map(play_unit, units, seated))


def _points(game: PlayedGame, colour: int) -> float:
    winner = game.outcome.winner
    return DRAW if winner == 0 else WIN if winner == colour else LOSS


def _tally(points: Sequence[float]) -> dict[str, int]:
    counts = Counter(points)
    return {"wins": counts[WIN], "draws": counts[DRAW], "losses": counts[LOSS]}


def _course(game: PlayedGame) -> tuple[bytes, tuple[int, ...]]:
    return game.start.key, game.moves
