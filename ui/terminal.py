"""The terminal game as plain lines: for a keyboard, over ssh, and through a pipe.

Owns the dialogue. What may happen in a game is `ui/session.py`, what a line means is `ui/commands.py`.
"""

import sys
from collections.abc import Callable
from datetime import date
from os.path import expanduser
from pathlib import Path
from typing import ClassVar

from gomoku.board import COLOUR_NAMES, Outcome
from gomoku.command_line import BAD_INPUT, INTERRUPTED
from gomoku.compile_notice import told_of_compiling
from gomoku.errors import IllegalMoveError, NotationError
from gomoku.game_picture import save_game
from gomoku.notation import parse_point, point_name
from gomoku.player import Decision
from gomoku.records import RESIGNATION
from gomoku.rules import BLACK, WHITE
from ui.commands import HELP_TEXT, Command, CommandError, Verb, parse_command
from ui.drawing import (
    FORBIDDEN,
    board_drawing,
    estimate_text,
    farewell,
    forbidden_points,
    moves_text,
    outcome_text,
    side_name,
)
from ui.session import GameSession, SessionError

COMPILING = (
    "Note: the search is being compiled for this machine, once: that takes up to a minute, or more where it is busy."
)


class TerminalGame:
    """Lets a session be played by typed lines."""

    def __init__(
        self,
        session: GameSession,
        read: Callable[[str], str],
        write: Callable[[str], None],
        num_games: int = 1,
    ) -> None:
        """Prepares the dialogue.

        Args:
          read: shows a prompt and returns the line that was typed; raises EOFError at the end of input.
          write: shows one or more lines.
          num_games: how many games follow each other before the prompt, where no person plays.
        """
        self._session = session
        self._read = read
        self._write = write
        self._games_left = num_games - 1
        self._is_left = False
        self._is_saved = True
        self._knows_of_compiling = False

    def run(self) -> int:
        """Plays until the person leaves.

        Returns: the exit status: 0, 2 where the input ended in the midst of a game, or 130 after Ctrl-C.
        """
        status = 0
        try:
            self._greet()
            while not self._is_left:
                self._step()
        except EOFError:
            self._write("")
            if self._session.outcome is None:
                self._write("The input ended in the midst of the game; type quit to leave one.")
                status = BAD_INPUT
        except KeyboardInterrupt:
            self._write("")
            status = INTERRUPTED
        self._say_goodbye()
        return status

    def _greet(self) -> None:
        session = self._session
        black, white = session.name_of(BLACK), session.name_of(WHITE)
        self._write(f"{session.board.rules.name}: {side_name(BLACK)} {black}, {side_name(WHITE)} {white}.")
        self._write("Type a point such as c3, or help.")
        self._show()

    def _step(self) -> None:
        session = self._session
        if session.is_player_to_move:
            self._let_think()
        elif session.outcome is not None and self._games_left > 0 and not session.has_human:
            self._games_left -= 1
            session.start_again()
            self._show()
        else:
            self._ask()

    def _let_think(self) -> None:
        colour = self._session.board.to_play
        if self._session.has_human:
            self._write(f"{self._session.name_of(colour)} is thinking ...")
        decision = self._awaited(self._session.think)
        board = self._session.board
        name = self._session.name_of(colour)
        self._is_saved = False
        if decision.forfeit is not None:
            answer = f"no move: {decision.forfeit.detail}"
        else:
            said = estimate_text(decision, board, colour)
            answer = point_name(decision.move, board.size) + (f" ({said})" if said else "")
        self._write(f"{COLOUR_NAMES[colour]}, {name}: {answer}")
        self._show()

    def _awaited(self, think: Callable[[], Decision]) -> Decision:
        with told_of_compiling(self._tell_of_compiling):
            return think()

    def _tell_of_compiling(self) -> None:
        if not self._knows_of_compiling:  # what is compiled at a later move belongs to the same once
            self._knows_of_compiling = True
            self._write(COMPILING)

    def _ask(self) -> None:
        session = self._session
        prompt = "> " if session.outcome else f"{side_name(session.board.to_play)}, move {session.board.ply + 1}> "
        line = self._read(prompt)
        if not line.strip():
            return
        try:
            command = parse_command(line)
            self._actions[command.verb](self, command)
        except IllegalMoveError as error:
            except_forbidden = f" but those marked {FORBIDDEN}" if forbidden_points(session.board) else ""
            self._write(f"{str(error).splitlines()[0]}; play any empty point{except_forbidden}")
        except (CommandError, SessionError, NotationError) as error:
            self._write(str(error))

    def _play(self, command: Command) -> None:
        session = self._session
        session.play(parse_point(command.argument, session.board.size))
        self._is_saved = False
        if not session.is_player_to_move:  # else the board is drawn after the answer
            self._show()

    def _undo(self, _: Command) -> None:
        ended = self._session.outcome
        moves = self._session.undo()
        names = ", ".join(point_name(move, self._session.board.size) for move in moves)
        self._is_saved = False
        self._write(f"Taken back: {names or _end_name(ended)}")
        self._show()

    def _hint(self, _: Command) -> None:
        board = self._session.board
        decision = self._awaited(self._session.hint)
        said = estimate_text(decision, board, board.to_play)
        self._write(f"Hint: {point_name(decision.move, board.size)}" + (f" ({said})" if said else ""))

    def _board(self, _: Command) -> None:
        self._show()

    def _moves(self, _: Command) -> None:
        self._write(moves_text(self._session.board) or "No move has been made.")

    def _save(self, command: Command) -> None:
        path = Path(expanduser(command.argument))
        try:
            session, today = self._session, date.today().isoformat()
            unsaid = save_game(session.record(today), path, session.tree(today))
        except OSError as error:
            self._write(f"not saved: {error.strerror or error}: choose another file")
        except ValueError as error:
            self._write(f"not saved: {error}")
        else:
            self._is_saved = True
            self._write(f"Saved to {path}" + (f"\nNote: {unsaid}" if unsaid else ""))

    def _resign(self, _: Command) -> None:
        self._session.resign()
        self._is_saved = False
        self._show()

    def _new(self, command: Command) -> None:
        if command.argument:
            self._session.seat_human(BLACK if command.argument == "black" else WHITE)
        self._session.start_again()
        self._is_saved = True
        self._show()

    def _help(self, _: Command) -> None:
        self._write(HELP_TEXT)

    def _quit(self, _: Command) -> None:
        self._is_left = True

    _actions: ClassVar[dict[Verb, Callable[["TerminalGame", Command], None]]] = {
        Verb.MOVE: _play,
        Verb.UNDO: _undo,
        Verb.HINT: _hint,
        Verb.BOARD: _board,
        Verb.MOVES: _moves,
        Verb.SAVE: _save,
        Verb.RESIGN: _resign,
        Verb.NEW: _new,
        Verb.HELP: _help,
        Verb.QUIT: _quit,
    }

    def _show(self) -> None:
        self._write(board_drawing(self._session.board))
        outcome = self._session.outcome
        if outcome is not None:
            self._write(f"The game is over, {outcome_text(outcome, self._session.board)}.")
            if self._games_left == 0 or self._session.has_human:
                undo = "undo, " if self._session.has_human else ""
                self._write(f"Type {undo}save FILE, new or quit.")

    def _say_goodbye(self) -> None:
        self._write(farewell(self._session.record(), self._is_saved))


def _end_name(ended: Outcome | None) -> str:
    if ended is None or ended.reason == RESIGNATION:
        return "the resignation"
    return f"the end of the game, {ended.result} ({ended.reason})"


def read_line(prompt: str) -> str:
    """Asks for a line; where nobody sees what is typed, because it comes from a pipe, repeats it."""
    if sys.stdin is None:
        raise EOFError
    line = input(prompt)
    if not sys.stdin.isatty():
        print(line)
    return line
