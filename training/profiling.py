"""A look inside the running loop: a Chrome trace of its first seconds, with every thread and what it was at.

    profile = Profile(path)
    loop = TrainingLoop(folder, config, watched(hooks, profile))
    with profile:
        loop.run(minutes)

The file opens in chrome://tracing or Perfetto.
"""

import os
import threading
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from mcts.spans import no_span
from training.hooks import Hooks, Phase, Progress

SECONDS = 30.0
PREFIX = "phase: "
"""Stands before the name of a phase, so that it is not taken for the work inside it."""


class Profile:
    """Records every thread of this process from its entry on, and writes the file once: after `seconds`, or at its
    exit where that comes first.

    The clock is looked at whenever the thread that entered begins a phase or a span, or tells of progress: a single
    long piece of work, like a check of the strength, is seen to its end. So is self-play: torch crashes, now and
    then, when it is told to stop recording while other threads compute.
    """

    def __init__(self, path: Path, seconds: float = SECONDS) -> None:
        """Records nothing yet.

        Args:
          path: where the trace goes, see `check_profile_path`; a name that ends in `.gz` is compressed. With a small
            network in torch every operator of its many calls is there: hundreds of megabytes where not compressed.
        """
        self.path = path
        self.is_on = False
        self._seconds = seconds
        self._end = 0.0
        self._owner = threading.get_ident()
        self._phase: Phase | None = None
        self._phase_span = ExitStack()
        on_device = [ProfilerActivity.CUDA] if torch.cuda.is_available() else []
        self._profiler = profile(
            activities=[ProfilerActivity.CPU, *on_device],
            # By itself torch sees the thread that starts it and no other.
            experimental_config=torch._C._profiler._ExperimentalConfig(profile_all_threads=True),
        )

    def __enter__(self) -> "Profile":
        self._owner = threading.get_ident()
        self._end = time.perf_counter() + self._seconds
        self._profiler.start()
        self.is_on = True
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.is_on:
            self._write()

    def span(self, name: str) -> AbstractContextManager[object]:
        """Marks a piece of work in the trace, in any thread; see `Span`."""
        self._look_at_clock()
        return record_function(name) if self.is_on else no_span(name)

    def note_phase(self, phase: Phase) -> None:
        """What the loop is at from now on, in its own thread; as often as one likes."""
        if not self.is_on or phase is self._phase:
            self._look_at_clock()
            return
        self._phase_span.close()
        self._phase = phase
        self._look_at_clock()
        if not self.is_on:
            return
        self._phase_span = ExitStack()
        self._phase_span.enter_context(record_function(PREFIX + phase))

    def _look_at_clock(self) -> None:
        is_alone = threading.get_ident() == self._owner and self._phase is not Phase.SELF_PLAY
        if self.is_on and is_alone and time.perf_counter() >= self._end:
            self._write()

    def _write(self) -> None:
        self.is_on = False
        self._phase_span.close()
        self._profiler.stop()
        self._profiler.export_chrome_trace(str(self.path))


def watched(hooks: Hooks, profile: Profile) -> Hooks:
    """The same hooks, under the eyes of a profile."""

    def on_progress(progress: Progress) -> None:
        profile.note_phase(progress.phase)
        hooks.on_progress(progress)

    return replace(hooks, on_progress=on_progress, span=profile.span)


def check_profile_path(path: Path) -> None:
    """Refuses a path where no trace can be written.

    Raises:
      ValueError: it cannot.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ValueError(f"--profile {path}: there is no folder {folder}")
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise ValueError(f"--profile {path} is a folder or may not be written; name a file, like trace.json")
