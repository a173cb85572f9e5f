"""What `INFO` sets: clocks, memory, rules; and how long a move may take.

Source: the Gomocup protocol, https://plastovicka.github.io/protocl2en.htm
"""

import re
from dataclasses import dataclass

from gomoku.player import Limit
from gomoku.rules import MAX_SIZE, Rules, Variant

UNLIMITED_MS = 2_147_483_647
"""What managers send as `time_left` where a match has no limit."""
SHARE_OF_TIME_LEFT = 7
"""A move may take one part in so many of what the match has left."""
SAFETY_MS = 30
"""Kept back for the way from the search to the manager's clock."""
SHORTEST_MS = 1
SMALLEST_SIZE = 5
"""Gomocup plays five in a row."""
MAX_SIMULATIONS = 10**9

EXACT_BIT, CONTINUOUS_BIT, RENJU_BIT, CARO_BIT = 1, 2, 4, 8
_NUMBERS = ("timeout_turn", "timeout_match", "time_left", "max_memory", "rule", "max_node", "show_detail")


@dataclass
class Settings:
    """The keys of `INFO` that matter here; times in milliseconds."""

    timeout_turn: int = 30_000
    """0: as fast as possible."""
    timeout_match: int = 0
    """0: no limit."""
    time_left: int | None = None
    """None: never sent."""
    max_memory: int = 0
    """Bytes of the whole process; 0: no limit."""
    rule: int = 0
    max_node: int = 0
    """Simulations of a move; 0: no limit."""
    show_detail: int = 0
    speaks_yixin: bool = False
    """Whether the other side used words that only Yixin-Board and its kin know."""

    def take(self, key: str, value: str) -> None:
        """Takes one `INFO key value`; passes over keys that are not known and values that are not numbers."""
        key = key.lower()
        if key in ("show_detail", "max_node", "max_depth", "thread_num", "hash_size"):
            self.speaks_yixin = True
        if key in _NUMBERS and re.fullmatch(r"[-+]?[0-9]{1,18}", value):
            setattr(self, key, int(value))

    def rules(self, size: int) -> Rules:
        """The rules on a board of `size`.

        Raises:
          ValueError: a size that Gomocup's rules do not fit.
        """
        if not SMALLEST_SIZE <= size <= MAX_SIZE:
            raise ValueError(f"board size {size} is not between {SMALLEST_SIZE} and {MAX_SIZE}")
        return Rules(size, variant=self._variant)

    @property
    def _variant(self) -> Variant:
        # 2 is a game that goes on after a win to Gomocup, and renju to Yixin-Board and Gomocalc.
        if self.rule & RENJU_BIT or (self.rule == CONTINUOUS_BIT and self.speaks_yixin):
            return Variant.RENJU
        return Variant.STANDARD if self.rule & EXACT_BIT else Variant.FREESTYLE

    @property
    def is_caro(self) -> bool:
        """Whether the manager wants rules that nobody here knows."""
        return bool(self.rule & CARO_BIT)

    def limit(self, spent_ms: float) -> Limit:
        """Of one move.

        Args:
          spent_ms: what the engine's moves have taken in this game, for managers that tell no `time_left`.
        """
        milliseconds = float(self.timeout_turn)
        left: float | None = self.time_left
        if left is None and self.timeout_match > 0:
            left = self.timeout_match - spent_ms
        if left is not None and left < UNLIMITED_MS:
            milliseconds = min(milliseconds, left / SHARE_OF_TIME_LEFT)
        return Limit(simulations=self._simulations, seconds=max(milliseconds - SAFETY_MS, SHORTEST_MS) / 1000)

    def analysis_limit(self, spent_ms: float) -> Limit:
        """Of an analysis: clients that send `timeout_turn 0` and no match limit mean "until STOP"."""
        if self.timeout_turn <= 0 and self.timeout_match <= 0 and self.time_left is None:
            return Limit(simulations=self._simulations)
        return self.limit(spent_ms)

    @property
    def _simulations(self) -> int | None:
        return min(self.max_node, MAX_SIMULATIONS) if self.max_node > 0 else None
