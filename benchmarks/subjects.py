"""What the benchmarks work with: the two reference networks, and evaluators that count or cost nothing."""

import time

import numpy as np
import torch

from mcts.config import SearchConfig
from mcts.evaluator import Evaluation, Evaluator, Positions
from nets.config import PRESETS
from nets.network import Network, build_network

S, M = "plain", "medium"
"""The reference networks: three convolutions of 32-64-128 channels, and 4 residual blocks of 64."""
TABLE_ROWS = 8192
EVERY_LEAF_ASKED = SearchConfig(transpositions=False)
"""Where evaluations are counted: those that a search spares would look like a slow search."""
EVERY_LEAF_NOTE = "no cache, positions met again are asked again"


def reference_network(preset: str, seed: int = 1) -> Network:
    """A network with random weights, the last layers of its heads included, so that it prefers some moves."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        network = build_network(PRESETS[preset])
        for layer in (network.heads.policy, network.heads.value):
            layer.weight.normal_(std=layer.weight[0].numel() ** -0.5)
    return network.eval()


class CountingEvaluator:
    """Counts what it hands on, and the seconds of CPU time that it waits for the answer."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.count = 0
        self.seconds = 0.0

    def evaluate(self, positions: Positions) -> Evaluation:
        started = time.process_time()
        evaluation = self.evaluator.evaluate(positions)
        self.seconds += time.process_time() - started
        self.count += len(positions.stones)
        return evaluation


class TableEvaluator:
    """Answers with the next rows of a fixed random table: a stand-in for a network that costs next to nothing.

    The priors are as uneven as those of a trained network, so the trees grow deep as with one. Illegal moves have
    priors too; the search takes no notice of them.
    """

    def __init__(self, num_points: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        odds = np.exp(2 * rng.standard_normal((TABLE_ROWS, num_points), dtype=np.float32))
        self._priors = odds / odds.sum(axis=1, keepdims=True)
        self._values = rng.uniform(-0.5, 0.5, TABLE_ROWS).astype(np.float32)
        self._draws = 1 - np.abs(self._values)
        self._next = 0
        self.asked = 0
        """Rows so far."""

    def evaluate(self, positions: Positions) -> Evaluation:
        count = len(positions.stones)
        self.asked += count
        if self._next + count > TABLE_ROWS:
            self._next = 0
        rows = slice(self._next, self._next + count)
        self._next += count
        return Evaluation(self._priors[rows], self._values[rows], self._draws[rows])
