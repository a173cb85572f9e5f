"""The form of a new game: a line for each thing to choose, changed by the arrows or a click."""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from gomoku.rules import MAX_SIZE, MAX_WIN_LENGTH, MIN_SIZE, MIN_WIN_LENGTH, USUAL_WIN_LENGTH, Rules, Variant
from ui.clock import TimeControl, parse_time_control
from ui.full_screen.dialogs import Dialog
from ui.game_setup import Person, Setup

T = TypeVar("T")
USUAL_CLOCKS = ("1+1", "5+3", "15+10", "30")
BIG_BOARD = 8
"""From this size on five in a row is proposed, below it four."""
PEOPLE = (
    (Person.BLACK, "Black, who begins"),
    (Person.WHITE, "White"),
    (Person.BOTH, "both sides"),
    (Person.NOWHERE, "neither: the computer plays itself"),
)


class ChoiceRow(Static, Generic[T], can_focus=True):
    """One thing to choose: left and right go through what there is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Before", show=False),
        Binding("right,space", "step(1)", "Next", show=False),
        Binding("home", "step(-999)", "First", show=False),
        Binding("end", "step(999)", "Last", show=False),
    ]

    class Changed(Message):
        """Something else is chosen."""

        def __init__(self, row: "ChoiceRow[T]") -> None:
            super().__init__()
            self.row = row

    def __init__(self, label: str, choices: Sequence[tuple[T, str]], chosen: T, name: str) -> None:
        super().__init__(id=name, markup=False)
        self._label = label
        self._choices = choices
        self._at = next((at for at, (value, _) in enumerate(choices) if value == chosen), 0)

    @property
    def value(self) -> T:
        return self._choices[self._at][0]

    def choose(self, value: T) -> None:
        """Chooses without saying so."""
        self._at = [one for one, _ in self._choices].index(value)
        self._draw()

    def on_mount(self) -> None:
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._draw()  # at `Focus` and `Blur` it still is as it was before

    def on_click(self) -> None:
        self._at = (self._at + 1) % len(self._choices)
        self._change()

    def action_step(self, step: int) -> None:
        self._at = min(max(self._at + step, 0), len(self._choices) - 1)
        self._change()

    def _change(self) -> None:
        self._draw()
        self.post_message(self.Changed(self))

    def _draw(self) -> None:
        before = "◂" if self._at > 0 else " "
        after = "▸" if self._at + 1 < len(self._choices) else " "
        here = ">" if self.has_focus else " "
        self.update(f"{here} {self._label:<11}{before} {self._choices[self._at][1]} {after}")


class NewGame(Dialog[Setup]):
    """Answers with the setup of a new game, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "begin", "Begin", show=False),
        Binding("up", "app.focus_previous", "Up", show=False),
        Binding("down", "app.focus_next", "Down", show=False),
    ]

    def __init__(self, before: Setup, levels: Sequence[str]) -> None:
        """`before` is what is chosen at first."""
        super().__init__()
        self._before = before
        self._levels = levels

    def compose(self) -> ComposeResult:
        before, rules = self._before, self._before.rules
        clocks: list[tuple[TimeControl | None, str]] = [(None, "none")]
        clocks += [(parse_time_control(text), f"{text} (minutes + seconds a move)") for text in USUAL_CLOCKS]
        sizes = range(MIN_SIZE, MAX_SIZE + 1)
        lengths = range(MIN_WIN_LENGTH, MAX_WIN_LENGTH + 1)
        with Vertical(classes="dialog") as box:
            box.border_title = "New game"
            yield ChoiceRow("You play", PEOPLE, before.person, "person")
            yield ChoiceRow("Level", [(name, name) for name in self._levels], before.level or self._full, "level")
            yield ChoiceRow("Board", [(size, f"{size} x {size}") for size in sizes], rules.size, "size")
            yield ChoiceRow("In a row", [(one, str(one)) for one in lengths], rules.win_length, "win-length")
            yield ChoiceRow("Rules", [(one, one.value) for one in Variant], rules.variant, "variant")
            yield ChoiceRow("Clock", clocks, before.time, "clock")
            yield ChoiceRow("Opening", [(False, "free"), (True, "swap2")], before.is_swap2, "opening")
            yield Static("Arrows choose, Enter begins, Escape goes back.", id="complaint", markup=False)

    @property
    def _full(self) -> str | None:
        return self._levels[-1] if self._levels else None

    def on_choice_row_changed(self, event: "ChoiceRow.Changed") -> None:
        """Four in a row on the smallest boards, five elsewhere; renju is five on any board."""
        size, variant = self._row("size").value, self._row("variant").value
        if variant is Variant.RENJU:
            self._row("win-length").choose(USUAL_WIN_LENGTH)
        elif event.row.id in ("size", "variant"):
            usual = USUAL_WIN_LENGTH if size >= BIG_BOARD else USUAL_WIN_LENGTH - 1
            self._row("win-length").choose(min(usual, size))

    def action_begin(self) -> None:
        value = {name: self._row(name).value for name in ("person", "level", "clock", "opening")}
        try:
            rules = Rules(*(self._row(name).value for name in ("size", "win-length", "variant")))
        except ValueError as error:
            self.query_one("#complaint", Static).update(str(error))
            return
        level = None if value["level"] == self._full else value["level"]
        self.dismiss(Setup(rules, value["person"], level, value["clock"], value["opening"]))

    def _row(self, name: str) -> "ChoiceRow[Any]":
        return self.query_one(f"#{name}", ChoiceRow)
