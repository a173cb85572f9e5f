"""Actors: they take a network and give finished games. Here the contract, and those in the learner's own process.

Those in processes of their own are in `training.actor_processes`; a cluster would keep the same contract.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any, Protocol

import torch

from gomoku.rules import Rules
from mcts.spans import Span, no_span
from nets.engine import CompiledNetwork, make_evaluator
from training.config import TrainConfig
from training.harvest import Harvest, Ledger, Report
from training.self_play import FinishedGame, SelfPlay

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
        compiled: CompiledNetwork,
        generation: int,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """Plays with this network until games with about `num_positions` positions have ended.

        Args:
          generation: the network's; games carry that of the network that began them.
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

    def __init__(self, rules: Rules, config: TrainConfig, span: Span = no_span) -> None:
        """Starts no game yet.

        Args:
          span: entered around the parts of each search step, see `Search`.
        """
        threads = config.self_play.threads
        self._shares = [
            SelfPlay(rules, config.self_play, config.search, config.seed, share, threads) for share in range(threads)
        ]
        for share in self._shares:
            share.span = span
        self._ledger = Ledger(rules, threads)
        # One network call runs on one core: more threads inside it wait for each other on a busy machine.
        self._pool = ThreadPoolExecutor(threads, "self-play", initializer=torch.set_num_threads, initargs=(1,))

    def play(
        self,
        compiled: CompiledNetwork,
        generation: int,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """See `Actors.play`."""
        evaluator = make_evaluator(compiled)
        moves = [0] * len(self._shares)
        is_stopped = False

        def play_share(k: int) -> list[FinishedGame]:
            def count_move() -> None:
                moves[k] += 1

            quota = -(-num_positions // len(self._shares))
            self._shares[k].generation = generation
            return self._shares[k].play(evaluator, quota, count_move, lambda: is_stopped)

        started = time.perf_counter()
        futures = [self._pool.submit(play_share, k) for k in range(len(self._shares))]
        try:
            while wait(futures, timeout=SECONDS_PER_LOOK).not_done:
                is_stopped = is_stopped or should_stop()
                on_progress(sum(moves))
        finally:
            is_stopped_early, is_stopped = is_stopped, True
        seconds = time.perf_counter() - started
        for k, (share, future) in enumerate(zip(self._shares, futures, strict=True)):
            games = future.result()
            self._ledger.note(
                k, Report(games, moves[k], share.simulations, share.cut_short, seconds, share=share.state())
            )
        return replace(self._ledger.take(), is_whole=not is_stopped_early)

    def state(self) -> list[dict[str, Any]]:
        """See `Actors.state`."""
        return self._ledger.state()

    def load_state(self, state: list[dict[str, Any]]) -> None:
        """See `Actors.load_state`."""
        self._ledger.load_state(state)
        for share, saved in zip(self._shares, state, strict=True):
            share.load_state(saved)

    def close(self) -> None:
        self._pool.shutdown()
