"""The network's inputs and its architecture."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gomoku.rules import Rules, Variant
from nets.config import PRESETS, NetworkConfig, macs
from nets.inputs import NUM_FEATURES, NUM_PLANES, global_features, point_codes
from nets.network import Network, build_network
from nets.planes import planes_of

SMALL = NetworkConfig(blocks=2, channels=8, policy_channels=4, value_channels=4, value_hidden=8)


def random_inputs(batch: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(7)
    codes = torch.from_numpy(rng.integers(0, 8, size=(batch, size * size), dtype=np.uint8))
    return planes_of(codes, size), torch.from_numpy(rng.random((batch, NUM_FEATURES), dtype=np.float32))


def scrambled(network: Network) -> Network:
    """Gives every weight something to say: fresh networks hold many zeros."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)
    return network


def test_each_kind_of_point_lights_its_planes() -> None:
    stones = np.array([[[1, -1, 0], [2, 0, 0], [0, 0, 0]]], dtype=np.int8)
    legal = stones.reshape(1, 9) == 0
    legal[0, 5] = False
    planes = planes_of(torch.from_numpy(point_codes(stones, legal)), 3)
    assert planes.shape == (1, NUM_PLANES, 3, 3)
    own, opponent, board, blocked, forbidden = planes[0].numpy()
    assert own.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert opponent.tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert (board == 1).all()
    assert blocked.tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert forbidden.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_planes_lie_channels_last_in_memory() -> None:
    planes, _ = random_inputs(2, 6)
    assert planes.is_contiguous(memory_format=torch.channels_last)


def test_codes_of_a_part_of_larger_arrays_are_the_same() -> None:
    rng = np.random.default_rng(1)
    stones = rng.integers(-1, 3, size=(8, 5, 5), dtype=np.int8)
    legal = (stones == 0).reshape(8, 25)
    assert np.array_equal(point_codes(stones[::2], legal[::2]), point_codes(stones, legal)[::2])


@pytest.mark.parametrize(
    ("rules", "black", "white"),
    [
        (Rules(6, 3), [1, 0, 0, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0, 0]),
        (Rules(15, 5, Variant.STANDARD), [0, 0, 1, 0, 1, 1, 0, 0, 1], [0, 0, 1, 0, 1, 1, 0, 0, 0]),
        (Rules(15, 5, Variant.RENJU), [0, 0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 1, 0, 0, 1, 0, 1, 0]),
    ],
)
def test_rules_are_seen_by_the_side_to_move(rules: Rules, black: list[int], white: list[int]) -> None:
    features = global_features(rules, np.array([1, -1], dtype=np.int8))
    assert features.tolist() == [black, white]


@pytest.mark.parametrize("size", [3, 6, 15, 22])
@pytest.mark.parametrize("preset", ["tiny", "plain"])
def test_one_network_plays_every_size(preset: str, size: int) -> None:
    network = build_network(PRESETS[preset])
    policy, value, _ = network(*random_inputs(2, size))
    assert policy.shape == (2, size * size)
    assert value.shape == (2, 3)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_fresh_network_has_hardly_an_opinion(preset: str) -> None:
    policy, value, _ = build_network(PRESETS[preset])(*random_inputs(2, 6))
    assert 0 < policy.std() < 0.7
    assert torch.count_nonzero(value) == 0


def test_logits_follow_the_rows_of_the_board() -> None:
    # With nothing but pointwise layers, a stone can be seen at its own point only.
    network = scrambled(build_network(NetworkConfig(blocks=0, channels=8, stem_kernel=1)))
    torch.nn.init.zeros_(network.heads.policy_board.weight)
    codes = torch.full((1, 30 * 30), 5, dtype=torch.uint8)[:, :36]
    codes[0, 6 * 2 + 4] = 2
    policy = network(planes_of(codes, 6), torch.zeros(1, NUM_FEATURES)).policy[0]
    different = torch.nonzero((policy - policy[0]).abs() > 1e-4).flatten()
    assert different.tolist() == [16]


def test_global_pooling_lets_far_corners_see_each_other() -> None:
    def reach(pool_every: int) -> float:
        network = scrambled(build_network(NetworkConfig(blocks=1, channels=8, pool_every=pool_every)))
        nn.init.zeros_(network.heads.policy_board.weight)
        codes = torch.full((2, 22 * 22), 5, dtype=torch.uint8)
        codes[1, 0] = 2
        with torch.no_grad():
            policy = network(planes_of(codes, 22), torch.zeros(2, NUM_FEATURES)).policy
        return float((policy[0, -1] - policy[1, -1]).abs())

    assert reach(pool_every=1) > 0
    assert reach(pool_every=0) == 0


def test_every_weight_gets_a_gradient() -> None:
    network = scrambled(build_network(SMALL))
    policy, value, _ = network(*random_inputs(8, 6))
    names, parameters = zip(*network.named_parameters(), strict=True)
    gradients = torch.autograd.grad(policy.square().sum() + value.square().sum(), parameters)
    for name, gradient in zip(names, gradients, strict=True):
        assert torch.count_nonzero(gradient) > 0, name


def test_gradients_agree_with_finite_differences() -> None:
    network = scrambled(build_network(NetworkConfig(1, 4, 3, (), 1, 2, 2, 4))).double()
    planes, features = random_inputs(2, 4)
    weight = network.blocks[0].get_parameter("first.weight")
    planes, features = planes.double(), features.double()

    def loss() -> torch.Tensor:
        policy, value, _ = network(planes, features)
        return torch.sum(policy**2) + torch.sum(value**2)

    (gradient,) = torch.autograd.grad(loss(), weight)
    with torch.no_grad():
        weight[0, 0, 1, 1] += 1e-5
        above = loss()
        weight[0, 0, 1, 1] -= 2e-5
        below = loss()
    assert float(above - below) / 2e-5 == pytest.approx(float(gradient[0, 0, 1, 1]), rel=1e-5)


def test_a_network_learns_a_simple_rule_within_sixty_steps() -> None:
    torch.manual_seed(0)
    network = build_network(SMALL)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    rng = np.random.default_rng(0)
    codes = torch.from_numpy(rng.choice(np.array([0, 2, 5], dtype=np.uint8), size=(128, 25)))
    codes[:, 0] = 5
    features = torch.zeros(128, NUM_FEATURES)
    own_points = (codes == 2).float()
    first_own = own_points / own_points.sum(dim=1, keepdim=True)
    losses = []
    for _ in range(60):
        loss = nn.functional.cross_entropy(network(planes_of(codes, 5), features).policy, first_own)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(float(loss.detach()))
    uniform_over_own = float(own_points.sum(dim=1).log().mean())
    assert losses[0] == pytest.approx(np.log(25), abs=0.3)
    assert losses[-1] < uniform_over_own + 0.1


def counted_macs(network: Network, size: int) -> int:
    """Counts what the layers do while they do it."""
    counts: list[int] = []

    def count(layer: nn.Module, _: Any, result: torch.Tensor) -> None:
        weight = layer.get_parameter("weight")
        counts.append(result[0].numel() * weight[0].numel())

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    network(*random_inputs(1, size))
    return sum(counts)


@pytest.mark.parametrize("preset", PRESETS)
def test_macs_count_what_the_layers_do(preset: str) -> None:
    assert macs(PRESETS[preset], 9) == counted_macs(build_network(PRESETS[preset]), 9)


def test_the_reference_network_has_about_six_million_macs() -> None:
    assert 5.9e6 < macs(PRESETS["plain"], 8) < 6.4e6


@pytest.mark.parametrize(
    "fields",
    [
        {"blocks": -1},
        {"blocks": 41},
        {"blocks": True},
        {"channels": 3},
        {"channels": 64.0},
        {"stem_kernel": 4},
        {"blocks": 0, "plain_channels": (32, 1)},
        {"blocks": 1, "plain_channels": (32,)},
        {"pool_every": -1},
        {"policy_channels": 0},
        {"value_channels": 257},
        {"value_hidden": 0},
    ],
)
def test_a_field_outside_its_range_is_refused_by_name(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=list(fields)[-1]):
        NetworkConfig(**fields)
