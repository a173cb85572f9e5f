"""How the benchmarks measure: by turns, on one core, with medians, and on which machine."""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from training.config import LearnerConfig

CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Effort:
    """How much work the figures rest on."""

    rounds: int = 7
    """Turns that each of a pair takes; odd, for the sake of the median."""
    rounds_15x15: int = 5
    games: int = 64
    """Side by side."""
    self_play_games: int = 128
    """Side by side in self-play with S, where a core has no tree work to be measured apart."""
    simulations: int = 400
    """Per move on 8x8."""
    simulations_15x15: int = 100
    """Per move on 15x15."""
    rollouts: int = 20_000
    """Simulations of one pure search."""
    answer: int = 400
    """Simulations of the answer that is timed."""
    actor_games: int = 128
    """Side by side in each process of self-play on all cores, and rows of a call of an evaluator alone."""
    replay_positions: int = 2_000
    replay_games: int = 64
    """Side by side, in self-play that the learner's positions come from."""
    replay_simulations: int = 100
    """Per move of it."""
    learner_steps: int = 20
    """Per turn on 6x6; a tenth of them on 15x15."""
    learner_batch: int = LearnerConfig().batch_size
    is_quick: bool = False
    """Leaves cold kernels and the training run out."""


FULL = Effort()
QUICK = Effort(
    rounds=1,
    rounds_15x15=1,
    games=4,
    self_play_games=4,
    simulations=16,
    simulations_15x15=4,
    rollouts=2_000,
    answer=40,
    actor_games=4,
    replay_positions=20,
    replay_games=4,
    replay_simulations=8,
    learner_steps=1,
    learner_batch=16,
    is_quick=True,
)


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    key: str
    title: str
    unit: str
    values: tuple[float, ...]
    """Of every turn."""
    at_least: float | None = None
    at_most: float | None = None
    """The target, where there is one."""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:,g}"
        return "" if self.at_most is None else f"≤ {self.at_most:,g}"

    @property
    def is_met(self) -> bool | None:
        """Whether the median reaches the target; None where there is none."""
        if self.at_least is not None:
            return self.median >= self.at_least
        return None if self.at_most is None else self.median <= self.at_most


def by_turns(takers: Sequence[Callable[[], float]], rounds: int) -> list[tuple[float, ...]]:
    """Lets each warm up once, then all take turns, so that a busy machine is fair to all.

    Returns: per taker, what its turns returned.
    """
    for take in takers:
        take()
    turns = [[take() for take in takers] for _ in range(rounds)]
    return list(zip(*turns, strict=True))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    """Of turns that followed each other."""
    return tuple(one / other for one, other in zip(ours, theirs, strict=True))


def per_second(count: int, work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """The rate of `count` pieces of work.

    Args:
      clock: tells seconds; those of CPU time, all threads added up, unless told otherwise: with one thread on an
        idle core that is the wall clock, and on a busy machine it leaves out the time that others took.
    """
    started = clock()
    work()
    return count / (clock() - started)


def machine() -> dict[str, str | int]:
    """What the figures were measured on, and when."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in ("torch", "numba", "numpy")},
        "date": date.today().isoformat(),
    }


def _cpu_model() -> str:
    if sys.platform == "linux" and CPU_INFO.exists():
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
