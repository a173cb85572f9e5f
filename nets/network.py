"""The size-free policy-value network in torch: convolutions and global pooling, nothing that knows the board's size.

Owns the architecture. Blocks are free of normalisation: each starts as the identity (its last convolution is zero),
which trains as fast as batch norm and leaves nothing behind that would depend on the board's size.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nets.config import LINES_KERNEL, NUM_OUTCOMES, NetworkConfig, Weights
from nets.inputs import NUM_FEATURES, NUM_PLANES
from nets.lines import NUM_LINE_PLANES


class Output(NamedTuple):
    """What a network says of `B` positions of `A` points."""

    policy: Tensor
    """`[B, A]` logits of all points, legal or not."""
    value: Tensor
    """`[B, 3]` logits of win, draw and loss, from the side to move."""
    trunk: Tensor
    """`[B, channels, size, size]` what the heads see; for further heads in training."""


class Network(nn.Module):
    """Residual policy-value network for boards of any size."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.stem = _convolution(NUM_PLANES, width, config.stem_kernel)
        self.stem_features = nn.Linear(NUM_FEATURES, width, bias=False)
        self.lines = _silent_convolution(NUM_LINE_PLANES, width, LINES_KERNEL) if config.line_planes else None
        inputs = (width, *config.plain_channels[:-1])
        self.plain = nn.ModuleList(
            _convolution(fan_in, fan_out, 3) for fan_in, fan_out in zip(inputs, config.plain_channels, strict=False)
        )
        self.blocks = nn.ModuleList(ResidualBlock(width, config.is_pooled(block)) for block in range(config.blocks))
        self.heads = Heads(config.plain_channels[-1] if config.plain_channels else width, config)

    def forward(self, planes: Tensor, features: Tensor, lines: Tensor | None = None) -> Output:
        """Judges `B` positions.

        Args:
          planes: `[B, NUM_PLANES, size, size]`, channels last where speed matters.
          features: `[B, NUM_FEATURES]`.
          lines: `[B, NUM_LINE_PLANES, size, size]` where the network has `line_planes`.
        """
        # Activations overwrite what they came from: no layer here needs its own output for its gradient.
        trunk = self.stem(planes).add_(_on_points(self.stem_features, features, planes.dtype))
        if self.lines is not None:
            trunk = trunk.add_(self.lines(lines))
        trunk = functional.relu_(trunk)
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
        return Output(policy, value, trunk)


class ReplyHead(nn.Module):
    """Where the opponent will answer; a head that helps the trunk to learn and plays no part in play.

    Source: Wu 2019, "Accelerating self-play learning in Go", section 3.4 (auxiliary policy targets).
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        trunk_channels = config.plain_channels[-1] if config.plain_channels else config.channels
        self.reduce = _convolution(trunk_channels, config.policy_channels, 1)
        self.points = nn.Conv2d(config.policy_channels, 1, 1, bias=False)
        nn.init.normal_(self.points.weight, std=0.1)

    def forward(self, trunk: Tensor) -> Tensor:
        """Maps `[B, trunk_channels, size, size]` to logits `[B, A]` of all points."""
        logits: Tensor = self.points(functional.relu_(self.reduce(trunk))).flatten(1)
        return logits


def build_network(config: NetworkConfig) -> Network:
    """Makes a network with fresh float32 weights from torch's global random stream."""
    return Network(config)


def network_of(config: NetworkConfig, weights: Weights) -> Network:
    """Makes a network with these weights, ready to evaluate; takes nothing from torch's random stream."""
    # Not on the meta device, which would import torch's compiler: a second of every start.
    with torch.random.fork_rng(devices=[]):
        network = build_network(config)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return network.eval()


def weights_of(network: nn.Module) -> dict[str, NDArray[np.float32]]:
    """A copy of a network's weights as float32 arrays, on the CPU."""
    return {
        name: tensor.detach().float().cpu().numpy().copy(order="C") for name, tensor in network.state_dict().items()
    }


def _convolution(fan_in: int, fan_out: int, kernel: int) -> nn.Conv2d:
    """A convolution that keeps the size of what it sees and the size of the numbers, when a relu follows."""
    convolution = nn.Conv2d(fan_in, fan_out, kernel, padding=kernel // 2)
    weight = torch.randn(fan_out, fan_in, kernel, kernel) * math.sqrt(2 / (fan_in * kernel**2))
    convolution.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last))
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    return convolution


def _silent_convolution(fan_in: int, fan_out: int, kernel: int) -> nn.Conv2d:
    """A convolution without a bias that adds nothing until it has learnt to."""
    convolution = _convolution(fan_in, fan_out, kernel)
    convolution.bias = None
    nn.init.zeros_(convolution.weight)
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
