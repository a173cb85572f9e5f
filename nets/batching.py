"""How a batch becomes calls of a network: cut into chunks of a few fixed shapes, and padded to them.

Owns the reason why a row's answer never depends on its company: within these shapes every backend computes each row
alike, which tests hold for each of them.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mcts.evaluator import Positions
from nets.inputs import EMPTY_LEGAL_CODE, global_features, point_codes
from nets.lines import open_lines

Number = TypeVar("Number", np.uint8, np.float32)


class Inputs(NamedTuple):
    """What a network sees of `B` positions of `A` points."""

    codes: NDArray[np.uint8]
    """`[B, A]`, see `point_codes`."""
    features: NDArray[np.float32]
    """`[B, NUM_FEATURES]`, see `global_features`."""
    lines: NDArray[np.uint8] | None = None
    """`[B, A, NUM_LINE_PLANES]`, see `open_lines`, for a network that looks at them."""

    @classmethod
    def of(cls, positions: Positions, has_lines: bool) -> "Inputs":
        """
        Args:
          has_lines: whether the network has `line_planes`.
        """
        codes = point_codes(positions.stones, positions.legal)
        lines = open_lines(positions.stones, positions.to_play, positions.rules) if has_lines else None
        return cls(codes, global_features(positions.rules, positions.to_play), lines)

    def rows(self, part: slice) -> "Inputs":
        """Some of the positions."""
        return Inputs(self.codes[part], self.features[part], None if self.lines is None else self.lines[part])

    def padded(self, rows: int) -> "Inputs":
        """The same, with empty boards behind them where they are fewer than `rows`."""
        lines = None if self.lines is None else _padded(self.lines, rows, 0)
        return Inputs(_padded(self.codes, rows, EMPTY_LEGAL_CODE), _padded(self.features, rows, 0), lines)


def chunk_rows(batch: int, chunk: int, step: int) -> list[int]:
    """The rows of each call for `batch` positions, padding included: full chunks, and a rest that is a multiple of
    `step`."""
    padded = -(-batch // step) * step
    return [min(chunk, padded - start) for start in range(0, padded, chunk)]


def parts(calls: list[int]) -> Iterator[slice]:
    """Where in the padded batch each call's rows lie."""
    start = 0
    for rows in calls:
        yield slice(start, start + rows)
        start += rows


def _padded(rows: NDArray[Number], count: int, filler: int) -> NDArray[Number]:
    # Not `np.pad`: it takes a dozen microseconds, even where there is nothing to add.
    if len(rows) == count:
        return rows
    padded = np.full((count, *rows.shape[1:]), filler, dtype=rows.dtype)
    padded[: len(rows)] = rows
    return padded
