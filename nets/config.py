"""The shape of a network: its configuration, named presets, and what follows from them without torch.

Owns the table of weights that a network of a given shape has, and the count of its arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nets.inputs import NUM_FEATURES, NUM_PLANES
from nets.lines import NUM_LINE_PLANES

Weights = Mapping[str, NDArray[Any]]
"""A network's parameters by name, float32."""
LINES_KERNEL = 3
"""Width of the convolution that sees the open lines."""
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
    line_planes: bool = False
    """Whether the stem sees, beside the stones, how many lines each empty point belongs to that are still open, see
    `nets/lines.py`."""

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
        if not isinstance(self.line_planes, bool):
            raise ValueError(f"line_planes {self.line_planes!r} is not true or false")
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


def macs(config: NetworkConfig, size: int) -> int:
    """Counts the multiply-accumulates of one evaluation on a board of `size` rows; additions are free."""
    width = config.channels
    per_point = NUM_PLANES * width * config.stem_kernel**2
    if config.line_planes:
        per_point += NUM_LINE_PLANES * width * LINES_KERNEL**2
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


def weight_shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight: what `state_dict()` of the torch network holds, in its order."""
    width = config.channels
    shapes: dict[str, tuple[int, ...]] = {}

    def layer(name: str, fan_out: int, fan_in: int, kernel: int | None = None, bias: bool = True) -> None:
        shapes[f"{name}.weight"] = (fan_out, fan_in) if kernel is None else (fan_out, fan_in, kernel, kernel)
        if bias:
            shapes[f"{name}.bias"] = (fan_out,)

    layer("stem", width, NUM_PLANES, config.stem_kernel)
    layer("stem_features", width, NUM_FEATURES, bias=False)
    if config.line_planes:
        layer("lines", width, NUM_LINE_PLANES, LINES_KERNEL, bias=False)
    trunk = width
    for index, channels in enumerate(config.plain_channels):
        layer(f"plain.{index}", channels, trunk, 3)
        trunk = channels
    for block in range(config.blocks):
        layer(f"blocks.{block}.first", width, width, 3)
        if config.is_pooled(block):
            layer(f"blocks.{block}.board", width, 2 * width)
        layer(f"blocks.{block}.second", width, width, 3)
    head_channels = config.policy_channels + config.value_channels
    layer("heads.reduce", head_channels, trunk, 1)
    layer("heads.policy_board", config.policy_channels, 2 * head_channels)
    layer("heads.policy", 1, config.policy_channels, 1, bias=False)
    layer("heads.value_hidden", config.value_hidden, 2 * head_channels)
    layer("heads.value", NUM_OUTCOMES, config.value_hidden)
    return shapes
