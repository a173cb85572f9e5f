"""Who plays the units of a match: this process, or workers in processes of their own, here or on a cluster.

Owns what all workers have in common: who plays which unit, what has come of it, and who goes on for one that dies.
A game that has been told of counts, once; of a dead worker's unit only what is left is played again.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from queue import Queue
from threading import Thread
from typing import NamedTuple

from arena.specs import Entrant
from arena.units import Bench, GameToPlay, OnGame, PlayedGame, Unit
from arena.worker_messages import Begin, Finished, Message, Refusal
from workers.link import End, Link
from workers.worker_process import WorkerProcess

MOST_DEATHS = 3
"""In a row, over one unit without a finished game, or in one place before the worker was ready: it is given up."""
MODULE = "arena.worker"


class WorkerError(Exception):
    """Workers die again and again; the text says of which one and how, in one line."""


class LocalCrew:
    """Plays one unit after the other in the caller's thread. See `Crew`."""

    def __init__(self, entrants: Sequence[Entrant]) -> None:
        self._bench = Bench(entrants)

    def play(self, units: Iterable[Unit], on_game: OnGame) -> Iterator[tuple[PlayedGame, ...]]:
        """See `Crew.play`."""
        for unit in units:
            yield self._bench.play(unit, partial(on_game, unit))

    def close(self) -> None:
        """See `Crew.close`."""
        self._bench.close()


WorkerLink = Link[Unit, Message]
"""A worker is given units; it says that it is ready, and then each game."""
Connect = Callable[[], WorkerLink]
"""Starts another worker; raises OSError where there is no room for it."""


class _Share:
    """A unit on its way."""

    def __init__(self, number: int, unit: Unit) -> None:
        self.number = number
        self.unit = unit
        self.games: dict[int, PlayedGame] = {}
        self.deaths = 0
        """In a row, without a finished game."""
        self.dealt: list[int] = []
        """Indices of the games that the worker was given, in the order in which it knows them."""

    @property
    def is_finished(self) -> bool:
        return len(self.games) == len(self.unit.games)

    def deal(self) -> Unit:
        """What is left to be played."""
        self.dealt = [index for index in range(len(self.unit.games)) if index not in self.games]
        games: tuple[GameToPlay, ...] = tuple(self.unit.games[index] for index in self.dealt)
        return replace(self.unit, games=games)


class _News(NamedTuple):
    worker: int
    link: WorkerLink
    message: Message | None


@dataclass
class _Seat:
    """A worker's place, whoever holds it."""

    link: WorkerLink
    is_ready: bool = False
    share: _Share | None = None
    deaths: int = 0
    """In a row, before it was ready."""


class RemoteCrew:
    """Workers outside this thread, wherever they are. See `Crew`."""

    def __init__(self, size: int, connect: Connect, on_alarm: Callable[[str], None]) -> None:
        """Starts nobody yet.

        Args:
          size: how many workers (≥ 1).
          on_alarm: is told in one line of each worker that is lost and replaced.
        """
        self._size = size
        self._connect = connect
        self._on_alarm = on_alarm
        self._seats: list[_Seat] = []
        self._listeners: list[Thread] = []
        self._news: Queue[_News] = Queue()
        self._left: deque[_Share] = deque()
        """Of workers that died."""
        self._finished: dict[int, _Share] = {}
        """Those that wait for an earlier one."""

    def play(self, units: Iterable[Unit], on_game: OnGame) -> Iterator[tuple[PlayedGame, ...]]:
        """See `Crew.play`."""
        fresh = (_Share(number, unit) for number, unit in enumerate(units))
        for worker in range(self._size):
            self._seats.append(_Seat(self._start(worker)))
        for number in itertools.count():
            while number not in self._finished:
                self._deal(fresh)
                if self._is_idle:
                    return
                self._heed(self._news.get(), on_game)
            share = self._finished.pop(number)
            yield tuple(share.games[index] for index in range(len(share.games)))

    def close(self) -> None:
        """See `Crew.close`."""
        for seat in self._seats:
            seat.link.hang_up()
        for seat in self._seats:
            seat.link.end()
        for listener in self._listeners:
            listener.join()

    def _deal(self, fresh: Iterator[_Share]) -> None:
        """Gives every worker that waits something to do, as long as there is something."""
        for seat in self._seats:
            if seat.is_ready and seat.share is None:
                seat.share = self._left.popleft() if self._left else next(fresh, None)
                if seat.share is None:
                    return
                seat.link.send(seat.share.deal())

    @property
    def _is_idle(self) -> bool:
        """Whether somebody waits for work in vain, and nobody else has any."""
        is_waiting = any(seat.is_ready and seat.share is None for seat in self._seats)
        return is_waiting and not any(seat.share for seat in self._seats)

    def _heed(self, news: _News, on_game: OnGame) -> None:
        worker, link, message = news
        seat = self._seats[worker]
        assert link is seat.link, "nothing comes from one who has ended"
        if message is None:
            self._replace(worker, link.end())
        elif isinstance(message, Refusal):
            raise ValueError(message.reason)
        elif isinstance(message, Finished):
            assert seat.share is not None
            self._note(seat, seat.share, message, on_game)
        else:
            seat.is_ready = True

    def _note(self, seat: _Seat, share: _Share, message: Finished, on_game: OnGame) -> None:
        index = share.dealt[message.number]
        share.games[index] = message.game
        share.deaths = 0
        if share.is_finished:
            self._finished[share.number] = share
            seat.share = None
        on_game(share.unit, index, message.game)

    def _replace(self, worker: int, end: End) -> None:
        """Starts another worker, if there is hope that it will do better."""
        seat, name = self._seats[worker], f"worker {worker + 1} {end.words}"
        fresh = _Seat(seat.link)
        if seat.share is not None:
            seat.share.deaths += end.is_its_own
            if seat.share.deaths >= MOST_DEATHS:
                what = seat.share.unit.name
                raise WorkerError(f"{what}: {MOST_DEATHS} workers in a row were lost without a finished game; {name}")
            self._left.append(seat.share)
        elif not seat.is_ready:
            fresh.deaths = seat.deaths + end.is_its_own
            if fresh.deaths >= MOST_DEATHS:
                raise WorkerError(f"no worker can be started, {MOST_DEATHS} times in a row; {name}")
        self._on_alarm(f"{name}, another goes on with its games")
        fresh.link = self._start(worker)
        self._seats[worker] = fresh

    def _start(self, worker: int) -> WorkerLink:
        try:
            link = self._connect()
        except OSError as error:
            raise WorkerError(f"worker {worker + 1} cannot be started: {error}") from None

        def listen() -> None:
            while (message := link.receive()) is not None:
                self._news.put(_News(worker, link, message))
            self._news.put(_News(worker, link, None))

        self._listeners.append(Thread(target=listen, name=f"worker {worker + 1}", daemon=True))
        self._listeners[-1].start()
        return link


def start_worker(entrants: tuple[Entrant, ...]) -> WorkerProcess:
    """Starts a worker in a process of this machine.

    Raises:
      OSError: there is no room for it.
    """
    worker = WorkerProcess(MODULE)
    worker.send(Begin(entrants))
    return worker
