"""From a search's result to a move: what is proven goes first, then visits."""

import numpy as np
import pytest

from mcts.choice import best_move, move_weights, sample_move
from mcts.search import SearchResult
from mcts.tree import PROVEN_LOSS, PROVEN_WIN, UNPROVEN


def result_with(visits: list[int], proofs: list[int]) -> SearchResult:
    count = len(visits)
    q_values = np.linspace(-0.1, 0.1, count, dtype=np.float32)
    priors = np.full(count, 1 / count, dtype=np.float32)
    proofs_array = np.array(proofs, dtype=np.int8)
    return SearchResult(
        np.array(visits, dtype=np.int32), q_values, priors, proofs_array, 0.0, UNPROVEN, sum(visits), 0
    )


def test_a_proven_win_is_chosen_over_more_visits() -> None:
    assert best_move(result_with([90, 5, 5], [UNPROVEN, PROVEN_WIN, UNPROVEN])) == 1


def test_a_proven_loss_is_not_chosen_while_anything_else_was_visited() -> None:
    result = result_with([90, 1, 9], [PROVEN_LOSS, UNPROVEN, PROVEN_LOSS])
    assert best_move(result) == 1
    assert move_weights(result).tolist() == [0, 1, 0]


def test_where_all_is_lost_the_most_visited_move_is_played() -> None:
    assert best_move(result_with([3, 9, 4], [PROVEN_LOSS] * 3)) == 1


def test_temperature_shapes_the_draw() -> None:
    result = result_with([80, 20, 0], [UNPROVEN] * 3)
    rng = np.random.default_rng(1)
    shares = [np.mean([sample_move(result, t, rng) == 0 for _ in range(3000)]) for t in (1.0, 0.5, 0.0)]
    assert shares[0] == pytest.approx(0.8, abs=0.03)
    assert shares[1] == pytest.approx(64 / 68, abs=0.03)
    assert shares[2] == 1.0
