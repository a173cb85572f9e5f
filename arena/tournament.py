"""Many players against each other: round robin or gauntlet, every opening with both colours, resumable.

Owns which games are played. Who plays them is `arena/crew.py`; what is finished lies in a `Journal`; what it is worth
is worked out by `arena/standings.py`. A game depends on its players, its opening and the seed only, so that neither
the number of workers nor interruptions change one (players with seconds per move aside).
"""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b

from arena.journal import GameKey, Journal, SavedGame
from arena.openings import opening_name
from arena.specs import Entrant
from arena.units import PAIRS_PER_UNIT, Crew, GameToPlay, PlayedGame, Unit, even_parts
from gomoku.board import Board
from gomoku.match import derived_seed

OpenCrew = Callable[[Sequence[Unit]], Crew]
"""Finds players for units that are all timed or all not; the crew knows the entrants by their place in the plan."""


@dataclass(frozen=True)
class Plan:
    """All games of a tournament.

    Raises:
      ValueError: fewer than two players, or two of one name.
    """

    entrants: tuple[Entrant, ...]
    meetings: tuple[tuple[int, int], ...]
    """Who meets whom, each two once; every opening is played twice between them."""
    openings: tuple[Board, ...]
    """May hold one opening several times; all under the same rules."""
    seed: int = 0
    """Of all games (≥ 0)."""

    def __post_init__(self) -> None:
        names = Counter(entrant.name for entrant in self.entrants)
        if len(self.entrants) < 2:
            raise ValueError(f"{len(self.entrants)} players are no tournament; name at least two")
        if (twice := [name for name, count in names.items() if count > 1]) != []:
            raise ValueError(f"player {twice[0]!r} takes part twice")

    def pairs(self, meeting: tuple[int, int]) -> list[tuple[GameKey, GameKey]]:
        """One pair of games per opening: the first player of the meeting as Black, then as White."""
        first, second = (self.entrants[index].name for index in meeting)
        repeats: Counter[str] = Counter()
        pairs = []
        for opening in map(opening_name, self.openings):
            repeat = repeats[opening]
            repeats[opening] += 1
            pairs.append((GameKey(first, second, opening, repeat), GameKey(second, first, opening, repeat)))
        return pairs

    @property
    def num_games(self) -> int:
        return 2 * len(self.meetings) * len(self.openings)


def round_robin(num_players: int) -> tuple[tuple[int, int], ...]:
    """Everyone meets everyone."""
    return tuple(itertools.combinations(range(num_players), 2))


def gauntlet(num_players: int) -> tuple[tuple[int, int], ...]:
    """The first meets all others."""
    return tuple((0, other) for other in range(1, num_players))


def play_tournament(
    plan: Plan, journal: Journal, open_crew: OpenCrew, on_finished: Callable[[SavedGame], None] = lambda _game: None
) -> None:
    """Plays what the journal does not have yet, and writes each game down as it ends.

    Args:
      open_crew: is asked for players without clocks first; those with clocks have the machine to themselves.
      on_finished: is called after every game.

    Raises:
      ValueError: rules that a player cannot play.
      WorkerError: games that nobody can play to their end; what was finished is in the journal.
      KeyboardInterrupt: at once; likewise.
    """
    keys = _missing(plan, journal)
    units = list(keys)

    def write_down(unit: Unit, index: int, game: PlayedGame) -> None:
        saved = saved_game(keys[unit][index], game)
        journal.add(saved)
        on_finished(saved)

    for is_timed in (False, True):
        chosen = [unit for unit in units if unit.is_timed == is_timed]
        if chosen:
            with closing(open_crew(chosen)) as crew:
                for _ in crew.play(chosen, write_down):
                    pass


def saved_game(key: GameKey, game: PlayedGame) -> SavedGame:
    """What a journal keeps of a game."""
    return SavedGame(key, game.record(key.black, key.white), tuple(round(spent, 4) for spent in game.seconds))


def _missing(plan: Plan, journal: Journal) -> dict[Unit, tuple[GameKey, ...]]:
    """What is left to be played, and which games they are; the same share of every meeting first, so that an early
    table says something."""
    units: list[tuple[int, Unit, tuple[GameKey, ...]]] = []
    for meeting in plan.meetings:
        missing = [
            (key, _game_to_play(plan, meeting, key, opening))
            for pair, opening in zip(plan.pairs(meeting), plan.openings, strict=True)
            for key in pair
            if key not in journal.games
        ]
        first, second = (plan.entrants[seat] for seat in meeting)
        is_timed = first.is_timed or second.is_timed
        for part in even_parts(len(missing), 2 if is_timed else 2 * PAIRS_PER_UNIT):
            keys, games = zip(*missing[part], strict=True)
            name = f"{first.name} against {second.name}, games {part.start + 1} to {part.stop}"
            units.append((part.start, Unit(name, games, is_timed), keys))
    return {unit: keys for _, unit, keys in sorted(units, key=lambda numbered: numbered[0])}


def _game_to_play(plan: Plan, meeting: tuple[int, int], key: GameKey, opening: Board) -> GameToPlay:
    black, white = meeting if plan.entrants[meeting[0]].name == key.black else meeting[::-1]
    return GameToPlay(black, white, opening, derived_seed(plan.seed, _number(key)))


def _number(key: GameKey) -> int:
    """The game's own random stream, whatever else is played."""
    return int.from_bytes(blake2b("\n".join(map(str, key)).encode(), digest_size=8).digest(), "big")
