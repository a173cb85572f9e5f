"""Actors in processes of their own, which play on while the learner learns.

Each process (`training.actor_worker`) has one thread and one share of the games. A new network is laid in a file once
per generation. One thread per process takes in its reports, notices its death and starts it again.
"""

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from training.actor_messages import Begin, Command, read_message, write_assignment, write_message
from training.actors import SECONDS_PER_LOOK, ActorsError
from training.config import TrainConfig
from training.harvest import Harvest, Ledger, Report
from training.shares import Assignment, rules_of_shares

MAX_FRUITLESS_STARTS = 3
"""Starts in a row after which an actor that dies without a finished game is given up."""
SECONDS_TO_ANSWER = 10.0
"""After this long a checkpoint takes an actor's last report instead of a fresh one."""
SECONDS_TO_END = 5.0
ROOT = Path(__file__).resolve().parent.parent


class ActorProcess:
    """One process and the two pipes to it."""

    def __init__(self) -> None:
        """
        Raises:
          OSError: the system has no room for another process.
        """
        self._end: str | None = None
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
        """Tells it something; if it is dead, whoever listens to it will notice."""
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            write_message(self.process.stdin, command)

    def receive(self) -> Report | None:
        """Waits for its next report; None: there will be no more."""
        assert self.process.stdout is not None
        try:
            report: Report = read_message(self.process.stdout)
        except (EOFError, OSError, ValueError):
            return None
        return report

    def hang_up(self) -> None:
        """Gives it no more commands, on which it ends itself."""
        assert self.process.stdin is not None
        with suppress(OSError):  # of a command that it did not live to read
            self.process.stdin.close()

    def end(self) -> str:
        """Ends it if it still lives; how it ended, in a few words."""
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
        self._end = f"{way} ({last_words})" if last_words else way
        return self._end


class ProcessActors:
    """Processes that play without end, each its own share of the games.

    They stop playing while games with as many positions as one harvest asks for wait for the learner.
    """

    plays_on = True

    def __init__(self, config: TrainConfig, folder: Path) -> None:
        """Starts nothing yet.

        Args:
          folder: where the networks are handed over, in a file that ends in `.part`.
        """
        self._config = config
        self._num_workers = config.self_play.actors
        self._network = (folder / "network.part").resolve()
        self._ledger = Ledger(rules_of_shares(config, self._num_workers), self._num_workers)
        self._actors: list[ActorProcess] = []
        self._listeners: list[threading.Thread] = []
        self._changed = threading.Condition()
        """Guards all that follows and the ledger; is notified of every report and every death."""
        self._answers = [0] * self._num_workers
        """Reports of games in flight so far, deaths counted among them."""
        self._fruitless_starts = [0] * self._num_workers
        self._most_waiting = 0
        self._is_paused = False
        self._is_closing = False
        self._failure: str | None = None

    @property
    def process_ids(self) -> list[int]:
        return [actor.process.pid for actor in self._actors]

    def play(
        self,
        assignment: Assignment,
        num_positions: int,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> Harvest:
        """See `Actors.play`. Brings all that has ended since the last harvest; if stopped, that goes on waiting."""
        write_assignment(self._network, assignment)
        with self._changed:
            self._most_waiting = num_positions
            self._send_all(Command.TAKE_NETWORK)
            self._steer()
            while len(self._actors) < self._num_workers:
                self._actors.append(self._start(len(self._actors)))
        while not should_stop():
            with self._changed:
                self._changed.wait_for(lambda: self._failure or self._is_ripe(), SECONDS_PER_LOOK)
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
            if self._actors:
                before = self._answers.copy()
                self._send_all(Command.REPORT_SHARE)
                self._changed.wait_for(
                    lambda: all(now > then for now, then in zip(self._answers, before, strict=True)),
                    SECONDS_TO_ANSWER,
                )
            return self._ledger.state()

    def load_state(self, state: list[dict[str, Any]]) -> None:
        """See `Actors.load_state`."""
        assert not self._actors, "before the first play"
        self._ledger.load_state(state)

    def close(self) -> None:
        """Ends all processes; they are gone when it returns."""
        with self._changed:
            self._is_closing = True
            actors = self._actors.copy()
        for actor in actors:
            actor.hang_up()
        for actor in actors:
            actor.end()
        for listener in self._listeners:
            listener.join()
        self._network.unlink(missing_ok=True)

    def _start(self, k: int) -> ActorProcess:
        """Starts actor `k` where its last report left its shares.

        Raises:
          ActorsError: the system has no room for it.
        """
        try:
            actor = ActorProcess()
        except OSError as error:
            raise ActorsError(f"actor {k + 1} cannot be started: {error}") from None
        state = self._ledger.shares_of(k)
        actor.send(Begin(self._config, k, self._num_workers, state, self._network))
        if self._is_paused:
            actor.send(Command.PAUSE)
        self._fruitless_starts[k] += 1
        listener = threading.Thread(target=self._listen, args=(k, actor), name=f"actor {k}", daemon=True)
        self._listeners = [thread for thread in self._listeners if thread.is_alive()] + [listener]
        listener.start()
        return actor

    def _listen(self, k: int, actor: ActorProcess) -> None:
        """Takes in what an actor reports for as long as it lives."""
        while (report := actor.receive()) is not None:
            with self._changed:
                self._ledger.note(report)
                if report.games:
                    self._fruitless_starts[k] = 0
                if report.shares is not None:
                    self._answers[k] += 1
                self._steer()
                self._changed.notify_all()
        with self._changed:
            if not self._is_closing:
                self._replace(k, actor.end())
            self._answers[k] += 1
            self._changed.notify_all()

    def _replace(self, k: int, end: str) -> None:
        """Starts another actor `k`, if there is hope that it will do better."""
        if self._fruitless_starts[k] >= MAX_FRUITLESS_STARTS:
            self._failure = f"actor {k + 1} cannot play: started {MAX_FRUITLESS_STARTS} times, each time it {end}"
            return
        self._ledger.alarms.append(f"actor {k + 1} {end}, another goes on with its games")
        try:
            self._actors[k] = self._start(k)
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
        for actor in self._actors:
            actor.send(command)
