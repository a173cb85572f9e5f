"""The network's forward pass as a graph, written once for every engine that is not torch.

Owns the order of the operations, from point codes to priors and outcomes. What an operation becomes in an engine's
own words is told by its `Ops`.
"""

from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from nets.config import NetworkConfig, Weights
from nets.inputs import PLANES_OF_CODE

T = TypeVar("T")
"""A tensor of the graph: what an operation gives, and takes."""
WIN, DRAW, LOSS = range(3)
"""Columns of the outcomes."""


class Ops(Protocol[T]):
    """The operations that a graph is made of; shapes as in `Network.forward`, `A` points are `H * W`."""

    def planes(self, codes: T, table: NDArray[np.float32]) -> T:
        """Looks up codes `[B, H, W]` in a table `[codes, planes]`: `[B, planes, H, W]`."""
        ...

    def line_planes(self, lines: T) -> T:
        """Numbers of `[B, H, W, planes]` in whole bytes: `[B, planes, H, W]`."""
        ...

    def convolution(self, x: T, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> T:
        """`[B, C, H, W]`, with zeros around the board, so that its size stays."""
        ...

    def linear(self, x: T, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> T:
        """`[B, F]` to `[B, G]` with a weight of `[G, F]`."""
        ...

    def add(self, x: T, y: T) -> T: ...

    def relu(self, x: T) -> T: ...

    def on_points(self, x: T) -> T:
        """`[B, C]` to `[B, C, 1, 1]`."""
        ...

    def pool_board(self, x: T) -> T:
        """Mean and maximum over the board: `[B, C, H, W]` to `[B, 2 * C]`."""
        ...

    def first_channels(self, x: T, count: int) -> T: ...

    def priors(self, logits: T, codes: T) -> T:
        """The softmax of `[B, 1, H, W]` over the legal points: `[B, A]`."""
        ...

    def outcomes(self, logits: T) -> T:
        """The softmax of `[B, 3, 1, 1]`: `[B, 3]`."""
        ...


class Graph(Generic[T]):
    """Writes down one network with the operations of one engine."""

    def __init__(self, config: NetworkConfig, weights: Weights, ops: Ops[T]) -> None:
        self._config, self._weights, self._ops = config, weights, ops

    def outputs(self, codes: T, features: T, lines: T | None = None) -> tuple[T, T]:
        """Priors `[B, A]` and outcomes `[B, 3]` of codes `[B, H, W]`, features `[B, NUM_FEATURES]` and, where the
        network has `line_planes`, lines `[B, H, W, NUM_LINE_PLANES]`.

        Outcomes are the probabilities of win, draw and loss, for the side to move.
        """
        ops, trunk = self._ops, self._trunk(codes, features, lines)
        reduced = ops.relu(self._convolution("heads.reduce", trunk))
        board = ops.pool_board(reduced)
        policy = ops.first_channels(reduced, self._config.policy_channels)
        policy = ops.relu(ops.add(policy, ops.on_points(self._linear("heads.policy_board", board))))
        hidden = ops.relu(self._linear("heads.value_hidden", board))
        # As a convolution: OpenVINO computes a product of matrices this small otherwise where there are few rows.
        weight, bias = self._weights["heads.value.weight"], self._weights["heads.value.bias"]
        outcomes = ops.outcomes(ops.convolution(ops.on_points(hidden), weight[:, :, None, None], bias))
        return ops.priors(self._convolution("heads.policy", policy), codes), outcomes

    def _trunk(self, codes: T, features: T, lines: T | None) -> T:
        ops, config = self._ops, self._config
        planes = ops.planes(codes, np.array(PLANES_OF_CODE, dtype=np.float32))
        rules = ops.on_points(self._linear("stem_features", features))
        trunk = ops.add(self._convolution("stem", planes), rules)
        if lines is not None:
            trunk = ops.add(trunk, self._convolution("lines", ops.line_planes(lines)))
        trunk = ops.relu(trunk)
        for index in range(len(config.plain_channels)):
            trunk = ops.relu(self._convolution(f"plain.{index}", trunk))
        for block in range(config.blocks):
            inner = self._convolution(f"blocks.{block}.first", trunk)
            if config.is_pooled(block):
                board = self._linear(f"blocks.{block}.board", ops.pool_board(trunk))
                inner = ops.add(inner, ops.on_points(board))
            trunk = ops.relu(ops.add(self._convolution(f"blocks.{block}.second", ops.relu(inner)), trunk))
        return trunk

    def _convolution(self, name: str, x: T) -> T:
        return self._ops.convolution(x, self._weights[f"{name}.weight"], self._weights.get(f"{name}.bias"))

    def _linear(self, name: str, x: T) -> T:
        return self._ops.linear(x, self._weights[f"{name}.weight"], self._weights.get(f"{name}.bias"))
