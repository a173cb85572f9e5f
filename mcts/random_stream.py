"""The kernels' random numbers: SplitMix64, one 64-bit state per stream.

Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators".
"""

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel

GAMMA = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)


@kernel
def mix(z: np.uint64) -> np.uint64:
    """The finaliser: alike numbers become unlike ones."""
    z = (z ^ (z >> np.uint64(30))) * MIX_1
    z = (z ^ (z >> np.uint64(27))) * MIX_2
    return np.uint64(z ^ (z >> np.uint64(31)))


@kernel
def draw(states: NDArray[np.uint64], stream: int) -> np.uint64:
    """Advances one of several streams and returns 64 random bits."""
    states[stream] += GAMMA
    return mix(states[stream])


@kernel
def draw_below(states: NDArray[np.uint64], stream: int, bound: int) -> int:
    """Draws an integer in [0, bound); bias below bound / 2**32."""
    high = draw(states, stream) >> np.uint64(32)
    return int((high * np.uint64(bound)) >> np.uint64(32))
