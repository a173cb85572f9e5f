"""Actors in processes of their own on this machine, which play on while the learner learns.

Each process (`training.actor_worker`) has one thread and one share of the games. A new network is laid in a file once
per generation. What is heard of them, and who goes on for one that dies, is in `training.remote_actors`.
"""

import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from training.actor_messages import Begin, Command, read_message, write_assignment, write_message
from training.actors import ActorsError
from training.config import TrainConfig
from training.harvest import Report
from training.remote_actors import End, RemoteActors
from training.shares import Assignment

SECONDS_TO_END = 5.0
ROOT = Path(__file__).resolve().parent.parent


class ActorProcess:
    """One process and the two pipes to it. See `Link`."""

    def __init__(self) -> None:
        """
        Raises:
          OSError: the system has no room for another process.
        """
        self._end: End | None = None
        with ExitStack() as undo:
            self._errors: IO[bytes] = undo.enter_context(tempfile.TemporaryFile())
            self.process = subprocess.Popen(
                [sys.executable, "-m", "training.actor_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=ROOT,
                # Ctrl-C is for the process that holds the run alone: it ends its actors in good order.
                start_new_session=True,
            )
            undo.pop_all()

    def send(self, command: Begin | Command) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            write_message(self.process.stdin, command)

    def receive(self) -> Report | None:
        assert self.process.stdout is not None
        try:
            report: Report = read_message(self.process.stdout)
        except (EOFError, OSError, ValueError):
            return None
        return report

    def hang_up(self) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):  # of a command that it did not live to read
            self.process.stdin.close()

    def end(self) -> End:
        assert self.process.stdout is not None
        if self._end is not None:
            return self._end
        self.hang_up()
        try:
            code = self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        with self._errors:
            self._errors.seek(0)
            last_words = self._errors.read().decode(errors="replace").strip().rpartition("\n")[2]
        way = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        self._end = End(f"{way} ({last_words})" if last_words else way)
        return self._end


class ProcessActors(RemoteActors[ActorProcess]):
    """Processes that play without end, each its own share of the games."""

    def __init__(self, config: TrainConfig, folder: Path) -> None:
        """Starts nothing yet.

        Args:
          folder: where the networks are handed over, in a file that ends in `.part`.
        """
        super().__init__(config)
        self._network = (folder / "network.part").resolve()

    @property
    def process_ids(self) -> list[int]:
        return [actor.process.pid for actor in self._links]

    def close(self) -> None:
        """Ends all processes; they are gone when it returns."""
        super().close()
        self._network.unlink(missing_ok=True)

    def _hand_over(self, assignment: Assignment) -> None:
        write_assignment(self._network, assignment)

    def _connect(self, k: int) -> ActorProcess:
        try:
            actor = ActorProcess()
        except OSError as error:
            raise ActorsError(f"actor {k + 1} cannot be started: {error}") from None
        state = self._ledger.shares_of(k)
        actor.send(Begin(self._config, k, self._num_workers, state, self._network))
        return actor
