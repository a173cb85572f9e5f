"""Weights with which every layer of a network has something to say, without torch."""

import numpy as np
from numpy.typing import NDArray

from nets.config import NetworkConfig, weight_shapes


def random_weights(config: NetworkConfig, seed: int = 3) -> dict[str, NDArray[np.float32]]:
    """Scaled so that numbers keep their size from layer to layer."""
    rng = np.random.default_rng(seed)

    def scale(shape: tuple[int, ...]) -> float:
        return float(np.prod(shape[1:])) ** -0.5 if len(shape) > 1 else 0.1

    return {
        name: (rng.standard_normal(shape) * scale(shape)).astype(np.float32)
        for name, shape in weight_shapes(config).items()
    }
