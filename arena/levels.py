"""Levels of play, weakest first: how much is thought, and how often something else than the best move is played.

Owns the table and nothing that thinks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """How strong a player of one level is made."""

    name: str
    simulations: int | None
    """Most new simulations of a move; None: as many as the caller's limit allows."""
    temperature: float
    """Moves are drawn in proportion to visits^(1 / temperature); 0: the best one. What is proven to win is never
    missed, and what is proven to lose is played only where all does."""


LEVELS = (
    Level("beginner", 8, 1.5),
    Level("easy", 24, 1.0),
    Level("medium", 64, 0.5),
    Level("quick", 160, 0.0),
    Level("strong", 600, 0.0),
    Level("full", None, 0.0),
)
FULL = LEVELS[-1]
LIMITED_LEVELS = {level.name: level for level in LEVELS if level.simulations is not None}
"""Those that say themselves how much is thought."""


def find_level(name: str | None) -> Level:
    """The level of this name; None: full strength.

    Raises:
      ValueError: there is none of this name.
    """
    for level in LEVELS:
        if level.name == (name or FULL.name).lower():
            return level
    raise ValueError(f"level {name!r} is not one of {', '.join(level.name for level in LEVELS)}")
