"""The gradient of one batch, in as many parts as the device's memory needs, or as a CPU has threads for.

Owns how large a part may be. That it is a sum of parts changes a step in the last bits only, and which thread is done
first changes nothing: parts are added up in their order.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap

import torch
from torch import Tensor

from nets.devices import is_out_of_memory
from training.samples import Batch

Gradient = tuple[Tensor, ...]
"""One tensor per parameter."""


class LearnerMemoryError(MemoryError):
    """The device's memory is too small for a single position."""


class MicroBatches:
    """Cuts batches into parts; halves them for good whenever memory has run out."""

    def __init__(self, threads: int = 1) -> None:
        """
        Args:
          threads: parts that are worked on side by side, each by one thread, ≥ 1.
        """
        self._threads = threads
        # A thread of its own for each part: those inside torch's operations wait for each other on a busy machine.
        self._pool = ThreadPoolExecutor(threads, "learner", initializer=torch.set_num_threads, initargs=(1,))
        self.rows: int | None = None
        """Most rows in a part; None: as many as a batch has."""
        self._alarms: list[str] = []

    def add_up(
        self, batch: Batch, gradient_of: Callable[[Batch, float], tuple[Tensor, Gradient]]
    ) -> tuple[Tensor, Gradient]:
        """Adds the gradient of the whole batch up.

        Args:
          gradient_of: takes a part and its share of the batch's rows, and returns that share of the part's mean
            figures and of its mean gradient.

        Returns: the figures and the gradient of the whole batch.

        Raises:
          LearnerMemoryError: a part of one row is too much.
        """
        count = len(batch.to_play)
        while True:
            rows = min(self.rows or count, -(-count // self._threads))
            slices = [slice(first, min(first + rows, count)) for first in range(0, count, rows)]
            parts = [(_rows_of(batch, part), (part.stop - part.start) / count) for part in slices]
            try:
                if self._threads == 1:
                    return _sum(starmap(gradient_of, parts))
                return _sum(self._pool.map(lambda part: gradient_of(*part), parts))
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if rows == 1:
                    raise LearnerMemoryError("the learner's device has no memory for a single position") from None
            # Not in the handler: its exception keeps the tensors of the part that failed.
            self._halve(rows)

    def take_alarms(self) -> list[str]:
        """One line for each time that memory ran out since this was asked last."""
        alarms, self._alarms = self._alarms, []
        return alarms

    def _halve(self, rows: int) -> None:
        self.rows = rows // 2
        self._alarms.append(f"no memory to learn {rows} positions at once, going on with {self.rows} at a time")
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _sum(parts: Iterable[tuple[Tensor, Gradient]]) -> tuple[Tensor, Gradient]:
    """Of figures and gradients, in their order."""
    ways = iter(parts)
    figures, gradient = next(ways)
    for more, other in ways:
        figures, gradient = figures + more, torch._foreach_add(gradient, other)
    return figures, gradient


def _rows_of(batch: Batch, part: slice) -> Batch:
    return batch._replace(**{name: array[part] for name, array in batch._asdict().items()})
