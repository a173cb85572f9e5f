"""What goes before a model's name in a player spec, with a number: `draw=-0.5:replies=3:models/8x8x5@400`.

Both say what a player makes of its opponent: what it would give for a win, and how often it expects him to err.
"""

import re
from dataclasses import dataclass

from gomoku.errors import PlayerSpecError


@dataclass(frozen=True)
class NumberPrefix:
    """One of them."""

    name: str
    """With the `=` at its end."""
    field: str
    """Of `PlayerSpec`."""
    usual: float
    """Where nothing is said."""
    low: float
    high: float
    what: str
    """Of which the number says how much, for complaints."""
    example: str

    def split(self, text: str) -> tuple[float, str]:
        """The number of a text that begins with this prefix, and what comes behind its colon.

        Raises:
          PlayerSpecError: no colon, no number, or one that is out of range.
        """
        number, colon, rest = text.strip().removeprefix(self.name).partition(":")
        if not colon:
            raise self.misplaced(text)
        is_number = re.fullmatch(r"-?(\d{1,6}\.?\d{0,6}|\.\d{1,6})", number) is not None
        if not is_number or not self.low <= float(number) <= self.high:
            allowed = f"it must be a number from {self.low:g} to {self.high:g}"
            raise PlayerSpecError(f"player {text!r}: {self.what} {number!r}, {allowed}")
        return float(number), rest

    def misplaced(self, text: str) -> PlayerSpecError:
        """For where there is no model or run behind it, or the same prefix again."""
        return PlayerSpecError(f"player {text!r}: {self.name} goes before a model or run, as in {self.example}")

    def written(self, value: float) -> str:
        """`draw=-0.5:`, or nothing for the usual."""
        return "" if value == self.usual else f"{self.name}{value:g}:"


NUMBER_PREFIXES = (
    NumberPrefix("draw=", "draw_value", 0.0, -1.0, 1.0, "a draw is worth", "draw=-0.5:models/8x8x5@400"),
    NumberPrefix("replies=", "reply_exploration", 1.0, 0.1, 100.0, "replies are", "replies=3:models/8x8x5@400"),
)


def number_prefix_of(text: str) -> NumberPrefix | None:
    """The one that the text begins with."""
    return next((prefix for prefix in NUMBER_PREFIXES if text.strip().startswith(prefix.name)), None)
