"""A referee who knows what a Gomocup engine may answer to each line, how often, and how soon.

Owns the rules of the conversation; it holds no board and shares no code with the engine.
"""

import queue
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

TURN_MS = 50
TOLERANCE_MS = 100
PATIENCE_SECONDS = 60.0
"""After so long without an expected answer the engine counts as hanging."""

POINT = r"\d{1,2},\d{1,2}"
ERROR = r"ERROR .+"
MOVE = rf"{POINT}|{ERROR}"
OK = rf"OK|{ERROR}"
SWAP2 = rf"SWAP|{POINT}( {POINT}){{0,2}}|{ERROR}"
ANSWERS = {
    "START": OK,
    "RECTSTART": OK,
    "RESTART": OK,
    "TAKEBACK": OK,
    "BEGIN": MOVE,
    "TURN": MOVE,
    "YXNBEST": MOVE,
    "PLAY": ERROR,
    "ABOUT": r'name=".+", version=".+", author=".+", country=".+"',
    "YXSHOWFORBID": rf"FORBID (\d{{4}})*\.|{ERROR}",
}
SILENT = ("", "INFO", "STOP", "YXSTOP")
CHATTING = ("YXSHOWINFO",)
"""Answered by a MESSAGE, which may come at any time."""
BLOCKS = {"BOARD": MOVE, "YXBOARD": ERROR, "SWAP2BOARD": SWAP2}
THINKING = ("BEGIN", "TURN", "YXNBEST", "BOARD", "SWAP2BOARD")
CHATTER = r"MESSAGE .*|DEBUG .*|INFO (PV|NUMPV|DEPTH|NODES|TOTAL|SPEED|EVAL|WINRATE|PRIOR|BESTLINE).*"


class Channel(Protocol):
    """An engine to talk with."""

    def send(self, line: str) -> None: ...

    def read(self, timeout: float) -> tuple[float, str]:
        """The next line, with the time at which it came (seconds of `time.monotonic`).

        Raises:
          queue.Empty: none within `timeout` seconds.
        """
        ...


@dataclass
class Expected:
    """An answer that a line calls for."""

    pattern: str
    line: str
    sent: float
    is_thought: bool
    is_sure: bool = True
    """False where the answer comes only if something is wrong."""


@dataclass
class Referee:
    """Follows one conversation line by line."""

    channel: Channel
    thoughts: int = 0
    worst_ms: float = 0.0
    """By which an answer came after its limit; negative while none did."""
    slow: list[str] = field(default_factory=list)
    _block: str | None = None
    _expected: list[Expected] = field(default_factory=list)

    def send(self, line: str) -> None:
        self._expected += self._answers_to(line, time.monotonic())
        self.channel.send(line)

    def settle(self) -> None:
        """Waits until everything is answered, and ABOUT after it.

        Raises:
          AssertionError: an answer out of turn, of the wrong kind, or none at all.
        """
        self.send("ABOUT")
        last_sent = self._expected[-1].pattern
        due = sum(1 for wanted in self._expected if wanted.pattern == last_sent)
        came: list[tuple[float, str]] = []
        while due:
            try:
                came.append(self.channel.read(PATIENCE_SECONDS))
            except queue.Empty:
                raise AssertionError(f"{self._lines_sent} were answered by {came}, and then by nothing") from None
            due -= re.fullmatch(last_sent, came[-1][1]) is not None
        answers = [(when, line) for when, line in came if not re.fullmatch(CHATTER, line)]
        matched = _matched([line for _, line in answers], self._expected)
        assert matched is not None, f"{self._lines_sent} were answered by {came}"
        previous = 0.0
        for (when, line), wanted in zip(answers, matched, strict=True):
            if wanted.is_thought:
                self._note_time(wanted, line, 1000 * (when - max(wanted.sent, previous)))
            previous = when
        self._expected = []

    @property
    def _lines_sent(self) -> list[str]:
        return [wanted.line for wanted in self._expected]

    def _note_time(self, wanted: Expected, line: str, milliseconds: float) -> None:
        late = milliseconds - TURN_MS
        self.thoughts += not line.startswith("ERROR")
        self.worst_ms = max(self.worst_ms, late)
        if late > TOLERANCE_MS:
            self.slow.append(f"{wanted.line!r} took {milliseconds:.0f} ms")

    def _answers_to(self, line: str, sent: float) -> Iterator[Expected]:
        words = re.sub(r"\s*,\s*", ",", line).split()
        command = words[0].upper() if words else ""
        if command in SILENT:
            return
        is_known = command in ANSWERS or command in BLOCKS or command in CHATTING
        if self._block is not None and is_known:
            yield Expected(ERROR, f"{line} (unfinished {self._block})", sent, False)
            self._block = None
        if command in BLOCKS:
            self._block, words = command, words[1:]
        if self._block is not None:
            if any(word.upper() == "DONE" for word in words):
                block, self._block = self._block, None
                yield Expected(BLOCKS[block], line, sent, block in THINKING, is_sure=block != "YXBOARD")
        elif command in ANSWERS:
            yield Expected(ANSWERS[command], line, sent, command in THINKING)
        elif command not in CHATTING:
            yield Expected("UNKNOWN .+", line, sent, False)


def _matched(answers: list[str], expected: list[Expected]) -> list[Expected] | None:
    """Which expected answer each answer is, in order; None where they do not fit."""
    if not expected:
        return None if answers else []
    first, rest = expected[0], expected[1:]
    if answers and re.fullmatch(first.pattern, answers[0]):
        others = _matched(answers[1:], rest)
        if others is not None:
            return [first, *others]
    return None if first.is_sure else _matched(answers, rest)
