"""Remembered evaluations: the same bits as fresh ones, and fewer of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from reference_search import HashEvaluator

from gomoku.board import Board
from gomoku.rules import Rules, parse_rules
from mcts.caching import CachingEvaluator, bytes_per_position
from mcts.config import SearchConfig
from mcts.evaluator import Evaluation, Evaluator, Positions, positions_of
from nets.config import NetworkConfig
from nets.network import build_network
from nets.torch_evaluator import TorchEvaluator
from training.config import SelfPlayConfig
from training.self_play import SelfPlay

RULES = Rules(6, 4)


class Recorder:
    """Hands on, and notes how many rows."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.rows: list[int] = []
        self.fails = False

    def evaluate(self, positions: Positions) -> Evaluation:
        self.rows.append(len(positions.to_play))
        if self.fails:
            raise ArithmeticError("out of order")
        return self.evaluator.evaluate(positions)


def random_boards(rules: Rules, count: int, seed: int) -> list[Board]:
    """Unfinished boards, some of them alike, some with blocked points, either side to move."""
    rng = np.random.default_rng(seed)
    boards = []
    while len(boards) < count:
        cells = np.zeros(rules.num_points, dtype=np.int8)
        cells[: rng.integers(3)] = 2
        board = Board.from_cells(rules, cells, int(rng.choice([1, -1])))
        for _ in range(rng.integers(3)):
            if board.outcome is None:
                board.push(int(rng.choice(board.legal_moves()[:3])))
        if board.outcome is None:
            boards.append(board)
    return boards


def assert_same_bits(ours: Evaluation, theirs: Evaluation) -> None:
    np.testing.assert_array_equal(ours.priors.view(np.uint32), theirs.priors.view(np.uint32))
    np.testing.assert_array_equal(ours.values.view(np.uint32), theirs.values.view(np.uint32))
    np.testing.assert_array_equal(ours.draws.view(np.uint32), theirs.draws.view(np.uint32))


@pytest.mark.parametrize("num_positions", [1, 40, 4000])
@pytest.mark.parametrize("name", ["6x6x4", "renju-15x15", "22x22"])
def test_answers_are_the_same_however_little_can_be_remembered(name: str, num_positions: int) -> None:
    rules = parse_rules(name)
    cached = CachingEvaluator(HashEvaluator(), rules, num_positions)
    for seed in range(12):
        positions = positions_of(random_boards(rules, 30, seed))
        assert_same_bits(cached.evaluate(positions), HashEvaluator().evaluate(positions))
    assert cached.asked == 12 * 30
    assert cached.evaluated < cached.asked


def test_a_position_is_evaluated_once_in_a_batch_and_never_again() -> None:
    recorder = Recorder(HashEvaluator())
    cached = CachingEvaluator(recorder, RULES, 100)
    black, white, other = (
        Board(RULES),
        Board.from_cells(RULES, np.zeros(36, np.int8), -1),
        Board.from_moves(RULES, [3]),
    )
    for boards in ([black, white, black, black, other], [other, black], [white, Board.from_moves(RULES, [4]), white]):
        positions = positions_of(boards)
        assert_same_bits(cached.evaluate(positions), HashEvaluator().evaluate(positions))
    assert recorder.rows == [3, 1]
    assert (cached.asked, cached.evaluated) == (10, 4)


def test_the_position_that_was_not_used_for_longest_is_forgotten() -> None:
    recorder = Recorder(HashEvaluator())
    cached = CachingEvaluator(recorder, RULES, 4)
    for move in (0, 1, 2, 3, 0, 4, 0, 1):
        cached.evaluate(positions_of([Board.from_moves(RULES, [move])]))
    assert len(recorder.rows) == 6, "0 was asked in between and stayed, 1 went when 4 came"


def test_an_evaluator_that_fails_leaves_no_answers_behind() -> None:
    recorder = Recorder(HashEvaluator())
    cached = CachingEvaluator(recorder, RULES, 100)
    positions = positions_of(random_boards(RULES, 20, seed=1))
    recorder.fails = True
    with pytest.raises(ArithmeticError, match="out of order"):
        cached.evaluate(positions)
    recorder.fails = False
    for _ in range(2):
        assert_same_bits(cached.evaluate(positions), HashEvaluator().evaluate(positions))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_network_s_remembered_answers_have_the_bits_of_fresh_ones(precision: str) -> None:
    torch.manual_seed(0)
    network = TorchEvaluator(build_network(NetworkConfig(blocks=2, channels=16)), "cpu", precision)
    cached = CachingEvaluator(network, RULES, 1000)
    for seed in range(4):
        positions = positions_of(random_boards(RULES, 50, seed))
        assert_same_bits(cached.evaluate(positions), network.evaluate(positions))
    assert cached.evaluated < cached.asked


def test_self_play_makes_the_same_games_with_and_without_memory() -> None:
    config = SelfPlayConfig(simulations=24, games=12, random_plies=3, cache_positions=0)
    harvests, rows = [], []
    for size in (0, 8, 20_000):
        recorder = Recorder(HashEvaluator())
        self_play = SelfPlay(RULES, replace(config, cache_positions=size), SearchConfig(), seed=1)
        games = self_play.play(recorder, 150, lambda: None, lambda: False)
        harvests.append(
            [(game.number, game.moves, [s.policy_weights.tolist() for s in game.samples]) for game in games]
        )
        rows.append(sum(recorder.rows))
    assert harvests[0] == harvests[1] == harvests[2]
    assert rows[0] > rows[1] > rows[2]


def test_memory_is_what_is_said() -> None:
    for size, expected in ((6, 180), (15, 984)):
        cached = CachingEvaluator(HashEvaluator(), Rules(size, 5), 100)
        assert sum(array.nbytes for array in cached._table) == 100 * bytes_per_position(size * size)
        assert bytes_per_position(size * size) == expected
