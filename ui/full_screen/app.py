"""The terminal game on a full screen: the board, a panel beside it, keys at the foot.

Owns what a key does. What may happen in a game is `ui/table.py`; thinking is done in `ui/full_screen/thinking.py`, so
that every key is answered at once.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer

from gomoku.command_line import INTERRUPTED
from gomoku.game_picture import SUFFIX as PICTURE_SUFFIX
from gomoku.game_picture import save_game
from gomoku.game_tree import GameTree
from gomoku.record_files import SUFFIXES, read_likely_tree
from ui.full_screen.board_view import BoardView
from ui.full_screen.dialogs import FileDialog, ListDialog, TextDialog
from ui.full_screen.flow import GameFlow, Warn
from ui.full_screen.looks import DARK, KEYS, LIGHT, THEMES
from ui.full_screen.new_game import NewGame
from ui.game_setup import Setup
from ui.table import Table, Turn

HUNG_UP, TERMINATED = 129, 143
"""Exit statuses, as shells count them."""
SWITCH_SECONDS = 0.001
"""After which the thinking thread hands over the interpreter; a key passes through it several times on its way."""
FORMS = f"({', '.join(SUFFIXES)})"
SAVED_FORMS = f"({', '.join((*SUFFIXES, PICTURE_SUFFIX))})"


class FullScreenGame(GameFlow):
    """Lets a table be played at; its result is the exit status."""

    TITLE = "Gomoku"
    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "Undo"),
        Binding("r", "redo", "Redo"),
        Binding("h", "hint", "Hint"),
        Binding("n", "new_game", "New"),
        Binding("c", "change_sides", "Side"),
        Binding("l", "level", "Level"),
        Binding("s", "save", "Save"),
        Binding("o", "open", "Open"),
        Binding("question_mark,f1", "keys", "Keys", key_display="?"),
        Binding("q", "leave", "Quit"),
        Binding("m", "move_now", "Move now", show=False),
        Binding("g", "resign", "Give up", show=False),
        Binding("number_sign", "numbers", "Numbers", show=False),
        Binding("t", "other_theme", "Light or dark", show=False),
        Binding("ctrl+d", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False),
    ]

    def __init__(
        self, table: Table, theme: str = "dark", warn: Warn = lambda _: None, notices: Sequence[str] = ()
    ) -> None:
        """Prepares the screen.

        Args:
          theme: one of `THEMES`.
          warn: what is to be said about the computer under these rules; it may raise ValueError or OSError.
          notices: said at the beginning.
        """
        super().__init__(table, warn, notices)
        for known in THEMES.values():
            self.register_theme(known)
        self.theme = THEMES[theme].name

    def compose(self) -> ComposeResult:
        with Horizontal(id="table"):
            yield self.board_view
            yield self.panel
        yield self.notice
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        if not self.is_headless:
            with suppress(NotImplementedError):  # Windows has no such signals
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit, TERMINATED)

    def tick(self) -> None:
        if not self.is_headless and not os.isatty(sys.__stdin__.fileno() if sys.__stdin__ else 0):
            self.exit(HUNG_UP)  # the terminal has gone, and nobody can press a key any more
        super().tick()

    def on_board_view_played(self, event: BoardView.Played) -> None:
        if self.table.turn is Turn.CHOICE:
            self.go_on()  # asks again
        else:
            self.attempt(lambda: self.table.play(event.move))

    def action_undo(self) -> None:
        self.retrace(self.table.undo)

    def action_redo(self) -> None:
        self.retrace(self.table.redo)

    def action_resign(self) -> None:
        self.attempt(self.table.resign)

    def action_change_sides(self) -> None:
        self.attempt(self.table.change_sides)

    def action_hint(self) -> None:
        self.ask_hint()

    def action_move_now(self) -> None:
        self.hurry()

    def action_numbers(self) -> None:
        self.picture = replace(self.picture, has_numbers=not self.picture.has_numbers)
        self.show()

    def action_other_theme(self) -> None:
        self.theme = (LIGHT if self.theme == DARK.name else DARK).name

    def action_keys(self) -> None:
        self.push_screen(TextDialog("Keys", KEYS))

    def action_level(self) -> None:
        levels, before = self.table.levels, self.table.setup.level
        chosen = levels.index(before) if before in levels else len(levels) - 1

        def set_level(place: int | None) -> None:
            if place is not None:
                self.attempt(lambda: self.table.set_level(levels[place]))

        self.push_screen(ListDialog("Level of the computer", levels, chosen), set_level)

    def action_new_game(self) -> None:
        def begin(setup: Setup | None) -> None:
            if setup is not None:
                self.start_over(lambda: self.table.begin(setup))

        self.push_screen(NewGame(self.table.setup, self.table.levels), begin)

    def action_save(self) -> None:
        def save(path: Path) -> str:
            session, today = self.table.session, date.today().isoformat()
            unsaid = save_game(session.record(today), path, session.tree(today))
            self.table.is_saved = True
            return (f"{unsaid}. " if unsaid else "") + f"Saved to {path}"  # a line that is too long is cut at its end

        names = (f"game-{number}.sgf" for number in itertools.count(1))
        free = next(name for name in names if not Path(name).exists())
        self.push_screen(FileDialog(f"Save the game {SAVED_FORMS}", free, save), self.say)

    def action_open(self) -> None:
        opened: list[GameTree] = []

        def read(path: Path) -> str:
            game, remark = read_likely_tree(path, self.table.board.rules)
            opened.append(game)
            return f"Opened {path} {remark}".rstrip()

        def take_up(said: str | None) -> None:
            if said is not None:
                self.start_over(lambda: self.table.load(opened[-1]), said)

        self.push_screen(FileDialog(f"Open a game {FORMS}", "", read), take_up)

    def action_leave(self) -> None:
        self.exit(0)

    def action_interrupt(self) -> None:
        self.exit(INTERRUPTED)


def run(game: FullScreenGame) -> tuple[int, bool]:
    """Plays until the person leaves; the terminal is then as it was.

    Returns: the exit status, and whether nobody thinks any more; else the process can be left by `os._exit` only.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    status = game.run()
    is_at_rest = game.thinking.close()
    return (game.return_code or 1) if status is None else status, is_at_rest
