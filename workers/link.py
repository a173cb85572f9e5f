"""One worker and the way to it, whether it is a process beside us or on some node of a cluster."""

from typing import NamedTuple, Protocol, TypeVar

Told_contra = TypeVar("Told_contra", contravariant=True)
Heard_co = TypeVar("Heard_co", covariant=True)


class End(NamedTuple):
    """How a worker ended."""

    words: str
    """A few, after the worker's name."""
    is_its_own: bool = True
    """Whether it counts against the worker; not so where the machine under it was lost."""


class Link(Protocol[Told_contra, Heard_co]):
    """A worker that is told one kind of messages and says another."""

    def send(self, message: Told_contra, /) -> None:
        """Tells it something; if it is dead, whoever listens to it will notice."""
        ...

    def receive(self) -> Heard_co | None:
        """Waits for what it says next; None: there will be no more."""
        ...

    def hang_up(self) -> None:
        """Tells it no more, on which it ends."""
        ...

    def end(self) -> End:
        """Ends it if it still lives, and says how it ended."""
        ...
