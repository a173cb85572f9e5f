"""The replay buffer: the newest positions, in immutable segments, one per iteration and on disk one file each."""

import numpy as np
from numpy.typing import NDArray

from gomoku.rules import Rules
from training.config import ReplayConfig
from training.samples import Batch, Samples, draw_symmetries, empty_batch, fill_batch


class ReplayBuffer:
    """Positions within a growing window. Segments that fell out of it are dropped whole."""

    def __init__(self, rules: Rules, config: ReplayConfig) -> None:
        self.rules = rules
        self.config = config
        self.segments: dict[int, Samples] = {}
        """By the number of the iteration that made them, oldest first."""
        self.made = 0
        """Positions ever added."""

    def add(self, iteration: int, samples: Samples) -> None:
        """Takes in the positions of an iteration and drops segments that are no longer needed."""
        assert not self.segments or iteration > max(self.segments), "segments come in order"
        self.segments[iteration] = samples
        self.made += len(samples.to_play)
        for oldest in list(self.segments):
            if len(self) - len(self.segments[oldest].to_play) < self.window:
                break
            del self.segments[oldest]

    def __len__(self) -> int:
        return sum(len(segment.to_play) for segment in self.segments.values())

    @property
    def window(self) -> int:
        """How many of the newest positions are drawn from."""
        return self.config.window(self.made)

    @property
    def num_bytes(self) -> int:
        return sum(segment.num_bytes for segment in self.segments.values())

    def draw(self, rng: np.random.Generator, batch_size: int) -> Batch:
        """Draws positions from the window, evenly and with replacement, each under a random symmetry."""
        sizes = [len(segment.to_play) for segment in self.segments.values()]
        ends = np.cumsum(sizes)
        chosen = rng.integers(max(0, ends[-1] - self.window), ends[-1], size=batch_size)
        turns = draw_symmetries(rng, batch_size)
        batch = empty_batch(batch_size, self.rules.num_points)
        owner: NDArray[np.int64] = np.searchsorted(ends, chosen, side="right")
        for k, segment in enumerate(self.segments.values()):
            rows = np.flatnonzero(owner == k)
            if len(rows):
                start = int(ends[k]) - sizes[k]
                fill_batch(batch, rows, segment, chosen[rows] - start, turns[rows], self.rules)
        return batch
