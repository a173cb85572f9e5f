"""A chess clock for two: sudden death with an increment. The page has its own, in `web/static/clock.js`."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from gomoku.rules import BLACK, WHITE

LONGEST_MINUTES, LONGEST_INCREMENT = 600.0, 600.0
LEAST_BUDGET = 0.05
MOVES_TO_COME = 20
"""A player shares what it has left among so many moves."""
SHARE_OF_INCREMENT = 0.7
TENTHS_BELOW = 20.0
"""Below so many seconds tenths are shown."""


@dataclass(frozen=True)
class TimeControl:
    """How much time each side has.

    Raises:
      ValueError: a field outside its range.
    """

    minutes: float
    """For the whole game."""
    increment: float = 0.0
    """Seconds that every move adds."""

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= LONGEST_MINUTES:
            raise ValueError(f"{self.minutes:g} minutes are not between 0 and {LONGEST_MINUTES:g}")
        if not 0 <= self.increment <= LONGEST_INCREMENT:
            raise ValueError(f"an increment of {self.increment:g} s is not between 0 and {LONGEST_INCREMENT:g}")

    @property
    def name(self) -> str:
        """`5+3`, as `parse_time_control` reads it."""
        return f"{self.minutes:g}+{self.increment:g}"


class GameClock:
    """Two sides' time, of which at most one runs."""

    def __init__(self, control: TimeControl, now: Callable[[], float] = time.monotonic) -> None:
        self._left = dict.fromkeys((BLACK, WHITE), control.minutes * 60)
        self._increment = control.increment
        self._now = now
        self._since = 0.0
        self._running: int | None = None

    def remaining(self, colour: int) -> float:
        """Seconds that a side has left, never below zero."""
        used = self._now() - self._since if colour == self._running else 0.0
        return max(self._left[colour] - used, 0.0)

    def run(self, colour: int) -> None:
        """Lets one side's time run; running already, it runs on."""
        if colour != self._running:
            self.pause()
            self._running, self._since = colour, self._now()

    def pause(self) -> None:
        if self._running is not None:
            self._left[self._running] = self.remaining(self._running)
            self._running = None

    def moved(self, colour: int) -> None:
        """A side made its move: its time stands, and grows by the increment."""
        self.pause()
        self._left[colour] += self._increment

    @property
    def fallen(self) -> int | None:
        """The side whose time is over while it runs."""
        return self._running if self._running is not None and self.remaining(self._running) <= 0 else None

    def budget(self, colour: int) -> float:
        """What a player should spend on its next move, in seconds."""
        share = self.remaining(colour) / MOVES_TO_COME + self._increment * SHARE_OF_INCREMENT
        return max(LEAST_BUDGET, share)


def parse_time_control(text: str) -> TimeControl:
    """Reads minutes and, after a plus, seconds a move: `5+3`, `15`.

    Raises:
      ValueError: with the text and what is allowed.
    """
    match = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,3})?)(?:\+([0-9]{1,4}(?:\.[0-9]{1,3})?))?", text.strip())
    if match is None:
        raise ValueError(f"clock {text!r} is not understood; 5+3 is five minutes and three seconds a move")
    try:
        return TimeControl(float(match[1]), float(match[2] or 0))
    except ValueError as error:
        raise ValueError(f"clock {text!r}: {error}") from None


def clock_text(seconds: float) -> str:
    """`4:59`, or `9.7` near the end; rounded up, so that nobody has lost with time left."""
    if seconds < TENTHS_BELOW:
        return f"{math.ceil(round(10 * seconds, 6)) / 10:.1f}"  # what is less than that is an error of the arithmetic
    minutes, rest = divmod(int(-(-seconds // 1)), 60)
    return f"{minutes}:{rest:02d}"
