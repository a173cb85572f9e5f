"""What a run's folder says about how it learnt: its strength checks with their intervals, and its losses.

Owns the reading and the two questions that runs are compared by: how strong at a given time, and when as strong as
that. How sure a check's score is comes from whoever asks, as training knows no statistics.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from gomoku.errors import CheckpointError
from training.metrics import read_metrics
from training.run_folder import RunFolder

Interval = Callable[[float, int], tuple[float, float]]
"""A score in [0, 1] and the number of its games; returns the bounds between which the true one lies."""


@dataclass(frozen=True)
class Check:
    """One strength check, and how far the run had come."""

    seconds: float
    """Of training, over all resumes."""
    games: int
    """Of self-play, so far."""
    positions: int
    """Of self-play, so far."""
    opponent: str
    games_checked: int
    score: float
    """Points per game, in [0, 1]."""
    low: float
    high: float
    suite_share: float | None
    """Of the suite's positions, that the network alone solves; None: not logged."""


CHECK_KEYS = ("total_seconds", "total_games", "total_positions", "check")
"""What a check is read from."""


@dataclass(frozen=True)
class Reached:
    """When a run reached a score, in seconds of training; None: not in the time that it had."""

    first: float | None
    """At the first check with that score."""
    earliest: float | None
    """At the first check whose interval reaches it."""
    latest: float | None
    """At the first check whose interval lies above it."""


@dataclass(frozen=True)
class RunCurve:
    """A run with at least one finished iteration."""

    name: str
    """As it was asked for."""
    rules: str
    lines: tuple[dict[str, Any], ...]
    """Of metrics.jsonl."""
    checks: tuple[Check, ...]

    @property
    def seconds(self) -> float:
        return float(self.lines[-1]["total_seconds"])

    def strength_at(self, seconds: float) -> Check | None:
        """The latest check by then; None: there was none yet."""
        return next((check for check in reversed(self.checks) if check.seconds <= seconds), None)

    def reached(self, score: float) -> Reached:
        """When the run was as strong as that."""

        def first(value: Callable[[Check], float]) -> float | None:
            return next((check.seconds for check in self.checks if value(check) >= score), None)

        return Reached(
            first(lambda check: check.score), first(lambda check: check.high), first(lambda check: check.low)
        )


def read_curve(path: Path, interval: Interval) -> RunCurve:
    """Reads a run's folder.

    Raises:
      CheckpointError: it is no run, a run without a finished iteration, or its figures are damaged.
    """
    folder = RunFolder(path)
    if not folder.config.is_file():
        raise CheckpointError(f"{path} is not a run: it has no {folder.config.name}")
    lines = read_metrics(folder.metrics)
    if not lines:
        raise CheckpointError(f"{path} has no finished iteration in its {folder.metrics.name} yet")
    try:
        # Not read_config: runs that were made by other versions are to be compared, too.
        rules = str(json.loads(folder.config.read_text())["rules"])
        checks = tuple(check_of(line, interval) for line in lines if line["check"] is not None)
        if any(later["total_seconds"] < earlier["total_seconds"] for earlier, later in pairwise(lines)):
            raise ValueError("its time runs backwards")
        for line in lines:
            _ = [line[name] for name in ("total_games", "total_positions", "policy_loss", "value_loss")]
    except (ValueError, TypeError, KeyError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise CheckpointError(
            f"{path} is damaged, in {folder.config.name} or {folder.metrics.name}: {what}"
        ) from None
    return RunCurve(str(path), rules, tuple(lines), checks)


def check_of(line: dict[str, Any], interval: Interval) -> Check:
    """The strength check in a line of metrics.jsonl, or in what a model's card keeps of it.

    Raises:
      ValueError, KeyError: it is damaged.
    """
    check = line["check"]
    score, games = float(check["score"]), int(check["games"])
    if not 0 <= score <= 1 or games < 1:
        raise ValueError(f"a check with score {score:g} of {games} games")
    low, high = interval(score, games)
    share = check.get("suite", {}).get("network")
    return Check(
        seconds=float(line["total_seconds"]),
        games=int(line["total_games"]),
        positions=int(line["total_positions"]),
        opponent=str(check["opponent"]),
        games_checked=games,
        score=score,
        low=low,
        high=high,
        suite_share=None if share is None else float(share),
    )


def clock(seconds: float) -> str:
    """`1:05:09`, hours, minutes, seconds."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
