"""The rules as data, their names, and the form in which kernels read them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

BLACK, WHITE = 1, -1
EMPTY, BLOCKED = 0, 2
"""What a point can hold. A blocked point is like the board's edge."""

MIN_SIZE, MAX_SIZE = 3, 22
MIN_WIN_LENGTH, MAX_WIN_LENGTH = 3, 6
USUAL_WIN_LENGTH = 5
FULL_SIZE = 15
"""From this size on, five in a row goes without saying in a rules' name."""

RULES_EXAMPLES = "6x6x4, 15x15, standard-15x15, renju-15x15"


class Variant(StrEnum):
    """What becomes of lines that are too long, and of Black's fouls."""

    FREESTYLE = "freestyle"
    """`win_length` or more wins."""
    STANDARD = "standard"
    """Exactly `win_length` wins; a longer line is nothing."""
    RENJU = "renju"
    """White wins with five or more, Black with exactly five; overline, double four and double three are illegal
    moves for Black."""


class KernelRules(NamedTuple):
    """The rules as kernels read them."""

    size: int
    win_length: int
    black_exact: bool
    """Black's line must be exactly `win_length` long."""
    white_exact: bool
    fouls: bool
    """Renju's three fouls are illegal for Black."""


@dataclass(frozen=True)
class Rules:
    """The rules of one game.

    Raises:
      ValueError: a field outside its range.
    """

    size: int = FULL_SIZE
    """Rows and columns, 3 to 22."""
    win_length: int = USUAL_WIN_LENGTH
    """Stones in a row that win, 3 to 6 and at most `size`."""
    variant: Variant = Variant.FREESTYLE

    def __post_init__(self) -> None:
        if not MIN_SIZE <= self.size <= MAX_SIZE:
            raise ValueError(f"board size {self.size} is not between {MIN_SIZE} and {MAX_SIZE}")
        if not MIN_WIN_LENGTH <= self.win_length <= MAX_WIN_LENGTH:
            raise ValueError(f"win length {self.win_length} is not between {MIN_WIN_LENGTH} and {MAX_WIN_LENGTH}")
        if self.win_length > self.size:
            raise ValueError(f"win length {self.win_length} does not fit on a board of size {self.size}")
        if self.variant is Variant.RENJU and self.win_length != USUAL_WIN_LENGTH:
            raise ValueError(f"renju is five in a row, not {self.win_length}")

    @property
    def num_points(self) -> int:
        return self.size * self.size

    @property
    def name(self) -> str:
        """The shortest text that `parse_rules` reads back."""
        prefix = "" if self.variant is Variant.FREESTYLE else f"{self.variant}-"
        implied = self.win_length == USUAL_WIN_LENGTH and (self.size >= FULL_SIZE or self.variant is Variant.RENJU)
        suffix = "" if implied else f"x{self.win_length}"
        return f"{prefix}{self.size}x{self.size}{suffix}"

    @cached_property
    def compiled(self) -> KernelRules:
        return KernelRules(
            size=self.size,
            win_length=self.win_length,
            black_exact=self.variant is not Variant.FREESTYLE,
            white_exact=self.variant is Variant.STANDARD,
            fouls=self.variant is Variant.RENJU,
        )


def parse_rules(text: str) -> Rules:
    """Reads `6x6x4`, `15x15`, `standard-15x15` or `renju-15x15`.

    Raises:
      ValueError: with the text and what is allowed.
    """
    match = re.fullmatch(r"(?:([a-z]+)-)?([0-9]{1,4})x([0-9]{1,4})(?:x([0-9]{1,4}))?", text.strip().lower())
    if match is None:
        raise ValueError(f"rules {text!r} are not understood; write them like {RULES_EXAMPLES}")
    variant, rows, columns, win_length = match.groups()
    if variant is not None and variant not in list(Variant):
        raise ValueError(f"rules {text!r}: {variant!r} is not one of {', '.join(Variant)}")
    if int(rows) != int(columns):
        raise ValueError(f"rules {text!r}: the board must be square")
    try:
        return Rules(int(rows), int(win_length or USUAL_WIN_LENGTH), Variant(variant or Variant.FREESTYLE))
    except ValueError as error:
        raise ValueError(f"rules {text!r}: {error}") from None
