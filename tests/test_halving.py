"""Sequential halving at the root: whose turn it is, what is learnt, proofs, and games that no company changes."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from reference_search import HashEvaluator, random_board

from gomoku.board import Board
from gomoku.rules import WHITE, Rules
from mcts.config import PLAY_TACTICS, SearchConfig, TacticsConfig
from mcts.evaluator import positions_of
from mcts.halving import considered_visits
from mcts.search import Search
from mcts.tree import PROVEN_LOSS, PROVEN_WIN
from training.config import SelfPlayConfig
from training.self_play import SelfPlay

RULES = Rules(6, 4)
CONFIG = SearchConfig(halving_moves=8)


def searched(board: Board, simulations: int, config: SearchConfig = CONFIG, noise: int | None = None) -> Search:
    search = Search(board.rules, HashEvaluator(), config, 1, 4 * simulations + 64)
    generator = None if noise is None else np.random.default_rng(noise)
    assert search.add(board, simulations, seed=1, noise=generator) == 0
    search.run()
    return search


def test_each_round_visits_all_that_are_left_alike_and_halves_them() -> None:
    assert considered_visits(4, 16).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert considered_visits(1, 5).tolist() == [0, 1, 2, 3, 4]
    assert considered_visits(8, 3).tolist() == [0, 0, 0], "fewer simulations than moves"
    for num_moves in (2, 3, 5, 16, 36):
        order = considered_visits(num_moves, 200)
        assert len(order) == 200
        first = order[: num_moves * (200 // (math.ceil(math.log2(num_moves)) * num_moves))]
        assert np.bincount(first).tolist() == [num_moves] * (len(first) // num_moves)


@pytest.mark.parametrize("noise", [None, 3])
@pytest.mark.parametrize("simulations", [4, 8, 24, 64])
def test_visits_are_those_of_the_rounds(simulations: int, noise: int | None) -> None:
    result = searched(random_board(RULES, 5, 4), simulations, noise=noise).result(0)
    visits = np.sort(result.visit_counts)[::-1]
    assert result.simulations == visits.sum() == simulations
    expected = np.zeros(36, dtype=np.int64)
    for wanted in considered_visits(8, simulations):
        expected[np.flatnonzero(expected == wanted)[0]] += 1
    np.testing.assert_array_equal(visits, np.sort(expected)[::-1])


def improved_by_hand(board: Board, search: Search) -> NDArray[np.float64]:
    """The paper's formula, with whole arrays."""
    evaluation = HashEvaluator().evaluate(positions_of([board]))
    prior, own = evaluation.priors[0].astype(np.float64), (1 + evaluation.values[0]) / 2
    result = search.result(0)
    seen = result.visit_counts > 0
    shares = (1 + result.q_values.astype(np.float64)) / 2
    mean = (prior * shares)[seen].sum() / prior[seen].sum()
    total = result.visit_counts.sum()
    completed = np.where(seen, shares, (own + total * mean) / (1 + total))
    legal = board.legal_mask()
    logits = np.log(prior, where=legal, out=np.full(36, -np.inf)) + (50 + result.visit_counts.max()) * completed
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


@pytest.mark.parametrize("noise", [None, 3])
def test_what_is_learnt_is_the_prior_improved_by_values_whatever_the_noise(noise: int | None) -> None:
    for seed in range(4):
        board = random_board(RULES, seed, 5)
        search = searched(board, 24, SearchConfig(halving_moves=8, solver=False), noise)
        _, improved = search.halving(0)
        np.testing.assert_allclose(improved, improved_by_hand(board, search), atol=1e-5)


def test_the_network_s_own_priors_are_told_though_noise_drew_the_moves() -> None:
    board = random_board(RULES, 1, 5)
    clean, noisy = (searched(board, 24, noise=noise) for noise in (None, 3))
    np.testing.assert_allclose(noisy.clean_priors(0), clean.clean_priors(0))
    assert noisy.clean_priors(0).sum() == pytest.approx(1)


def test_the_winner_is_the_best_of_the_most_visited() -> None:
    board = random_board(RULES, 7, 4)
    search = searched(board, 40)
    move, _ = search.halving(0)
    result = search.result(0)
    last = np.flatnonzero(result.visit_counts == result.visit_counts.max())
    scores = np.log(result.priors[last]) + (50 + result.visit_counts.max()) * (1 + result.q_values[last]) / 2
    assert move == last[np.argmax(scores)]


def test_noise_draws_other_moves_each_time_the_likely_ones_more_often() -> None:
    board = random_board(RULES, 9, 3)
    prior = HashEvaluator().evaluate(positions_of([board])).priors[0]
    drawn = np.zeros(36)
    for noise in range(150):
        drawn += searched(board, 8, noise=noise).result(0).visit_counts > 0
    assert drawn.sum() == 150 * 8
    assert (drawn[board.legal_mask()] > 0).sum() > 20
    assert np.corrcoef(prior[board.legal_mask()], drawn[board.legal_mask()])[0, 1] > 0.8
    without = searched(board, 8).result(0).visit_counts > 0
    np.testing.assert_array_equal(np.flatnonzero(without), np.sort(np.argsort(-prior)[:8]))


def test_proofs_go_first() -> None:
    makes_four = Board.from_moves(RULES, [0, 30, 1, 31, 2, 35])
    search = searched(makes_four, 200, SearchConfig(halving_moves=36))
    move, improved = search.halving(0)
    proofs = search.result(0).proofs
    assert (move, proofs[3]) == (3, PROVEN_WIN)
    assert improved[proofs == PROVEN_WIN].sum() == pytest.approx(1)
    must_stop = Board.from_moves(RULES, [0, 30, 1, 14, 2])
    search = searched(must_stop, 100, SearchConfig(halving_moves=36, tactics=TacticsConfig(win_now=True)))
    move, improved = search.halving(0)
    lost = search.result(0).proofs == PROVEN_LOSS
    assert lost.sum() == 30, "all that leave the line to be made"
    assert (move, improved[lost].sum()) == (3, 0)


def test_moves_that_are_known_to_lose_take_no_other_move_s_turns() -> None:
    three = "\n".join(["." * 9] * 4 + ["...XXX..."] + ["." * 9] * 3 + ["O.......O"])
    config = SearchConfig(halving_moves=16, tactics=PLAY_TACTICS)
    search = Search(Rules(9, 5), HashEvaluator(), config, num_slots=1, max_nodes=500)
    slot = search.add(Board.from_drawing(Rules(9, 5), three, WHITE), 64, seed=1)
    search.run()
    result = search.result(slot)
    left = np.flatnonzero((result.priors > 0) & (result.proofs != PROVEN_LOSS))
    assert len(left) > 1
    assert (result.visit_counts[left] > 0).all()


def test_a_move_can_be_due_more_visits_than_16_bits_count() -> None:
    assert considered_visits(2, 100_000).max() == 49_999


def test_a_game_by_halving_does_not_depend_on_how_many_are_played_beside_it() -> None:
    tactics = TacticsConfig(win_now=True, must_block=True, open_four=True)
    played = []
    for games in (3, 16):
        config = SelfPlayConfig(simulations=12, games=games, random_plies=3)
        search = SearchConfig(halving_moves=6, tactics=tactics)
        self_play = SelfPlay(RULES, config, search, seed=5)
        played.append({g.number: g for g in self_play.play(HashEvaluator(), 250, lambda: None, lambda: False)})
    shared = played[0].keys() & played[1].keys()
    assert len(shared) > 5
    for number in shared:
        assert played[0][number].moves == played[1][number].moves
        for sample in played[0][number].samples:
            assert sample.policy_weights.sum(dtype=np.int64) == pytest.approx(65535, abs=40)
