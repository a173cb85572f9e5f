"""The gradient of one batch, in as many parts as the device's memory needs.

Owns how large a part may be. That it is a sum of parts changes a step in the last bits only.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from training.samples import Batch


class LearnerMemoryError(MemoryError):
    """The device's memory is too small for a single position."""


class MicroBatches:
    """Cuts batches into parts; halves them for good whenever memory has run out."""

    def __init__(self) -> None:
        self.rows: int | None = None
        """Most rows in a part; None: as many as a batch has."""
        self._alarms: list[str] = []

    def add_up(
        self, batch: Batch, add_gradient: Callable[[Batch, float], Tensor], drop_gradient: Callable[[], None]
    ) -> Tensor:
        """Has the gradient of the whole batch added up.

        Args:
          add_gradient: takes a part and its share of the batch's rows, adds that share of the part's mean gradient,
            and returns that share of the part's mean figures.
          drop_gradient: called before the first part, and again where memory ran out half-way.

        Returns: the figures of the whole batch.

        Raises:
          LearnerMemoryError: a part of one row is too much.
        """
        count = len(batch.to_play)
        while True:
            rows = min(self.rows or count, count)
            drop_gradient()
            try:
                parts = [slice(first, min(first + rows, count)) for first in range(0, count, rows)]
                figures = [add_gradient(_rows_of(batch, part), (part.stop - part.start) / count) for part in parts]
                return torch.stack(figures).sum(dim=0)
            except torch.cuda.OutOfMemoryError:
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


def _rows_of(batch: Batch, part: slice) -> Batch:
    return batch._replace(**{name: array[part] for name, array in batch._asdict().items()})
