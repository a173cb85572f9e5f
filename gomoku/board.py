"""One game's position: stones, whose turn it is, how it ended, and the way back.

Validates what is played; the kernels underneath do not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gomoku import kernels
from gomoku.errors import IllegalMoveError
from gomoku.notation import parse_drawing, point_name, position_text
from gomoku.renju import DOUBLE_FOUR, DOUBLE_THREE, NO_FOUL, OVERLINE, foul
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE, Rules

COLOUR_NAMES = {BLACK: "Black", WHITE: "White"}
FOUL_NAMES = {OVERLINE: "overline", DOUBLE_FOUR: "double four", DOUBLE_THREE: "double three"}


@dataclass(frozen=True)
class Outcome:
    """How a game ended."""

    winner: int
    """BLACK, WHITE, or 0 for a draw."""
    reason: str
    """`line`, `full board`, or `no legal move`."""

    @property
    def result(self) -> str:
        """`1-0` if Black won, `0-1` if White won, `1/2-1/2` for a draw."""
        return {BLACK: "1-0", WHITE: "0-1"}.get(self.winner, "1/2-1/2")


class Board:
    """A position under `rules`, with the moves that led from its start (empty or set up) to it."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cells: NDArray[np.int8] = np.zeros(rules.num_points, dtype=np.int8)
        """`[A]`: BLACK, WHITE, EMPTY or BLOCKED. Read it; change it by `push` and `pop` only."""
        self.to_play = BLACK
        self.moves: list[int] = []
        """Moves since the start; stones that were set up are not among them."""
        self.outcome: Outcome | None = None

    @classmethod
    def from_cells(cls, rules: Rules, cells: NDArray[np.int8], to_play: int | None = None) -> Self:
        """Sets up a position without a history.

        Args:
          cells: `[A]` of BLACK, WHITE, EMPTY, BLOCKED.
          to_play: None: Black if there are as many black stones as white ones or fewer, else White.

        Raises:
          ValueError: a wrong number of points, an unknown stone or colour, or winning lines of both colours.
        """
        cells = np.array(cells, dtype=np.int8).reshape(-1)
        if len(cells) != rules.num_points:
            raise ValueError(f"{len(cells)} points do not make a board of {rules.name}")
        if not np.isin(cells, (BLACK, WHITE, EMPTY, BLOCKED)).all():
            raise ValueError(f"a point holds something else than {BLACK}, {WHITE}, {EMPTY} or {BLOCKED}")
        board = cls(rules)
        board.cells = cells
        if to_play is None:
            to_play = BLACK if np.sum(cells == BLACK) <= np.sum(cells == WHITE) else WHITE
        if to_play not in COLOUR_NAMES:
            raise ValueError(f"to_play {to_play} is neither {BLACK} (Black) nor {WHITE} (White)")
        board.to_play = to_play
        board.outcome = board._outcome_as_set_up()
        return board

    @classmethod
    def from_drawing(cls, rules: Rules, drawing: str, to_play: int | None = None) -> Self:
        """Sets up a position from rows of `X O . #`."""
        return cls.from_cells(rules, parse_drawing(drawing), to_play)

    @classmethod
    def from_moves(cls, rules: Rules, moves: Iterable[int]) -> Self:
        """Plays `moves` from the empty board."""
        board = cls(rules)
        for move in moves:
            board.push(move)
        return board

    @property
    def size(self) -> int:
        return self.rules.size

    @property
    def ply(self) -> int:
        """The number of stones on the board, set-up ones included."""
        return int(np.sum((self.cells == BLACK) | (self.cells == WHITE)))

    @property
    def last_move(self) -> int | None:
        return self.moves[-1] if self.moves else None

    @property
    def key(self) -> bytes:
        """Equal for equal positions, whatever their history."""
        return self.cells.tobytes() + (b"x" if self.to_play == BLACK else b"o")

    def is_legal(self, move: int) -> bool:
        in_play = self.outcome is None and 0 <= move < self.rules.num_points
        return in_play and kernels.is_allowed(self.cells, self.rules.compiled, self.to_play, move)

    def legal_mask(self) -> NDArray[np.bool_]:
        """`[A]`: True where the side to move may play; all False when the game is over."""
        legal = np.zeros(self.rules.num_points, dtype=np.bool_)
        if self.outcome is None:
            kernels.fill_legal(self.cells, self.rules.compiled, self.to_play, legal)
        return legal

    def legal_moves(self) -> list[int]:
        return [int(move) for move in np.flatnonzero(self.legal_mask())]

    def foul_at(self, move: int) -> str | None:
        """Names the foul that Black would commit at this empty point under renju rules."""
        if not self.rules.compiled.fouls or self.cells[move] != EMPTY:
            return None
        kind = foul(self.cells, self.size, move)
        return None if kind == NO_FOUL else FOUL_NAMES[kind]

    def why_illegal(self, move: int) -> str:
        """What is wrong with an illegal move, to be said behind its name, in whatever notation that is."""
        if not 0 <= move < self.rules.num_points:
            return f"is outside the {self.rules.name} board (0 to {self.rules.num_points - 1})"
        if self.outcome is not None:
            return f"cannot be played: the game is over ({self.outcome.result}, {self.outcome.reason})"
        if self.cells[move] != EMPTY:
            return f"is {'blocked' if self.cells[move] == BLOCKED else 'occupied'}"
        kind = str(self.foul_at(move))
        return f"is {'an' if kind[0] in 'aeiou' else 'a'} {kind}, which renju forbids to Black"

    def push(self, move: int) -> None:
        """Plays a move.

        Raises:
          IllegalMoveError: outside, occupied, a foul, or the game is over; the position is unchanged.
        """
        if not self.is_legal(move):
            on_board = 0 <= move < self.rules.num_points
            name = point_name(move, self.size) if on_board else f"move {move}"
            raise IllegalMoveError(f"{name} {self.why_illegal(move)}\n{self}")
        self.cells[move] = self.to_play
        self.moves.append(move)
        result = kernels.result_of(self.cells, self.rules.compiled, move)
        if result == kernels.LINE_MADE:
            self.outcome = Outcome(self.to_play, "line")
        elif result == kernels.DRAWN:
            self.outcome = Outcome(0, "full board")
        elif result == kernels.NO_MOVE_LEFT:
            self.outcome = Outcome(self.to_play, "no legal move")
        self.to_play = -self.to_play

    def pop(self) -> int:
        """Takes the last move back and returns it.

        Raises:
          IndexError: there is no move to take back.
        """
        if not self.moves:
            raise IndexError("no move to take back")
        move = self.moves.pop()
        self.cells[move] = EMPTY
        self.to_play = -self.to_play
        self.outcome = None
        return move

    def copy(self) -> Self:
        twin = type(self)(self.rules)
        twin.cells = self.cells.copy()
        twin.to_play = self.to_play
        twin.moves = self.moves.copy()
        twin.outcome = self.outcome
        return twin

    def winning_line(self) -> list[int]:
        """The stones of the line that won, in order; empty where no line did."""
        if self.outcome is None or self.outcome.reason != "line":
            return []
        exact = kernels.must_be_exact(self.rules.compiled, self.outcome.winner)
        candidates = self.moves[-1:] or [int(move) for move in np.flatnonzero(self.cells == self.outcome.winner)]
        for move in candidates:
            for d_row, d_col in kernels.DIRECTIONS:
                line = self._run_through(move, d_row, d_col)
                if len(line) == self.rules.win_length or (len(line) > self.rules.win_length and not exact):
                    return line
        raise AssertionError(f"the game ended by a line that is not there:\n{self}")

    def __str__(self) -> str:
        return position_text(self.cells, self.size, self.last_move)

    def _run_through(self, move: int, d_row: int, d_col: int) -> list[int]:
        row, col = divmod(move, self.size)
        line = [move]
        for sign in (1, -1):
            r, c = row + sign * d_row, col + sign * d_col
            while 0 <= r < self.size and 0 <= c < self.size and self.cells[r * self.size + c] == self.cells[move]:
                line.append(r * self.size + c)
                r, c = r + sign * d_row, c + sign * d_col
        return sorted(line)

    def _outcome_as_set_up(self) -> Outcome | None:
        rules = self.rules.compiled
        winners = [colour for colour in (BLACK, WHITE) if kernels.has_line(self.cells, rules, colour)]
        if len(winners) == 2:
            raise ValueError(f"both colours have a winning line\n{self}")
        if winners:
            return Outcome(winners[0], "line")
        if not (self.cells == EMPTY).any():
            return Outcome(0, "full board")
        if not kernels.has_legal(self.cells, rules, self.to_play):
            return Outcome(-self.to_play, "no legal move")
        return None
