"""Actors: they take a network and give finished games. Here the contract, and those in the learner's own process.

Those in processes of their own are in `training.actor_processes`, those on a cluster in `training.actors_ray`.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any, Protocol

import torch

from mcts.spans import Span, no_span
from nets.engine import make_evaluator
from training.config import TrainConfig
from training.games import FinishedGame
from training.harvest import Harvest, Ledger, Report
from training.shares import Assignment, WorkerShares, rules_of_shares
from training.sparring import MakePartner, no_partner

SECONDS_PER_LOOK = 0.1


class ActorsError(RuntimeError):
    """The actors cannot play on; the last checkpoint is good."""


class Actors(Protocol):
    """Whoever plays the games that the learner learns from."""

    plays_on: bool
    """Whether the games go on between two calls of `play`, with what is finished kept in `state` at any time. If not,
    a play that was stopped is as if it had not been begun."""

    def play(
        self,
        assignment: Assignment,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """Plays as assigned until games with about `num_positions` positions have ended.

        Args:
          on_progress: is told the moves made so far, several times a second, in the caller's thread.
          should_stop: True ends the play soon.

        Raises:
          ActorsError: the games cannot go on.
        """
        ...

    def state(self) -> list[dict[str, Any]]:
        """Games in flight, finished games that wait to be harvested, and counters, as JSON can hold them."""
        ...

    def load_state(self, state: list[dict[str, Any]]) -> None: ...

    def close(self) -> None: ...


class InProcessActors:
    """A few threads of this process, each with games of its own; which thread plays which game never changes.

    Kernels and network calls release the interpreter lock.
    """

    plays_on = False

    def __init__(self, config: TrainConfig, span: Span = no_span, make_partner: MakePartner = no_partner) -> None:
        """Starts no game yet.

        Args:
          span: entered around the parts of each search step, see `Search`.
          make_partner: makes the sparring partner, where the settings ask for one.

        Raises:
          ValueError: there is no such sparring partner.
        """
        threads = config.self_play.threads
        self._workers = [WorkerShares(config, worker, threads, span, make_partner) for worker in range(threads)]
        self._ledger = Ledger(rules_of_shares(config, threads), threads)
        # One network call runs on one core: more threads inside it wait for each other on a busy machine.
        self._pool = ThreadPoolExecutor(threads, "self-play", initializer=torch.set_num_threads, initargs=(1,))

    def play(
        self,
        assignment: Assignment,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """See `Actors.play`."""
        evaluator = make_evaluator(assignment.compiled)
        moves = [0] * len(self._workers)
        is_stopped = False

        def work(k: int) -> list[FinishedGame]:
            def count_move() -> None:
                moves[k] += 1

            quota = -(-num_positions // len(self._workers))
            self._workers[k].assign(assignment)
            return self._workers[k].play(evaluator, quota, count_move, lambda: is_stopped)

        started = time.perf_counter()
        futures = [self._pool.submit(work, k) for k in range(len(self._workers))]
        try:
            while wait(futures, timeout=SECONDS_PER_LOOK).not_done:
                is_stopped = is_stopped or should_stop()
                on_progress(sum(moves))
        finally:
            is_stopped_early, is_stopped = is_stopped, True
        seconds = time.perf_counter() - started
        for k, (worker, future) in enumerate(zip(self._workers, futures, strict=True)):
            games = future.result()
            self._ledger.note(Report(games, moves[k], *worker.take_counts(), seconds, worker.state()))
        return replace(self._ledger.take(), is_whole=not is_stopped_early)

    def state(self) -> list[dict[str, Any]]:
        """See `Actors.state`."""
        return self._ledger.state()

    def load_state(self, state: list[dict[str, Any]]) -> None:
        """See `Actors.load_state`."""
        self._ledger.load_state(state)
        for k, worker in enumerate(self._workers):
            worker.load_state(self._ledger.shares_of(k))

    def close(self) -> None:
        self._pool.shutdown()
