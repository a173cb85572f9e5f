"""Runs of train.py without the seconds that it takes to start: forked off a process that has imported all of it.

Owns the fork and what is heard of the child. Each run is a process of its own, with the real `train.main` in it, that
can be killed like any other. The process that forks must have no other thread, and must never have trained itself.
"""

import ctypes
import io
import os
import re
import select
import signal
import sys
import tempfile
import threading
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

import matplotlib.figure
import torch

import train
from benchmarks.file_faults import Meet, Operation, watch
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.pure import pure_player
from nets.warming import warm_kernels
from training.config import TrainConfig
from training.run_folder import RunFolder, read_config, write_config
from training.start import settings_of

MARK = "\x1e"
"""Begins a line that tells of an operation on a file, among what train.py shows."""
DEADLINE = 120.0
"""Seconds in which something has to be heard of a run."""
LATE_MODULES = (
    "torch._dynamo",
    "tensorboard.compat.proto.event_pb2",
    "tensorboard.compat.proto.summary_pb2",
    "tensorboard.summary.writer.record_writer",
    "matplotlib.backends.backend_agg",
    "nets.torch_evaluator",
    "arena.suite",
)
"""What train.py imports only when it comes to it."""


PR_SET_PDEATHSIG = 1
"""Of Linux's `prctl`."""


class RunEndedError(RuntimeError):
    """A run ended by itself, or was not heard of, where it should have gone on."""


def prepare() -> None:
    """Imports, compiles and reads what every run needs, once.

    Raises:
      RuntimeError: this process has other threads, which a fork would lose.
    """
    torch.set_num_threads(1)
    for module in LATE_MODULES:
        __import__(module)
    warm_kernels()
    pure_player(2).decide([Board(Rules(3, 3))], Limit(seed=1))
    settings_of([], TrainConfig().network)
    with tempfile.TemporaryDirectory() as folder:
        write_config(RunFolder(Path(folder)), TrainConfig())
        read_config(RunFolder(Path(folder)))
    matplotlib.figure.Figure().savefig(io.BytesIO())
    if threading.active_count() > 1:
        raise RuntimeError("a process with several threads cannot be forked")


def halt_at(target: str) -> Meet:
    """Harm: the process stands still for good in front of the operation of this text, or in the middle of a write."""

    def harm(operation: Operation) -> None:
        if str(operation) == target:
            os.write(2, f"{MARK}halted\n".encode())
            threading.Event().wait()

    return harm


class ForkedRun:
    """A train.py that runs in a process of its own."""

    def __init__(self, arguments: list[str], root: Path, harm: Meet = lambda _operation: None) -> None:
        """Starts it.

        Args:
          root: the run's folder, whose files are watched.
          harm: done to its operations on files, in its process.
        """
        self.started = time.time()
        self.shown = ""
        """What it has written so far, with a marked line for each operation on a file."""
        read_end, write_end = os.pipe()
        self.process_id = os.fork()
        if self.process_id == 0:
            os.close(read_end)
            _be_train(arguments, root, harm, write_end)
        os.close(write_end)
        self._pipe = read_end

    def wait_for(self, pattern: str, count: int = 1, seconds: float = DEADLINE) -> bool:
        """Waits until the pattern was shown so many times; False if that took too long.

        Raises:
          RunEndedError: it ended before.
        """
        give_up = time.monotonic() + seconds
        while len(re.findall(pattern, self.shown)) < count:
            if not select.select([self._pipe], [], [], max(0.0, give_up - time.monotonic()))[0]:
                return False
            if not self._read():
                raise RunEndedError(f"train.py ended by itself: {self.shown[-500:]}")
        return True

    def kill(self) -> None:
        """Kills it at once, and takes in its last words."""
        os.kill(self.process_id, signal.SIGKILL)
        self.end()

    def end(self) -> int:
        """Waits for its end; returns the exit status, or minus the signal that killed it."""
        while self._read():
            pass
        os.close(self._pipe)
        return os.waitstatus_to_exitcode(os.waitpid(self.process_id, 0)[1])

    def _read(self) -> bool:
        chunk = os.read(self._pipe, 65536)
        self.shown += chunk.decode(errors="replace")
        return bool(chunk)


def _be_train(arguments: list[str], root: Path, harm: Meet, shown: int) -> None:
    """The child: it is train.py from here on, and never returns."""
    status = train.FAILED
    try:
        # A run that stands still would outlive whoever was to kill it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(shown, 1)
        os.dup2(shown, 2)
        # Actors are started with this process's own files closed, and must not keep the pipe open after its death.
        os.close(shown)
        sys.argv = ["train.py", *arguments]

        def meet(operation: Operation) -> None:
            os.write(2, f"\n{MARK}{operation}\n".encode())
            harm(operation)

        with ExitStack() as watched:
            watched.enter_context(watch(root, meet))
            status = train.main()
            sys.stdout.flush()
    finally:  # whatever comes, the child must not go on as the process that forked it
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)
