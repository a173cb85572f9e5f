"""The size-free policy-value network: convolutions and global pooling, nothing that knows the board's size.

Owns the architecture, its configuration and its named presets. Blocks are free of normalisation: each starts
as the identity (its last convolution is zero), which trains as fast as batch norm and leaves nothing behind
that would depend on the board's size.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from nets.planes import NUM_FEATURES, NUM_PLANES

NUM_OUTCOMES = 3
"""Win, draw and loss of the side to move."""


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} {value!r} is not a whole number from {low} to {high}")


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a network.

    Raises:
      ValueError: a field outside its range.
    """

    blocks: int = 4
    """Residual blocks of two 3x3 convolutions, 0 to 40."""
    channels: int = 64
    """Channels of the stem and of the residual blocks, 4 to 512."""
    stem_kernel: int = 5
    """Width of the first convolution: 1, 3, 5 or 7 points."""
    plain_channels: tuple[int, ...] = ()
    """Widths of plain 3x3 convolutions that follow the stem, each 4 to 512; only without residual blocks."""
    pool_every: int = 2
    """One block in so many is biased by a look at the whole board, 0 (none at all) to 40."""
    policy_channels: int = 16
    """Channels of the policy head, 1 to 256."""
    value_channels: int = 16
    """Channels that the value head pools, 1 to 256."""
    value_hidden: int = 64
    """Hidden units of the value head, 1 to 1024."""

    def __post_init__(self) -> None:
        _check_range("blocks", self.blocks, 0, 40)
        _check_range("channels", self.channels, 4, 512)
        if self.stem_kernel not in (1, 3, 5, 7):
            raise ValueError(f"stem_kernel {self.stem_kernel!r} is not 1, 3, 5 or 7")
        if not isinstance(self.plain_channels, tuple):
            raise ValueError(f"plain_channels {self.plain_channels!r} is not a list of widths")
        for channels in self.plain_channels:
            _check_range("plain_channels", channels, 4, 512)
        if self.plain_channels and self.blocks:
            raise ValueError(f"plain_channels {self.plain_channels} go with blocks 0, not {self.blocks}")
        _check_range("pool_every", self.pool_every, 0, 40)
        _check_range("policy_channels", self.policy_channels, 1, 256)
        _check_range("value_channels", self.value_channels, 1, 256)
        _check_range("value_hidden", self.value_hidden, 1, 1024)

    def is_pooled(self, block: int) -> bool:
        """Whether residual block `block` (from 0) has a global pooling bias."""
        return self.pool_every > 0 and (block + 1) % self.pool_every == 0


PRESETS = {
    "tiny": NetworkConfig(blocks=4, channels=32),
    "small": NetworkConfig(blocks=4, channels=48),
    "medium": NetworkConfig(blocks=4, channels=64),
    "large": NetworkConfig(blocks=6, channels=96, policy_channels=32, value_channels=32),
    "huge": NetworkConfig(blocks=10, channels=128, policy_channels=32, value_channels=32, value_hidden=128),
    "plain": NetworkConfig(blocks=0, channels=32, stem_kernel=3, plain_channels=(64, 128)),
}
"""Named shapes. `plain` is what small public projects use; benchmarks call it S, and `medium` M."""


class Output(NamedTuple):
    """What a network says of `B` positions of `A` points."""

    policy: Tensor
    """`[B, A]` logits of all points, legal or not."""
    value: Tensor
    """`[B, 3]` logits of win, draw and loss, from the side to move."""


class Network(nn.Module):
    """Residual policy-value network for boards of any size."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.stem = _convolution(NUM_PLANES, width, config.stem_kernel)
        self.stem_features = nn.Linear(NUM_FEATURES, width, bias=False)
        inputs = (width, *config.plain_channels[:-1])
        self.plain = nn.ModuleList(
            _convolution(fan_in, fan_out, 3) for fan_in, fan_out in zip(inputs, config.plain_channels, strict=False)
        )
        self.blocks = nn.ModuleList(ResidualBlock(width, config.is_pooled(block)) for block in range(config.blocks))
        self.heads = Heads(config.plain_channels[-1] if config.plain_channels else width, config)

    def forward(self, planes: Tensor, features: Tensor) -> Output:
        """Judges `B` positions.

        Args:
          planes: `[B, NUM_PLANES, size, size]`, channels last where speed matters.
          features: `[B, NUM_FEATURES]`.
        """
        # Activations overwrite what they came from: no layer here needs its own output for its gradient.
        trunk = functional.relu_(self.stem(planes).add_(_on_points(self.stem_features, features, planes.dtype)))
        for convolution in self.plain:
            trunk = functional.relu_(convolution(trunk))
        for block in self.blocks:
            trunk = block(trunk)
        output: Output = self.heads(trunk)
        return output


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around which the input is carried; optionally biased by a look at the whole board.

    Source: He et al. 2015, "Deep residual learning…"; identity at the start after Zhang et al. 2019, "Fixup
    initialization"; global pooling bias after Wu 2019, "Accelerating self-play learning in Go", section 3.3.
    """

    def __init__(self, channels: int, pooled: bool) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, 3)
        self.board = nn.Linear(2 * channels, channels) if pooled else None
        self.second = _convolution(channels, channels, 3)
        nn.init.zeros_(self.second.weight)
        if self.board is not None:
            nn.init.zeros_(self.board.weight)
            nn.init.zeros_(self.board.bias)

    def forward(self, trunk: Tensor) -> Tensor:
        """Maps `[B, channels, size, size]` to the same shape."""
        inner = self.first(trunk)
        if self.board is not None:
            inner = inner.add_(_on_points(self.board, _pool_board(trunk), trunk.dtype))
        return functional.relu_(self.second(functional.relu_(inner)).add_(trunk))


class Heads(nn.Module):
    """Policy and value from one 1x1 convolution of the trunk and its pooled view of the whole board."""

    def __init__(self, trunk_channels: int, config: NetworkConfig) -> None:
        super().__init__()
        self.policy_channels = config.policy_channels
        head_channels = config.policy_channels + config.value_channels
        self.reduce = _convolution(trunk_channels, head_channels, 1)
        self.policy_board = nn.Linear(2 * head_channels, config.policy_channels)
        self.policy = nn.Conv2d(config.policy_channels, 1, 1, bias=False)
        self.value_hidden = nn.Linear(2 * head_channels, config.value_hidden)
        self.value = nn.Linear(config.value_hidden, NUM_OUTCOMES)
        # The first answers are nearly even ones. Not quite: from zero the policy takes a third more steps to begin to
        # learn, since nothing behind its last layer gets a gradient.
        nn.init.normal_(self.policy.weight, std=0.1)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)

    def forward(self, trunk: Tensor) -> Output:
        """Maps `[B, trunk_channels, size, size]` to logits."""
        reduced = functional.relu_(self.reduce(trunk))
        board = _pool_board(reduced)
        points = reduced[:, : self.policy_channels] + _on_points(self.policy_board, board, trunk.dtype)
        policy = self.policy(functional.relu_(points)).flatten(1)
        value = self.value(functional.relu_(self.value_hidden(board.to(self.value_hidden.weight.dtype))))
        return Output(policy, value)


def build_network(config: NetworkConfig) -> Network:
    """Makes a network with fresh float32 weights from torch's global random stream."""
    return Network(config)


def macs(config: NetworkConfig, size: int) -> int:
    """Counts the multiply-accumulates of one evaluation on a board of `size` rows; additions are free."""
    width = config.channels
    per_point = NUM_PLANES * width * config.stem_kernel**2
    per_board = NUM_FEATURES * width
    trunk = width
    for channels in config.plain_channels:
        per_point += 9 * trunk * channels
        trunk = channels
    per_point += config.blocks * 2 * 9 * width**2
    per_board += sum(2 * width**2 for block in range(config.blocks) if config.is_pooled(block))
    head_channels = config.policy_channels + config.value_channels
    per_point += trunk * head_channels + config.policy_channels
    per_board += 2 * head_channels * (config.policy_channels + config.value_hidden)
    per_board += config.value_hidden * NUM_OUTCOMES
    return per_point * size * size + per_board


def _convolution(fan_in: int, fan_out: int, kernel: int) -> nn.Conv2d:
    """A convolution that keeps the size of what it sees and the size of the numbers, when a relu follows."""
    convolution = nn.Conv2d(fan_in, fan_out, kernel, padding=kernel // 2)
    weight = torch.randn(fan_out, fan_in, kernel, kernel) * math.sqrt(2 / (fan_in * kernel**2))
    convolution.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last))
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    return convolution


def _on_points(layer: nn.Linear, board: Tensor, dtype: torch.dtype) -> Tensor:
    """What a layer makes of `[B, F]`, in the layer's own precision, as a bias for all points: `[B, C, 1, 1]`."""
    biases: Tensor = layer(board.to(layer.weight.dtype))
    return biases.to(dtype)[:, :, None, None]


def _pool_board(trunk: Tensor) -> Tensor:
    """Mean and maximum over the board: `[B, C, size, size]` to `[B, 2 * C]`."""
    # Not `amax`: torch 2.13 is several times slower with it on small boards in bfloat16.
    maximum = functional.max_pool2d(trunk, trunk.shape[-2:])
    return torch.cat((trunk.mean((2, 3)), maximum.flatten(1)), dim=1)
