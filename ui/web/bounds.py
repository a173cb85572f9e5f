"""How much a page may ask of this machine, and all pages together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Limits that the server keeps, whatever comes in."""

    pages: int = 128
    """Pages that are connected at the same time; one more is refused with 429."""
    analyses: int = 4
    """Analyses under way at the same time, each with a tree of its own; one more is refused with 429."""
    players: int = 4
    """Players that are kept between moves, one per rules and level; the one longest unused goes first."""
    message_bytes: int = 16 * 2**10
    """Of one message of a page; 22x22 moves and a set-up board take 4 kB."""
    file_bytes: int = 2**20
    """Of one game file that is read or written."""
    idle_seconds: float = 3600.0
    """A page that says nothing for so long is disconnected, and its analysis ends; it may come back."""
    warm_up: bool = True
    """Make the player of the first position before anybody asks for it."""
