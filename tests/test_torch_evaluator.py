"""The evaluator in torch: what it answers, and that a row's answer is its own."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gomoku.rules import Rules, Variant
from gomoku.symmetry import inverse_tables, symmetry_tables
from mcts.evaluator import Evaluation, Positions
from nets.calibration import scattered_positions
from nets.config import PRESETS, NetworkConfig
from nets.devices import find_device
from nets.inputs import global_features, point_codes
from nets.lines import open_lines
from nets.network import Network, build_network
from nets.planes import line_planes_of, planes_of
from nets.torch_evaluator import TorchEvaluator

CONFIG = NetworkConfig(blocks=2, channels=16, policy_channels=8, value_channels=8, value_hidden=16)
WITH_LINES = replace(CONFIG, line_planes=True)
either_network = pytest.mark.parametrize("config", [CONFIG, WITH_LINES], ids=["stones", "lines"])


def opinionated(config: NetworkConfig, seed: int = 3) -> Network:
    """A network whose every weight has something to say."""
    generator = torch.Generator().manual_seed(seed)
    network = build_network(config)
    with torch.no_grad():
        for parameter in network.parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 100
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * fan_in**-0.5)
    return network


def pick(positions: Positions, rows: NDArray[np.intp]) -> Positions:
    rules, stones, to_play, legal, seeds = positions
    return Positions(rules, stones[rows], to_play[rows], legal[rows], seeds[rows])


def assert_same_bits(one: Evaluation, other: Evaluation) -> None:
    assert one.priors.tobytes() == other.priors.tobytes()
    assert one.values.tobytes() == other.values.tobytes()
    assert one.draws.tobytes() == other.draws.tobytes()


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("rules", [Rules(6, 4), Rules(15, 5, Variant.RENJU)])
def test_priors_are_probabilities_of_legal_moves_and_values_lie_in_range(rules: Rules, precision: str) -> None:
    positions = scattered_positions(rules, 20, seed=1)
    priors, values, draws = TorchEvaluator(opinionated(CONFIG), "cpu", precision).evaluate(positions)
    assert priors.shape == (20, rules.num_points)
    assert priors.dtype == values.dtype == draws.dtype == np.float32
    assert (priors[~positions.legal] == 0).all()
    assert (priors[positions.legal] > 0).all()
    assert priors.sum(axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    assert values.shape == (20,)
    assert draws.shape == (20,)
    assert (draws >= 0).all()
    assert (np.abs(values) <= 1).all()
    assert (np.abs(values) + draws <= 1 + 1e-5).all()
    assert np.ptp(values) > 0.01


@either_network
def test_answers_are_the_network_s_own(config: NetworkConfig) -> None:
    network = opinionated(config)
    positions = scattered_positions(Rules(7, 5), 16, seed=1)
    codes = torch.from_numpy(point_codes(positions.stones, positions.legal))
    features = torch.from_numpy(global_features(positions.rules, positions.to_play))
    with torch.no_grad():
        counts = torch.from_numpy(open_lines(positions.stones, positions.to_play, positions.rules))
        lines = line_planes_of(counts, 7) if config.line_planes else None
        policy, value, _ = network(planes_of(codes, 7), features, lines)
    odds = np.where(positions.legal, np.exp(policy.double().numpy()), 0)
    win, draw, loss = torch.softmax(value.double(), dim=1).numpy().T
    priors, values, draws = TorchEvaluator(network, "cpu").evaluate(positions)
    assert priors == pytest.approx(odds / odds.sum(axis=1, keepdims=True), abs=1e-5)
    assert values == pytest.approx(win - loss, abs=1e-5)
    assert draws == pytest.approx(draw, abs=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("shape", ["tiny", "medium", "plain", "lines"])
@pytest.mark.parametrize("size", [3, 6, 8, 15])
def test_a_row_s_answer_does_not_depend_on_its_company(size: int, shape: str, precision: str) -> None:
    rules = Rules(size, min(size, 4))
    everyone = scattered_positions(rules, 70, seed=2)
    network = opinionated((PRESETS | {"lines": WITH_LINES})[shape])
    evaluator = TorchEvaluator(network, "cpu", precision, random_symmetry=True, chunk=32)
    together = evaluator.evaluate(everyone)
    rng = np.random.default_rng(5)
    companies = [np.arange(1), np.array([69]), np.arange(16), rng.permutation(70)]
    companies += [rng.permutation(70)[:count] for count in (3, 17, 33, 48)]
    for rows in companies:
        apart = evaluator.evaluate(pick(everyone, rows))
        assert_same_bits(apart, Evaluation(*(part[rows] for part in together)))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("size", [6, 15])
def test_a_row_s_answer_does_not_depend_on_the_chunk(size: int, precision: str) -> None:
    positions = scattered_positions(Rules(size, 4), 130, seed=2)
    network = opinionated(PRESETS["tiny"])
    whole = TorchEvaluator(network, "cpu", precision).evaluate(positions)
    for chunk in (16, 48, 128):
        assert_same_bits(TorchEvaluator(network, "cpu", precision, chunk=chunk).evaluate(positions), whole)


@either_network
def test_random_symmetries_follow_the_seeds_and_come_back_to_the_board(config: NetworkConfig) -> None:
    rules = Rules(6, 4)
    one = scattered_positions(rules, 4, seed=4)
    position = pick(one, np.full(64, 3))._replace(seeds=np.arange(64, dtype=np.uint64))
    network = opinionated(config)
    plain = TorchEvaluator(network, "cpu")
    answers = []
    for table, inverse in zip(symmetry_tables(6), inverse_tables(6), strict=True):
        turned = position._replace(
            stones=position.stones.reshape(64, 36)[:, inverse].reshape(64, 6, 6),
            legal=position.legal[:, inverse],
        )
        answers.append(plain.evaluate(turned).priors[0, table])
    priors = TorchEvaluator(network, "cpu", random_symmetry=True).evaluate(position).priors
    seen = [int(np.argmin([np.abs(row - answer).max() for answer in answers])) for row in priors]
    assert all(np.array_equal(row, answers[symmetry]) for row, symmetry in zip(priors, seen, strict=True))
    assert set(seen) == set(range(8))
    assert (priors[~position.legal] == 0).all()


def test_low_precision_says_nearly_the_same() -> None:
    positions = scattered_positions(Rules(8, 5), 32, seed=2)
    network = opinionated(CONFIG)
    exact = TorchEvaluator(network, "cpu").evaluate(positions)
    for precision in ("bfloat16", "float16"):
        rough = TorchEvaluator(network, "cpu", precision).evaluate(positions)
        assert 0 < np.abs(rough.priors - exact.priors).max() < 0.02
        assert 0 < np.abs(rough.values - exact.values).max() < 0.05


def test_the_weights_are_copied() -> None:
    positions = scattered_positions(Rules(6, 4), 5, seed=2)
    network = opinionated(CONFIG, seed=2)
    evaluator = TorchEvaluator(network, "cpu")
    expected = evaluator.evaluate(positions)
    with torch.no_grad():
        network.stem.weight.zero_()
    assert_same_bits(evaluator.evaluate(positions), expected)


def test_threads_get_the_answers_that_they_would_get_alone() -> None:
    everyone = scattered_positions(Rules(8, 5), 64, seed=2)
    evaluator = TorchEvaluator(opinionated(CONFIG), "cpu")
    expected = evaluator.evaluate(everyone)
    wrong: list[int] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(20):
            rows = rng.permutation(64)[: rng.integers(1, 64)]
            answer = evaluator.evaluate(pick(everyone, rows))
            if not np.array_equal(answer.priors, expected.priors[rows]) or torch.get_num_threads() != 1:
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_calls_are_padded_to_sixteen_rows_and_cut_at_the_chunk() -> None:
    evaluator = TorchEvaluator(build_network(CONFIG), "cpu", chunk=48)
    assert evaluator.rows_per_call(1, 15) == [16]
    assert evaluator.rows_per_call(48, 15) == [48]
    assert evaluator.rows_per_call(100, 15) == [48, 48, 16]


def test_settings_that_make_no_sense_are_refused() -> None:
    network = build_network(CONFIG)
    with pytest.raises(ValueError, match="'int8' is not one of float32, bfloat16, float16"):
        TorchEvaluator(network, precision="int8")
    for chunk in (0, -16, 24):
        with pytest.raises(ValueError, match=f"chunk {chunk} is not a positive multiple of 16"):
            TorchEvaluator(network, chunk=chunk)
    for device in ("abacus", "", "cuda:99"):
        with pytest.raises(ValueError, match=r"is not here; there is auto and .*cpu"):
            find_device(device)


def test_scattered_positions_look_like_games() -> None:
    positions = scattered_positions(Rules(8, 5), 50, seed=2)
    counts = (positions.stones == 1).sum(axis=(1, 2)) - (positions.stones == -1).sum(axis=(1, 2))
    assert set(counts[positions.to_play == 1]) == {0}
    assert set(counts[positions.to_play == -1]) == {-1}
    assert np.array_equal(positions.legal, (positions.stones == 0).reshape(50, 64))
