"""What stands beside the board: who plays, the clocks, the estimate, the thinking, the moves."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from gomoku.board import COLOUR_NAMES, Board
from gomoku.notation import point_name
from gomoku.player import Decision, Limit
from gomoku.rules import BLACK, WHITE
from ui.clock import clock_text
from ui.drawing import moves_text, proof_text
from ui.full_screen.board_view import STONES
from ui.table import Table

PARTS = ("rules", "black", "white", "status", "estimate", "estimate-bar", "line", "thinking", "bar")
MOVES = "moves"
GROWING = ("status", MOVES)
"""As high as their texts; all else keeps its height, so that a changed digit does not lay out the screen anew."""
LINE_SHOWN = 8
"""Moves of an expected line that are shown."""
FULL_CELL, EMPTY_CELL = "█", "░"
SHORTEST_BAR = 5


@dataclass(frozen=True)
class Estimate:
    """A player's latest thought, and about what."""

    decision: Decision
    board: Board
    """Before the move that was decided."""

    @property
    def black_share(self) -> float | None:
        """Black's expected score in [0, 1]; None where the player has no opinion."""
        value = self.decision.value
        if value is None:
            return None
        return (1 + value * self.board.to_play) / 2

    @property
    def text(self) -> str:
        """`63 % for White`, `a proven win for Black`."""
        if self.decision.proof is not None:
            return proof_text(self.decision.proof, self.board.to_play)
        share = self.black_share
        if share is None:
            return "no estimate"
        leader = BLACK if share >= 0.5 else WHITE
        return f"{100 * max(share, 1 - share):.0f} % for {COLOUR_NAMES[leader]}"

    @property
    def line(self) -> str:
        """The expected line, the decision's own move first; empty where there is none."""
        moves = next((one.line for one in self.decision.candidates if one.move == self.decision.move), ())
        return " ".join(point_name(move, self.board.size) for move in moves[:LINE_SHOWN])


@dataclass(frozen=True)
class Thinking:
    """How far a thought has come."""

    simulations: int
    seconds: float | None
    """None before it began."""
    limit: Limit

    @property
    def share(self) -> float | None:
        """In [0, 1]; None where nobody knows the end."""
        shares = []
        if self.limit.simulations:
            shares.append(self.simulations / self.limit.simulations)
        if self.limit.seconds and self.seconds is not None:
            shares.append(self.seconds / self.limit.seconds)
        return min(max(shares), 1.0) if shares else None

    @property
    def text(self) -> str:
        if self.seconds is None:
            return "getting ready …"
        return f"{self.simulations} simulations, {self.seconds:.1f} s"


class Panel(Vertical):
    """Shows what it is told, and writes only what has changed."""

    def __init__(self) -> None:
        super().__init__(id="panel")
        self._shown: dict[str, str] = {}
        self._parts = {name: Static(id=name, markup=False) for name in (*PARTS, MOVES)}
        self._moves_box = VerticalScroll(self._parts[MOVES], id="moves-box", can_focus=False)

    def compose(self) -> ComposeResult:
        yield from (self._parts[name] for name in PARTS)
        yield self._moves_box

    def show_game(self, table: Table, status: str) -> None:
        """Shows who plays, whose turn it is, and the moves."""
        self._write("rules", table.board.rules.name)
        self._write("status", status)
        if self._write("moves", moves_text(table.board)):
            self._moves_box.scroll_end(animate=False)
        self.show_clocks(table)

    def show_clocks(self, table: Table) -> None:
        width = max(self.content_size.width, 1)
        for name, colour in (("black", BLACK), ("white", WHITE)):
            clock = "" if table.clock is None else " " + clock_text(table.clock.remaining(colour))
            is_to_move = table.session.outcome is None and table.board.to_play == colour
            label = f"{'▸' if is_to_move else ' '}{STONES[colour]} {COLOUR_NAMES[colour]}: "
            room = max(width - len(label) - len(clock), 0)
            self._write(name, label + _shortened(table.name_of(colour), room).ljust(room) + clock)

    def show_estimate(self, estimate: Estimate | None) -> None:
        """None: nobody has judged anything yet."""
        share = None if estimate is None else estimate.black_share
        self._write("estimate", "" if estimate is None else f"Estimate: {estimate.text}")
        self._write("estimate-bar", "" if share is None else f"{STONES[BLACK]}{self._bar(share, 2)}{STONES[WHITE]}")
        self._write("line", f"Expected: {estimate.line}" if estimate is not None and estimate.line else "")

    def show_thinking(self, thinking: Thinking | None) -> None:
        """None: nobody thinks."""
        share = None if thinking is None else thinking.share
        self._write("thinking", "" if thinking is None else thinking.text)
        self._write("bar", "" if share is None else self._bar(share))

    def _bar(self, share: float, room: int = 0) -> str:
        width = max(self.content_size.width - room, SHORTEST_BAR)
        full = round(share * width)
        return FULL_CELL * full + EMPTY_CELL * (width - full)

    def _write(self, name: str, text: str) -> bool:
        """Returns whether that is something new."""
        if self._shown.get(name) == text:
            return False
        self._shown[name] = text
        self._parts[name].update(text, layout=name in GROWING)
        return True


def _shortened(text: str, room: int) -> str:
    """The end of a long name says more than its beginning: `…ls/6x6x4@400`."""
    return text if len(text) <= room else "…" + text[len(text) - room + 1 :] if room > 1 else ""
