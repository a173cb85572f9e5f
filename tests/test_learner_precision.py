"""The learner in half precision: float32 weights, nearly the same steps, and a choice that leaves no trace."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from learner_parts import filled_replay

from gomoku.rules import Rules
from nets.config import NetworkConfig
from nets.network import Network, build_network
from training.config import LearnerConfig
from training.learner import PRECISIONS, Learner, Losses, choose_learner_precision

RULES = Rules(6, 4)
CPU = torch.device("cpu")
CONFIG = LearnerConfig(warmup=0, batch_size=64, learning_rate=1e-3)


def small_network() -> Network:
    torch.manual_seed(0)
    return build_network(NetworkConfig(blocks=1, channels=16))


def learn(config: LearnerConfig, steps: int) -> tuple[Learner, Losses]:
    learner = Learner(small_network(), config, CPU)
    return learner, learner.learn(filled_replay(), steps, np.random.default_rng(0))


def test_half_precision_learns_nearly_the_same_and_keeps_full_weights() -> None:
    _, full_losses = learn(replace(CONFIG, precision="float32"), 20)
    half, half_losses = learn(replace(CONFIG, precision="bfloat16"), 20)
    assert half_losses != full_losses, "it does compute in half precision"
    assert half_losses.policy == pytest.approx(full_losses.policy, abs=0.03)
    assert half_losses.value == pytest.approx(full_losses.value, abs=0.03)
    for network in (half.network, half.averaged):
        assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    moments = {m.dtype for state in half.optimizer.state.values() for m in state.values()}
    assert moments == {torch.float32}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_same_batches_give_the_same_bits(precision: str) -> None:
    config = replace(CONFIG, precision=precision)
    (once, _), (again, _) = learn(config, 5), learn(config, 5)
    for one, other in zip(once.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_without_a_choice_it_is_float32() -> None:
    assert learn(CONFIG, 3)[1] == learn(replace(CONFIG, precision="float32"), 3)[1]


def test_choosing_measures_both_and_leaves_no_trace() -> None:
    network = small_network()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    state = torch.get_rng_state()
    precision, remark = choose_learner_precision(network, RULES, CONFIG, CPU)
    assert precision in PRECISIONS
    assert remark.endswith(f": {precision}")
    assert all(f"{name} " in remark for name in PRECISIONS)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_what_is_told_is_not_measured() -> None:
    config = replace(CONFIG, precision="bfloat16")
    assert choose_learner_precision(small_network(), RULES, config, CPU) == ("bfloat16", "learner: bfloat16, as told")


def test_an_unknown_precision_is_named() -> None:
    with pytest.raises(ValueError, match="precision is float8, it must be auto, float32, bfloat16"):
        replace(CONFIG, precision="float8")
