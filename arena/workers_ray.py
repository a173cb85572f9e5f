"""Workers on a cluster that Ray runs.

Every node has the project installed; a worker is a `Bench` in a process that Ray starts where there is room. A unit
goes there, and each game comes back as it ends. Those for whom there is no room wait until a node joins, and nothing
waits for them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from queue import SimpleQueue
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError

from arena.crew import RemoteCrew
from arena.specs import Entrant
from arena.units import Bench, Unit
from arena.worker import play_and_tell
from arena.worker_messages import Begin, Message, Ready, Refusal
from workers.link import End
from workers.ray_cluster import SECONDS_TO_FIRST_WORKER, Place, connect, how_it_ended, own_place
from workers.scratch import ScratchFolder

CPUS = 1
"""That a worker reserves."""
PLAYING = "playing"
SECONDS_TO_CLOSE = 5.0


class RemoteBench:
    """Runs on a node."""

    def __init__(self, begin: Begin) -> None:
        self._bench = Bench(begin.entrants)

    def place(self) -> Place:
        return own_place()

    def play(self, unit: Unit) -> Iterator[Message]:
        """Plays in a thread of its own, as games end while it does so."""
        said: SimpleQueue[Message | BaseException | None] = SimpleQueue()

        def work() -> None:
            try:
                play_and_tell(self._bench, unit, said.put)
            except BaseException as error:
                said.put(error)
                raise
            said.put(None)

        threading.Thread(target=work, name="player", daemon=True).start()
        while (message := said.get()) is not None:
            if isinstance(message, BaseException):
                raise message
            yield message

    def close(self) -> None:
        """Ends the outside engines."""
        self._bench.close()


class RayLink:
    """A worker on some node, or one that waits for room. See `Link`."""

    def __init__(self, handle: Any, anyone_is_there: threading.Event) -> None:
        """
        Args:
          handle: Ray's, of a `RemoteBench`.
          anyone_is_there: whether the cluster has had room for any of the workers.
        """
        self._handle = handle
        self._anyone_is_there = anyone_is_there
        self._units: SimpleQueue[Unit | None] = SimpleQueue()
        self._games: Iterator[Any] = iter(())
        self._place: Place | None = None
        """None: it has not been heard of."""
        self._error: RayError | None = None

    def send(self, message: Unit) -> None:
        self._units.put(message)

    def receive(self) -> Message | None:
        try:
            if self._place is None:
                return self._wait_for_room()
            while (game := next(self._games, None)) is None:
                unit = self._units.get()
                if unit is None:
                    return None
                play = self._handle.play.options(num_returns="streaming", concurrency_group=PLAYING)
                self._games = play.remote(unit)
            message: Message = ray.get(game)
        except RayError as error:
            self._error = error
            return None
        return message

    def hang_up(self) -> None:
        self._units.put(None)
        if not ray.is_initialized():
            return
        if self._place is not None and self._error is None:
            with suppress(RayError):
                ray.get(self._handle.close.remote(), timeout=SECONDS_TO_CLOSE)
        ray.kill(self._handle)

    def end(self) -> End:
        error = self._error
        self.hang_up()
        return how_it_ended(self._place, error)

    def _wait_for_room(self) -> Message:
        answer = self._handle.place.remote()
        while True:
            try:
                self._place = ray.get(answer, timeout=SECONDS_TO_FIRST_WORKER)
            except GetTimeoutError:
                if not self._anyone_is_there.is_set():
                    seconds = f"{SECONDS_TO_FIRST_WORKER:.0f} seconds"
                    return Refusal(f"no node of the cluster has had room for a worker ({CPUS} CPU) for {seconds}")
            else:
                self._anyone_is_there.set()
                return Ready()


class RayCrew(RemoteCrew):
    """Workers wherever a cluster has room. See `Crew`."""

    def __init__(
        self, address: str, size: int, entrants: tuple[Entrant, ...], on_alarm: Callable[[str], None]
    ) -> None:
        """Finds the cluster, or starts one of this machine alone.

        Args:
          address: see `workers.cluster_address.ADDRESS_FORMS`.
          size, on_alarm: see `RemoteCrew`.

        Raises:
          ValueError: there is no cluster at the address.
        """
        self._folder = ScratchFolder()
        with ExitStack() as undo:
            undo.enter_context(self._folder)
            connect(address, size * CPUS, str(self._folder.path))
            undo.pop_all()
        begin = ray.put(Begin(entrants))
        anyone_is_there = threading.Event()

        def seat() -> RayLink:
            # A worker can be closed while it plays.
            bench = ray.remote(concurrency_groups={PLAYING: 1})(RemoteBench)
            return RayLink(bench.options(num_cpus=CPUS).remote(begin), anyone_is_there)

        super().__init__(size, seat, on_alarm)

    def close(self) -> None:
        """Ends all workers, and the cluster if it is our own."""
        super().close()
        ray.shutdown()
        self._folder.close()
