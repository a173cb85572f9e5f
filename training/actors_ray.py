"""Actors on a cluster that Ray runs.

Every node has the project installed; an actor is a `training.actor_worker.Worker` in a process that Ray starts where
there is room. The learner's side asks each actor for its reports, one question at a time, and gives the newest
network along with the question. So there is never more than one batch of games and one network on the way per actor:
an actor that is not asked rests, a learner that has enough lets all rest, and the object store holds little more than
one network.
"""

import math
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue, SimpleQueue
from typing import Any, NamedTuple

import ray
from ray.exceptions import RayError

from training.actor_messages import Begin, Command, read_assignment, write_assignment
from training.actor_worker import Pace, Worker, pace_of_many
from training.config import TrainConfig
from training.harvest import Report
from training.remote_actors import RemoteActors
from training.shares import Assignment
from training.sparring import MakePartner, no_partner
from workers.link import End
from workers.ray_cluster import SECONDS_TO_FIRST_WORKER, Place, connect, how_it_ended, own_place
from workers.scratch import ScratchFolder

MAX_UNSENT = 8
"""Reports that an actor keeps; when they are not fetched it rests."""
QUESTIONS = "questions"


class Delivery(NamedTuple):
    """An actor's answer."""

    place: Place
    reports: list[Report]


class Packet(NamedTuple):
    """A network in the object store."""

    generation: int
    data: "ray.ObjectRef[bytes]"
    """The file that `write_assignment` makes, compressed."""


class Seat:
    """Runs on a node: a worker in a thread of its own, and what it has reported since it was last asked."""

    def __init__(self, begin: Begin, pace: Pace) -> None:
        """Plays nothing until it has a network."""
        self._begin = begin
        self._pace = pace
        self._newest: Assignment | None = None
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._reports: Queue[Report] = Queue(MAX_UNSENT)
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._place = own_place()

    def tell(self, command: Command) -> None:
        self._commands.put(command)

    def exchange(self, network: bytes | None) -> Delivery:
        """Takes a network where there is a new one, and gives what has been reported since, or is soon."""
        if network is not None:
            self._newest = _unpack(network)
            if self._thread is not None:
                self.tell(Command.TAKE_NETWORK)
            else:
                self._thread = threading.Thread(target=self._play, name="player", daemon=True)
                self._thread.start()
        reports = []
        try:
            reports.append(self._reports.get(timeout=self._pace.moves))
            while True:
                reports.append(self._reports.get_nowait())
        except Empty:
            pass
        if self._failure is not None:
            raise self._failure
        return Delivery(self._place, reports)

    def _take(self) -> Assignment:
        assert self._newest is not None, "nothing is played without one"
        return self._newest

    def _play(self) -> None:
        try:
            Worker(self._begin, self._commands, self._take, self._reports.put, self._pace).run()
        except BaseException as error:
            self._failure = error
            raise


def _unpack(network: bytes) -> Assignment:
    """Through a file that is gone again at once: an actor is killed without a chance to tidy up."""
    with ScratchFolder() as folder:
        path = folder.path / "network"
        path.write_bytes(zlib.decompress(network))
        return read_assignment(path)


class RayLink:
    """An actor on some node, or one that waits for room. See `Link`."""

    def __init__(self, handle: Any, newest: Callable[[], Packet]) -> None:
        """
        Args:
          handle: Ray's, of a `Seat`.
          newest: the network that it should have.
        """
        self._handle = handle
        self._newest = newest
        self._given: int | None = None
        self._received: deque[Report] = deque()
        self._error: RayError | None = None
        self.place: Place | None = None
        """None: it has not been heard of."""

    def send(self, command: Command) -> None:
        if command is not Command.TAKE_NETWORK:  # which comes with the next question
            self._handle.tell.remote(command)

    def receive(self) -> Report | None:
        while not self._received:
            packet = self._newest()
            network = packet.data if packet.generation != self._given else None
            try:
                question = self._handle.exchange.options(concurrency_group=QUESTIONS)
                self.place, reports = ray.get(question.remote(network))
            except RayError as error:
                self._error = error
                return None
            self._given = packet.generation
            self._received.extend(reports)
        return self._received.popleft()

    def hang_up(self) -> None:
        """Ends it at once: what it has not reported is in flight, in the last report of its share."""
        if ray.is_initialized():
            ray.kill(self._handle)

    def end(self) -> End:
        self.hang_up()
        return how_it_ended(self.place, self._error)


class RayActors(RemoteActors[RayLink]):
    """Actors wherever a cluster has room; those for which there is none wait until a node joins."""

    def __init__(self, config: TrainConfig, make_partner: MakePartner = no_partner) -> None:
        """Finds the cluster, or starts one of this machine alone; no actor yet.

        Raises:
          ValueError: there is no cluster at the address.
        """
        super().__init__(config, make_partner)
        self._settings = config.ray
        self._folder = ScratchFolder()
        with ExitStack() as undo:
            undo.enter_context(self._folder)
            connect(config.ray.address, config.self_play.actors * config.ray.cpus, str(self._folder.path))
            undo.pop_all()
        self._packet: Packet | None = None
        self._give_up_at: float | None = None

    @property
    def places(self) -> list[Place | None]:
        """Where each actor plays; None: nowhere yet."""
        return [link.place for link in self._links]

    def close(self) -> None:
        """Ends all actors, and the cluster if it is our own."""
        super().close()
        self._packet = None
        ray.shutdown()
        self._folder.close()

    def _hand_over(self, assignment: Assignment) -> None:
        file = self._folder.path / "network"
        write_assignment(file, assignment)
        # The one before it goes from the store as soon as no question that is under way still brings it.
        self._packet = Packet(assignment.generation, ray.put(zlib.compress(file.read_bytes(), level=1)))

    def _newest(self) -> Packet:
        assert self._packet is not None, "a network is handed over before an actor is started"
        return self._packet

    def _connect(self, k: int) -> RayLink:
        begin = Begin(self._config, k, self._num_workers, self._ledger.shares_of(k), Path(), self._make_partner)
        # A command gets through while a question waits for its answer; commands keep their order.
        seat = ray.remote(concurrency_groups={QUESTIONS: 1})(Seat)
        options = {"num_cpus": self._settings.cpus, "num_gpus": self._settings.gpus}
        handle = seat.options(**options).remote(begin, pace_of_many(self._num_workers))
        return RayLink(handle, self._newest)

    def _look(self) -> None:
        if any(self._is_heard):
            self._give_up_at = math.inf
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + SECONDS_TO_FIRST_WORKER
        if time.monotonic() > self._give_up_at:
            wanted = f"{self._settings.cpus:g} CPUs and {self._settings.gpus:g} GPUs"
            self._failure = f"no node has had room for an actor ({wanted}) for {SECONDS_TO_FIRST_WORKER:.0f} seconds"

    def _note(self, report: Report) -> None:
        oldest = self._newest().generation - self._settings.max_behind + 1
        self._ledger.note(report, oldest)
