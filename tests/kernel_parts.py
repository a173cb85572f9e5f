"""Compiles the kernels before the tests start: their workers would each compile them, and wait for it.

python tests/kernel_parts.py            all kernels, in two processes side by side
python tests/kernel_parts.py search     one half of them, in this process
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script's own folder is all that Python looks into

from arena.scripted import FULL_LEVEL, ScriptedPlayer  # noqa: E402
from arena.scripted_lines import new_lines, reset  # noqa: E402
from arena.scripted_threats import is_forced  # noqa: E402
from gomoku.board import Board  # noqa: E402
from gomoku.compiling import kernel_cache  # noqa: E402
from gomoku.player import Limit  # noqa: E402
from gomoku.rules import Rules  # noqa: E402
from mcts.caching import CachingEvaluator  # noqa: E402
from mcts.config import SearchConfig  # noqa: E402
from mcts.evaluator import UniformEvaluator, positions_of  # noqa: E402
from mcts.pure import pure_player  # noqa: E402
from mcts.rollout import RolloutEvaluator  # noqa: E402
from mcts.search import Search  # noqa: E402
from nets.warming import warm_kernels  # noqa: E402
from training.samples import Sample, empty_batch, fill_batch, pack_samples  # noqa: E402

RULES = Rules(6, 4)
MOVES = (14, 20, 15)


def compile_search() -> None:
    """What a game against a network needs; programs that the tests start find it noted."""
    warm_kernels()
    (kernel_cache() / "warmed").touch()


def compile_rest() -> None:
    """Begins with what needs nothing of the search, which the other process has compiled when it is needed here."""
    board = Board.from_moves(RULES, MOVES)
    _compile_scripted(board)
    _compile_samples(board)
    Board.from_cells(RULES, board.cells)
    RolloutEvaluator().evaluate(positions_of([board]))
    pure_player(8).decide([board], Limit(seed=1))
    for halving_moves in (0, 4):
        evaluator = CachingEvaluator(UniformEvaluator(), RULES, 100)
        search = Search(RULES, evaluator, SearchConfig(halving_moves=halving_moves), 1, 64)
        slot = search.add(board, 8, seed=1, noise=np.random.default_rng(1))
        search.run()
        if halving_moves:
            search.halving(slot)


def _compile_scripted(board: Board) -> None:
    for level in range(1, FULL_LEVEL + 1):
        ScriptedPlayer("scripted", level).decide([board], Limit(simulations=20, seed=1))
    lines = new_lines(RULES.compiled, np.zeros((2, RULES.num_points), dtype=np.uint64))
    reset(lines, board.cells)
    is_forced(lines, np.array([1000]), 1, 1, 1, 2)


def _compile_samples(board: Board) -> None:
    move, weight = np.array([0], dtype=np.uint16), np.array([1], dtype=np.uint16)
    samples = pack_samples([Sample(board.cells, board.to_play, move, weight, 1, 0)], RULES.num_points)
    first = np.zeros(1, dtype=np.int64)
    fill_batch(empty_batch(1, RULES.num_points), first, samples, first, first, RULES)


HALVES = {"search": compile_search, "rest": compile_rest}


def main() -> int:
    """Returns: 0 if all could be compiled."""
    if sys.argv[1:]:
        HALVES[sys.argv[1]]()
        return 0
    halves = [subprocess.Popen([sys.executable, __file__, half]) for half in HALVES]
    return max(half.wait() for half in halves)


if __name__ == "__main__":
    sys.exit(main())
