"""What one stone would make of one line: five, four, open three and so on, for any win length and for exact lines.

A shape is what a stone on an empty point would make of one of the four lines through it. Its key is the line seen by
one colour: `L` points each way (`L` is the win length), a base-3 digit each: 0 empty, 1 own, 2 wall. Shapes follow
from the rules alone: they count how many stones are still wanting.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel

NONE, ONE, OPEN_ONE, TWO, OPEN_TWO, THREE, OPEN_THREE, FOUR, OPEN_FOUR, FIVE = range(10)
"""Shapes, named as for win length 5: a five wins, a four becomes a five by one more stone, an open four in two ways,
a three becomes a four, an open three an open four, and so on down."""

WEIGHTS = np.array([0, 1, 2, 4, 10, 12, 40, 45, 120, 1000], dtype=np.int32)
"""Of the shapes, in the score of a point."""
COUNTERS = np.array([0, 0, 0, 0, 0, 0, 1, 1 << 4, 1 << 8, 1 << 12], dtype=np.int32)
"""Four bits each for open threes, fours, open fours and fives."""


@kernel
def _line_length(key: int, win_length: int) -> int:
    """How many stones in a row the middle point would belong to, were it taken."""
    length = 1
    before = key % 3**win_length
    for offset in range(win_length):
        if before // 3 ** (win_length - 1 - offset) % 3 != 1:
            break
        length += 1
    after = key // 3**win_length
    for _ in range(win_length):
        if after % 3 != 1:
            break
        length += 1
        after //= 3
    return length


@kernel
def fill_shapes(shapes: NDArray[np.int8], win_length: int, exact: bool) -> None:
    """Writes the shape of every key, `shapes` `[3**(2L)]`; digits run from the point farthest before to the farthest
    behind. A key with one more own stone is larger, so counting down meets it first.
    """
    for key in range(len(shapes) - 1, -1, -1):
        length = _line_length(key, win_length)
        if length == win_length or (length > win_length and not exact):
            shapes[key] = FIVE
            continue
        best, ways, rest = 0, 0, key
        for place in range(2 * win_length):
            if rest % 3 == 0:
                better = shapes[key + 3**place]
                ways += better == FIVE
                best = max(best, better)
            rest //= 3
        if best == FIVE:
            shapes[key] = OPEN_FOUR if ways >= 2 else FOUR
        else:
            # One stone less than an open four is an open three, less than a four a three, down to nothing.
            shapes[key] = max(best - 2, 0)


@cache
def shape_tables(win_length: int, black_exact: bool, white_exact: bool) -> NDArray[np.int8]:
    """The shape of every key for Black and for White, `[2, 3**(2L)]`; not to be written to."""
    tables = np.zeros((2, 3 ** (2 * win_length)), dtype=np.int8)
    for table, exact in zip(tables, (black_exact, white_exact), strict=True):
        fill_shapes(table, win_length, exact)
    return tables
