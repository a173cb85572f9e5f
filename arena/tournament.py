"""Many players against each other: round robin or gauntlet, every opening with both colours, resumable.

Owns which games are played and by whom at once. What is finished lies in a `Journal`; what it is worth is worked out
by `arena/standings.py`. A game depends on its players, its opening and the seed only, so that neither threads nor
interruptions change one (players with seconds per move aside).
"""

import itertools
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import Event, Lock

from arena.duel import GivenUpError, on_threads
from arena.gomocup_player import close_engines
from arena.journal import GameKey, Journal, SavedGame
from arena.openings import opening_name
from gomoku.board import Board
from gomoku.match import SIDE_BY_SIDE, FinishedGame, Pairing, derived_seed, play_games
from gomoku.player import Decision, Player
from gomoku.records import GameRecord, record_of

GAMES_PER_JOB = 32
"""What a thread plays side by side before it looks for other work (even: both games of a pair)."""


@dataclass(frozen=True)
class Entrant:
    """A player who takes part."""

    name: str
    """Unique in the tournament."""
    make: Callable[[], Player]
    """A new player for one thread and one job; its trees go when that is done."""
    is_timed: bool = False
    """It has seconds per move: its games are played one at a time, while nobody else thinks."""


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


@dataclass(frozen=True)
class _Job:
    """Games of two players that one thread plays side by side."""

    players: tuple[Entrant, Entrant]
    games: tuple[tuple[GameKey, Board], ...]

    @property
    def is_timed(self) -> bool:
        return any(player.is_timed for player in self.players)


def play_tournament(
    plan: Plan, journal: Journal, threads: int, on_finished: Callable[[SavedGame], None] | None = None
) -> None:
    """Plays what the journal does not have yet, and writes each game down as it ends.

    Args:
      threads: how many (≥ 1); players with seconds per move come last and have the machine for themselves.
      on_finished: is called after every game, from its thread.

    Raises:
      ValueError: rules that a player cannot play.
      KeyboardInterrupt: at once; what was finished is in the journal.
    """
    jobs = _jobs(plan, journal)
    for is_timed in (False, True):
        waiting = deque(job for job in jobs if job.is_timed == is_timed)
        workers = 1 if is_timed else min(threads, len(waiting))
        if waiting:
            _Workers(plan.seed, journal, on_finished).play(waiting, workers)


class _Workers:
    """Threads that take jobs from one queue."""

    def __init__(self, seed: int, journal: Journal, on_finished: Callable[[SavedGame], None] | None) -> None:
        self._seed = seed
        self._journal = journal
        self._on_finished = on_finished
        self._given_up = Event()
        self._writing = Lock()
        self._seated: dict[int, list[Player]] = {}
        """By thread: who plays its job."""

    def play(self, jobs: deque[_Job], num_threads: int) -> None:
        def work(thread: int) -> list[FinishedGame]:
            while jobs:
                try:
                    job = jobs.popleft()
                except IndexError:  # another thread was faster
                    break
                self._play_job(thread, job)
            return []

        try:
            on_threads(work, num_threads, self._given_up)
        finally:
            # Whoever is writing a game down ends that first, and nobody begins to any more.
            with self._writing:
                self._given_up.set()
            for players in list(self._seated.values()):
                close_engines(players)

    def _play_job(self, thread: int, job: _Job) -> None:
        players = {entrant.name: entrant.make() for entrant in job.players}
        self._seated[thread] = list(players.values())
        pairings = [
            Pairing(players[key.black], players[key.white], board, derived_seed(self._seed, _number(key)))
            for key, board in job.games
        ]

        def end_if_given_up(_index: int, _board: Board, _decision: Decision) -> None:
            if self._given_up.is_set():
                raise GivenUpError

        def write_down(index: int, game: FinishedGame) -> None:
            saved = saved_game(job.games[index][0], game)
            with self._writing:
                if self._given_up.is_set():
                    raise GivenUpError
                self._journal.add(saved)
            if self._on_finished is not None:
                self._on_finished(saved)

        play_games(
            pairings,
            side_by_side=1 if job.is_timed else SIDE_BY_SIDE,
            on_move=end_if_given_up,
            on_finished=write_down,
        )
        close_engines(players.values())


def saved_game(key: GameKey, game: FinishedGame) -> SavedGame:
    """What a journal keeps of a game."""
    record = game_record(game, key.black, key.white)
    return SavedGame(key, record, tuple(round(spent, 4) for spent in game.seconds))


def game_record(game: FinishedGame, black: str, white: str) -> GameRecord:
    """A game that was played, under these names; its comment says what happened to a player without a move."""
    board = game.pairing.start.copy()
    for move in game.moves[len(board.moves) :]:
        board.push(move)
    return replace(record_of(board, ended=game.outcome, black=black, white=white), comment=game.detail)


def _jobs(plan: Plan, journal: Journal) -> list[_Job]:
    """What is left to be played; the same share of every meeting first, so that an early table says something."""
    jobs: list[tuple[int, _Job]] = []
    for meeting in plan.meetings:
        first, second = (plan.entrants[index] for index in meeting)
        missing = [
            (key, opening)
            for pair, opening in zip(plan.pairs(meeting), plan.openings, strict=True)
            for key in pair
            if key not in journal.games
        ]
        for start in range(0, len(missing), GAMES_PER_JOB):
            jobs.append((start, _Job((first, second), tuple(missing[start : start + GAMES_PER_JOB]))))
    return [job for _, job in sorted(jobs, key=lambda numbered: numbered[0])]


def _number(key: GameKey) -> int:
    """The game's own random stream, whatever else is played."""
    return int.from_bytes(blake2b("\n".join(map(str, key)).encode(), digest_size=8).digest(), "big")
