"""The board on the screen: drawn in lines, scrolled where it is larger than its place, aimed at by arrows or mouse.

Owns how a position looks. Every mark can be read without colours: stones by their shape, the rest by brackets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gomoku.board import Board
from gomoku.notation import column_name
from gomoku.rules import BLACK, BLOCKED, Rules
from ui.drawing import FORBIDDEN, forbidden_points

STONES = {BLACK: "●", -BLACK: "○"}
HINT, EMPTY_POINT, BLOCKED_POINT = "?", "·", "#"
LABEL = 3
"""Columns of the row numbers, on the left."""
WIDE, NARROW = 3, 2
"""Columns of a point: with room for the number of a move, or as few as can be."""
CURSOR = Style(reverse=True)
BESIDE = 28
"""Columns that the panel needs."""
LEAST_POINTS = 3
"""Rows and columns without which nothing is shown."""
TOO_SMALL = "Too small: 16 x 8 is needed."


@dataclass(frozen=True)
class Picture:
    """What is to be seen."""

    board: Board = field(default_factory=lambda: Board(Rules()))
    hint: int | None = None
    has_numbers: bool = False


@dataclass(frozen=True)
class _Window:
    """The part of the board that fits."""

    pitch: int
    """Columns of a point."""
    top: int
    left: int
    rows: int
    cols: int


class BoardView(Widget, can_focus=True):
    """Shows a `Picture`, and says where a person plays."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "board--grid",
        "board--label",
        "board--black",
        "board--white",
        "board--last",
        "board--line",
        "board--mark",
        "board--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "aim(-1, 0)", "Aim", show=False),
        Binding("down", "aim(1, 0)", "Aim", show=False),
        Binding("left", "aim(0, -1)", "Aim", show=False),
        Binding("right", "aim(0, 1)", "Aim", show=False),
        Binding("home", "aim(0, -99)", "Aim", show=False),
        Binding("end", "aim(0, 99)", "Aim", show=False),
        Binding("pageup", "aim(-99, 0)", "Aim", show=False),
        Binding("pagedown", "aim(99, 0)", "Aim", show=False),
        Binding("enter,space", "play", "Play", key_display="⏎"),
    ]

    class Played(Message):
        """A person chose a point."""

        def __init__(self, move: int) -> None:
            super().__init__()
            self.move = move

    def __init__(self, picture: Picture) -> None:
        super().__init__(id="board")
        self._picture = picture
        self._marks: Mapping[int, str] = {}
        self._numbers: Mapping[int, int] = {}
        self._row = self._col = picture.board.size // 2
        self._top = self._left = 0
        self.show(picture)

    @property
    def cursor(self) -> int:
        """The point that is aimed at."""
        return self._row * self._width + self._col

    def show(self, picture: Picture) -> None:
        """Shows another position, and keeps the aim where the size is the same."""
        board = picture.board
        if board.size != self._picture.board.size:
            self._row = self._col = board.size // 2
            self.refresh(layout=True)
        self._picture = picture
        marks = dict.fromkeys(forbidden_points(board), FORBIDDEN)
        if picture.hint is not None:
            marks[picture.hint] = HINT
        self._marks = marks
        self._line = frozenset(board.winning_line())
        self._numbers = {move: number for number, move in enumerate(board.moves, 1)} if picture.has_numbers else {}
        self.set_class(picture.has_numbers, "numbered")
        self._keep_in_sight()
        self.refresh()

    def action_aim(self, rows: int, cols: int) -> None:
        before, row = self._window(), self._row
        self._row = clamp(self._row + rows, 0, self._width - 1)
        self._col = clamp(self._col + cols, 0, self._width - 1)
        self._keep_in_sight()
        if self._window() != before:
            self.refresh()
        else:  # two rows are drawn in a fraction of the time that a board takes
            lines = {1 + one - before.top for one in (row, self._row)}
            self.refresh(*(Region(0, line, self.size.width, 1) for line in lines))

    def action_play(self) -> None:
        self.post_message(self.Played(self.cursor))

    def on_resize(self) -> None:
        self._keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        move = self.point_at(event.x, event.y)
        if move is not None:
            self._row, self._col = divmod(move, self._width)
            self.refresh()
            self.action_play()

    def on_mouse_scroll_down(self) -> None:
        self._scroll(1)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-1)

    def point_at(self, x: int, y: int) -> int | None:
        """The point under a place of this widget; None beside the board."""
        window = self._window()
        row, col = y - 1, (x - LABEL) // window.pitch
        if 0 <= row < window.rows and 0 <= col < window.cols:
            return (window.top + row) * self._width + window.left + col
        return None

    def place_of(self, move: int) -> tuple[int, int]:
        """The place of a point that is in sight, as `point_at` takes it."""
        window = self._window()
        row, col = divmod(move, self._width)
        return LABEL + (col - window.left) * window.pitch + 1, row - window.top + 1

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - as Textual calls it
        """As wide as the board likes to be, as long as there is room for what stands beside it."""
        return min(LABEL + self._width * WIDE, container.width - BESIDE)

    def render_line(self, y: int) -> Strip:
        window = self._window()
        if min(window.rows, window.cols) < LEAST_POINTS:
            text = TOO_SMALL if y == 0 else ""
            return Strip([Segment(text, self.rich_style)]).adjust_cell_length(self.size.width, self.rich_style)
        if y == 0:
            segments = self._letters(window)
        elif y <= window.rows:
            segments = self._points(window.top + y - 1, window)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    @property
    def _width(self) -> int:
        return self._picture.board.size

    def _window(self) -> _Window:
        room = self.size.width - LABEL
        pitch = WIDE if room >= self._width * WIDE or self._numbers else NARROW
        fits = (room - (pitch == NARROW)) // pitch
        rows, cols = min(self._width, self.size.height - 1), min(self._width, fits)
        top = _start(self._top, self._row, rows, self._width)
        return _Window(pitch, top, _start(self._left, self._col, cols, self._width), rows, cols)

    def _keep_in_sight(self) -> None:
        window = self._window()
        self._top, self._left = window.top, window.left

    def _scroll(self, rows: int) -> None:
        window = self._window()
        self._top = clamp(self._top + rows, 0, max(self._width - window.rows, 0))
        self._row = clamp(self._row, self._top, self._top + max(window.rows, 1) - 1)
        self.refresh()

    def _letters(self, window: _Window) -> list[Segment]:
        """The columns' names; in the corner, arrows to where there is more."""
        style = self._style("label")
        more = ("↑" if window.top else "") + ("↓" if window.top + window.rows < self._width else "")
        more += ("←" if window.left else "") + ("→" if window.left + window.cols < self._width else "")
        names = (column_name(window.left + col) for col in range(window.cols))
        text = "".join(f" {name}".ljust(window.pitch) for name in names)
        return [Segment(more[:LABEL].ljust(LABEL), style), Segment(text, style)]

    def _points(self, row: int, window: _Window) -> list[Segment]:
        grid = self._style("grid")
        width = window.cols * window.pitch + (window.pitch == NARROW)
        cells = [(" ", grid)] * width
        # What has brackets comes last: on a narrow board they take the neighbour's edge.
        moves = [row * self._width + window.left + col for col in range(window.cols)]
        for col, move in sorted(enumerate(moves), key=lambda one: self._brackets(one[1]) is not None):
            at = col * window.pitch
            text, style = self._symbol(move)
            for place, character in enumerate(text, at + (len(text) == 1)):
                cells[place] = character, style
            if (brackets := self._brackets(move)) is not None:
                pair, name = brackets
                if len(text) == 1:
                    cells[at] = pair[0], self._style(name)
                if len(text) < WIDE:
                    cells[at + 2] = pair[1], self._style(name)
        return [Segment(f"{self._width - row:2d} ", self._style("label")), *_runs(cells)]

    def _symbol(self, move: int) -> tuple[str, Style]:
        """What stands on a point: one character, or a number of up to three digits."""
        stone = int(self._picture.board.cells[move])
        if stone in STONES:
            style = self._style("black" if stone == BLACK else "white")
            text = str(self._numbers.get(move, STONES[stone]))
        elif stone == BLOCKED:
            text, style = BLOCKED_POINT, self._style("grid")
        else:
            text, style = self._marks.get(move, EMPTY_POINT), self._style("mark" if move in self._marks else "grid")
        return text, style + CURSOR if move == self.cursor and self.has_focus else style

    def _brackets(self, move: int) -> tuple[str, str] | None:
        """What stands around a point, and in which style; None where nothing does."""
        if move in self._line:
            return "<>", "line"
        if move == self.cursor and self.has_focus:
            return "[]", "cursor"
        return ("()", "last") if move == self._picture.board.last_move else None

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"board--{name}")


def _start(start: int, aim: int, shown: int, size: int) -> int:
    """The first row or column to show, so that `aim` is in sight; moves no further than needed."""
    shown = max(shown, 1)
    return clamp(clamp(start, aim - shown + 1, aim), 0, max(size - shown, 0))


def _runs(cells: list[tuple[str, Style]]) -> list[Segment]:
    """Neighbours of one style as one segment."""
    segments: list[Segment] = []
    for text, style in cells:
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + text, style)
        else:
            segments.append(Segment(text, style))
    return segments
