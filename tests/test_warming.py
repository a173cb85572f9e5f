"""Kernels are compiled once for all numbers that they hand each other, and before anybody waits for them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from gomoku.compiling import ROOT, kernel
from nets.warming import warm_in_background

GAME_AFTER_WARMING = """
import sys
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import parse_rules
from mcts.config import PLAY_TACTICS, SearchConfig
from mcts.evaluator import UniformEvaluator
from mcts.player import PlayerOptions, SearchPlayer
from nets.warming import warm_kernels

def compiled():
    rooms = [module for name, module in sys.modules.items() if name.startswith(("gomoku.", "mcts."))]
    kernels = [value for room in rooms for value in vars(room).values() if hasattr(value, "nopython_signatures")]
    return {(kernel.__module__, kernel.__name__): len(kernel.nopython_signatures) for kernel in kernels}

warm_kernels()
before = compiled()
for name in ("8x8x5", "renju-15x15"):
    board = Board(parse_rules(name))
    search = SearchConfig(tactics=PLAY_TACTICS, leaves_per_tree=8)
    player = SearchPlayer("it", UniformEvaluator(), PlayerOptions(search=search, reuse=True))
    for _ in range(6):
        board.push(player.decide([board], Limit(simulations=40, seed=1))[0].move)
after = compiled()
assert sum(after.values()) > 8, after
assert max(after.values()) == 1, after
assert before == after, {name for name in after if before.get(name) != after[name]}
"""


@kernel
def _doubled(number: int) -> int:
    return 2 * number


@kernel
def _halved(number: float) -> float:
    return number / 2


@kernel
def _call_with_every_width(small: NDArray[np.int8], large: NDArray[np.int32], rough: NDArray[np.float32]) -> float:
    whole = _doubled(small[0]) + _doubled(large[0]) + _doubled(7) + _doubled(number=small[1])
    return whole + _halved(rough[0]) + _halved(0.5)


def test_a_kernel_is_compiled_once_for_numbers_of_every_width() -> None:
    small, large, rough = np.array([100, -100], np.int8), np.array([2**30], np.int32), np.array([3], np.float32)
    assert _call_with_every_width(small, large, rough) == 200 + 2**31 + 14 - 200 + 1.5 + 0.25
    for called, kinds in (
        (_doubled, (types.int8, types.int32, types.int64, types.literal(7))),
        (_halved, (types.float32, types.float64)),
    ):
        compiled: Any = called
        for kind in kinds:  # what a calling kernel asks for when it is compiled
            compiled.get_call_template((kind,), {})
        assert len(compiled.nopython_signatures) == 1


def test_a_game_after_warming_compiles_nothing() -> None:
    command = [sys.executable, "-c", GAME_AFTER_WARMING]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr


def test_a_cache_is_warmed_once(tmp_path: Path) -> None:
    waiting = warm_in_background(tmp_path)
    assert waiting is not None
    waiting.join(timeout=240)
    assert (tmp_path / "warmed").is_file()
    assert warm_in_background(tmp_path) is None


def test_warming_ends_with_the_program_that_wanted_it(tmp_path: Path) -> None:
    note = tmp_path / "warmed"
    command = [sys.executable, "-m", "nets.warming", str(note)]
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=60, check=True)
    assert not note.exists()
