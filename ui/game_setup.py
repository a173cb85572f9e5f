"""What a new game is, and where people sit at it."""

from dataclasses import dataclass
from enum import Enum

from gomoku.rules import BLACK, WHITE, Rules
from ui.clock import TimeControl


class Person(Enum):
    """Where people sit."""

    BLACK = BLACK
    WHITE = WHITE
    BOTH = "both"
    NOWHERE = "nowhere"

    def sits_at(self, colour: int) -> bool:
        """Whether a person has these stones."""
        return self is Person.BOTH or self.value == colour


@dataclass(frozen=True)
class Setup:
    """What a new game is."""

    rules: Rules = Rules()
    person: Person = Person.BLACK
    level: str | None = None
    """Of the computer; None: full strength."""
    time: TimeControl | None = None
    is_swap2: bool = False
    """With one person and one player; `person` then says who puts the first stones: Black's side does."""
