"""Actors: they take a network and give finished games. Here the ones that live in the learner's own process.

Further kinds (processes, a cluster) keep the same contract.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from gomoku.rules import Rules
from nets.engine import CompiledNetwork, make_evaluator
from training.config import TrainConfig
from training.self_play import FinishedGame, GameInFlight, SelfPlay

SECONDS_PER_LOOK = 0.1


@dataclass(frozen=True)
class Harvest:
    """What one call of `Actors.play` brought."""

    games: list[FinishedGame]
    simulations: int
    """New ones, those of unfinished games included."""
    cut_short: int
    """Searches that ended early because their tree was full."""
    is_whole: bool
    """False where it was stopped before its time."""


class Actors(Protocol):
    """Whoever plays the games that the learner learns from."""

    def play(
        self,
        compiled: CompiledNetwork,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """Plays with this network until games with about `num_positions` positions have ended.

        Args:
          on_progress: is told the moves made so far, several times a second, in the caller's thread.
          should_stop: True ends the play soon.
        """
        ...

    def state(self) -> list[dict[str, Any]]:
        """Games in flight and counters, as JSON can hold them."""
        ...

    def load_state(self, state: list[dict[str, Any]]) -> None: ...

    def close(self) -> None: ...


class InProcessActors:
    """A few threads of this process, each with games of its own; which thread plays which game never changes.

    Kernels and network calls release the interpreter lock.
    """

    def __init__(self, rules: Rules, config: TrainConfig) -> None:
        threads = config.self_play.threads
        self._shares = [
            SelfPlay(rules, config.self_play, config.search, config.seed, share, threads) for share in range(threads)
        ]
        self._rules = rules
        # One network call runs on one core: more threads inside it wait for each other on a busy machine.
        self._pool = ThreadPoolExecutor(threads, "self-play", initializer=torch.set_num_threads, initargs=(1,))

    def play(
        self,
        compiled: CompiledNetwork,
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
            return self._shares[k].play(evaluator, quota, count_move, lambda: is_stopped)

        futures = [self._pool.submit(play_share, k) for k in range(len(self._shares))]
        try:
            while wait(futures, timeout=SECONDS_PER_LOOK).not_done:
                is_stopped = is_stopped or should_stop()
                on_progress(sum(moves))
        finally:
            is_stopped_early, is_stopped = is_stopped, True
        games = [game for future in futures for game in future.result()]
        return Harvest(
            games=games,
            simulations=sum(share.simulations for share in self._shares),
            cut_short=sum(share.cut_short for share in self._shares),
            is_whole=not is_stopped_early,
        )

    def state(self) -> list[dict[str, Any]]:
        """See `Actors.state`."""
        return [
            {"next_number": share.next_number, "games": [game.state() for game in share.games]}
            for share in self._shares
        ]

    def load_state(self, state: list[dict[str, Any]]) -> None:
        """See `Actors.load_state`."""
        for share, saved in zip(self._shares, state, strict=True):
            share.next_number = saved["next_number"]
            share.games = [GameInFlight.from_state(self._rules, game) for game in saved["games"]]

    def close(self) -> None:
        self._pool.shutdown()
