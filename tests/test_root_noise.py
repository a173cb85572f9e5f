"""Noise in the root's priors: where it goes, and that it can be told from what the evaluator said."""

import math

import numpy as np
import pytest
from reference_search import HashEvaluator
from test_search import MIDGAME, run_search

from gomoku.board import Board
from gomoku.rules import Rules
from mcts.choice import best_move
from mcts.config import SearchConfig
from mcts.search import Search


def test_noise_changes_the_priors_of_the_root_and_nothing_else() -> None:
    board = Board.from_drawing(Rules(6, 4), MIDGAME)
    plain = run_search(board, SearchConfig(), 1)
    noisy = run_search(board, SearchConfig(dirichlet_fraction=0.25), 1, noise=np.random.default_rng(3))
    assert noisy.priors.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(noisy.priors > 0, plain.priors > 0)
    noise = (noisy.priors - 0.75 * plain.priors) / 0.25
    assert noise.min() >= -1e-6
    legal = plain.priors > 0
    expected = np.random.default_rng(3).dirichlet([8.0 / legal.sum()] * legal.sum())
    np.testing.assert_allclose(noise[legal], expected, atol=1e-5)
    assert np.count_nonzero(np.abs(noisy.priors - plain.priors) > 1e-6) > 10


@pytest.mark.parametrize("fraction", [0.25, 1.0])
def test_what_a_root_explores_by_its_priors_is_known_without_the_noise_in_them(fraction: float) -> None:
    board = Board.from_drawing(Rules(6, 4), MIDGAME)
    config = SearchConfig(dirichlet_fraction=fraction)
    plain = run_search(board, config, 1)
    search = Search(board.rules, HashEvaluator(), config, num_slots=1, max_nodes=500)
    slot = search.add(board, 50, seed=1, noise=np.random.default_rng(3))
    search.run()
    for _ in range(2):
        visits = int(search.result(slot).visit_counts.sum())
        factor = (config.c_puct_init + math.log1p((visits + 1) / config.c_puct_base)) * math.sqrt(visits)
        np.testing.assert_allclose(search.exploration(slot), factor * plain.priors, rtol=1e-5)
        board.push(move := best_move(search.result(slot)))
        search.advance(slot, move, 50)  # and without noise
        search.run()
        plain = search.result(slot)
