"""From a search's result to a move: what is proven goes first, then visits."""

import numpy as np
import pytest

from mcts.choice import LEAST_PRIOR, best_move, move_weights, pruned_weights, sample_move, surprise
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


def test_a_move_that_nobody_visited_is_better_than_a_proven_loss() -> None:
    result = result_with([3, 2, 0, 0], [PROVEN_LOSS, PROVEN_LOSS, UNPROVEN, UNPROVEN])
    result = result._replace(priors=np.array([0.6, 0.2, 0.05, 0.15], dtype=np.float32))
    assert move_weights(result) == pytest.approx([0, 0, 0.25, 0.75])
    assert best_move(result) == 3
    assert pruned_weights(result, np.ones(4)) == pytest.approx([0, 0, 0.25, 0.75])
    # Where the position itself is lost, priors of what nobody looked at say nothing better.
    assert best_move(result._replace(proof=PROVEN_LOSS)) == 0


def test_temperature_shapes_the_draw() -> None:
    result = result_with([80, 20, 0], [UNPROVEN] * 3)
    rng = np.random.default_rng(1)
    shares = [np.mean([sample_move(result, t, rng) == 0 for _ in range(3000)]) for t in (1.0, 0.5, 0.0)]
    assert shares[0] == pytest.approx(0.8, abs=0.03)
    assert shares[1] == pytest.approx(64 / 68, abs=0.03)
    assert shares[2] == 1.0


def test_pruning_takes_away_visits_that_values_and_priors_do_not_explain_and_nothing_else() -> None:
    visits = np.array([60, 20, 12, 7, 1], dtype=np.int32)
    result = result_with(visits.tolist(), [UNPROVEN] * 5)._replace(
        q_values=np.array([0.2, 0.1, 0.3, -0.5, 0.0], dtype=np.float32)
    )
    exploration = np.array([8.0, 3.0, 1.0, 0.5, 0.5])
    # The best score is 0.2 + 8 / 61 = 0.331. Move 1 sinks to it at 3 / 0.231 - 1 = 11.98 visits, move 2 at
    # 1 / 0.031 - 1, more than it has, move 3 at 0.5 / 0.831 - 1, below 0; a single visit is none.
    weights = pruned_weights(result, exploration)
    assert weights * 84 == pytest.approx([60, 12, 12, 0, 0])
    assert pruned_weights(result, np.full(5, 1e9)) * 99 == pytest.approx([60, 20, 12, 7, 0])


def test_pruning_leaves_what_is_proven_and_never_prefers_a_lost_move() -> None:
    lost = result_with([90, 6, 4], [PROVEN_LOSS, UNPROVEN, UNPROVEN])
    assert pruned_weights(lost, np.full(3, 1e-9)) == pytest.approx([0, 0.6, 0.4])
    won = result_with([90, 6, 4], [UNPROVEN, PROVEN_WIN, UNPROVEN])._replace(proof=PROVEN_WIN)
    assert pruned_weights(won, np.ones(3)).tolist() == [0, 1, 0]
    unsearched = result_with([0, 0, 0], [UNPROVEN] * 3)
    assert pruned_weights(unsearched, np.ones(3)) == pytest.approx([1 / 3] * 3)


def test_surprise_is_the_divergence_of_what_was_found_from_what_was_expected() -> None:
    priors = np.array([0.5, 0.25, 0.25, 0.0], dtype=np.float32)
    assert surprise(priors.astype(np.float64), priors) == 0
    assert surprise(np.array([0.0, 1.0, 0.0, 0.0]), priors) == pytest.approx(np.log(4))
    assert surprise(np.array([0.0, 0.5, 0.5, 0.0]), priors) == pytest.approx(np.log(2))
    assert surprise(np.array([0.0, 0.0, 0.0, 1.0]), priors) == pytest.approx(-np.log(LEAST_PRIOR)), "not boundless"
