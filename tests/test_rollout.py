"""Random play to the end, compiled: the loop of pure MCTS gives what the general search gives."""

import numpy as np
import pytest
from reference_search import random_board

from gomoku.rules import parse_rules
from mcts.config import SearchConfig
from mcts.evaluator import Evaluation, Positions
from mcts.pure import PURE_SEARCH
from mcts.rollout import RolloutEvaluator
from mcts.search import Search


@pytest.mark.parametrize("rules", ["6x6x4", "standard-7x7x5", "renju-15x15", "5x5x3"])
@pytest.mark.parametrize("draw_value", [0.0, -0.5])
def test_compiled_rollout_loop_gives_the_bits_of_the_general_one(rules: str, draw_value: float) -> None:
    class StepByStep:
        def evaluate(self, positions: Positions) -> Evaluation:
            return RolloutEvaluator().evaluate(positions)

    for config in (PURE_SEARCH, SearchConfig(transpositions=False)):
        board = random_board(parse_rules(rules), 7, 6)
        results = []
        for evaluator in (RolloutEvaluator(), StepByStep()):
            search = Search(board.rules, evaluator, config, 1, 1300)
            slot = search.add(board, 1200, seed=99, draw_value=draw_value)
            search.run()
            results.append(search.result(slot))
        for fast, slow in zip(*results, strict=True):
            np.testing.assert_array_equal(fast, slow)
