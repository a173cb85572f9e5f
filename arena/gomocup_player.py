"""An outside engine that speaks the Gomocup protocol, as a player: `gomocup:COMMAND@0.2s`.

Owns the manager's side of the dialogue, and what an engine's failure costs: the game, never the match. The process
beneath it is `arena/engine_process.py`.

Source: https://plastovicka.github.io/protocl2en.htm, and how managers and engines really behave.
"""

import re
import shlex
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from arena.engine_process import EngineError, EngineProcess, EngineTimeoutError
from gomoku.board import Board
from gomoku.errors import NotationError, PlayerSpecError
from gomoku.notation import NOBODY, OPPONENT, OWN, gomocup_name, parse_gomocup, point_name
from gomoku.player import Decision, Forfeit, Limit, Player, limits_for
from gomoku.records import FORFEIT, TIME
from gomoku.rules import BLOCKED, EMPTY, USUAL_WIN_LENGTH, Rules, Variant

PREFIX = "gomocup:"
DEFAULT_SECONDS = 1.0
"""Per move, where a spec has no limit."""
TOLERANCE = 1.0
"""Seconds over the limit after which the engine is killed and has lost on time."""
SECONDS_TO_START, SECONDS_FOR_ABOUT = 10.0, 2.0
SECONDS_FOR_FIRST_START = 60.0
"""Some compile then, or read large networks."""
FAILED_STARTS = 3
"""In a row, after which the engine is not started again: its games are lost at once."""
MAX_MEMORY = 350 * 10**6
"""Bytes; tournaments grant as much."""
UNLIMITED = 2**31 - 1
"""The `time_left` of a match without a limit."""
RULE_NUMBERS = {Variant.FREESTYLE: 0, Variant.STANDARD: 1, Variant.RENJU: 4}


class EngineClosedError(Exception):
    """The player was closed while it was thinking; no game is lost by that."""


@dataclass(frozen=True)
class GomocupSpec:
    """What `COMMAND@0.2s` says."""

    command: tuple[str, ...]
    """The program and its arguments."""
    seconds: float = DEFAULT_SECONDS
    """Per move (> 0)."""
    folder: str = ""
    """In which it is run, if there is such a folder; empty: in the one where this process is."""


def parse_gomocup_spec(text: str, folder: str = "") -> GomocupSpec:
    """Reads `gomocup:COMMAND[@SECONDSs]`; the command is split as a shell would, but no shell runs it.

    Args:
      folder: from which a path in it is meant.

    Raises:
      PlayerSpecError: with the text and what is allowed.
    """
    command, seconds = text.strip().removeprefix(PREFIX), f"{DEFAULT_SECONDS}s"
    if (match := re.fullmatch(r"(.*)@([^@/\\\s]*)", command, re.DOTALL)) is not None:
        command, seconds = match.groups()
        if not re.fullmatch(r"\d{0,6}\.?\d{1,6}s", seconds) or float(seconds[:-1]) <= 0:
            raise PlayerSpecError(f"player {text!r}: limit {seconds!r} is not seconds per move, like @0.2s")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise PlayerSpecError(f"player {text!r}: the command cannot be split into words: {error}") from None
    if not words:
        raise PlayerSpecError(f"player {text!r} has no command; write it like {PREFIX}./engine@0.2s")
    if shutil.which(str(Path(folder, words[0]).absolute()) if "/" in words[0] else words[0]) is None:
        raise PlayerSpecError(f"player {text!r}: {words[0]!r} is not a program that can be run here")
    return GomocupSpec(tuple(words), float(seconds[:-1]), folder)


def command_folder() -> str:
    """From which a path in a command is meant that is named in this process."""
    return str(Path.cwd())


class GomocupPlayer:
    """Chooses moves by asking an engine; starts it when it is first needed, and again where it failed.

    A limit's simulations and stop say nothing to an outside engine: it has its seconds. It is to be closed in the
    end.
    """

    def __init__(self, name: str, spec: GomocupSpec) -> None:
        self.name = name
        self.spec = spec
        self.about = ""
        """What the engine said of itself, once it was started; empty where it did not."""
        self._process: EngineProcess | None = None
        self._board: Board | None = None
        """The position that the engine has, its own last move included."""
        self._seconds = 0.0
        """Per move, as the engine was told."""
        self._failed_starts, self._has_started = 0, False
        self._is_closed = self._is_deciding = False

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`. Boards are asked about one after the other.

        Raises:
          ValueError: rules that the protocol has no words for.
          EngineClosedError: `close` was called.
        """
        for board in boards:
            check_rules(board.rules)
        return [
            self._decide_one(board, one.seconds or self.spec.seconds)
            for board, one in zip(boards, limits_for(boards, limit), strict=True)
        ]

    def close(self) -> None:
        """Ends the engine, also under another thread that waits for it; this player decides no more."""
        self._is_closed = True
        if self._process is not None and self._is_deciding:
            self._process.kill()  # the waiting thread wakes up and clears away
        elif self._process is not None:
            self._process.end()
            self._drop()

    def _decide_one(self, board: Board, seconds: float) -> Decision:
        asked: float | None = None
        self._is_deciding = True
        try:
            process = self._prepared(board, seconds)
            asked = time.monotonic()
            move = self._ask(process, board, asked + seconds + TOLERANCE)
        except EngineError as error:
            took = 0.0 if asked is None else time.monotonic() - asked  # to start is not to think
            return Decision(-1, seconds=took, forfeit=self._give_up(error, took, seconds))
        finally:
            self._is_deciding = False
            self._end_if_closed()
        took = time.monotonic() - asked
        self._board = board.copy()
        self._board.push(move)
        return Decision(move, seconds=took)

    def _prepared(self, board: Board, seconds: float) -> EngineProcess:
        """The engine, which knows rules, limits, and where the game goes on the position before the last move."""
        if self._is_closed:
            raise EngineClosedError
        process = self._process
        if process is not None and self._is_next(board):
            process.send(*self._limits(seconds))
            return process
        if process is None or not process.is_alive:
            return self._started(board.rules, seconds)
        try:
            self._begin_game(process, board.rules, seconds)
        except EngineError:  # it fell asleep between two games, which costs nothing
            return self._started(board.rules, seconds)
        return process

    def _started(self, rules: Rules, seconds: float) -> EngineProcess:
        self._drop()
        if self._failed_starts >= FAILED_STARTS:
            raise EngineError(f"failed to start {FAILED_STARTS} times and is not tried again")
        self._failed_starts += 1
        try:
            self._process = process = EngineProcess(self.spec.command, self.spec.folder)
            self._begin_game(process, rules, seconds)
            self.about = self._ask_about(process)
        except EngineError as error:
            complaint = self._process.last_complaint if self._process is not None else ""
            raise EngineError(f"did not start: it {error}{complaint and f' ({complaint})'}") from None
        self._failed_starts, self._has_started = 0, True
        return process

    def _begin_game(self, process: EngineProcess, rules: Rules, seconds: float) -> None:
        self._board, self._seconds = None, 0.0
        process.send(f"START {rules.size}")
        is_first = not self._has_started and self._failed_starts <= 1
        deadline = time.monotonic() + (SECONDS_FOR_FIRST_START if is_first else SECONDS_TO_START)
        while not re.match(r"OK\b", line := process.receive(deadline), re.IGNORECASE):
            if re.match(r"(ERROR|UNKNOWN)\b", line, re.IGNORECASE):
                raise EngineError(f"refused START {rules.size}: {line[:80]}")
        number = RULE_NUMBERS[rules.variant]
        process.send(
            f"INFO max_memory {MAX_MEMORY}", "INFO timeout_match 0", "INFO game_type 1", f"INFO rule {number}"
        )
        process.send(*self._limits(seconds))

    def _ask_about(self, process: EngineProcess) -> str:
        process.send("ABOUT")
        deadline = time.monotonic() + SECONDS_FOR_ABOUT
        try:
            while "=" not in (line := process.receive(deadline)):
                pass
        except EngineTimeoutError:
            return ""
        return line[:200]

    def _limits(self, seconds: float) -> list[str]:
        lines = [f"INFO time_left {UNLIMITED}"]
        if seconds != self._seconds:
            lines.insert(0, f"INFO timeout_turn {max(1, round(seconds * 1000))}")
            self._seconds = seconds
        return lines

    def _ask(self, process: EngineProcess, board: Board, deadline: float) -> int:
        process.send(*self._question(board))
        while not re.match(r"[-+]?\d", line := process.receive(deadline)):
            pass  # MESSAGE and DEBUG; ERROR and UNKNOWN are put down for the record and may be followed by a move
        try:
            move = parse_gomocup(line, board.size)
        except NotationError as error:
            raise EngineError(f"made an illegal move: {error}") from None
        if not board.is_legal(move):
            raise EngineError(f"made an illegal move: {line} ({point_name(move, board.size)})")
        return move

    def _question(self, board: Board) -> list[str]:
        if self._board is not None and self._is_next(board):
            return [f"TURN {gomocup_name(board.moves[-1], board.size)}"]
        return ["BEGIN"] if not board.cells.any() else board_lines(board)

    def _is_next(self, board: Board) -> bool:
        """Whether the engine needs no more than the last move."""
        had = self._board
        if had is None or not board.moves or board.rules != had.rules or board.moves[:-1] != had.moves:
            return False
        before = board.copy()
        before.pop()
        return before.key == had.key

    def _give_up(self, error: EngineError, took: float, seconds: float) -> Forfeit:
        """What a failure costs; the engine is killed and starts afresh in its next game."""
        lines = self._process.last_lines if self._process is not None else []
        self._drop()
        is_late = isinstance(error, EngineTimeoutError)
        spent = f", {took:.2f} s of {seconds:g} s" if is_late and took else ""
        return Forfeit(TIME if is_late else FORFEIT, "\n".join([f"{self.name}: it {error}{spent}", *lines]))

    def _drop(self) -> None:
        self._board = None
        if self._process is not None:
            self._process.close()
            self._process = None

    def _end_if_closed(self) -> None:
        if self._is_closed:
            self._drop()
            raise EngineClosedError


def board_lines(board: Board) -> list[str]:
    """The position as BOARD tells it, seen by the side to move; stones in the order in which they were played.

    Each line is `X,Y,F` with F 1 for an own stone, 2 for the opponent's, 3 for a blocked point.
    """
    played = set(board.moves)
    set_up = [int(move) for move in np.flatnonzero(board.cells != EMPTY) if move not in played]
    lines = []
    for move in [*set_up, *board.moves]:
        stone = int(board.cells[move])
        whose = NOBODY if stone == BLOCKED else OWN if stone == board.to_play else OPPONENT
        lines.append(f"{gomocup_name(move, board.size)},{whose}")
    return ["BOARD", *lines, "DONE"]


def check_rules(rules: Rules) -> None:
    """Refuses what the protocol cannot say.

    Raises:
      ValueError: not five in a row.
    """
    if rules.win_length != USUAL_WIN_LENGTH:
        raise ValueError(f"{rules.name}: outside engines play five in a row only")


def close_engines(players: Iterable[Player]) -> None:
    """Ends the outside engines among the players."""
    for player in players:
        if isinstance(player, GomocupPlayer):
            player.close()
