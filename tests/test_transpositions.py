"""Positions met again by another order of moves: nobody is asked twice, and nothing else about the search changes."""

from dataclasses import replace

import numpy as np
import pytest
from reference_search import HashEvaluator, random_board
from reference_tactics import CELLS, completes, text_of

from gomoku.board import Board
from gomoku.rules import Rules, parse_rules
from mcts.choice import best_move
from mcts.config import NO_TACTICS, PLAY_TACTICS, SearchConfig, TacticsConfig
from mcts.evaluator import Evaluation, Positions, UniformEvaluator
from mcts.pure import PURE_SEARCH
from mcts.search import Search, SearchResult
from mcts.tree import UNPROVEN

WITH = SearchConfig(solver=False)
WITHOUT = replace(WITH, transpositions=False)


class FavouriteEvaluator(HashEvaluator):
    """Likes points in the middle, whatever stands there: the same moves in many orders."""

    def evaluate(self, positions: Positions) -> Evaluation:
        evaluation = super().evaluate(positions)
        size = positions.rules.size
        rows, cols = np.divmod(np.arange(size**2), size)
        distance = np.hypot(rows - (size - 1) / 2 + 0.03, cols - (size - 1) / 2 + 0.1)  # no two are equally far
        priors = positions.legal * np.exp(-2 * distance) * (1 + 0.1 * evaluation.priors)
        return evaluation._replace(priors=(priors / priors.sum(axis=1, keepdims=True)).astype(np.float32))


def searched(
    board: Board, config: SearchConfig, simulations: int = 300, has_noise: bool = False
) -> tuple[SearchResult, FavouriteEvaluator]:
    evaluator = FavouriteEvaluator()
    search = Search(board.rules, evaluator, config, 1, simulations + 9)
    slot = search.add(board, simulations, seed=1, noise=np.random.default_rng(1) if has_noise else None)
    search.run()
    return search.result(slot), evaluator


def assert_equal(one: SearchResult, other: SearchResult) -> None:
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("rules", ["3x3x3", "6x6x4", "standard-7x7x5", "renju-9x9"])
@pytest.mark.parametrize("has_noise", [False, True])
def test_the_search_is_the_same_and_no_position_is_asked_about_twice(rules: str, has_noise: bool) -> None:
    spared = 0
    for seed in range(6):
        board = random_board(parse_rules(rules), seed, seed)
        with_it, asked = searched(board, WITH, has_noise=has_noise)
        without, asked_before = searched(board, WITHOUT, has_noise=has_noise)
        assert_equal(with_it, without)
        # Positions of one move are asked about each time: they may have it from tactics.
        several = [stones for stones in asked.stones_seen if stones.count(0) > 1]
        assert len(several) <= 1.01 * len(set(several))  # an entry may have been given away
        assert set(asked.stones_seen) == set(asked_before.stones_seen)
        spared += len(asked_before.stones_seen) - len(asked.stones_seen)
    assert spared > 20


def test_a_tree_that_is_kept_through_a_game_finds_them_too() -> None:
    """Nodes get other numbers when the root moves on."""
    rng = np.random.default_rng(2)
    evaluators = FavouriteEvaluator(), FavouriteEvaluator()
    searches = [
        Search(Rules(7, 4), one, config, 1, 3000) for one, config in zip(evaluators, (WITH, WITHOUT), strict=True)
    ]
    board = Board(Rules(7, 4))
    slots = [search.add(board, 200, seed=1) for search in searches]
    while True:
        for search in searches:
            search.run()
        results = [search.result(slot) for search, slot in zip(searches, slots, strict=True)]
        assert_equal(*results)
        move = int(rng.choice(np.flatnonzero(results[0].visit_counts)))
        board.push(move)
        if board.outcome is not None:
            break
        for search, slot in zip(searches, slots, strict=True):
            search.advance(slot, move, 200)
    asked, asked_before = (len(one.stones_seen) for one in evaluators)
    assert len(board.moves) > 10
    assert asked < 0.9 * asked_before


def test_keys_that_collide_mislead_nobody() -> None:
    """All positions have one key, and are told apart by their stones."""
    board = random_board(Rules(6, 4), 1, 3)
    search = Search(board.rules, FavouriteEvaluator(), WITH, 1, 400)
    search._space.keys[:] = 0
    slot = search.add(board, 300, seed=1)
    search.run()
    assert_equal(search.result(slot), searched(board, WITHOUT)[0])


def test_a_board_with_the_colours_changed_is_another_position() -> None:
    """Of the same points, which come in whatever order, every other one is Black's."""
    search = Search(Rules(5, 5), FavouriteEvaluator(), WITH, 1, 4000)
    slot = search.add(Board(Rules(5, 5)), 3500, seed=1)
    search.run()
    nodes = search._tree.nodes[slot, : search._tree.slots["node_count"][slot]]
    by_key: dict[int, bytes] = {}
    for node in range(1, len(nodes)):
        moves, one = [], node
        while one:
            moves.append(int(nodes["move"][one]))
            one = int(nodes["parent"][one])
        key, position = int(nodes["key"][node]), Board.from_moves(Rules(5, 5), moves[::-1]).key
        if nodes["num_edges"][node]:
            assert by_key.setdefault(key, position) == position
    assert len(by_key) < len(nodes) - 300


def test_random_games_of_one_position_are_to_differ() -> None:
    assert not PURE_SEARCH.transpositions
    assert SearchConfig().transpositions


@pytest.mark.parametrize("collisions", [0, 4])
def test_leaves_met_again_make_room_for_others_and_leave_nothing_behind(collisions: int) -> None:
    config = SearchConfig(leaves_per_tree=8, collisions=collisions, solver=False, tactics=PLAY_TACTICS)
    filled = []
    for seed in range(5):
        board = random_board(Rules(7, 5), seed, 4)
        evaluator = FavouriteEvaluator()
        search = Search(board.rules, evaluator, config, 1, 500)
        slot = search.add(board, 400, seed=1)
        search.run()
        result = search.result(slot)
        if result.proof != UNPROVEN:
            continue
        assert result.visit_counts.sum() == result.simulations == 400
        assert not search._tree.nodes["pending"][slot, : search._tree.slots["node_count"][slot]].any()
        np.testing.assert_array_equal(search._tree.cells[slot], board.cells)
        filled.append(np.mean(evaluator.batch_sizes[3:-1]))
    assert len(filled) > 2
    assert (np.mean(filled) > 7.5) == (collisions > 0)


@pytest.mark.parametrize("rules", ["6x6x4", "standard-7x7x5", "renju-9x9"])
def test_nobody_is_asked_about_a_forced_reply(rules: str) -> None:
    class Watcher(FavouriteEvaluator):
        forced = 0

        def evaluate(self, positions: Positions) -> Evaluation:
            for stones, to_play in zip(positions.stones, positions.to_play, strict=True):
                board = Board.from_cells(positions.rules, stones.reshape(-1) * to_play, int(to_play))
                text, symbol = text_of(board)
                other = "O" if CELLS[symbol] == CELLS["X"] else "X"
                empty = [point for point, stone in enumerate(text) if stone == "."]
                self.forced += any(completes(text, point, other, board.rules) for point in empty)
            return super().evaluate(positions)

    forced = {True: 0, False: 0}
    for follows in forced:
        tactics = replace(PLAY_TACTICS, follow_forced=follows)
        for seed in range(8):
            board = random_board(parse_rules(rules), seed, 6 + seed)
            watcher = Watcher()
            search = Search(board.rules, watcher, SearchConfig(tactics=tactics), 1, 200)
            search.add(board, 100, seed=1)
            while not search.done_slots():
                search.step()
                if search._tree.slots["simulations"][0] == 0:
                    watcher.forced = 0  # the root is asked about, whatever it has to do
            forced[follows] += watcher.forced
    assert forced[True] == 0
    assert forced[False] > 0


def test_a_forced_reply_that_becomes_the_root_counts_its_visits_and_has_a_value() -> None:
    """Where it was gone past, the evaluator never said a word about it."""
    came_to_be = 0
    for seed in range(40):
        board = random_board(Rules(7, 5), seed, 12)
        search = Search(board.rules, FavouriteEvaluator(), SearchConfig(tactics=PLAY_TACTICS), 1, 900)
        slot = search.add(board, 300, seed=1)
        search.run()
        result = search.result(slot)
        nodes, edges = search._tree.nodes[slot], search._tree.edges[slot]
        first = int(nodes["first_edge"][0])
        for edge in range(first, first + int(nodes["num_opened"][0])):
            child = nodes[edges["child"][edge]]
            if child["num_edges"] == 1 and child["proof"] == UNPROVEN and result.proof == UNPROVEN:
                move = int(edges["move"][edge])
                search.advance(slot, move, 50)
                kept = search.result(slot)
                assert kept.reused == kept.visit_counts.sum() == result.visit_counts[move]
                assert kept.value == pytest.approx(-result.q_values[move], abs=1e-5)
                search.run()
                assert search.result(slot).visit_counts.sum() == kept.reused + search.result(slot).simulations
                came_to_be += 1
                break
    assert came_to_be > 3


def test_moves_that_tie_are_drawn_as_they_would_have_been() -> None:
    for seed in range(10):
        board = random_board(Rules(3, 3), seed, 1)
        results = []
        for config in (WITH, WITHOUT):
            search = Search(board.rules, UniformEvaluator(), config, 1, 1100)
            slot = search.add(board, 1000, seed=seed)
            search.run()
            results.append(search.result(slot))
        assert_equal(*results)


def test_what_a_slot_held_before_changes_nothing() -> None:
    class Lots(FavouriteEvaluator):
        def evaluate(self, positions: Positions) -> Evaluation:
            return super().evaluate(positions)._replace(values=(positions.seeds % 1000 / 1000).astype(np.float32))

    used = Search(Rules(5, 4), Lots(), WITH, 1, 1100)
    for seed in range(6):
        board = random_board(Rules(5, 4), seed, 2)
        fresh = Search(board.rules, Lots(), WITH, 1, 1100)
        results = []
        for search in (used, fresh):
            slot = search.add(board, 1000, seed=seed)
            search.run()
            results.append(search.result(slot))
            search.remove(slot)
        assert_equal(*results)


@pytest.mark.parametrize("tactics", [NO_TACTICS, PLAY_TACTICS])
@pytest.mark.parametrize("leaves", [1, 8])
def test_a_root_that_was_proven_by_its_twin_has_moves(tactics: TacticsConfig, leaves: int) -> None:
    """A leaf may take over a proof without an edge that shows it; games played out come to such positions."""
    config = SearchConfig(leaves_per_tree=leaves, tactics=tactics)
    rng = np.random.default_rng(3)
    for rules in (Rules(3, 3), Rules(4, 3), Rules(5, 4)):
        for seed in range(12):
            board = random_board(rules, seed, 1)
            search = Search(rules, FavouriteEvaluator(), config, 1, 6000)
            slot = search.add(board, 200, seed=seed)
            while True:
                search.run()
                result = search.result(slot)
                known = np.flatnonzero((result.visit_counts > 0) | (result.proofs != UNPROVEN))
                assert len(known) > 0
                assert board.is_legal(best_move(result))
                move = int(rng.choice(known))
                board.push(move)
                if board.outcome is not None:
                    break
                search.advance(slot, move, 200)


def test_halving_gives_its_turns_whatever_is_met_again() -> None:
    """A further virtual loss would make a move look visited whose turn it is."""
    board = random_board(Rules(7, 5), 1, 4)
    counts = []
    for leaves in (1, 4, 8):
        config = SearchConfig(leaves_per_tree=leaves, halving_moves=8, solver=False)
        search = Search(board.rules, FavouriteEvaluator(), config, 1, 200)
        slot = search.add(board, 64, seed=1, noise=np.random.default_rng(1))
        search.run()
        counts.append(sorted(search.result(slot).visit_counts[search.result(slot).visit_counts > 0].tolist()))
    assert counts[0] == counts[1] == counts[2]
