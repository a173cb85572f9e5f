"""What an actor process does: plays its share of the games, reports what ends, and obeys the process that started it.

  python -m training.actor_worker      started by `training.actor_processes` and by nobody else

Commands come in on the standard input, reports go out on the standard output. When the input ends, the other side is
gone, however it went: the actor ends at once.
"""

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple, NoReturn

from mcts.evaluator import Evaluator
from nets.engine import CompiledNetwork, make_evaluator
from training.actor_messages import Begin, Command, read_assignment
from training.games import FinishedGame
from training.harvest import Report
from training.shares import Assignment, WorkerShares
from workers.messages import listen, own_pipes, read_message, write_message

SECONDS_PER_SHARE = 10.0
"""Games in flight are reported this often: what is lost of them if the actor dies."""


class Pace(NamedTuple):
    """Seconds between two reports."""

    games: float = 0.0
    """Where games have finished."""
    moves: float = 0.2
    """Where there is nothing to report but how far they are."""


AT_ONCE = Pace()
MOST_REPORTS_PER_SECOND = 500
"""Of all actors of a cluster together, which the learner can well take in: many actors report less often."""
LONGEST_PACE = 10.0


def pace_of_many(num_actors: int) -> Pace:
    """Of an actor on a cluster with so many."""
    seconds = min(max(Pace().moves, num_actors / MOST_REPORTS_PER_SECOND), LONGEST_PACE)
    return Pace(seconds, seconds)


class Worker:
    """Plays one share, without end."""

    def __init__(
        self,
        begin: Begin,
        commands: SimpleQueue[Command],
        take: Callable[[], Assignment],
        send: Callable[[Report], None],
        pace: Pace = AT_ONCE,
    ) -> None:
        """
        Args:
          take: gives the newest network.
          send: takes a report to the learner; nothing is played until it returns.
        """
        self._shares = WorkerShares(begin.config, begin.worker, begin.num_workers, make_partner=begin.make_partner)
        self._shares.load_state(begin.state)
        self._take = take
        self._commands = commands
        self._send = send
        self._pace = pace
        self._is_paused = False
        self._generation = 0
        self._games: list[FinishedGame] = []
        self._moves = 0
        self._last_report = self._last_share = time.perf_counter()
        self._waited = 0.0

    def run(self) -> NoReturn:
        while True:
            assignment = self._take()
            self._generation = assignment.generation
            self._shares.assign(assignment)
            evaluator = one_thread_evaluator(assignment.compiled)
            self._shares.play(evaluator, sys.maxsize, self._count_move, self._obey, self._games.append)
            self._report(time.perf_counter())

    def _count_move(self) -> None:
        self._moves += 1

    def _obey(self) -> bool:
        """Carries out the commands that have come, and waits where one says so; True if there is a new network."""
        is_network_new = False
        while self._is_paused or not self._commands.empty():
            started = time.perf_counter()
            command = self._commands.get()
            self._waited += time.perf_counter() - started
            if command is Command.TAKE_NETWORK:
                is_network_new = True
            elif command is Command.REPORT_SHARE:
                self._report(time.perf_counter(), with_share=True)
            else:
                self._is_paused = command is Command.PAUSE
        now = time.perf_counter()
        if now > self._last_report + (self._pace.games if self._games else self._pace.moves):
            self._report(now, with_share=now > self._last_share + SECONDS_PER_SHARE)
        return is_network_new

    def _report(self, now: float, with_share: bool = False) -> None:
        seconds = now - self._last_report - self._waited
        states = self._shares.state() if with_share else None
        counts = self._moves, *self._shares.take_counts()
        self._send(Report(self._games.copy(), *counts, seconds, states, self._generation))
        self._games.clear()
        self._moves = 0
        self._last_report, self._waited = now, 0.0
        if with_share:
            self._last_share = now


def one_thread_evaluator(compiled: CompiledNetwork) -> Evaluator:
    if compiled.engine.backend == "torch":
        import torch  # noqa: PLC0415 - takes seconds and memory, and no other engine needs it

        torch.set_num_threads(1)
    return make_evaluator(compiled)


def main() -> None:
    source, reports = own_pipes()
    begin: Begin = read_message(source)
    commands: SimpleQueue[Command] = SimpleQueue()
    threading.Thread(target=listen, args=(source, commands.put), daemon=True).start()
    take = partial(read_assignment, begin.network)
    Worker(begin, commands, take, lambda report: write_message(reports, report)).run()


if __name__ == "__main__":
    main()
