"""The eight symmetries of the square as index tables.

Owns which symmetry carries which number. Knows nothing of stones or moves: a table maps points.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

NUM_SYMMETRIES = 8
IDENTITY = 0


@cache
def symmetry_tables(size: int) -> NDArray[np.int32]:
    """Where each symmetry takes each point: int32 `[8, A]`, `A = size * size`, read-only.

    `tables[k, p]` is the point on which point `p` comes to lie under symmetry `k`: a move `m` of a game is
    `tables[k, m]` in the turned game. Symmetries 0 to 3 turn the board clockwise by `k` quarters (row 0 on
    top); 4 to 7 turn it by `k - 4` quarters and then mirror it left to right.

    A board's contents are turned with the inverse, `turned = stones[inverse_tables(size)[k]]`; what was said
    of the turned board is brought back with `stones = turned[symmetry_tables(size)[k]]`.
    """
    tables = np.stack([np.argsort(points) for points in inverse_tables(size)]).astype(np.int32)
    tables.setflags(write=False)
    return tables


@cache
def inverse_tables(size: int) -> NDArray[np.int32]:
    """Where each point comes from: int32 `[8, A]`, read-only; `inverse[k, tables[k, p]] = p`."""
    points = np.arange(size * size, dtype=np.int32).reshape(size, size)
    turned = [np.rot90(points, -quarters) for quarters in range(4)]
    tables = np.stack([grid.reshape(-1) for grid in turned + [np.fliplr(grid) for grid in turned]])
    tables.setflags(write=False)
    return tables
