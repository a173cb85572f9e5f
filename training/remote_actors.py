"""Actors outside the learner's process, wherever they run: they play on while the learner learns.

Owns what processes and a cluster have in common: who plays which shares, what was heard of it, when all rest, and
who goes on for an actor that is lost. How an actor is started and talked to is said by a `Link`.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from training.actor_messages import Command
from training.actors import SECONDS_PER_LOOK, ActorsError
from training.config import TrainConfig
from training.harvest import Harvest, Ledger, Report
from training.shares import Assignment, rules_of_shares
from training.sparring import MakePartner, no_partner
from workers.link import End, Link

MAX_FRUITLESS_STARTS = 3
"""Starts in a row after which an actor that dies without a finished game is given up."""
SECONDS_TO_ANSWER = 10.0
"""After this long a checkpoint takes an actor's last report instead of a fresh one."""


LinkT = TypeVar("LinkT", bound=Link[Command, Report])


class RemoteActors(ABC, Generic[LinkT]):
    """Actors that play without end, each its own shares of the games.

    They stop playing while games with as many positions as one harvest asks for wait for the learner.
    """

    plays_on = True

    def __init__(self, config: TrainConfig, make_partner: MakePartner = no_partner) -> None:
        """Starts no actor yet.

        Args:
          make_partner: see `InProcessActors`.
        """
        self._config = config
        self._make_partner = make_partner
        self._num_workers = config.self_play.actors
        self._ledger = Ledger(rules_of_shares(config, self._num_workers), self._num_workers)
        self._links: list[LinkT] = []
        """One for each actor."""
        self._listeners: list[threading.Thread] = []
        self._changed = threading.Condition()
        """Guards all that follows, the links and the ledger; is notified of every report and every death."""
        self._answers = [0] * self._num_workers
        """Reports of games in flight so far, deaths counted among them."""
        self._is_heard = [False] * self._num_workers
        """Whether anything was heard of an actor since it was started, or since it last left a question open."""
        self._fruitless_starts = [0] * self._num_workers
        self._most_waiting = 0
        self._is_paused = False
        self._is_closing = False
        self._failure: str | None = None

    @abstractmethod
    def _hand_over(self, assignment: Assignment) -> None:
        """Lays a network and what is to be played down where all actors find it, those started later too."""

    @abstractmethod
    def _connect(self, k: int) -> LinkT:
        """Starts actor `k` where its last report left its shares.

        Raises:
          ActorsError: the system has no room for it.
        """

    def _look(self) -> None:
        """Called several times a second during `play`, under the lock; may set `_failure`."""

    def play(
        self,
        assignment: Assignment,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """See `Actors.play`. Brings all that has ended since the last harvest; if stopped, that goes on waiting."""
        self._hand_over(assignment)
        with self._changed:
            self._most_waiting = num_positions
            self._send_all(Command.TAKE_NETWORK)
            self._steer()
            while len(self._links) < self._num_workers:
                self._links.append(self._start(len(self._links)))
        while not should_stop():
            with self._changed:
                self._changed.wait_for(lambda: self._failure or self._is_ripe(), SECONDS_PER_LOOK)
                self._look()
                if self._failure:
                    raise ActorsError(self._failure)
                if self._is_ripe():
                    harvest = self._ledger.take()
                    self._steer()
                    return harvest
                moves = self._ledger.moves
            on_progress(moves)
        return Harvest([], 0, 0, 0.0, 0, is_whole=False)

    def state(self) -> list[dict[str, Any]]:
        """See `Actors.state`."""
        with self._changed:
            before = self._answers.copy()
            asked = [k for k in range(len(self._links)) if self._is_heard[k]]
            for k in asked:
                self._links[k].send(Command.REPORT_SHARE)
            self._changed.wait_for(lambda: all(self._answers[k] > before[k] for k in asked), SECONDS_TO_ANSWER)
            for k in asked:  # a machine that is cut off must not hold up every checkpoint until it is given up
                self._is_heard[k] = self._is_heard[k] and self._answers[k] > before[k]
            return self._ledger.state()

    def load_state(self, state: list[dict[str, Any]]) -> None:
        """See `Actors.load_state`."""
        assert not self._links, "before the first play"
        self._ledger.load_state(state)

    def close(self) -> None:
        """Ends all actors."""
        with self._changed:
            self._is_closing = True
            links = self._links.copy()
        for link in links:
            link.hang_up()
        for link in links:
            link.end()
        for listener in self._listeners:
            listener.join()

    def _start(self, k: int) -> LinkT:
        link = self._connect(k)
        if self._is_paused:
            link.send(Command.PAUSE)
        self._fruitless_starts[k] += 1
        self._is_heard[k] = False
        listener = threading.Thread(target=self._listen, args=(k, link), name=f"actor {k}", daemon=True)
        self._listeners = [thread for thread in self._listeners if thread.is_alive()] + [listener]
        listener.start()
        return link

    def _listen(self, k: int, link: LinkT) -> None:
        """Takes in what an actor reports for as long as it lives."""
        while (report := link.receive()) is not None:
            with self._changed:
                self._note(report)
                self._is_heard[k] = True
                if report.games:
                    self._fruitless_starts[k] = 0
                if report.shares is not None:
                    self._answers[k] += 1
                self._steer()
                self._changed.notify_all()
        with self._changed:
            if not self._is_closing:
                self._replace(k, link.end())
            self._answers[k] += 1
            self._changed.notify_all()

    def _note(self, report: Report) -> None:
        """Enters what an actor has done."""
        self._ledger.note(report)

    def _replace(self, k: int, end: End) -> None:
        """Starts another actor `k`, if there is hope that it will do better."""
        if not end.is_its_own:
            self._fruitless_starts[k] = 0
        if self._fruitless_starts[k] >= MAX_FRUITLESS_STARTS:
            self._failure = (
                f"actor {k + 1} cannot play: started {MAX_FRUITLESS_STARTS} times, each time it {end.words}"
            )
            return
        self._ledger.alarms.append(f"actor {k + 1} {end.words}, another goes on with its games")
        try:
            self._links[k] = self._start(k)
        except ActorsError as error:
            self._failure = str(error)

    def _is_ripe(self) -> bool:
        return self._ledger.positions >= self._most_waiting

    def _steer(self) -> None:
        """Lets the actors play exactly while there is need of more games."""
        if self._is_ripe() != self._is_paused:
            self._is_paused = not self._is_paused
            self._send_all(Command.PAUSE if self._is_paused else Command.PLAY)

    def _send_all(self, command: Command) -> None:
        for link in self._links:
            link.send(command)
