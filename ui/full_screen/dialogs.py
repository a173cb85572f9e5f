"""What is asked in front of the board: a file's name, one of a few words; and the list of keys."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """Answers with None where it is left by Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", show=False),
        # A modal screen hides the application's keys, but not these two.
        Binding("ctrl+c", "app.interrupt", "Quit", show=False, priority=True),
        Binding("ctrl+d", "app.leave", "Quit", show=False, priority=True),
    ]


class FileDialog(Dialog[str]):
    """Asks for a file until something could be done with it; answers with what was done."""

    def __init__(self, title: str, name: str, attempt: Callable[[Path], str]) -> None:
        """Args:
        name: stands there to be changed.
        attempt: does it and says so; its ValueError or OSError is shown in one line, and the question stays.
        """
        super().__init__()
        self._title = title
        self._name = name
        self._attempt = attempt

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            yield Input(self._name, placeholder="game.sgf", compact=True)
            yield Static("Enter does it, Escape goes back.", id="complaint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            return
        try:
            done = self._attempt(Path(event.value.strip()).expanduser())
        except FileExistsError:
            self._complain(f"{event.value.strip()} exists already; choose another name")
        except OSError as error:
            self._complain(f"{event.value.strip()}: {error.strerror or error}")
        except (ValueError, RuntimeError) as error:  # RuntimeError: a ~ that is nobody's
            self._complain(str(error).partition("\n")[0])
        else:
            self.dismiss(done)

    def _complain(self, complaint: str) -> None:
        self.query_one("#complaint", Static).update(complaint)


class ListDialog(Dialog[int]):
    """Asks for one of a few lines, and answers with its place. Stands aside, so that the board can be seen."""

    def __init__(self, title: str, options: Sequence[str], chosen: int = 0) -> None:
        super().__init__(classes="aside")
        self._title = title
        self._options = options
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            yield OptionList(*self._options, markup=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._chosen

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)


class TextDialog(Dialog[None]):
    """Shows a text until a key is pressed that leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,q,question_mark", "dismiss(None)", "Back", show=False)
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = self._title
            yield Static(self._text, markup=False)
