"""Which precision is the fastest that still gives the network's answers.

Owns the measurement and its tolerance; what is chosen is stored with the run, so that a resume does not
choose again.
"""

import time

import numpy as np
from numpy.typing import NDArray

from gomoku.rules import Rules
from mcts.evaluator import Positions
from nets.network import Network
from nets.torch_evaluator import TorchEvaluator, find_device

TOLERANCE = 0.01
"""Largest mean difference to float32: of a value, and of a policy (half the sum of its differences)."""
WORTHWHILE = 1.05
"""A precision has to be this many times faster than float32 to be chosen."""
_SECONDS_PER_PRECISION = 0.4
_CANDIDATES = {"cpu": ("bfloat16",), "mps": ("float16",), "cuda": ("bfloat16", "float16")}


def choose_precision(network: Network, device: str, rules: Rules, batch: int) -> tuple[str, str]:
    """Times the precisions that suit the device on made-up positions; takes about a second.

    Args:
      device: as `TorchEvaluator` takes it.
      batch: positions per call, as many as the search will ask for.

    Returns:
      The precision, and one line that says what was measured.

    Raises:
      ValueError: a device that is not there.
    """
    positions = scattered_positions(rules, batch, seed=0)
    names = ("float32", *_CANDIDATES.get(find_device(device).type, ()))
    evaluators = {name: TorchEvaluator(network, device, name) for name in names}
    exact = evaluators["float32"].evaluate(positions)
    speeds = _speeds(list(evaluators.values()), positions)
    best, best_speed = "float32", speeds[0] * WORTHWHILE
    report = [f"float32 {speeds[0]:.0f}/s"]
    for name, speed in zip(names[1:], speeds[1:], strict=True):
        rough = evaluators[name].evaluate(positions)
        policy_error = float(0.5 * np.abs(rough.priors - exact.priors).sum(axis=1).mean())
        value_error = float(np.abs(rough.values - exact.values).mean())
        # Written so that a result that is not a number fails.
        agrees = policy_error <= TOLERANCE and value_error <= TOLERANCE
        errors = f"policy off by {policy_error:.4f}, value by {value_error:.4f}"
        verdict = "" if agrees else ", too much"
        report.append(f"{name} {speed:.0f}/s ({errors}{verdict})")
        if agrees and speed > best_speed:
            best, best_speed = name, speed
    return best, f"{rules.name}, {batch} rows: {'; '.join(report)}: {best}"


def scattered_positions(rules: Rules, batch: int, seed: int) -> Positions:
    """Positions that look like games to a network: stones of both colours, near the middle, at every stage.

    They are not played by the rules: lines may be complete, and every empty point counts as legal.
    """
    rng = np.random.default_rng(seed)
    points = rules.num_points
    row, column = np.divmod(np.arange(points), rules.size)
    middle = (rules.size - 1) / 2
    distance = np.hypot(row - middle, column - middle) / rules.size
    plies = rng.integers(0, points // 2, size=batch)
    order = np.argsort(3 * distance + rng.random((batch, points)), axis=1)
    stones = np.zeros((batch, points), dtype=np.int8)
    for board, points_in_turn, num_stones in zip(stones, order, plies, strict=True):
        taken = points_in_turn[:num_stones]
        board[rng.permutation(taken)] = _alternating(num_stones)
    to_play = np.where(plies % 2 == 0, 1, -1).astype(np.int8)
    seeds = rng.integers(0, 2**63, size=batch, dtype=np.uint64)
    return Positions(rules, stones.reshape(batch, rules.size, rules.size), to_play, stones == 0, seeds)


def _alternating(num_stones: int) -> NDArray[np.int8]:
    """The last stone is the opponent's."""
    return np.where(np.arange(num_stones) % 2 == 0, -1, 1).astype(np.int8)


def _speeds(evaluators: list[TorchEvaluator], positions: Positions) -> list[float]:
    """Evaluations per second of each at its best; by turns, so that a busy machine is fair to all."""
    best = [float("inf")] * len(evaluators)
    end = time.perf_counter() + _SECONDS_PER_PRECISION * len(evaluators)
    while time.perf_counter() < end or min(best) == float("inf"):
        for index, evaluator in enumerate(evaluators):
            start = time.perf_counter()
            evaluator.evaluate(positions)
            best[index] = min(best[index], time.perf_counter() - start)
    return [len(positions.stones) / seconds for seconds in best]
