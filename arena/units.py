"""What a worker plays at one go: some games of two players, each with its own seed, side by side.

Owns how matches are cut into such units, and how one is played. Neither depends on who plays which, or on how many
there are to play: a game depends on its players, its opening and its seed only (players with seconds per move aside).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, Self

from arena.gomocup_player import GomocupPlayer, close_engines
from arena.specs import Entrant
from gomoku.board import Board, Outcome
from gomoku.match import SIDE_BY_SIDE, Pairing, PlayedPairing, play_games
from gomoku.player import Limit, Player
from gomoku.records import GameRecord, record_of
from mcts.evaluator import Evaluator
from mcts.player import SearchPlayer

PAIRS_PER_UNIT = 16
"""Enough to keep the network's batches filled, few enough to keep all workers at it until the end."""

A_MOMENT = Limit(seconds=0.01, seed=0)


@dataclass(frozen=True)
class GameToPlay:
    """One game. Players go by their numbers."""

    black: int
    white: int
    start: Board
    seed: int
    """Of the whole game (≥ 0)."""


class TimeSpent(NamedTuple):
    """What a player's decisions took, in seconds."""

    per_move: float
    """On average; 0 where there was no decision."""
    longest: float

    @classmethod
    def of(cls, decisions: Sequence[float]) -> Self:
        """Of the seconds of each decision."""
        return cls(sum(decisions) / max(1, len(decisions)), max(decisions, default=0.0))


@dataclass(frozen=True)
class PlayedGame:
    """How a game went; see `gomoku.match.PlayedPairing`."""

    start: Board
    moves: tuple[int, ...]
    """The start's own moves included."""
    outcome: Outcome
    seconds: tuple[float, ...] = ()
    detail: str = ""

    @classmethod
    def of(cls, game: PlayedPairing) -> "PlayedGame":
        return cls(game.pairing.start, game.moves, game.outcome, game.seconds, game.detail)

    def seconds_of(self, colour: int) -> tuple[float, ...]:
        """Of each decision of BLACK or WHITE."""
        return self.seconds[0 if colour == self.start.to_play else 1 :: 2]

    def record(self, black: str, white: str) -> GameRecord:
        """The game under these names; its comment says what happened to a player without a move."""
        board = self.start.copy()
        for move in self.moves[len(board.moves) :]:
            board.push(move)
        return replace(record_of(board, ended=self.outcome, black=black, white=white), comment=self.detail)


@dataclass(frozen=True)
class Unit:
    """Games of the same two players."""

    name: str
    """For people: `games 33 to 64`."""
    games: tuple[GameToPlay, ...]
    is_timed: bool = False
    """They are played one at a time."""

    @property
    def seats(self) -> set[int]:
        """The players' numbers."""
        return {seat for game in self.games for seat in (game.black, game.white)}


OnGame = Callable[[Unit, int, PlayedGame], None]
"""Is told the unit, the game's index in it, and the game."""


class Crew(Protocol):
    """Whoever plays units. To be closed in the end; good for one `play`."""

    def play(self, units: Iterable[Unit], on_game: OnGame) -> Iterable[tuple[PlayedGame, ...]]:
        """Plays all units, which are asked for as there is somebody to play them.

        Args:
          on_game: is called after every game, as they end, in the caller's thread.

        Returns: the games of each unit, in the units' order.

        Raises:
          ValueError: what a player cannot play.
          WorkerError: a unit that nobody can play to its end.
        """
        ...

    def close(self) -> None:
        """Ends whoever is still playing, and all outside engines; they are gone when it returns."""
        ...


def even_parts(count: int, most: int) -> list[slice]:
    """Cuts a sequence into the fewest parts of at most `most` (≥ 1) items, whose lengths differ by one at most."""
    num_parts = -(-count // most)
    return [slice(count * k // num_parts, count * (k + 1) // num_parts) for k in range(num_parts)]


def play_unit(
    unit: Unit, players: Mapping[int, Player], on_game: Callable[[int, PlayedGame], None] = lambda _index, _game: None
) -> tuple[PlayedGame, ...]:
    """Plays all games in this thread.

    Args:
      players: by number.
      on_game: is told the index and the game.

    Returns: the games in the unit's order.

    Raises:
      ValueError: what a player cannot play.
    """
    pairings = [Pairing(players[game.black], players[game.white], game.start, game.seed) for game in unit.games]
    games = play_games(
        pairings,
        side_by_side=1 if unit.is_timed else SIDE_BY_SIDE,
        on_finished=lambda index, game: on_game(index, PlayedGame.of(game)),
    )
    return tuple(map(PlayedGame.of, games))


def make_ready(player: Player, start: Board) -> None:
    """Lets a player think twice before anybody's clock runs, so that its kernels and its network are loaded. Outside
    engines are started before theirs runs as it is."""
    if isinstance(player, GomocupPlayer):
        return
    board = start.copy()
    for _ in range(2):  # the second time a tree that was kept moves on
        (decision,) = player.decide([board], A_MOMENT)
        board.push(decision.move)
        if board.outcome is None:
            board.push(int(board.legal_moves()[0]))
        if board.outcome is not None:
            break
    if isinstance(player, SearchPlayer):
        player.forget()


class Bench:
    """The players of one worker: made when they are needed."""

    def __init__(self, entrants: Sequence[Entrant]) -> None:
        """
        Args:
          entrants: by number.
        """
        self._entrants = entrants
        self._evaluators: dict[int, Evaluator | None] = {}
        self._seated: dict[int, Player] = {}
        self._is_closed = False

    def play(self, unit: Unit, on_game: Callable[[int, PlayedGame], None]) -> tuple[PlayedGame, ...]:
        """See `play_unit`. Each unit begins with new players, whose trees go when the next one comes; only those
        with clocks stay for the next unit if they play it, as starting an outside engine takes long."""
        if not (unit.is_timed and unit.seats == self._seated.keys()):
            close_engines(self._seated.values())
            self._seated = {seat: self._make(seat) for seat in sorted(unit.seats)}
            if self._is_closed:  # meanwhile; an engine that is closed is not started any more
                self.close()
            if unit.is_timed:
                for player in self._seated.values():
                    make_ready(player, unit.games[0].start)
        return play_unit(unit, self._seated, on_game)

    def close(self) -> None:
        """Ends the outside engines for good, also under another thread that plays."""
        self._is_closed = True
        close_engines(list(self._seated.values()))

    def _make(self, seat: int) -> Player:
        if seat not in self._evaluators:
            self._evaluators[seat] = self._entrants[seat].make_evaluator()
        return self._entrants[seat].make(self._evaluators[seat])
