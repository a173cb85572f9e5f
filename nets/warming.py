"""Compiles the kernels of a game against a network before anybody waits for them.

    python -m nets.warming [NOTE]      NOTE: a file to make at the end; ends at once when the standard input does

Owns the process that does so beside a program that has just been started: numba cannot compile in two threads at
once, but what one process has compiled the other takes from the disk.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import numpy as np

from gomoku.board import Board
from gomoku.compiling import ROOT, kernel_cache
from gomoku.rules import Rules
from mcts.config import NO_TACTICS, PLAY_TACTICS, SearchConfig
from mcts.evaluator import UniformEvaluator
from mcts.search import Search
from nets.lines import open_lines

SIMULATIONS = 8


def warm_kernels() -> None:
    """Has every kernel compiled that a game against a network needs; one machine code serves all rules.

    The search proper comes before its tactics: a program that wants its first move compiles those at its root
    meanwhile. Open lines come before both: a second, for which the network's first answer waits.
    """
    rules = Rules(6, 4)
    open_lines(np.zeros((1, rules.num_points), dtype=np.int8), np.ones(1, dtype=np.int8), rules)
    for tactics in (NO_TACTICS, PLAY_TACTICS):
        board = Board(rules)
        board.push(14)
        search = Search(rules, UniformEvaluator(), SearchConfig(tactics=tactics), 1, 64)
        slot = search.add(board, SIMULATIONS, seed=1)
        search.run()
        move = int(search.result(slot).visit_counts.argmax())
        search.line(slot, move)
        search.advance(slot, move, SIMULATIONS)
        search.run()


def warm_in_background(folder: Path | None = None) -> Thread | None:
    """Starts a process that compiles at the lowest priority, unless these kernels were compiled once before.

    The process ends when it has done so, or with this one.

    Args:
      folder: where it is noted that they were; None: the kernels' own cache.

    Returns: the thread that waits for the process, or None if there is nothing to do.
    """
    note = (folder or kernel_cache()) / "warmed"
    if note.exists():
        return None
    waiting = Thread(target=_run_beside, args=(note,), name="kernel warming", daemon=True)
    waiting.start()
    return waiting


def _run_beside(note: Path) -> None:
    with suppress(OSError):  # no room for another process: the program compiles by itself
        process = subprocess.Popen(
            [sys.executable, "-m", "nets.warming", str(note.absolute())],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # closed when this process ends, however it goes
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C in the game is none of its business
        )
        with process:
            process.wait()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # numba cannot be asked to stop


def main(arguments: list[str]) -> None:
    if hasattr(os, "nice"):
        os.nice(19)
    if arguments:
        Thread(target=_end_with_input, daemon=True).start()
    warm_kernels()
    for note in arguments:
        Path(note).touch()


if __name__ == "__main__":
    main(sys.argv[1:])
