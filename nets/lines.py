"""Lines that are still open, as further inputs of the network: what every empty point would add to them.

Owns the meaning of these planes. A *window* is `win_length` points in a row that a colour can still fill: all on the
board, none blocked or the other colour's, and where its line must be exact, no stone of its own at either end. It
*lacks* the stones that are missing to a line. Nothing else is known here, and nothing of it is a judgement: a network
could read the same off the stones, with layers that it then has for something better.

Source: Wu 2019, "Accelerating self-play learning in Go", section 4 (input features that follow from the rules).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.kernels import DIRECTIONS, must_be_exact
from gomoku.rules import BLOCKED, EMPTY, KernelRules, Rules

KINDS = ("lacks 1", "lacks 2, one", "lacks 2, several", "lacks 3, one", "lacks 3, several", "lacks 4")
"""Of the best window through a point in one direction, and whether it is the only one as good. For five in a row: a
stone there makes five, a four, an open four or two ways to five, a three, an open three, a two."""
NUM_KINDS = len(KINDS)
LINE_PLANES = tuple(f"{side}, {kind}" for side in ("own", "opponent's") for kind in KINDS)
"""Each counts the directions, 0 to 4, in which an empty point is of this kind; 0 on all other points."""
NUM_LINE_PLANES = len(LINE_PLANES)
_MOST_LACKING = 4
_NO_WINDOW = 99
_OTHER, _BLOCK = 16, 256


class _Best(NamedTuple):
    """The best windows through every empty point in one direction, of either side: own, the opponent's."""

    lacking: NDArray[np.int8]
    """`[2, A]` stones that the best lack, or `_NO_WINDOW`."""
    ways: NDArray[np.int8]
    """`[2, A]` how many lack no more."""


def open_lines(stones: NDArray[np.int8], to_play: NDArray[np.int8], rules: Rules) -> NDArray[np.uint8]:
    """Counts for every empty point what it adds to either side's open lines.

    Args:
      stones: `[B, A]` or `[B, size, size]`: +1 side to move, -1 opponent, 0 empty, 2 blocked.
      to_play: `[B]`: BLACK (1) or WHITE (-1).

    Returns:
      uint8 `[B, A, NUM_LINE_PLANES]`, 0 to 4.
    """
    flat = np.ascontiguousarray(stones).reshape(len(stones), rules.num_points)
    counts = np.zeros((*flat.shape, NUM_LINE_PLANES), dtype=np.uint8)
    _count_lines(flat, to_play, rules.compiled, counts)
    return counts


@kernel
def _count_lines(
    stones: NDArray[np.int8], to_play: NDArray[np.int8], rules: KernelRules, counts: NDArray[np.uint8]
) -> None:
    """Adds to `counts` `[B, A, NUM_LINE_PLANES]`."""
    num_points = rules.size * rules.size
    best = _Best(np.empty((2, num_points), dtype=np.int8), np.empty((2, num_points), dtype=np.int8))
    for row in range(len(stones)):
        for d_row, d_col in DIRECTIONS:
            best.lacking[:] = _NO_WINDOW
            _find_windows(best, stones[row], rules, to_play[row], d_row, d_col)
            for side in range(2):
                for point in range(num_points):
                    lacking = best.lacking[side, point]
                    if lacking != _NO_WINDOW:
                        kind = _kind_of(lacking, best.ways[side, point])
                        counts[row, point, side * NUM_KINDS + kind] += 1


@kernel
def _kind_of(lacking: int, ways: int) -> int:
    """The number of a kind in `KINDS`."""
    if lacking == 1:
        return 0
    if lacking == _MOST_LACKING:
        return NUM_KINDS - 1
    return 2 * lacking - 3 + (ways > 1)


@kernel
def _find_windows(
    best: _Best, stones: NDArray[np.int8], rules: KernelRules, to_play: int, d_row: int, d_col: int
) -> None:
    """Fills in `best` for one direction and the stones `[A]` of one position."""
    size, length = rules.size, rules.win_length
    step = d_row * size + d_col
    own_exact, other_exact = must_be_exact(rules, to_play), must_be_exact(rules, -to_play)
    for row in range(size):
        for col in range(size):
            if row - d_row >= 0 and 0 <= col - d_col < size:
                continue  # not where a line of points begins
            start, held, run = row * size + col, 0, _points_on(size, row, col, d_row, d_col)
            for k in range(run):
                held += _weight(stones[start + k * step])
                if k >= length:
                    held -= _weight(stones[start + (k - length) * step])
                if k < length - 1 or held == 0:
                    continue
                side, lacks, colour, exact = 0, length - held, 1, own_exact
                if held % _OTHER == 0 and held < _BLOCK:
                    side, lacks, colour, exact = 1, length - held // _OTHER, -1, other_exact
                elif held > _OTHER:
                    continue  # nobody can fill it
                first = k - length + 1
                if lacks > _MOST_LACKING or (
                    exact
                    and (
                        (first > 0 and stones[start + (first - 1) * step] == colour)
                        or (k + 1 < run and stones[start + (k + 1) * step] == colour)
                    )
                ):
                    continue
                window = slice(start + first * step, start + k * step + 1, step)
                _count_in(best.lacking[side, window], best.ways[side, window], stones[window], lacks)


@kernel
def _count_in(lacking: NDArray[np.int8], ways: NDArray[np.int8], stones: NDArray[np.int8], lacks: int) -> None:
    """Counts a window in for its empty points; all three are of its points, `[win_length]`."""
    for k in range(len(stones)):
        if stones[k] == EMPTY and lacks <= lacking[k]:
            ways[k] = 1 if lacks < lacking[k] else ways[k] + 1
            lacking[k] = lacks


@kernel
def _weight(stone: int) -> int:
    """Sums of these tell whose stones a window holds."""
    if stone == 1:
        return 1
    if stone == EMPTY:
        return 0
    return _BLOCK if stone == BLOCKED else _OTHER


@kernel
def _points_on(size: int, row: int, col: int, d_row: int, d_col: int) -> int:
    """How many points of a line there are from its first one on."""
    rows = size - row if d_row else size
    columns = size if d_col == 0 else size - col if d_col > 0 else col + 1
    return min(rows, columns)
