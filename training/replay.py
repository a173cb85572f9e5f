"""The replay buffer: the newest positions, in immutable segments, each on disk a file."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gomoku.rules import Rules
from nets.tensor_file import digest_of
from training.config import ReplayConfig
from training.harvest import Harvest
from training.samples import Batch, Sample, Samples, draw_symmetries, empty_batch, fill_batch, pack_samples


@dataclass(frozen=True)
class Segment:
    """What one iteration made on one board."""

    iteration: int
    rules: Rules
    samples: Samples

    def __len__(self) -> int:
        return len(self.samples.to_play)

    @cached_property
    def digest(self) -> str:
        """Tells these positions from those of every other iteration, run or machine."""
        return digest_of(self.samples._asdict())


def segments_of(harvest: Harvest, iteration: int) -> list[Segment]:
    """The positions of a harvest, a segment for each board that was played."""
    by_rules: dict[Rules, list[Sample]] = {}
    for game in harvest.games:
        by_rules.setdefault(game.rules, []).extend(game.samples)
    return [Segment(iteration, rules, pack_samples(samples, rules.num_points)) for rules, samples in by_rules.items()]


class ReplayBuffer:
    """Positions within a growing window, over all boards. Segments that fell out of it are dropped whole."""

    def __init__(self, config: ReplayConfig) -> None:
        self.config = config
        self.segments: list[Segment] = []
        """Oldest first."""
        self.made = 0
        """Positions ever added."""

    def add(self, segment: Segment) -> None:
        """Takes in a segment and drops those that are no longer needed."""
        assert not self.segments or segment.iteration >= self.segments[-1].iteration, "segments come in order"
        self.segments.append(segment)
        self.made += len(segment)
        while len(self) - len(self.segments[0]) >= self.window:
            del self.segments[0]

    def made_before(self, iteration: int) -> int:
        """Positions that had been made when the newest iteration began."""
        return self.made - sum(len(segment) for segment in self.segments if segment.iteration == iteration)

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments)

    def holds(self, rules: Rules) -> bool:
        """Whether there is anything to draw under these rules."""
        return any(segment.rules == rules and len(segment) for segment in self.segments)

    @property
    def window(self) -> int:
        """How many of the newest positions are drawn from."""
        return self.config.window(self.made)

    @property
    def num_bytes(self) -> int:
        return sum(segment.samples.num_bytes for segment in self.segments)

    def draw(self, rng: np.random.Generator, batch_size: int, rules: Rules | None = None) -> tuple[Rules, Batch]:
        """Draws positions under the same rules from the window, with replacement, each under a random symmetry.

        Args:
          rules: None: drawn too, so that over many batches every position of the window is as likely as any other.
        """
        ends = np.cumsum([len(segment) for segment in self.segments])
        starts = ends - [len(segment) for segment in self.segments]
        first = np.maximum(starts, ends[-1] - self.window)  # of each segment in the window
        weights = np.maximum(ends - first, 0)
        if rules is None:
            lot = rng.integers(weights.sum())
            rules = self.segments[int(np.searchsorted(np.cumsum(weights), lot, side="right"))].rules
        weights[[segment.rules != rules for segment in self.segments]] = 0
        if not weights.any():  # these rules have left the window, and are still wanted
            weights = np.array([len(segment) * (segment.rules == rules) for segment in self.segments])
            first = starts
        sums = np.cumsum(weights)
        lots = rng.integers(sums[-1], size=batch_size)
        turns = draw_symmetries(rng, batch_size)
        owner: NDArray[np.int64] = np.searchsorted(sums, lots, side="right")
        chosen = lots - (sums - weights)[owner] + (first - starts)[owner]
        batch = empty_batch(batch_size, rules.num_points)
        for k in np.unique(owner):
            rows = np.flatnonzero(owner == k)
            fill_batch(batch, rows, self.segments[k].samples, chosen[rows], turns[rows], rules)
        return rules, batch
