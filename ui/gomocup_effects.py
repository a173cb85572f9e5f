"""What the Gomocup protocol asks for: words to say, thinking to start or to end.

Owns the effects and nothing that carries them out: a dialogue is a table of lines and effects.
"""

from dataclasses import dataclass

from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules


@dataclass(frozen=True)
class Say:
    """Print one line."""

    text: str


@dataclass(frozen=True)
class Prepare:
    """Load and compile what these rules need; answered by `ready` or `failed`."""

    rules: Rules
    memory: int
    """Bytes that the whole process may take; 0: no limit."""
    is_announced: bool
    """Whether somebody waits for `OK`."""


@dataclass(frozen=True)
class Think:
    """Choose a move; answered by `moved` or `failed`."""

    board: Board
    limit: Limit
    """Its seconds count from `received`."""
    received: float
    """When the command came, on the driver's clock in seconds."""
    memory: int
    """As in `Prepare`."""
    num_lines: int = 0
    """How many candidates to report while thinking; 0: none."""
    is_played: bool = True
    """Whether the move is played on the protocol's board, or only told."""


@dataclass(frozen=True)
class OpenSwap2:
    """Answer a swap2 opening; answered by `opened` or `failed`."""

    rules: Rules
    stones: tuple[int, ...]
    """0, 3 or 5 moves, Black first."""
    limit: Limit
    received: float
    memory: int


@dataclass(frozen=True)
class Stop:
    """End the thinking now, with the best answer so far."""


@dataclass(frozen=True)
class Exit:
    """End the process now, without an answer."""


Task = Prepare | Think | OpenSwap2
"""What takes time; one at once."""
Effect = Say | Task | Stop | Exit
