"""The compiled search against its slow twin, against solved games, and against its own promises."""

import numpy as np
import pytest
from reference_search import HashEvaluator, random_board, run_search
from reference_search import search as slow_search

from gomoku.board import Board
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from gomoku.symmetry import symmetry_tables
from mcts.choice import best_move
from mcts.config import SearchConfig, TacticsConfig
from mcts.evaluator import Evaluation, Positions, UniformEvaluator
from mcts.rollout import RolloutEvaluator
from mcts.search import Search
from mcts.selection import MAX_KNOWN_LEAVES
from mcts.tree import PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, UNPROVEN, allocate_tree

EVERYTHING = TacticsConfig(win_now=True, must_block=True, follow_forced=True, open_four=True, vcf_nodes=10**6)
CONFIGS = {
    "default": SearchConfig(),
    "without solver": SearchConfig(solver=False),
    "unvisited at zero": SearchConfig(fpu_reduction=None, c_puct_init=5.0, c_puct_base=float("inf")),
    "greedy": SearchConfig(c_puct_init=0.3, fpu_reduction=0.0, c_puct_base=50.0),
    "replies searched evenly": SearchConfig(reply_exploration=4.0),
    "replies searched greedily": SearchConfig(reply_exploration=0.25, solver=False),
    "with tactics": SearchConfig(tactics=EVERYTHING),
    "met again, asked again": SearchConfig(tactics=EVERYTHING, transpositions=False),
}
PROOF_OF_CHILD = {None: UNPROVEN, 1: PROVEN_LOSS, -1: PROVEN_WIN, 0: PROVEN_DRAW}
"""A child's proof is seen by its own side to move, a move's by the player who makes it."""
MIDGAME = """
    . . . . . .
    . X O . . .
    . . X O . .
    . O X . . .
    . . . . . .
    . . . . . .
"""


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize(
    ("rules", "plies"),
    [("3x3x3", 0), ("4x4x3", 2), ("6x6x4", 0), ("6x6x4", 12), ("standard-6x6x4", 20), ("7x7x5", 44)],
)
@pytest.mark.parametrize("draw_value", [0.0, -0.5, 0.75])
def test_compiled_search_visits_what_its_slow_twin_visits(
    config: SearchConfig, rules: str, plies: int, draw_value: float
) -> None:
    for seed in range(3):
        board = random_board(parse_rules(rules), seed, plies)
        simulations = 150
        fast = run_search(board, config, simulations, draw_value=draw_value)
        slow = slow_search(board, HashEvaluator(), config, simulations, draw_value)
        visits = np.zeros(board.rules.num_points, dtype=int)
        for move, child in slow.children.items():
            visits[move] = child.visits
            if child.visits and child.proof is None:
                assert fast.q_values[move] == pytest.approx(-child.mean, abs=1e-5)
            if child.visits and config.solver:
                assert fast.proofs[move] == PROOF_OF_CHILD[child.proof]
        np.testing.assert_array_equal(fast.visit_counts, visits)


class Drawish:
    """The first point leads to a certain draw, all others to a fight that is a little worse for `us`."""

    def __init__(self, us: int) -> None:
        self._us = us

    def evaluate(self, positions: Positions) -> Evaluation:
        is_drawn = positions.stones.reshape(len(positions.stones), -1)[:, 0] != 0
        values = np.where(is_drawn, 0, -0.1 * self._us * positions.to_play).astype(np.float32)
        return UniformEvaluator().evaluate(positions)._replace(values=values, draws=is_drawn.astype(np.float32))


@pytest.mark.parametrize(("draw_value", "is_drawn"), [(-0.5, False), (0.0, True), (0.5, True)])
@pytest.mark.parametrize("moves", [[], [12]], ids=["Black", "White"])
def test_one_to_whom_a_draw_is_worth_little_takes_a_risk(moves: list[int], draw_value: float, is_drawn: bool) -> None:
    board = Board.from_moves(Rules(5, 5), moves)
    search = Search(board.rules, Drawish(board.to_play), SearchConfig(), 1, 400)
    slot = search.add(board, 300, seed=1, draw_value=draw_value)
    search.run()
    result = search.result(slot)
    assert (best_move(result) == 0) == is_drawn
    assert result.q_values[0] == pytest.approx(draw_value, abs=0.01)


def test_a_step_ends_though_every_line_ends_in_what_is_known() -> None:
    board = random_board(Rules(3, 3), seed=3, plies=5)
    search = Search(board.rules, UniformEvaluator(), SearchConfig(solver=False), 1, 100)
    slot = search.add(board, 10**9, seed=1)
    made = [0]
    for _ in range(20):
        search.step()
        made.append(search.result(slot).simulations)
    assert max(np.diff(made)) <= MAX_KNOWN_LEAVES + 1
    assert sum(np.diff(made) == MAX_KNOWN_LEAVES) > 5, "nearly all is known, and the search goes on"


def test_uniform_search_proves_tic_tac_toe_a_draw() -> None:
    search = Search(Rules(3, 3), UniformEvaluator(), SearchConfig(), 1, 550_000)
    slot = search.add(Board(Rules(3, 3)), 2_000_000, seed=1)
    search.run()
    assert search.result(slot).proof == PROVEN_DRAW
    assert search.result(slot).value == 0


def test_uniform_search_proves_4x4_three_in_a_row_won_by_the_first_player() -> None:
    search = Search(Rules(4, 3), UniformEvaluator(), SearchConfig(), 1, 200_000)
    slot = search.add(Board(Rules(4, 3)), 150_000, seed=1)
    search.run()
    result = search.result(slot)
    assert result.proof == PROVEN_WIN
    assert result.proofs[best_move(result)] == PROVEN_WIN
    assert result.value == 1


def test_a_lost_position_is_proven_lost_for_the_side_to_move() -> None:
    board = Board.from_drawing(Rules(5, 4), ".....\n.XXX.\n.....\n.O.O.\n..O..", to_play=WHITE)
    search = Search(board.rules, UniformEvaluator(), SearchConfig(), 1, 100_000)
    slot = search.add(board, 50_000, seed=1)
    search.run()
    result = search.result(slot)
    assert (result.proof, result.value) == (PROVEN_LOSS, -1.0)


@pytest.mark.parametrize("to_play", [BLACK, WHITE])
def test_the_value_is_seen_by_the_side_to_move(to_play: int) -> None:
    black_about_to_win = Board.from_drawing(Rules(6, 4), MIDGAME.replace("O X .", "O X X"), to_play=to_play)
    search = Search(black_about_to_win.rules, RolloutEvaluator(), SearchConfig(solver=False), 1, 3000)
    slot = search.add(black_about_to_win, 2000, seed=1)
    search.run()
    assert np.sign(search.result(slot).value) == to_play


@pytest.mark.parametrize("leaves", [1, 3, 8])
def test_visits_sum_to_simulations_and_no_virtual_loss_is_left(leaves: int) -> None:
    board = Board.from_drawing(Rules(6, 4), MIDGAME)
    config = SearchConfig(leaves_per_tree=leaves, solver=False)
    search = Search(board.rules, HashEvaluator(), config, 2, 400)
    slots = [search.add(board, simulations, seed=1) for simulations in (300, 7)]
    search.run()
    for slot, simulations in zip(slots, (300, 7), strict=True):
        result = search.result(slot)
        assert result.visit_counts.sum() == result.simulations == simulations
    tree = search._tree
    for slot in slots:
        assert not tree.nodes["pending"][slot, : tree.slots["node_count"][slot]].any()
        np.testing.assert_array_equal(tree.cells[slot], board.cells)


def test_a_single_game_fills_its_batch_with_distinct_leaves() -> None:
    evaluator = HashEvaluator()
    search = Search(Rules(6, 4), evaluator, SearchConfig(leaves_per_tree=8), 1, 500)
    search.add(Board(Rules(6, 4)), 400, seed=1)
    search.run()
    assert max(evaluator.batch_sizes) == 8
    assert np.mean(evaluator.batch_sizes[5:]) > 4
    start = 0
    for size in evaluator.batch_sizes:
        rows = evaluator.stones_seen[start : start + size]
        assert len(set(rows)) >= size - 1 or size < 3  # two paths may meet in one position, two leaves are never one
        start += size


def test_terminal_positions_never_reach_the_evaluator() -> None:
    class Referee(HashEvaluator):
        def evaluate(self, positions: Positions) -> Evaluation:
            for stones, to_play in zip(positions.stones, positions.to_play, strict=True):
                board = Board.from_cells(positions.rules, stones.reshape(-1) * to_play, int(to_play))
                assert board.outcome is None, str(board)
            return super().evaluate(positions)

    board = random_board(Rules(5, 4), 3, 12)
    search = Search(board.rules, Referee(), SearchConfig(solver=False), 1, 600)
    search.add(board, 500, seed=1)
    search.run()


def test_a_tree_that_no_machine_has_room_for_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"^\d+\.\d GiB for the search's trees are more than there is here; .*less$"):
        allocate_tree(1, 225, 10, 2**46)


def test_sixty_four_games_side_by_side_search_as_one_by_one() -> None:
    boards = [random_board(Rules(6, 4), seed, seed % 14) for seed in range(64)]
    search = Search(Rules(6, 4), HashEvaluator(), SearchConfig(), 64, 300)
    slots = [search.add(board, 60 + 3 * k, seed=k, noise=np.random.default_rng(k)) for k, board in enumerate(boards)]
    search.run()
    for k, board in enumerate(boards):
        alone = Search(Rules(6, 4), HashEvaluator(), SearchConfig(), 1, 300)
        slot = alone.add(board, 60 + 3 * k, seed=k, noise=np.random.default_rng(k))
        alone.run()
        for ours, theirs in zip(search.result(slots[k]), alone.result(slot), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_symmetric_positions_get_symmetric_searches() -> None:
    class SymmetricEvaluator:
        """Priors fall with the distance from the own stones' middle: no two alike, and turned with the board."""

        def evaluate(self, positions: Positions) -> Evaluation:
            size = positions.rules.size
            rows, cols = np.divmod(np.arange(size * size), size)
            priors = np.zeros(positions.legal.shape)
            values = np.zeros(len(priors), dtype=np.float32)
            for k, stones in enumerate(positions.stones.reshape(len(priors), -1)):
                for stone, weight in ((1, 1.0), (-1, 0.731)):
                    for point in np.flatnonzero(stones == stone):
                        distance = np.hypot(rows - rows[point], cols - cols[point])
                        priors[k] += weight * np.exp(-distance)
                        values[k] += stone * 0.01
                priors[k] *= positions.legal[k]
                priors[k] /= priors[k].sum()
            return Evaluation(priors.astype(np.float32), values, 0.5 * (1 - np.abs(values)))

    cells = Board.from_drawing(Rules(6, 4), MIDGAME).cells
    results = []
    for table in symmetry_tables(6):
        turned = np.zeros_like(cells)
        turned[table] = cells
        board = Board.from_cells(Rules(6, 4), turned)
        search = Search(board.rules, SymmetricEvaluator(), SearchConfig(), 1, 200)
        slot = search.add(board, 60, seed=1)
        search.run()
        results.append(search.result(slot).visit_counts[table])
    for visits in results[1:]:
        assert np.abs(visits - results[0]).sum() <= 4  # float sums in another order may break a tie otherwise
