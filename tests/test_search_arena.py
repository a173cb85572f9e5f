"""What a search keeps when its root moves on, and what it does when its arena is full."""

import numpy as np
import pytest
from reference_search import HashEvaluator, run_search

from gomoku.board import Board
from gomoku.rules import Rules
from mcts.choice import best_move
from mcts.config import PLAY_TACTICS, SearchConfig
from mcts.search import Search
from mcts.threes import HUNTS
from mcts.tree import UNPROVEN


def test_moving_the_root_keeps_what_was_learnt_below_it() -> None:
    board = Board(Rules(6, 4))
    search = Search(board.rules, HashEvaluator(), SearchConfig(), 1, 2000)
    slot = search.add(board, 500, seed=1)
    search.run()
    before = search.result(slot)
    line = search.line(slot, best_move(before))
    search.advance(slot, line[0], 200)
    kept = search.result(slot)
    assert kept.reused == before.visit_counts[line[0]] - 1
    assert kept.visit_counts.sum() == kept.reused
    assert kept.simulations == 0
    assert kept.value == pytest.approx(-before.q_values[line[0]], abs=1e-5)
    assert search.line(slot, line[1])[: len(line) - 1] == line[1:]
    search.run()
    after = search.result(slot)
    assert after.simulations == 200
    assert after.visit_counts.sum() == kept.reused + 200


def test_a_tree_that_was_kept_grows_as_one_that_was_grown_there() -> None:
    """Whatever lies where in the arena, the search goes on in the same way."""
    board = Board(Rules(6, 4))
    config = SearchConfig(leaves_per_tree=4)
    search = Search(board.rules, HashEvaluator(), config, 1, 3000)
    slot = search.add(board, 400, seed=1)
    rng = np.random.default_rng(5)
    while board.outcome is None:
        search.run()
        result = search.result(slot)
        if result.proof != UNPROVEN:
            break
        visited = np.flatnonzero(result.visit_counts)
        move = int(rng.choice(visited))
        children_visits = result.visit_counts[move]
        board.push(move)
        if board.outcome is not None:
            break
        search.advance(slot, move, 150)
        kept = search.result(slot)
        assert kept.visit_counts.sum() == max(0, children_visits - 1)
        np.testing.assert_array_equal(kept.priors > 0, board.legal_mask() & (children_visits > 0))


def test_moving_the_root_to_an_unvisited_move_starts_afresh() -> None:
    board = Board(Rules(15, 5))
    search = Search(board.rules, HashEvaluator(), SearchConfig(), 1, 100)
    slot = search.add(board, 5, seed=1)
    search.run()
    unvisited = int(np.flatnonzero(search.result(slot).visit_counts == 0)[0])
    search.advance(slot, unvisited, 50)
    assert search.result(slot).reused == 0
    search.run()
    board.push(unvisited)
    np.testing.assert_array_equal(
        search.result(slot).visit_counts, run_search(board, SearchConfig(), 50).visit_counts
    )


def test_a_full_arena_ends_the_search_early_and_is_usable_again() -> None:
    board = Board(Rules(6, 4))
    search = Search(board.rules, HashEvaluator(), SearchConfig(), 1, max_nodes=40)
    slot = search.add(board, 10_000, seed=1)
    search.run()
    result = search.result(slot)
    assert 30 <= result.simulations < 40
    search.advance(slot, best_move(result), 10)
    search.run()
    assert search.result(slot).simulations == 10


def test_a_full_edge_arena_leaves_leaves_unexpanded_and_survives_reuse() -> None:
    board = Board(Rules(6, 4))
    search = Search(board.rules, HashEvaluator(), SearchConfig(leaves_per_tree=8), 1, max_nodes=400)
    search._tree = search._tree._replace(edges=search._tree.edges[:, :1200].copy())
    slot = search.add(board, 10_000, seed=1)
    for _ in range(6):
        search.run()
        result = search.result(slot)
        assert result.visit_counts.sum() == result.simulations + result.reused
        if result.proof != UNPROVEN or board.outcome is not None:
            break
        search.advance(slot, best_move(result), 10_000)


def test_following_several_moves_looks_for_threats_only_where_they_end() -> None:
    rules, config = Rules(9, 5), SearchConfig(tactics=PLAY_TACTICS)
    results, looked = [], []
    for goes_at_once in (False, True):
        search = Search(rules, HashEvaluator(), config, 1, 3000)
        slot = search.add(Board.from_moves(rules, [40, 30, 41]), 600, seed=1)
        search.run()
        moves = search.line(slot, best_move(search.result(slot)))[:2]
        before = search._space.counts[HUNTS]
        if goes_at_once:
            search.follow(slot, moves, 50)
        else:
            for move in moves:
                search.advance(slot, move, 50)
        looked.append(search._space.counts[HUNTS] - before)
        assert search.result(slot).reused > 0
        search.run()
        results.append(search.result(slot))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    assert looked[1] < looked[0]
