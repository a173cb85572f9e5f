"""The optimizer is torch's own, bit for bit, without the compiler that torch's classes bring along."""

import copy
import sys
from typing import Literal

import numpy as np
import pytest
import torch
from learner_parts import filled_replay

from nets.config import NetworkConfig
from nets.network import build_network
from training.config import LearnerConfig
from training.learner import Learner
from training.optimizer import Optimizer

NETWORK = NetworkConfig(blocks=1, channels=8)
RATES = (0.01, 0.003, 0.02)


def torchs_own(parameters: list[torch.nn.Parameter], config: LearnerConfig) -> torch.optim.Optimizer:
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=1.0, momentum=0.9)
    return torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.99))


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_weights_and_memory_are_those_of_torchs_own_class_also_after_being_loaded(
    name: Literal["adamw", "sgd"],
) -> None:
    torch.manual_seed(0)
    config = LearnerConfig(optimizer=name, weight_decay=0.1)
    network = build_network(NETWORK)
    ours, theirs = list(network.parameters()), list(copy.deepcopy(network).parameters())
    optimizer, reference = Optimizer(ours, config), torchs_own(theirs, config)
    for rate in RATES:
        for parameter, twin in zip(ours, theirs, strict=True):
            parameter.grad = torch.randn_like(parameter)
            twin.grad = parameter.grad.clone()
        for group in reference.param_groups:
            group["lr"] = rate
        kept = optimizer.state
        optimizer = Optimizer(ours, config)
        optimizer.load(kept)
        optimizer.step(rate)
        reference.step()
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
    expected = reference.state_dict()["state"]
    assert optimizer.state.keys() == expected.keys()
    for place, entry in optimizer.state.items():
        assert entry.keys() == expected[place].keys()
        assert all(torch.equal(entry[key], expected[place][key]) for key in entry)


def test_a_learner_does_without_torchs_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # whoever imports it fails
    learner = Learner(build_network(NETWORK), LearnerConfig(batch_size=16), torch.device("cpu"))
    learner.learn(filled_replay(), 2, np.random.default_rng(0))
    assert learner.steps == 2
