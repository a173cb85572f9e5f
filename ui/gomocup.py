"""The Gomocup (Piskvork) protocol, engine side, as a pure machine: a line comes in, effects go out.

Owns what is said and when. Never waits, reads no clock and knows no thread: `ui/gomocup_driver.py` carries the
effects out. While a task is under way, lines wait their turn, so that nothing is printed while a move is owed; only
END and STOP are heard at once.

Source: https://plastovicka.github.io/protocl2en.htm, and the extensions of Yixin-Board.
"""

import re
from collections import deque
from collections.abc import Callable

from gomoku.board import COLOUR_NAMES, Board
from gomoku.notation import gomocup_name, parse_gomocup
from gomoku.rules import MAX_SIZE, Rules
from ui.gomocup_blocks import Block, changed_rules, parse_stones, play, set_up, taken_back
from ui.gomocup_effects import Effect, Exit, OpenSwap2, Prepare, Say, Stop, Task, Think
from ui.gomocup_settings import Settings

MOST_WAITING = 10_000
"""Lines that may wait behind a thought; more of them are dropped."""
MOST_LINES = 50
"""Candidates that an analysis may ask for."""
DETAIL_WANTED = 2
"""From this `show_detail` on, thinking is reported."""
_INTERRUPTING = ("STOP", "YXSTOP", "START", "RESTART", "RECTSTART")
_STOPPING = ("STOP", "YXSTOP")
_ASIDE = ("INFO", *_STOPPING)
"""What may come between BOARD and DONE without a word about it."""
_SWAP2_STONES = (0, 3, 5)

Handler = Callable[[list[str], float], list[Effect]]


class GomocupProtocol:
    """One conversation with a manager."""

    def __init__(self, about: str) -> None:
        """`about` is the answer to ABOUT."""
        self._about = about
        self._settings = Settings()
        self._board: Board | None = None
        self._block: Block | None = None
        self._task: Task | None = None
        self._waiting: deque[tuple[str, float]] = deque()
        self._spent_ms = 0.0
        self._handlers: dict[str, Handler] = {
            "START": self._start,
            "RECTSTART": self._rect_start,
            "RESTART": self._restart,
            "BEGIN": self._begin,
            "TURN": self._turn,
            "TAKEBACK": self._take_back,
            "PLAY": lambda *_: [Say("ERROR no move was suggested")],
            "INFO": self._info,
            "ABOUT": lambda *_: [Say(self._about)],
            "YXSHOWINFO": lambda *_: [Say(f"MESSAGE {self._about}")],
            "YXSHOWFORBID": self._show_forbidden,
            "YXNBEST": self._best_lines,
            "STOP": lambda *_: [],
            "YXSTOP": lambda *_: [],
        }

    def handle(self, line: str, received: float = 0.0) -> list[Effect]:
        """Takes one line, with the time at which it came (seconds on the driver's clock)."""
        command = _command(line)
        if command == "":
            return []
        if command == "END":
            return [Exit()]
        if self._task is None:
            return self._obey(line, received)
        can_stop = not isinstance(self._task, Prepare)
        if command in _STOPPING and can_stop:
            return [Stop()]
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((line, received))
        return [Stop()] if command in _INTERRUPTING and can_stop else []

    def ready(self) -> list[Effect]:
        """`Prepare` is done."""
        task, self._task = self._task, None
        assert isinstance(task, Prepare)
        if not task.is_announced:
            return self._go_on()
        self._board = Board(task.rules)
        self._spent_ms = 0.0
        return [Say("OK"), *self._go_on()]

    def moved(self, move: int, at: float = 0.0) -> list[Effect]:
        """`Think` chose a move, at this time on the driver's clock."""
        task, self._task = self._task, None
        assert isinstance(task, Think)
        assert self._board is not None
        self._spent_ms += (at - task.received) * 1000
        if task.is_played:
            self._board.push(move)
        return [Say(gomocup_name(move, task.board.size)), *self._go_on()]

    def opened(self, text: str, at: float = 0.0) -> list[Effect]:
        """`OpenSwap2` found its answer, at this time on the driver's clock."""
        task, self._task = self._task, None
        assert isinstance(task, OpenSwap2)
        self._spent_ms += (at - task.received) * 1000
        return [Say(text), *self._go_on()]

    def failed(self, complaint: str) -> list[Effect]:
        """The task could not be done."""
        task, self._task = self._task, None
        is_quiet = isinstance(task, Prepare) and not task.is_announced
        return [*([] if is_quiet else [_error(complaint)]), *self._go_on()]

    def _go_on(self) -> list[Effect]:
        """Takes the lines that waited, up to the next task."""
        effects: list[Effect] = []
        while self._waiting and self._task is None:
            effects += self._obey(*self._waiting.popleft())
        is_answer = isinstance(self._task, Think | OpenSwap2)
        if is_answer and any(_command(line) in _INTERRUPTING for line, _ in self._waiting):
            effects.append(Stop())
        return effects

    def _obey(self, line: str, received: float) -> list[Effect]:
        words = _words(line)
        command = words[0].upper()
        effects: list[Effect] = []
        is_aside = command in _ASIDE
        if self._block is not None and (command in self._handlers or command in Block.COMMANDS) and not is_aside:
            effects.append(_error(f"{self._block.command} was not ended by DONE"))
            self._block = None
        if command in Block.COMMANDS and self._block is None:
            self._block = Block(command, MAX_SIZE**2 if self._board is None else self._board.rules.num_points)
            words = words[1:]
        if self._block is not None and not is_aside:
            return effects + self._collect(self._block, words, received)
        handler = self._handlers.get(command)
        if handler is None:
            return [Say(f"UNKNOWN command {_printable(words[0])}")]
        try:
            return effects + handler(words[1:], received)
        except ValueError as error:
            return [*effects, _error(str(error))]

    def _collect(self, block: Block, words: list[str], received: float) -> list[Effect]:
        if not block.take(words):
            return []
        self._block = None
        try:
            return self._use_swap2(block, received) if block.command == "SWAP2BOARD" else self._use(block, received)
        except ValueError as error:
            return [_error(str(error))]

    def _use(self, block: Block, received: float) -> list[Effect]:
        board = self._started()
        stones = parse_stones(block.tokens(), board.size, with_owner=True)
        position = set_up(board.rules, stones)
        if position.outcome is not None and block.command == "BOARD":
            raise ValueError(_over(position))
        self._board = position
        return self._think(received) if block.command == "BOARD" else []

    def _use_swap2(self, block: Block, received: float) -> list[Effect]:
        rules = self._started().rules
        stones = tuple(move for move, _ in parse_stones(block.tokens(), rules.size, with_owner=False))
        if len(stones) not in _SWAP2_STONES:
            raise ValueError(f"SWAP2BOARD has 0, 3 or 5 stones, not {len(stones)}")
        position = Board(rules)
        for move in stones:
            play(position, move)
        if position.outcome is not None:
            raise ValueError(_over(position))
        limit = self._settings.limit(self._spent_ms)
        self._task = OpenSwap2(rules, stones, limit, received, self._settings.max_memory)
        return [self._task]

    def _start(self, words: list[str], _: float) -> list[Effect]:
        if len(words) != 1 or not re.fullmatch("[0-9]{1,4}", words[0]):
            raise ValueError(f"START takes a board size, such as START 15, not {_printable(' '.join(words))!r}")
        return self._prepare(self._settings.rules(int(words[0])), is_announced=True)

    def _rect_start(self, words: list[str], _: float) -> list[Effect]:
        match = re.fullmatch("([0-9]{1,4}),([0-9]{1,4})", " ".join(words))
        if match is None or match[1] != match[2]:
            raise ValueError("only square boards can be played: RECTSTART 15,15")
        return self._prepare(self._settings.rules(int(match[1])), is_announced=True)

    def _prepare(self, rules: Rules, is_announced: bool) -> list[Effect]:
        self._task = Prepare(rules, self._settings.max_memory, is_announced)
        return [self._task]

    def _restart(self, _: list[str], __: float) -> list[Effect]:
        self._board = Board(self._settings.rules(self._started().size))
        self._spent_ms = 0.0
        return [Say("OK")]

    def _begin(self, _: list[str], received: float) -> list[Effect]:
        if self._started().cells.any():
            raise ValueError("BEGIN is for the empty board; send BOARD or RESTART")
        return self._think(received)

    def _turn(self, words: list[str], received: float) -> list[Effect]:
        board = self._started()
        play(board, parse_gomocup(" ".join(words), board.size))
        return self._think(received)

    def _take_back(self, words: list[str], _: float) -> list[Effect]:
        board = self._started()
        self._board = taken_back(board, parse_gomocup(" ".join(words), board.size))
        return [Say("OK")]

    def _info(self, words: list[str], _: float) -> list[Effect]:
        if len(words) < 2:
            return []
        self._settings.take(words[0], words[1])
        board = self._board
        if board is None or self._settings.rules(board.size) == board.rules:
            return []
        self._board = changed_rules(board, self._settings.rules(board.size))
        return self._prepare(self._board.rules, is_announced=False)

    def _show_forbidden(self, _: list[str], __: float) -> list[Effect]:
        board = self._started()
        points = [divmod(move, board.size) for move in range(board.rules.num_points) if board.foul_at(move)]
        return [Say("FORBID " + "".join(f"{col:02d}{row:02d}" for row, col in points) + ".")]

    def _best_lines(self, words: list[str], received: float) -> list[Effect]:
        if len(words) > 1 or not re.fullmatch("[0-9]{1,4}", words[0] if words else "1"):
            raise ValueError("YXNBEST takes the number of moves to show, such as YXNBEST 3")
        self._settings.speaks_yixin = True
        board = self._started()
        if (rules := self._settings.rules(board.size)) != board.rules:  # rule 2 means another thing from here on
            self._board = changed_rules(board, rules)
        count = min(max(int(words[0] if words else "1"), 1), MOST_LINES)
        return self._think(received, num_lines=count, is_played=False)

    def _think(self, received: float, num_lines: int = 0, is_played: bool = True) -> list[Effect]:
        board = self._started()
        if board.outcome is not None:
            raise ValueError(_over(board))
        settings = self._settings
        limit = settings.limit(self._spent_ms) if is_played else settings.analysis_limit(self._spent_ms)
        if settings.show_detail >= DETAIL_WANTED:
            num_lines = max(num_lines, 1)
        self._task = Think(board.copy(), limit, received, settings.max_memory, num_lines, is_played)
        note = [Say("MESSAGE caro is not known here: no blocked ends")] if settings.is_caro else []
        return [*note, self._task]

    def _started(self) -> Board:
        if self._board is None:
            raise ValueError("no game yet: send START first")
        return self._board


def _words(line: str) -> list[str]:
    return re.sub(r"\s*,\s*", ",", line).split()


def _command(line: str) -> str:
    """The first word in capitals; empty where the line is."""
    words = line.split(None, 1)
    return words[0].upper() if words else ""


def _over(board: Board) -> str:
    assert board.outcome is not None
    return f"the game is over: {COLOUR_NAMES.get(board.outcome.winner, 'nobody')} wins by {board.outcome.reason}"


def _error(complaint: str) -> Say:
    return Say(f"ERROR {_printable(complaint.splitlines()[0] if complaint else 'failed', 200)}")


def _printable(text: str, most: int = 60) -> str:
    """One line that no terminal and no manager stumbles over."""
    shown = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= most else shown[:most] + "..."
