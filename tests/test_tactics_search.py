"""Search with tactics: proofs become moves, evaluations are spared, and all else about the search still holds."""

from dataclasses import replace

import numpy as np
import pytest
from reference_search import HashEvaluator, random_board
from reference_tactics import OTHER, is_lost, is_winning, put, scattered_board, text_of, wins_by_fours

import mcts.search as search_module
from gomoku.board import Board
from gomoku.player import Limit, Proof
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from mcts.choice import best_move
from mcts.config import NO_TACTICS, PLAY_TACTICS, SearchConfig, TacticsConfig
from mcts.evaluator import UniformEvaluator
from mcts.player import PlayerOptions, SearchPlayer
from mcts.rollout import RolloutEvaluator
from mcts.search import Search, SearchResult
from mcts.tree import PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, UNPROVEN

MANY_FOURS = 99
WITH = SearchConfig(tactics=replace(PLAY_TACTICS, root_vct_nodes=0))
"""Wins by fours alone: those by threes have tests of their own."""
OPEN_THREE = ".......\n.......\n..XXX..\n.......\n.......\nO.O.O..\n......."
LOST = ".......\n.XXXX..\n..OO...\n.......\n.......\n......O\n......O"
OVERLOOKED = ".......\n..OO...\n..XXX..\n.......\n...O...\n.......\n......."


def searched(board: Board, config: SearchConfig, simulations: int, **options: object) -> tuple[SearchResult, int]:
    """The result, and how many evaluations it took."""
    evaluator = HashEvaluator()
    search = Search(board.rules, evaluator, config, 1, simulations + 9)
    slot = search.add(board, simulations, seed=1, **options)
    search.run()
    return search.result(slot), sum(evaluator.batch_sizes)


def test_tactics_are_off_unless_asked_for() -> None:
    assert SearchConfig().tactics == NO_TACTICS
    assert not SearchConfig().compiled.has_tactics


@pytest.mark.parametrize("limit", [-1, 10**20])
@pytest.mark.parametrize("name", ["vcf_nodes", "root_vcf_nodes", "root_vct_nodes"])
def test_a_limit_out_of_its_range_is_named(name: str, limit: int) -> None:
    with pytest.raises(ValueError, match=f"{name} is {limit}, it must be 0 to 1000000000"):
        TacticsConfig(**{name: limit})


def test_a_defence_without_a_search_is_refused() -> None:
    with pytest.raises(ValueError, match="root_vcf_nodes is 0, it must be 1 or more"):
        TacticsConfig(root_defence=True)


@pytest.mark.parametrize(
    ("rules", "moves", "proof"), [(Rules(3, 3), [4, 0], PROVEN_DRAW), (Rules(4, 3), [], PROVEN_WIN)]
)
def test_uniform_search_with_tactics_still_proves_solved_boards(rules: Rules, moves: list[int], proof: int) -> None:
    search = Search(rules, UniformEvaluator(), WITH, 1, 100_000)
    slot = search.add(Board.from_moves(rules, moves), 100_000, seed=1)
    search.run()
    assert search.result(slot).proof == proof


def test_a_root_that_tactics_win_needs_no_evaluation_and_has_its_move() -> None:
    board = Board.from_drawing(Rules(7, 5), OPEN_THREE, BLACK)
    result, evaluations = searched(board, WITH, 50)
    assert (result.proof, result.value, result.simulations, evaluations) == (PROVEN_WIN, 1.0, 0, 0)
    assert result.proofs[best_move(result)] == PROVEN_WIN
    board.push(best_move(result))
    text, symbol = text_of(board)
    assert is_lost(text, symbol, board.rules, MANY_FOURS)


def test_a_lost_root_still_stops_one_of_the_lines() -> None:
    board = Board.from_drawing(Rules(7, 5), LOST, WHITE)
    result, evaluations = searched(board, WITH, 50)
    assert (result.proof, result.value, evaluations) == (PROVEN_LOSS, -1.0, 0)
    assert best_move(result) in (7, 12)


def test_a_player_answers_proven_roots_at_once() -> None:
    player = SearchPlayer("ours", HashEvaluator(), PlayerOptions(search=WITH))
    drawings = ((OPEN_THREE, BLACK, Proof.WIN), (LOST, WHITE, Proof.LOSS))
    for drawing, to_play, proof in drawings:
        board = Board.from_drawing(Rules(7, 5), drawing, to_play)
        for limit in (Limit(simulations=100, seed=1), Limit(seconds=5.0)):
            (decision,) = player.decide([board], limit)
            assert (decision.proof, decision.simulations) == (proof, 0)
            assert board.is_legal(decision.move)
            assert decision.candidates[0].line == (decision.move,)


def test_a_forced_block_is_the_only_move_that_is_searched() -> None:
    board = Board.from_drawing(Rules(7, 5), ".......\nOXXXX..\n..OO...\n.......\n.......\n.......\n.......", WHITE)
    result, _ = searched(board, WITH, 60, noise=np.random.default_rng(1))
    assert result.priors[12] == 1
    assert np.flatnonzero(result.visit_counts).tolist() in ([12], [])
    assert best_move(result) == 12


def test_moves_that_leave_the_opponent_a_win_by_fours_are_marked_as_lost() -> None:
    board = Board.from_drawing(Rules(7, 5), OVERLOOKED, WHITE)
    result, _ = searched(board, WITH, 1)
    text, symbol = text_of(board)
    legal = board.legal_moves()
    lost = [move for move in legal if wins_by_fours(put(text, move, symbol), "X", board.rules, 2)]
    assert 0 < len(lost) < len(legal)
    assert np.flatnonzero(result.proofs == PROVEN_LOSS).tolist() == lost
    assert best_move(result) not in lost


@pytest.mark.parametrize("rules", ["6x6x4", "7x7x5", "renju-7x7"])
def test_what_is_said_of_the_moves_at_the_root_is_true(rules: str) -> None:
    marked = 0
    for seed in range(12):
        board = scattered_board(parse_rules(rules), seed)
        result, _ = searched(board, WITH, 1)
        text, symbol = text_of(board)
        for move in np.flatnonzero((result.proofs == PROVEN_LOSS) & (result.visit_counts == 0)):
            assert wins_by_fours(put(text, int(move), symbol), OTHER[symbol], board.rules, MANY_FOURS), str(board)
            marked += 1
        for move in np.flatnonzero(result.proofs == PROVEN_WIN):
            assert is_winning(board, int(move), MANY_FOURS), str(board)
    assert marked > 0


def test_a_tree_that_is_kept_through_a_game_keeps_count() -> None:
    for seed in range(4):
        board = random_board(Rules(7, 4), seed, 4)
        search = Search(board.rules, HashEvaluator(), WITH, 1, 1000)
        slot = search.add(board, 60, seed=1)
        while board.outcome is None:
            search.run()
            result = search.result(slot)
            if result.proof == UNPROVEN:
                assert result.visit_counts.sum() == result.simulations + result.reused
            board.push(best_move(result))
            if board.outcome is None:
                search.advance(slot, best_move(result), 60)


def test_a_leaf_that_tactics_proved_can_become_the_root() -> None:
    """Its proof has no edges below it; as a root it needs moves."""
    came_to_be = 0
    for seed in range(30):
        board = random_board(Rules(6, 4), seed, 6)
        search = Search(board.rules, HashEvaluator(), WITH, 1, 400)
        slot = search.add(board, 100, seed=1)
        search.run()
        lost = [int(move) for move in np.flatnonzero(search.result(slot).proofs == PROVEN_LOSS)]
        board_after = board.copy()
        if search.result(slot).proof != UNPROVEN or not lost:
            continue
        came_to_be += 1
        board_after.push(lost[0])
        search.advance(slot, lost[0], 100)
        search.run()
        result = search.result(slot)
        assert result.proof == PROVEN_WIN
        assert board_after.is_legal(best_move(result))
        assert result.visit_counts.sum() == result.simulations + result.reused
    assert came_to_be > 2


@pytest.mark.parametrize("rules", ["6x6x4", "standard-7x7x5", "renju-9x9"])
def test_games_side_by_side_with_tactics_search_as_one_by_one(rules: str) -> None:
    boards = [random_board(parse_rules(rules), seed, seed % 20) for seed in range(24)]
    search = Search(boards[0].rules, HashEvaluator(), WITH, 24, 200)
    slots = [search.add(board, 40 + 3 * k, seed=k, noise=np.random.default_rng(k)) for k, board in enumerate(boards)]
    search.run()
    for k, board in enumerate(boards):
        alone, _ = searched_alone(board, k)
        for ours, theirs in zip(search.result(slots[k]), alone, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def searched_alone(board: Board, k: int) -> tuple[SearchResult, int]:
    search = Search(board.rules, HashEvaluator(), WITH, 1, 200)
    slot = search.add(board, 40 + 3 * k, seed=k, noise=np.random.default_rng(k))
    search.run()
    return search.result(slot), slot


@pytest.mark.parametrize("solver", [True, False])
@pytest.mark.parametrize("leaves", [1, 8])
def test_visits_sum_to_simulations_and_the_board_is_put_back(leaves: int, solver: bool) -> None:
    for seed in range(6):
        board = random_board(Rules(6, 4), seed, 2 * seed)
        config = SearchConfig(leaves_per_tree=leaves, solver=solver, tactics=PLAY_TACTICS)
        search = Search(board.rules, HashEvaluator(), config, 1, 400)
        slot = search.add(board, 200, seed=1)
        search.run()
        result = search.result(slot)
        assert result.visit_counts.sum() == result.simulations
        assert result.simulations == 200 or solver
        tree = search._tree
        assert not tree.nodes["pending"][slot, : tree.slots["node_count"][slot]].any()
        np.testing.assert_array_equal(tree.cells[slot], board.cells)


def test_a_move_that_wins_at_once_is_never_marked_as_lost() -> None:
    board = Board.from_drawing(Rules(6, 4), "XXX...\n......\nOOO...\n......\n......\n......", BLACK)
    config = SearchConfig(tactics=TacticsConfig(root_vcf_nodes=100, root_vct_nodes=100, root_defence=True))
    search = Search(board.rules, UniformEvaluator(), config, num_slots=1, max_nodes=500)
    slot = search.add(board, 100, seed=1)
    search.run()
    result = search.result(slot)
    assert (result.proof, best_move(result), result.proofs[3]) == (PROVEN_WIN, 3, PROVEN_WIN)


def test_an_arena_has_no_more_edges_than_can_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MOST_EDGES", 36 * 50)
    search = Search(Rules(6, 4), UniformEvaluator(), SearchConfig(), num_slots=1, max_nodes=10_000)
    slot = search.add(Board(Rules(6, 4)), 5000, seed=1)
    search.run()
    assert 20 < search.result(slot).simulations < 60


def test_a_full_arena_ends_the_search_early_with_a_move() -> None:
    board = random_board(Rules(7, 4), 3, 4)
    search = Search(board.rules, HashEvaluator(), WITH, 1, max_nodes=40)
    slot = search.add(board, 10_000, seed=1)
    for _ in range(6):
        search.run()
        result = search.result(slot)
        if result.proof != UNPROVEN:
            break
        assert result.visit_counts.sum() == result.simulations + result.reused
        board.push(best_move(result))
        search.advance(slot, best_move(result), 10_000)


def test_tactics_spare_evaluations() -> None:
    spent = {NO_TACTICS: 0, PLAY_TACTICS: 0}
    for seed in range(10):
        board = random_board(Rules(6, 4), seed, 4)
        for tactics in spent:
            result, evaluations = searched(board, SearchConfig(tactics=tactics), 150)
            spent[tactics] += evaluations
            assert tactics == NO_TACTICS or evaluations <= result.simulations + 1
    assert spent[PLAY_TACTICS] < 0.7 * spent[NO_TACTICS]


def test_rollouts_can_be_combined_with_tactics() -> None:
    board = Board.from_drawing(Rules(7, 5), OPEN_THREE, BLACK)
    search = Search(board.rules, RolloutEvaluator(), WITH, 1, 100)
    slot = search.add(board, 50, seed=1)
    search.run()
    assert search.result(slot).proof == PROVEN_WIN
