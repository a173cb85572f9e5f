"""What every empty point would give each colour, kept up to date while stones come and go.

Owns the bookkeeping of the shapes in `arena/scripted_shapes.py`. It shares nothing with the tree search, so that each
can check the other. Sides are 0 (Black) and 1 (White) in here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.scripted_shapes import COUNTERS, WEIGHTS, shape_tables
from gomoku.compiling import kernel
from gomoku.kernels import is_allowed
from gomoku.rules import BLACK, BLOCKED, EMPTY, KernelRules

DULL, MAKES_THREE, MAKES_TWO_THREES, MAKES_FOUR, MAKES_FOUR_THREE, WINS_BY_FOUR, WINS = range(7)
"""What a point is worth to a colour, all four lines together. `WINS_BY_FOUR`: two ways to make a five next.
Threes are open ones. Black's fouls are not looked at."""
TAKEN = -1
"""In place of a class: the point is not empty."""

NEIGHBOURHOOD = 2
NO_POINT = -1


class Lines(NamedTuple):
    """A position with the shapes of all points; `A` points."""

    rules: KernelRules
    shapes: NDArray[np.int8]
    """`[2, 3**(2L)]`: the shape of each key, per side."""
    weights: NDArray[np.int32]
    counters: NDArray[np.int32]
    zobrist: NDArray[np.uint64]
    """`[2, A]`."""
    cells: NDArray[np.int8]
    """`[A]`: as in `gomoku.kernels`."""
    keys: NDArray[np.int32]
    """`[A, 4, 2]`: by point, direction and side."""
    tallies: NDArray[np.int32]
    """`[2, A]`: sums of `COUNTERS` over the four lines; kept for taken points as well."""
    scores: NDArray[np.int32]
    """`[2, A]`: sums of `WEIGHTS` over the four lines; kept for taken points as well."""
    classes: NDArray[np.int8]
    """`[2, A]`: `DULL` to `WINS`, or `TAKEN`."""
    near: NDArray[np.int16]
    """`[A]`: stones within `NEIGHBOURHOOD`."""
    totals: NDArray[np.int64]
    """`[2]`: `scores` summed over the empty points."""
    counts: NDArray[np.int64]
    """`[2, 7]`: empty points of each class."""
    ledger: NDArray[np.int64]
    """`[1]`: the number of empty points."""
    hash: NDArray[np.uint64]
    """`[1]`: of the stones."""


def new_lines(rules: KernelRules, zobrist: NDArray[np.uint64]) -> Lines:
    """Makes the bookkeeping for `rules`; `reset` sets a position up in it."""
    points = rules.size * rules.size
    return Lines(
        rules=rules,
        shapes=shape_tables(rules.win_length, rules.black_exact, rules.white_exact),
        weights=WEIGHTS,
        counters=COUNTERS,
        zobrist=zobrist,
        cells=np.zeros(points, dtype=np.int8),
        keys=np.zeros((points, 4, 2), dtype=np.int32),
        tallies=np.zeros((2, points), dtype=np.int32),
        scores=np.zeros((2, points), dtype=np.int32),
        classes=np.zeros((2, points), dtype=np.int8),
        near=np.zeros(points, dtype=np.int16),
        totals=np.zeros(2, dtype=np.int64),
        counts=np.zeros((2, WINS + 1), dtype=np.int64),
        ledger=np.zeros(1, dtype=np.int64),
        hash=np.zeros(1, dtype=np.uint64),
    )


@kernel
def direction_step(direction: int) -> tuple[int, int]:
    """Rows and columns from one point of a line to the next: across, down, and both diagonals."""
    if direction == 0:
        return 0, 1
    if direction == 1:
        return 1, 0
    return (1, 1) if direction == 2 else (1, -1)


@kernel
def _key_of(lines: Lines, point: int, direction: int, own: int) -> int:
    """Reads the key of one line through `point` from the cells, for the colour `own`."""
    size, reach = lines.rules.size, lines.rules.win_length
    row, col = divmod(point, size)
    d_row, d_col = direction_step(direction)
    key, power = 0, 1
    for offset in range(-reach, reach + 1):
        if offset == 0:
            continue
        r, c = row + offset * d_row, col + offset * d_col
        digit = 2
        if 0 <= r < size and 0 <= c < size:
            cell = lines.cells[r * size + c]
            digit = 0 if cell == EMPTY else 1 if cell == own else 2
        key += digit * power
        power *= 3
    return key


@kernel
def class_of(tally: int) -> int:
    """The class of a point from its shapes' counters."""
    if tally >= 1 << 12:
        return WINS
    fours, threes = tally >> 4 & 15, tally & 15
    if tally >= 1 << 8 or fours >= 2:
        return WINS_BY_FOUR
    if fours == 1:
        return MAKES_FOUR_THREE if threes else MAKES_FOUR
    return MAKES_TWO_THREES if threes >= 2 else MAKES_THREE if threes else DULL


@kernel
def reset(lines: Lines, cells: NDArray[np.int8]) -> None:
    """Takes a position over, `cells` `[A]`, and works everything out anew."""
    lines.cells[:] = cells
    lines.near[:] = 0
    lines.totals[:] = 0
    lines.counts[:] = 0
    lines.ledger[0] = 0
    lines.hash[0] = 0
    for point in range(len(cells)):
        for side in range(2):
            tally, score = 0, 0
            for direction in range(4):
                key = _key_of(lines, point, direction, 1 - 2 * side)
                lines.keys[point, direction, side] = key
                tally += lines.counters[lines.shapes[side, key]]
                score += lines.weights[lines.shapes[side, key]]
            lines.tallies[side, point] = tally
            lines.scores[side, point] = score
            lines.classes[side, point] = TAKEN
            if cells[point] == EMPTY:
                _count_in(lines, side, point)
        if cells[point] == EMPTY:
            lines.ledger[0] += 1
        elif cells[point] != BLOCKED:
            lines.hash[0] ^= lines.zobrist[0 if cells[point] == BLACK else 1, point]
            _mark_near(lines, point, 1)


@kernel
def _count_in(lines: Lines, side: int, point: int) -> None:
    kind = class_of(lines.tallies[side, point])
    lines.classes[side, point] = kind
    lines.counts[side, kind] += 1
    lines.totals[side] += lines.scores[side, point]


@kernel
def _mark_near(lines: Lines, point: int, change: int) -> None:
    size = lines.rules.size
    row, col = divmod(point, size)
    for r in range(max(row - NEIGHBOURHOOD, 0), min(row + NEIGHBOURHOOD + 1, size)):
        for c in range(max(col - NEIGHBOURHOOD, 0), min(col + NEIGHBOURHOOD + 1, size)):
            lines.near[r * size + c] += change


@kernel
def _spread(lines: Lines, point: int, side: int, sign: int) -> None:
    """Tells all points within reach that `side`'s stone on `point` came (`sign` 1) or went (-1)."""
    size, reach = lines.rules.size, lines.rules.win_length
    # Out of the tuple into local names: many times as fast as reading them from it at every point.
    keys, shapes = lines.keys, lines.shapes
    row, col = divmod(point, size)
    for direction in range(4):
        d_row, d_col = direction_step(direction)
        for way in (1, -1):
            r, c = row, col
            # From a point behind, the stone lies before it, and the other way round.
            power = 3 ** (reach - 1) if way == 1 else 3**reach
            for _ in range(reach):
                r += way * d_row
                c += way * d_col
                if not (0 <= r < size and 0 <= c < size):
                    break
                near = r * size + c
                for one in range(2):
                    old = keys[near, direction, one]
                    new = old + sign * (power if one == side else 2 * power)
                    keys[near, direction, one] = new
                    if shapes[one, old] != shapes[one, new]:
                        _reshape(lines, near, one, shapes[one, old], shapes[one, new])
                power = power // 3 if way == 1 else power * 3


@kernel
def _reshape(lines: Lines, point: int, side: int, before: int, after: int) -> None:
    """Carries the change of one of `point`'s shapes into its sums."""
    gain = lines.weights[after] - lines.weights[before]
    lines.scores[side, point] += gain
    lines.tallies[side, point] += lines.counters[after] - lines.counters[before]
    kind = lines.classes[side, point]
    if kind == TAKEN:
        return
    lines.totals[side] += gain
    now = class_of(lines.tallies[side, point])
    if now != kind:
        lines.counts[side, kind] -= 1
        lines.counts[side, now] += 1
        lines.classes[side, point] = now


@kernel
def place(lines: Lines, point: int, side: int) -> None:
    """Puts `side`'s stone on an empty point."""
    for one in range(2):
        lines.totals[one] -= lines.scores[one, point]
        lines.counts[one, lines.classes[one, point]] -= 1
        lines.classes[one, point] = TAKEN
    lines.cells[point] = 1 - 2 * side
    lines.ledger[0] -= 1
    lines.hash[0] ^= lines.zobrist[side, point]
    _mark_near(lines, point, 1)
    _spread(lines, point, side, 1)


@kernel
def take_back(lines: Lines, point: int, side: int) -> None:
    """Takes `side`'s stone from `point` off again."""
    lines.cells[point] = EMPTY
    lines.ledger[0] += 1
    lines.hash[0] ^= lines.zobrist[side, point]
    _mark_near(lines, point, -1)
    _spread(lines, point, side, -1)
    for one in range(2):
        _count_in(lines, one, point)


@kernel
def may_play(lines: Lines, side: int, point: int) -> bool:
    """Whether the rules let `side` play on an empty point."""
    return is_allowed(lines.cells, lines.rules, 1 - 2 * side, point)


@kernel
def find_class(lines: Lines, side: int, kind: int) -> int:
    """The first point of a class that `side` may play on, else `NO_POINT`."""
    if lines.counts[side, kind] > 0:
        for point in range(len(lines.cells)):
            if lines.classes[side, point] == kind and (kind == WINS or may_play(lines, side, point)):
                return point
    return NO_POINT
