"""What a player is: it is given boards and limits, and answers with decisions.

Owns the seam between everything that plays and everything that lets play.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, Self, runtime_checkable

from gomoku.board import Board
from gomoku.rules import Rules


@dataclass(frozen=True)
class Limit:
    """When a player has to stop thinking about one board; whichever comes first."""

    simulations: int | None = None
    """New simulations (≥ 1); what a reused tree brings along is not counted. None: the player's own."""
    seconds: float | None = None
    """Wall-clock seconds per board (> 0)."""
    stop: Callable[[], bool] | None = None
    """Asked every few milliseconds; True ends the thinking with the best answer so far."""
    seed: int | None = None
    """The random stream of this decision. Equal boards with equal seeds get equal decisions, whoever else is
    being decided in the same call. None: the player's own stream, another one in each call."""

    @property
    def has_end(self) -> bool:
        """Whether it says itself how much is thought: it has simulations or seconds."""
        return self.simulations is not None or self.seconds is not None

    def or_usual(self, usual: Self) -> Self:
        """The same; where it has no end of its own, with the simulations and seconds of `usual`."""
        return self if self.has_end else replace(self, simulations=usual.simulations, seconds=usual.seconds)


class Proof(StrEnum):
    """A game-theoretic result that the search has proven, from the side to move."""

    WIN = "win"
    DRAW = "draw"
    LOSS = "loss"


@dataclass(frozen=True)
class Candidate:
    """One move that was considered."""

    move: int
    visits: int
    value: float
    """In [-1, 1], for the player who makes this move."""
    prior: float
    """The network's probability in [0, 1]."""
    line: tuple[int, ...] = ()
    """Expected continuation, this move first."""
    proof: Proof | None = None
    """What the move is proven to lead to, for the player who makes it."""


@dataclass(frozen=True)
class Forfeit:
    """How a player loses without a move, as an outside program may."""

    reason: str
    """`time` or `forfeit`, as records name it."""
    detail: str
    """What happened, for people; the first line says it all."""


@dataclass(frozen=True)
class Decision:
    """A player's answer for one board."""

    move: int
    value: float | None = None
    """In [-1, 1], for the side to move; None where the player has no opinion."""
    candidates: tuple[Candidate, ...] = ()
    """Best first."""
    simulations: int = 0
    """New simulations that were made."""
    reused: int = 0
    """Visits that the root had from an earlier search."""
    proof: Proof | None = None
    """Set where the position itself is proven."""
    seconds: float = 0.0
    """Wall clock, for all boards of the call together."""
    forfeit: Forfeit | None = None
    """Set where the player loses instead of moving; `move` then says nothing."""


class Player(Protocol):
    """Whoever can choose a move. A function of the boards: there is no life cycle."""

    name: str

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """Chooses a move on each board.

        Args:
          boards: unfinished games, all under the same rules.
          limit: one for all boards, or one per board.

        Raises:
          ValueError: rules that this player cannot play.
        """
        ...


@runtime_checkable
class Analyst(Protocol):
    """Whoever can think aloud."""

    def analyse(self, board: Board, limit: Limit) -> Iterator[Decision]:
        """Yields better and better decisions until the limit is reached or the iterator is closed."""
        ...


@runtime_checkable
class Bounded(Protocol):
    """Whoever knows beforehand how long it thinks."""

    @property
    def usual_limit(self) -> Limit:
        """Of decisions whose own limit has neither simulations nor seconds."""
        ...


class PlayerFactory(Protocol):
    """Makes players where a person may choose rules and level; user interfaces never build one themselves."""

    levels: Sequence[str]
    """Names of the levels, weakest first."""

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:
        """Makes a player.

        Args:
          level: one of `levels`; None: full strength.
          limit: of decisions whose own limit has neither simulations nor seconds.
          memory: bytes that the whole process may take; 0: what suits an ordinary PC.

        Raises:
          ValueError: rules or level that are not to be had, with what is.
        """
        ...


def limits_for(boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Limit]:
    """One limit per board, from either form that `Player.decide` takes."""
    limits = [limit] * len(boards) if isinstance(limit, Limit) else list(limit)
    assert len(limits) == len(boards), f"{len(limits)} limits for {len(boards)} boards"
    return limits
