"""A network that was made larger says what it said before, and can learn more than that."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from reference_weights import random_weights

from gomoku.rules import Rules
from nets.calibration import scattered_positions
from nets.config import PRESETS, NetworkConfig
from nets.engine import Engine, compile_network, make_evaluator
from nets.growing import grow_weights

CONFIG = NetworkConfig(blocks=2, channels=8, policy_channels=4, value_channels=4, value_hidden=8)


@pytest.mark.parametrize(
    "larger",
    [{"line_planes": True}, {"blocks": 5}, {"blocks": 3, "line_planes": True}, {}],
    ids=["lines", "blocks", "both", "nothing"],
)
def test_a_larger_network_answers_as_the_smaller_one_does(larger: dict[str, int | bool]) -> None:
    torch.manual_seed(1)
    weights = random_weights(CONFIG)
    grown_config = replace(CONFIG, **larger)
    grown = grow_weights(CONFIG, weights, grown_config)
    for rules in (Rules(6, 4), Rules(15, 5)):
        positions = scattered_positions(rules, 32, seed=1)
        engine = Engine("torch", device="cpu")
        before = make_evaluator(compile_network(CONFIG, weights, engine)).evaluate(positions)
        after = make_evaluator(compile_network(grown_config, grown, engine)).evaluate(positions)
        for ours, theirs in zip(after, before, strict=True):
            assert ours == pytest.approx(theirs, abs=1e-6)
    assert all(np.array_equal(grown[name], weights[name]) for name in weights)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CONFIG, replace(CONFIG, blocks=1)),
        (CONFIG, replace(CONFIG, channels=16)),
        (CONFIG, replace(CONFIG, pool_every=1, blocks=4)),
        (replace(CONFIG, line_planes=True), CONFIG),
        (PRESETS["plain"], replace(PRESETS["plain"], plain_channels=(), blocks=2)),
    ],
    ids=["fewer blocks", "wider", "pooled elsewhere", "without lines", "plain"],
)
def test_other_changes_of_shape_are_refused(old: NetworkConfig, new: NetworkConfig) -> None:
    with pytest.raises(ValueError, match="can only grow by blocks and by line_planes"):
        grow_weights(old, random_weights(old), new)
