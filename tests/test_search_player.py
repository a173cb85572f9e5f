"""The player that searches: one by one and side by side, limits, thinking aloud, kept trees, and pure MCTS."""

import time

import numpy as np
import pytest
from reference_search import HashEvaluator, random_board

from gomoku.board import Board
from gomoku.player import Decision, Limit, Player, Proof
from gomoku.random_player import RandomPlayer
from gomoku.rules import WHITE, Rules, parse_rules
from mcts.config import PLAY_TACTICS, SearchConfig
from mcts.evaluator import Evaluation, Positions
from mcts.player import PlayerOptions, SearchPlayer
from mcts.pure import pure_player
from mcts.rollout import RolloutEvaluator
from nets.config import NetworkConfig
from nets.network import build_network
from nets.torch_evaluator import TorchEvaluator

RULES = Rules(6, 4)
THREE_TO_STOP = "\n".join(["." * 9] * 4 + ["...XXX..."] + ["." * 9] * 3 + ["O.......O"])
FORCED_WIN = "......\n.XX...\n......\n..OO..\n......\n......"
LOST = ".....\n.XXX.\n.....\n.O.O.\n..O.."


def player(**options: object) -> SearchPlayer:
    return SearchPlayer("ours", HashEvaluator(), PlayerOptions(**options))


def without_clock(decisions: list[Decision]) -> list[tuple[object, ...]]:
    return [(d.move, d.value, d.candidates, d.simulations, d.reused, d.proof) for d in decisions]


@pytest.mark.parametrize("side_by_side", [1, 3, 128])
def test_many_boards_are_decided_as_one_by_one(side_by_side: int) -> None:
    boards = [random_board(RULES, seed, seed) for seed in range(10)]
    limits = [Limit(simulations=20 + 5 * k, seed=k) for k in range(10)]
    together = player(side_by_side=side_by_side).decide(boards, limits)
    alone = [player().decide([board], limit)[0] for board, limit in zip(boards, limits, strict=True)]
    assert without_clock(together) == without_clock(alone)


@pytest.mark.parametrize("evaluator", [HashEvaluator(), RolloutEvaluator()])
def test_a_clock_and_a_stop_end_the_thinking(evaluator: HashEvaluator | RolloutEvaluator) -> None:
    board, asked = Board(RULES), iter([False] * 5 + [True] * 10**6)
    SearchPlayer("first", evaluator).decide([board], Limit(simulations=10))  # compiles, where nothing is kept yet
    started = time.perf_counter()
    (timed,) = SearchPlayer("timed", evaluator).decide([board], Limit(seconds=0.1))
    (stopped,) = SearchPlayer("stopped", evaluator).decide(
        [board], Limit(simulations=10**9, stop=lambda: next(asked))
    )
    assert time.perf_counter() - started < 10
    assert board.is_legal(timed.move)
    assert board.is_legal(stopped.move)
    assert stopped.simulations >= 1


def test_analysis_grows_until_it_is_closed_and_leaves_room_for_a_move_meanwhile() -> None:
    ours, board = player(), Board(RULES)
    analysis = ours.analyse(board, Limit())
    first, second = next(analysis), next(analysis)
    (move,) = ours.decide([board], Limit(simulations=30, seed=1))
    third = next(analysis)
    analysis.close()
    assert first.simulations < second.simulations < third.simulations
    assert without_clock([move]) == without_clock(player().decide([board], Limit(simulations=30, seed=1)))
    assert next(analysis, None) is None


def test_a_kept_tree_serves_the_same_game_and_no_other() -> None:
    ours, board = player(reuse=True, memory=2**22), Board(RULES)
    limit = Limit(simulations=300, seed=1)
    (first,) = ours.decide([board], limit)
    for move in first.candidates[0].line[:2]:
        board.push(move)
    (second,) = ours.decide([board], limit)
    assert first.reused == 0
    assert second.reused > 0
    assert second.simulations == 300
    assert board.is_legal(second.move)
    board.pop()
    (undone,) = ours.decide([board], limit)
    (other,) = ours.decide([random_board(RULES, 4, 5)], limit)
    (other_rules,) = ours.decide([Board(Rules(5, 4))], limit)
    assert (undone.reused, other.reused, other_rules.reused) == (0, 0, 0)
    assert board.is_legal(undone.move)


@pytest.mark.parametrize(("draw_value", "replies"), [(0.0, 1.0), (-0.3, 1.0), (0.0, 3.0)])
def test_a_kept_tree_serves_no_other_side_where_it_holds_opinions_of_one(draw_value: float, replies: float) -> None:
    limit = Limit(simulations=300, seed=1)
    search = SearchConfig(reply_exploration=replies)
    ours, board = player(reuse=True, memory=2**22, draw_value=draw_value, search=search), Board(RULES)
    (first,) = ours.decide([board], limit)
    board.push(first.move)
    (other_side,) = ours.decide([board], limit)
    assert (other_side.reused > 0) == (draw_value == 0 and replies == 1)


def test_candidates_come_best_first_with_lines_that_can_be_played() -> None:
    board = random_board(RULES, 2, 6)
    (decision,) = player().decide([board], Limit(simulations=300, seed=1))
    visits = [candidate.visits for candidate in decision.candidates]
    assert decision.candidates[0].move == decision.move
    assert visits == sorted(visits, reverse=True)
    for candidate in decision.candidates:
        assert candidate.line[0] == candidate.move
        played = board.copy()
        for move in candidate.line:
            played.push(move)


@pytest.mark.parametrize(
    ("drawing", "rules", "proof"), [(FORCED_WIN, RULES, Proof.WIN), (LOST, Rules(5, 4), Proof.LOSS)]
)
def test_a_proof_is_told(drawing: str, rules: Rules, proof: Proof) -> None:
    board = Board.from_drawing(rules, drawing, to_play=1 if proof is Proof.WIN else -1)
    (decision,) = SearchPlayer("pure", RolloutEvaluator()).decide([board], Limit(simulations=100_000, seed=1))
    assert decision.proof is proof
    assert decision.candidates[0].proof is proof


@pytest.mark.parametrize("reuse", [False, True])
@pytest.mark.parametrize("memory", [1, 50_000])
def test_full_memory_ends_the_thinking_early(reuse: bool, memory: int) -> None:
    board = Board(RULES)
    ours = player(reuse=reuse, memory=memory)
    for _ in range(2):
        (decision,) = ours.decide([board], Limit(simulations=10_000, seed=1))
        assert decision.simulations < 10_000
        assert board.is_legal(decision.move)


class FailingOnce(HashEvaluator):
    def __init__(self, at_call: int) -> None:
        super().__init__()
        self._at_call = at_call

    def evaluate(self, positions: Positions) -> Evaluation:
        evaluation = super().evaluate(positions)
        if len(self.batch_sizes) == self._at_call:
            raise RuntimeError("out of luck")
        return evaluation


class CornerLover:
    """Sees the first point as the best, wherever that is."""

    def evaluate(self, positions: Positions) -> Evaluation:
        priors = positions.legal.reshape(len(positions.to_play), -1).astype(np.float32)
        priors[:, 0] *= 50
        nothing = np.zeros(len(priors), dtype=np.float32)
        return Evaluation(priors / priors.sum(axis=1, keepdims=True), nothing, nothing)


@pytest.mark.parametrize("at_call", [1, 3])
@pytest.mark.parametrize("reuse", [False, True])
def test_a_failure_in_the_evaluator_leaves_the_player_usable(reuse: bool, at_call: int) -> None:
    ours = SearchPlayer("ours", FailingOnce(at_call), PlayerOptions(reuse=reuse))
    with pytest.raises(RuntimeError, match="luck"):
        ours.decide([Board(RULES)], Limit(simulations=5))
    (decision,) = ours.decide([Board(RULES)], Limit(simulations=5, seed=1))
    fresh = SearchPlayer("fresh", HashEvaluator()).decide([Board(RULES)], Limit(simulations=5, seed=1))
    assert without_clock([decision]) == without_clock(fresh)


def test_a_search_that_ends_before_its_first_simulation_plays_no_move_that_is_known_to_lose() -> None:
    board = Board.from_drawing(Rules(9, 5), THREE_TO_STOP, WHITE)
    ours = SearchPlayer("ours", CornerLover(), PlayerOptions(search=SearchConfig(tactics=PLAY_TACTICS)))
    (decision,) = ours.decide([board], Limit(seconds=1e-9, seed=1))
    assert decision.simulations == 0
    assert decision.move in (38, 42)


def test_pure_mcts_repeats_itself_and_makes_exactly_its_simulations() -> None:
    board = random_board(RULES, 1, 8)
    decisions = [pure_player(777).decide([board], Limit(seed=seed))[0] for seed in (5, 5, 6)]
    assert without_clock(decisions[:1]) == without_clock(decisions[1:2])
    assert [decision.simulations for decision in decisions] == [777] * 3
    assert decisions[2].candidates != decisions[0].candidates


def test_pure_mcts_under_a_clock_finds_memory() -> None:
    assert pure_player(100).decide([Board(Rules())], Limit(seconds=0.05))[0].simulations > 0


EASY = [
    ("XXX...\n......\n......\n......\nOOO...\n......", {3}),
    ("X.....\n......\nX.....\nX.O.O.\n....O.\n......", {6}),
    ("X.....\n.X....\n..X...\n......\n..OO..\n.O....", {21}),
    ("......\n......\nX.....\n..X...\n.....X\nOOO..X", {33}),
]


@pytest.mark.parametrize(("drawing", "right"), EASY)
def test_pure_mcts_wins_and_blocks_at_edges_and_corners(drawing: str, right: set[int]) -> None:
    board = Board.from_drawing(RULES, drawing, to_play=1)
    for seed in range(3):
        assert pure_player(1000).decide([board], Limit(seed=seed))[0].move in right


def network_player() -> SearchPlayer:
    network = build_network(NetworkConfig(blocks=1, channels=8))
    return SearchPlayer(
        "network", TorchEvaluator(network, "cpu", "float32"), PlayerOptions(limit=Limit(simulations=12))
    )


@pytest.mark.parametrize(
    "make", [RandomPlayer, lambda: pure_player(30), network_player], ids=["random", "pure", "network"]
)
@pytest.mark.parametrize("name", ["6x6x4", "standard-7x7x5", "renju-9x9"])
def test_every_player_answers_each_board_with_a_legal_move(make: type[Player], name: str) -> None:
    rules, rng = parse_rules(name), np.random.default_rng(3)
    boards = [random_board(rules, seed, plies) for seed, plies in enumerate([0, 1, 4, 7, 10, 13])]
    while len(boards) < 16:
        cells = rng.choice([1, -1, 2], rules.num_points).astype(np.int8)
        cells[rng.choice(rules.num_points, 1 + len(boards) % 2 * 3, replace=False)] = 0
        try:
            board = Board.from_cells(rules, cells, to_play=1 - 2 * (len(boards) // 2 % 2))
        except ValueError:
            continue
        if board.outcome is None:
            boards.append(board)
    decisions = make().decide(boards, Limit(seed=1))
    for board, decision in zip(boards, decisions, strict=True):
        assert board.is_legal(decision.move), str(board)
