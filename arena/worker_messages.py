"""What a crew and its workers say to each other. A module of its own: the worker is run as `__main__`."""

from typing import NamedTuple

from arena.specs import Entrant
from arena.units import PlayedGame


class Begin(NamedTuple):
    """The first thing that a worker is told; units follow."""

    entrants: tuple[Entrant, ...]
    """By number."""


class Ready(NamedTuple):
    """The worker is there and waits for units."""


class Finished(NamedTuple):
    """A game of the worker's unit has ended; with the last one it waits for the next unit."""

    number: int
    """In the unit as the worker was given it."""
    game: PlayedGame


class Refusal(NamedTuple):
    """Nobody can play what was asked for."""

    reason: str


Message = Ready | Finished | Refusal
