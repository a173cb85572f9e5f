"""Replay and learner: targets, symmetries, windows, and weights that learn."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gomoku.board import Board
from gomoku.rules import BLACK, Rules, parse_rules
from gomoku.symmetry import symmetry_tables
from mcts.evaluator import positions_of
from nets.config import NetworkConfig
from nets.network import Network, build_network, weights_of
from nets.torch_evaluator import TorchEvaluator
from training.config import LearnerConfig, ReplayConfig
from training.learner import Learner, LossNotFiniteError, value_targets
from training.replay import ReplayBuffer, Segment
from training.samples import Sample, Samples, empty_batch, fill_batch, pack_policy, pack_samples

RULES = Rules(6, 4)


def random_samples(rules: Rules, count: int, seed: int = 0) -> list[Sample]:
    """Positions of random games with random policies; blocked points in some."""
    rng = np.random.default_rng(seed)
    samples: list[Sample] = []
    while len(samples) < count:
        cells = np.zeros(rules.num_points, dtype=np.int8)
        cells[rng.choice(rules.num_points, 2, replace=False)] = 2
        board = Board.from_cells(rules, cells * (len(samples) % 3 == 0))
        while board.outcome is None and len(samples) < count:
            weights = rng.random(rules.num_points) * board.legal_mask() * (rng.random(rules.num_points) < 0.5)
            weights[board.legal_moves()[0]] = 0.3
            moves, counts = pack_policy(weights / weights.sum())
            samples.append(
                Sample(
                    board.cells.copy(),
                    board.to_play,
                    moves,
                    counts,
                    int(rng.integers(-1, 2)),
                    len(samples),
                    float(np.sin(len(samples))),
                )
            )
            board.push(int(rng.choice(board.legal_moves())))
    return samples


@pytest.mark.parametrize("name", ["6x6x4", "7x7x5", "renju-15x15", "22x22"])
def test_a_batch_holds_the_samples_under_their_symmetries(name: str) -> None:
    rules = parse_rules(name)
    samples = random_samples(rules, 40)
    packed = pack_samples(samples, rules.num_points)
    rng = np.random.default_rng(1)
    chosen, turns = rng.integers(40, size=64), rng.integers(8, size=64)
    batch = empty_batch(64, rules.num_points)
    fill_batch(batch, np.arange(64), packed, chosen, turns, rules)
    for row in range(64):
        sample, table = samples[chosen[row]], symmetry_tables(rules.size)[turns[row]]
        turned = np.zeros_like(sample.cells)
        turned[table] = sample.cells
        board = Board.from_cells(rules, turned, sample.to_play)
        np.testing.assert_array_equal(batch.stones[row], np.where(turned == 2, 2, turned * sample.to_play))
        np.testing.assert_array_equal(batch.legal[row], board.legal_mask())
        policy = np.zeros(rules.num_points)
        policy[table[sample.policy_moves]] = sample.policy_weights / sample.policy_weights.sum(dtype=np.int64)
        np.testing.assert_allclose(batch.policy_target[row], policy, atol=1e-6)
        assert batch.policy_target[row][~board.legal_mask()].sum() == 0
        assert (batch.to_play[row], batch.outcome[row]) == (sample.to_play, sample.outcome)
        assert batch.value[row] == pytest.approx(sample.value, abs=1e-4)


def test_the_reply_target_is_the_policy_after_the_next_move_of_the_same_game_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    board, samples, follows = Board(RULES), [], []

    def add(game: int, copies: int = 1) -> None:
        moves, weights = pack_policy(board.legal_mask() * rng.dirichlet(np.full(36, 0.2)))
        samples.extend([Sample(board.cells.copy(), board.to_play, moves, weights, 0, game)] * copies)

    for move, copies in ((14, 1), (15, 2), (20, 3), (21, 0), (22, 1)):
        add(7, copies)
        board.push(move)
    add(8)  # another game, by chance one stone on
    follows = [1, 3, 3, None, None, None, None, None]
    packed = pack_samples(samples, 36)
    turns = np.arange(8)
    batch = empty_batch(8, 36)
    batch.reply_target[:] = 9
    fill_batch(batch, np.arange(8), packed, np.arange(8), turns, RULES)
    for row, following in enumerate(follows):
        expected = np.zeros(36)
        if following is not None:
            answer, table = samples[following], symmetry_tables(6)[turns[row]]
            expected[table[answer.policy_moves]] = answer.policy_weights / answer.policy_weights.sum(dtype=np.int64)
        np.testing.assert_allclose(batch.reply_target[row], expected, atol=1e-6)


def test_the_value_target_is_the_end_mixed_with_what_the_search_thought() -> None:
    batch = empty_batch(4, 36)
    batch.outcome[:] = [1, -1, 0, 0]
    batch.value[:] = [0.5, 0.5, 0.5, -0.25]
    np.testing.assert_array_equal(value_targets(batch, 0), [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]])
    thought = [[0.75, 0, 0.25], [0.75, 0, 0.25], [0.5, 0.5, 0], [0, 0.75, 0.25]]
    np.testing.assert_allclose(value_targets(batch, 1), thought)
    mixed = value_targets(batch, 0.4)
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    np.testing.assert_allclose(mixed[:, 0] - mixed[:, 2], 0.6 * batch.outcome + 0.4 * batch.value, atol=1e-6)


def test_the_eight_symmetries_all_come_and_come_alike() -> None:
    cells = np.zeros(36, dtype=np.int8)
    cells[1] = BLACK
    moves, weights = pack_policy(np.eye(36)[2])
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, RULES, pack_samples([Sample(cells, -1, moves, weights, 1, 0)], 36)))
    _, batch = replay.draw(np.random.default_rng(0), 4000)
    seen, counts = np.unique(batch.stones, axis=0, return_counts=True)
    assert len(seen) == 8
    assert counts.min() > 400


def numbered(count: int, first: int) -> Samples:
    """Samples that can be told apart by their game number."""
    samples = random_samples(RULES, count)
    return pack_samples([sample._replace(game=first + k, outcome=0) for k, sample in enumerate(samples)], 36)


def test_the_window_grows_more_slowly_than_what_is_made() -> None:
    config = ReplayConfig(window_start=1000)
    assert [config.window(made) for made in (0, 1, 999, 1000)] == [0, 1, 999, 1000]
    windows = [config.window(made) for made in (2000, 4000, 64_000)]
    assert windows == sorted(windows)
    assert windows[2] == int(1000 * (1 + 0.4 * (64**0.75 - 1) / 0.75))


def test_only_the_window_is_drawn_from_and_all_of_it() -> None:
    replay = ReplayBuffer(ReplayConfig(window_start=100, window_exponent=1.0, window_slope=0.25))
    for iteration in range(1, 11):
        samples = numbered(50, first=50 * iteration)
        numbers = 50 * iteration + np.arange(50, dtype=np.int16)
        outcome = np.full(50, iteration % 3 - 1, np.int8)
        samples = samples._replace(to_play=np.ones(50, np.int8), outcome=outcome, value=numbers)
        replay.add(Segment(iteration, RULES, samples))
    assert replay.made == 500
    assert replay.window == 200
    assert [segment.iteration for segment in replay.segments] == [7, 8, 9, 10]
    newest = numbered(30, first=1000)._replace(value=1000 + np.arange(30, dtype=np.int16))
    replay.add(Segment(11, RULES, newest))
    assert replay.window == 207
    assert [segment.iteration for segment in replay.segments] == [7, 8, 9, 10, 11]
    drawn = replay.draw(np.random.default_rng(0), 5000)[1]
    assert len(set(drawn.value.tolist())) == 207, "not one position more or less"
    share_of_segment_7 = (
        np.mean(drawn.outcome == 0) - 30 / 207 - 50 / 207
    )  # iterations 7, 10 have outcome 0, 11 as well
    assert share_of_segment_7 == pytest.approx(27 / 207, abs=0.03)


def make_learner(config: LearnerConfig | None = None) -> tuple[Learner, ReplayBuffer]:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(blocks=1, channels=16))
    learner = Learner(network, config or LearnerConfig(warmup=0, batch_size=64), torch.device("cpu"))
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, RULES, pack_samples(random_samples(RULES, 60), 36)))
    return learner, replay


def beside_a_stone(cells: NDArray[np.int8]) -> NDArray[np.float64]:
    """An even distribution over the empty points that touch a stone; nothing where there is none."""
    stones = np.isin(cells.reshape(6, 6), (1, -1))
    touched = np.zeros_like(stones)
    touched[:, 1:] |= stones[:, :-1]
    touched[:, :-1] |= stones[:, 1:]
    touched[1:] |= stones[:-1]
    touched[:-1] |= stones[1:]
    chosen = (touched & (cells.reshape(6, 6) == 0)).reshape(-1).astype(float)
    return chosen / max(1.0, chosen.sum())


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_learner_learns_what_there_is_to_learn(optimizer: Literal["adamw", "sgd"]) -> None:
    rate = 2e-3 if optimizer == "adamw" else 0.02
    learner, _ = make_learner(LearnerConfig(optimizer=optimizer, warmup=0, batch_size=64, learning_rate=rate))
    samples = []
    for sample in random_samples(RULES, 300):
        moves, weights = pack_policy(beside_a_stone(sample.cells))
        if len(moves):
            samples.append(sample._replace(policy_moves=moves, policy_weights=weights, outcome=sample.to_play))
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, RULES, pack_samples(samples, 36)))
    rng = np.random.default_rng(0)
    before = learner.learn(replay, 5, rng)
    learner.learn(replay, 80, rng)
    after = learner.learn(replay, 5, rng)
    assert after.policy < before.policy - 0.1
    assert after.value < before.value / 2
    assert learner.learnt == 90 * 64


def test_the_opponents_answer_is_learnt_by_a_head_that_the_model_does_without() -> None:
    config = LearnerConfig(warmup=0, batch_size=64, learning_rate=5e-3, reply_weight=0.5)
    learner, _ = make_learner(config)
    replay = ReplayBuffer(ReplayConfig())
    samples = []
    for sample in random_samples(RULES, 300):
        moves, weights = pack_policy(beside_a_stone(sample.cells))
        samples.append(sample._replace(game=0, policy_moves=moves, policy_weights=weights))
    replay.add(Segment(1, RULES, pack_samples([sample for sample in samples if len(sample.policy_moves)], 36)))
    plain, _ = make_learner(replace(config, reply_weight=0.0))
    assert weights_of(learner.averaged).keys() == weights_of(plain.averaged).keys()
    before = learner.learn(replay, 5, np.random.default_rng(0))
    learner.learn(replay, 80, np.random.default_rng(0))
    after = learner.learn(replay, 5, np.random.default_rng(0))
    assert after.reply < before.reply - 0.1
    assert plain.learn(replay, 5, np.random.default_rng(0)).reply == 0


def test_where_no_answer_is_known_its_head_changes_nothing() -> None:
    config = LearnerConfig(warmup=0, batch_size=64, optimizer="sgd", reply_weight=0.5)
    alone = [sample._replace(game=number) for number, sample in enumerate(random_samples(RULES, 60))]
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, RULES, pack_samples(alone, 36)))
    learners = [make_learner(replace(config, reply_weight=weight))[0] for weight in (0.5, 0.0)]
    for learner in learners:
        assert learner.learn(replay, 3, np.random.default_rng(0)).reply == 0
    for one, other in zip(*(learner.network.parameters() for learner in learners), strict=True):
        torch.testing.assert_close(one, other)


def test_value_targets_are_win_draw_loss_of_the_side_to_move() -> None:
    learner, _ = make_learner(LearnerConfig(warmup=0, batch_size=64, learning_rate=5e-3))
    samples = [sample._replace(outcome=1 if sample.to_play == BLACK else -1) for sample in random_samples(RULES, 200)]
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, RULES, pack_samples(samples, 36)))
    learner.learn(replay, 120, np.random.default_rng(0))
    evaluator = TorchEvaluator(learner.network, "cpu")
    boards = [Board(RULES), Board.from_moves(RULES, [14])]
    values = evaluator.evaluate(positions_of(boards)).values
    assert values[0] > 0.7
    assert values[1] < -0.7


def test_averaged_weights_follow_slowly() -> None:
    learner, replay = make_learner(LearnerConfig(warmup=0, batch_size=64, averaging=0.9))
    learner.learn(replay, 200, np.random.default_rng(0))
    before = [p.clone() for p in learner.averaged.parameters()]
    learner.learn(replay, 1, np.random.default_rng(1))
    for old, new, live in zip(before, learner.averaged.parameters(), learner.network.parameters(), strict=True):
        torch.testing.assert_close(new, 0.9 * old + 0.1 * live, rtol=1e-4, atol=1e-6)


def flat(network: Network) -> NDArray[np.float32]:
    return np.concatenate([weights.ravel() for weights in weights_of(network).values()])


def test_averaged_weights_forget_soon_what_they_began_as() -> None:
    learner, replay = make_learner(LearnerConfig(warmup=0, batch_size=64, averaging=0.999))
    began = flat(learner.averaged)
    learner.learn(replay, 20, np.random.default_rng(0))
    mean, live = flat(learner.averaged), flat(learner.network)
    assert np.abs(live - mean).sum() < np.abs(live - began).sum() / 2


def test_a_loss_that_is_not_finite_stops_the_learner() -> None:
    learner, replay = make_learner()
    with torch.no_grad():
        next(learner.network.parameters()).fill_(float("nan"))
    with pytest.raises(LossNotFiniteError, match="no longer finite"):
        learner.learn(replay, 1, np.random.default_rng(0))


def test_the_learning_rate_follows_positions_learnt() -> None:
    config = LearnerConfig(learning_rate=1.0, warmup=1000, batch_size=100, decay_at=(5000, 8000), decay_factor=0.5)
    assert [config.rate_at(learnt) for learnt in (0, 400, 900, 4999, 5000, 8000)] == [0.1, 0.5, 1, 1, 0.5, 0.25]
