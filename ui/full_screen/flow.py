"""From a position to whoever acts next, and from a question to its answer.

Owns the way of a game on the screen; the keys are in `ui/full_screen/app.py`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import App
from textual.widgets import Static

from gomoku.board import COLOUR_NAMES
from gomoku.notation import point_name
from gomoku.player import Decision, Limit
from gomoku.rules import Rules
from ui.drawing import outcome_text
from ui.full_screen.board_view import BoardView, Picture
from ui.full_screen.dialogs import ListDialog
from ui.full_screen.panel import Estimate, Panel, Thinking
from ui.full_screen.thinking import (
    CHOICE_SECONDS,
    HINT_SECONDS,
    Answer,
    Question,
    ThinkingThread,
    Thought,
    about_move,
    about_opening,
    getting_ready,
)
from ui.game_setup import Person
from ui.lazy_player import LazyPlayer
from ui.swap2 import Choice, prefers_other_side
from ui.table import Table, Turn

TICK = 0.1
CHOICES = {
    Choice.WHITE: "Play White, who moves next",
    Choice.BLACK: "Play Black",
    Choice.TWO_MORE: "Put two more stones",
}
Warn = Callable[[Rules], str | None]


class GameFlow(App[int]):
    """A table that is played at, without the keys; its result is the exit status."""

    def __init__(self, table: Table, warn: Warn, notices: Sequence[str]) -> None:
        """See `FullScreenGame`."""
        super().__init__()
        self.table = table
        self.picture = Picture(table.board)
        # Kept, not looked for: an answer may come while the screen is being closed.
        self.board_view = BoardView(self.picture)
        self.panel = Panel()
        self.notice = Static(id="notice", markup=False)
        self.thinking = ThinkingThread(self.post_message)
        self._warn = warn
        self._notices = notices
        self._estimate: Estimate | None = None
        self._choice = ""
        """What the computer has just chosen in an opening; it is still to be read after its next move."""
        self._effort: Callable[[], Thinking] | None = None
        """How far the thinking that is shown has come."""
        self._simulations = 0

    def on_mount(self) -> None:
        self.board_view.focus()
        self.set_interval(TICK, self.tick)
        self.say(_joined(*self._notices))
        self.go_on()

    def attempt(self, act: Callable[[], object], said: str = "") -> bool:
        """Does something to the game and goes on from there, or says why it cannot be done.

        Returns: whether it was done.
        """
        try:
            act()
        except ValueError as error:
            self.say(_sentence(error))
            return False
        self._choice = ""
        self.say(said)
        self.go_on()
        return True

    def retrace(self, act: Callable[[], list[int]]) -> None:
        """Takes moves back or makes them again, as `attempt`; what was thought of another position goes with them."""

        def go() -> None:
            if act():
                self._estimate = None

        self.attempt(go)

    def start_over(self, act: Callable[[], object], said: str = "") -> None:
        """Goes over to another game, as `attempt`; warns where the computer does not know its rules."""
        self._estimate = None
        if not self.attempt(act, said):
            return
        try:
            warning = self._warn(self.table.board.rules)
        except (ValueError, OSError) as error:
            warning = _sentence(error)
        if warning is not None:
            self.say(_joined(said, warning))

    def say(self, notice: str | None) -> None:
        """Shows one line above the keys; None leaves what is there."""
        if notice is not None:
            self.notice.update(notice)

    def show(self) -> None:
        """Draws what may have changed."""
        self.board_view.show(self.picture)
        panel = self.panel
        panel.show_game(self.table, self._status())
        panel.show_estimate(self._estimate)
        panel.show_thinking(None if self._effort is None else self._effort())

    def go_on(self) -> None:
        """Another position: shows it, and lets act whose turn it is."""
        table = self.table
        self._drop()
        self.picture = replace(self.picture, board=table.board.copy(), hint=None)
        if table.turn is Turn.COMPUTER:
            self._let_computer_act()
        else:
            self.thinking.ask(Question(getting_ready(table.thinker, table.board.copy()), lambda _: None))
            if table.turn is Turn.CHOICE:
                self._let_person_choose()
        self.show()

    def ask_hint(self) -> None:
        """Asks for a good move for the person to move."""
        table = self.table
        if table.turn is not Turn.PERSON or table.opening is not None:
            self.say("There are hints only where it is your turn.")
            return
        self._ask(table.adviser, HINT_SECONDS, self._hinted)
        self.show()

    def hurry(self) -> None:
        """Has the computer make its move now."""
        if self.table.turn is not Turn.COMPUTER:
            self.say("The computer is not to move.")
        elif self.thinking.question is not None:
            self.thinking.question.stop()
        else:  # it could not before
            self.go_on()

    def tick(self) -> None:
        """Lets clocks and bars run on."""
        if self.table.check_clock():
            self.go_on()
            return
        panel = self.panel
        panel.show_clocks(self.table)
        if self._effort is not None:
            panel.show_thinking(self._effort())

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)  # the bars are as long as there is room

    def on_thought(self, thought: Thought) -> None:
        if thought.question is self.thinking.question:
            self._simulations = thought.decision.simulations
            self._judge(thought.decision)
            self.panel.show_estimate(self._estimate)

    def on_answer(self, answer: Answer) -> None:
        question = answer.question
        if question is not self.thinking.question:
            return
        self._drop()
        error = answer.future.exception()
        if isinstance(error, ValueError | OSError):
            self.say(f"The computer cannot play here: {_sentence(error)}")
            self.show()
        else:
            question.on_answer(answer.future.result())

    def _drop(self) -> None:
        self.thinking.drop()
        self._effort = None

    def _ask(self, player: LazyPlayer, seconds: float | None, on_answer: Callable[[Decision], None]) -> None:
        """Asks which move to make, and shows how far the answer is."""
        question = Question(about_move(player, self.table.board.copy(), seconds), on_answer)
        self.thinking.ask(question)
        self._simulations = 0

        def effort() -> Thinking:
            usual = player.usual_limit
            limit = Limit(usual.simulations, usual.seconds if seconds is None else seconds)
            seconds_spent = None if question.began_at is None else time.monotonic() - question.began_at
            return Thinking(self._simulations, seconds_spent, limit)

        self._effort = effort

    def _let_computer_act(self) -> None:
        table = self.table
        if table.opening is None:
            self._ask(table.thinker, table.seconds_for_move, self._moved)
        elif table.opening.is_choice(table.board.ply):
            self._ask(table.thinker, CHOICE_SECONDS, self._chosen)
        else:
            self.thinking.ask(Question(about_opening(table.thinker, table.board.copy()), self._laid))

    def _let_person_choose(self) -> None:
        opening, ply = self.table.opening, self.table.board.ply
        assert opening is not None
        choices = opening.choices(ply)

        def chosen(place: int | None) -> None:
            if place is None:
                self.say("Nothing is chosen; Enter asks again.")
            elif self.table.opening is opening and self.table.board.ply == ply:
                self.attempt(lambda: self.table.choose(choices[place]))

        self.push_screen(ListDialog("Choose", [CHOICES[one] for one in choices]), chosen)

    def _moved(self, decision: Decision) -> None:
        self._judge(decision)
        self.attempt(lambda: self.table.accept(decision), self._choice)

    def _laid(self, moves: list[int]) -> None:
        self.attempt(lambda: self.table.lay(moves))

    def _chosen(self, decision: Decision) -> None:
        self._judge(decision)
        choice = Choice.BLACK if prefers_other_side(decision) else Choice.WHITE
        said = f"The computer takes {choice.capitalize()}."
        self.attempt(lambda: self.table.choose(choice, is_persons=False), said)
        self._choice = said

    def _hinted(self, decision: Decision) -> None:
        self._judge(decision)
        self.picture = replace(self.picture, hint=decision.move)
        self.say(f"Hint: {point_name(decision.move, self.table.board.size)}")
        self.show()

    def _judge(self, decision: Decision) -> None:
        if decision.value is not None or decision.proof is not None:
            self._estimate = Estimate(decision, self.table.board.copy())

    def _status(self) -> str:
        table, board = self.table, self.table.board
        side = COLOUR_NAMES[board.to_play]
        if table.session.outcome is not None:
            text = outcome_text(table.session.outcome, board, COLOUR_NAMES.__getitem__)
            return f"{text[0].upper()}{text[1:]}"
        if table.opening is not None:
            return _opening_status(table, side)
        if table.turn is Turn.COMPUTER:
            return f"{side} is thinking …"
        is_only_person = table.setup.person in (Person.BLACK, Person.WHITE)
        return f"Your move, {side}" if is_only_person else f"{side} to move"


def _opening_status(table: Table, side: str) -> str:
    assert table.opening is not None
    if table.turn is Turn.COMPUTER:
        return "The computer is thinking about the opening …"
    if table.turn is Turn.CHOICE:
        return "Choose your colour"
    left = table.opening.stones_left(table.board.ply)
    return f"Put {left} more stone{'s' if left > 1 else ''}: {side} next"


def _joined(*notices: str) -> str:
    return ". ".join(notice for notice in notices if notice)


def _sentence(error: Exception) -> str:
    """The complaint in one line, without the drawing of the position below it."""
    said = str(error).partition("\n")[0]
    return f"{said[:1].upper()}{said[1:]}."
