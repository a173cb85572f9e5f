"""What a person sees of a training run in the terminal, and how they stop it."""

import signal
import sys
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from tqdm import tqdm

from training.config import TrainConfig
from training.hooks import Phase, Progress
from training.metrics import IterationMetrics

SECONDS_PER_LOG_LINE = 10
"""Where the bar goes to a file, it is written this often and at every change of phase."""


class ProgressBar:
    """One bar over the whole run: minutes where they are limited, else iterations."""

    def __init__(self, minutes: float | None, config: TrainConfig) -> None:
        self._in_minutes = minutes is not None
        total = minutes if minutes is not None else config.max_iterations or None
        unit = "min" if self._in_minutes else "it"
        shape = "{l_bar}{bar}| {n:.1f}/{total:.1f} {unit}{postfix}" if total else "{desc}: {n:.0f} {unit}{postfix}"
        # Not yet: a run that cannot begin is told of in one line.
        self._make = partial(tqdm, total=total, unit=unit, bar_format=shape, file=sys.stderr, dynamic_ncols=True)
        self._made: tqdm[Any] | None = None
        self._total = total
        self._is_watched = sys.stderr.isatty()
        self._phase: Phase | None = None
        self._next_line = 0.0

    @property
    def _bar(self) -> "tqdm[Any]":
        """Drawn by the first who has something to show."""
        if self._made is None:
            self._made = self._make()
        return self._made

    def show(self, progress: Progress) -> None:
        is_new_phase, self._phase = progress.phase is not self._phase, progress.phase
        if not self._is_watched and not is_new_phase and progress.seconds < self._next_line:
            return
        self._next_line = progress.seconds + SECONDS_PER_LOG_LINE
        self._bar.n = progress.seconds / 60 if self._in_minutes else float(progress.iteration - 1)
        if self._total is not None:
            self._bar.n = min(self._bar.n, self._total)
        self._bar.set_description(f"{progress.phase:>16}", refresh=False)
        parts = [
            f"generation {progress.iteration}",
            f"{progress.games} games",
            f"{progress.positions} positions",
            f"{progress.positions_per_second:.0f}/s",
        ]
        if progress.losses is not None:
            parts.append(f"policy {progress.losses.policy:.3f} value {progress.losses.value:.3f}")
            parts.append(f"learner {progress.learner_share:.0%}, actors idle {progress.actors_idle_share:.0%}")
        if self._in_minutes and self._total is not None:
            left = round(max(0.0, 60 * self._total - progress.seconds))
            parts.append(f"{left // 60}:{left % 60:02d} left")
        self._bar.set_postfix_str(", ".join(parts), refresh=False)
        self._bar.refresh()

    def note_check(self, minutes: float, iteration: int, check: dict[str, Any]) -> None:
        """Writes a line for a strength check; see `Hooks.on_check`."""
        colours = f"{check['score_as_black']:.2f} as Black, {check['score_as_white']:.2f} as White"
        self._bar.write(
            f"{minutes:5.1f} min, generation {iteration}: score {check['score']:.2f} against {check['opponent']} "
            f"({colours}, {check['games']} games)",
            file=sys.stderr,
        )

    def note_alarms(self, metrics: IterationMetrics) -> None:
        """Writes a line for each alarm."""
        for alarm in metrics.alarms:
            self._bar.write(f"alarm, generation {metrics.iteration}: {alarm}", file=sys.stderr)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class StopSignal:
    """Ctrl-C or a polite kill: the run ends at the next point where nothing is lost, and says so. A second one ends
    it at once."""

    def __init__(self) -> None:
        self.is_set = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._take)

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.is_set = True
        signal.signal(number, signal.SIG_DFL)
        # Python refuses it where the signal came in the midst of writing a line; the run is worth more than this one.
        with suppress(RuntimeError, OSError):
            tqdm.write("train.py: ends after what it is doing now; a second signal ends it at once", file=sys.stderr)
