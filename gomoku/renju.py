"""Renju's three fouls of Black: overline, double four and double three.

Owns the question "what foul would this move be?". It does not know whose turn it is, nor what a foul costs.

A position is `cells`: flat int8 `[size * size]`, index `row * size + col`, holding BLACK, WHITE, EMPTY or
BLOCKED. To Black's lines a white stone, a blocked point and the board's edge are all the same: a wall.

Source: Renju International Federation, "The International Rules of Renju", section 9.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.rules import BLACK, EMPTY

NO_FOUL, OVERLINE, DOUBLE_FOUR, DOUBLE_THREE = 0, 1, 2, 3
"""What `foul` answers."""

_FIVE = -1
"""What `_judge` answers where the move makes exactly five."""

_NOWHERE = -1
"""In place of a point."""


class Ray(NamedTuple):
    """What Black sees from a point, looking one way along a line."""

    run: int
    """Black stones in an unbroken row, from the point's neighbour on."""
    gap: int
    """The point right after the run where it is empty, else `_NOWHERE`."""
    beyond: int
    """Black stones in an unbroken row right after the gap."""
    is_open: bool
    """After `beyond` comes an empty point, and no black stone after that."""


class Line(NamedTuple):
    """What a black stone on a point would make of one of the four lines through it."""

    length: int
    """Stones in an unbroken row, the new one included."""
    fours: int
    """0 to 2 fours that the new stone belongs to."""
    extension: int
    """Where one more stone makes a straight four, else `_NOWHERE`."""
    other_extension: int
    """A three without a gap can have two such points."""


@kernel
def _bearings(size: int, move: int, direction: int) -> tuple[int, int, int]:
    """Tells the step along one of the four lines through `move`, and the points before it and after it."""
    row, col = divmod(move, size)
    up, down, left, right = row, size - 1 - row, col, size - 1 - col
    if direction == 0:
        return 1, left, right
    if direction == 1:
        return size, up, down
    if direction == 2:
        return size + 1, min(up, left), min(down, right)
    return size - 1, min(up, right), min(down, left)


@kernel
def _lines_that_matter(cells: NDArray[np.int8], size: int, move: int) -> int:
    """Tells cheaply which lines may make a foul or a five, as bits; none for most points of most boards.

    A line gives a three or a four only with two more black stones at most four steps away, and two fours, a five
    or an overline only with four; a wall or a second gap on the way there ends it.
    """
    lines, slots = 0, 0
    for direction in range(4):
        step, back, ahead = _bearings(size, move, direction)
        stones = 0
        for way, room in ((-step, back), (step, ahead)):
            point, gaps = move, 0
            for _ in range(min(room, 4)):
                point += way
                if cells[point] == BLACK:
                    stones += 1
                else:
                    gaps += 1
                    if cells[point] != EMPTY or gaps == 2:
                        break
        if stones >= 2:
            lines |= 1 << direction
            slots += 1 if stones < 4 else 2
    return lines if slots >= 2 else 0


@kernel
def _look(cells: NDArray[np.int8], move: int, step: int, room: int) -> Ray:
    """Looks from `move` along `step`; the last point before the board's edge is `room` steps away."""
    run = 0
    while run < room and cells[move + (run + 1) * step] == BLACK:
        run += 1
    gap = run + 1
    if gap > room or cells[move + gap * step] != EMPTY:
        return Ray(run, _NOWHERE, 0, False)
    end = gap + 1
    while end <= room and cells[move + end * step] == BLACK:
        end += 1
    is_open = (
        end <= room and cells[move + end * step] == EMPTY and (end == room or cells[move + (end + 1) * step] != BLACK)
    )
    return Ray(run, move + gap * step, end - gap - 1, is_open)


@kernel
def _extension(length: int, near: Ray, far: Ray) -> int:
    """Where a straight four would arise if `near`'s gap were filled, else `_NOWHERE`.

    Its other end is `far`'s gap, which has to make exactly five as well: nothing black beyond it.
    """
    makes_straight_four = (
        near.gap != _NOWHERE
        and length + 1 + near.beyond == 4
        and near.is_open
        and far.gap != _NOWHERE
        and far.beyond == 0
    )
    return near.gap if makes_straight_four else _NOWHERE


@kernel
def _examine(cells: NDArray[np.int8], size: int, move: int, direction: int) -> Line:
    """Reads one of the four lines through `move` as if a black stone lay there."""
    step, back, ahead = _bearings(size, move, direction)
    one, two = _look(cells, move, -step, back), _look(cells, move, step, ahead)

    length = one.run + 1 + two.run
    # Only the two gaps next to the row can complete a five that holds the new stone. A row of four has the
    # same four stones in both fives: one four. From a shorter row each gap makes a four of its own.
    fours = 0
    if one.gap != _NOWHERE and length + 1 + one.beyond == 5:
        fours += 1
    if two.gap != _NOWHERE and length + 1 + two.beyond == 5:
        fours += 1
    if length == 4:
        fours = min(fours, 1)
    return Line(length, fours, _extension(length, one, two), _extension(length, two, one))


@kernel
def _judge(cells: NDArray[np.int8], size: int, move: int) -> int:
    """Tells `_FIVE`, `NO_FOUL` or the foul; calls itself for the extensions of threes, with the stone in place.

    A three counts only if an extension of it is neither a foul nor a five. One self-recursive function on
    purpose: mutually recursive ones crash in numba's cache.
    """
    lines = _lines_that_matter(cells, size, move)
    if lines == 0:
        return NO_FOUL
    fours, threes, is_overline = 0, 0, False
    for direction in range(4):
        if not lines >> direction & 1:
            continue
        line = _examine(cells, size, move, direction)
        if line.length == 5:
            return _FIVE
        is_overline |= line.length > 5
        fours += line.fours
        threes += line.extension != _NOWHERE or line.other_extension != _NOWHERE
    if is_overline:
        return OVERLINE
    if fours >= 2:
        return DOUBLE_FOUR
    if threes < 2:
        return NO_FOUL

    # The extensions are judged only here, where it matters: the judgement is the costly part.
    threes = 0
    for direction in range(4):
        line = _examine(cells, size, move, direction)
        cells[move] = BLACK
        if (line.extension != _NOWHERE and _judge(cells, size, line.extension) == NO_FOUL) or (
            line.other_extension != _NOWHERE and _judge(cells, size, line.other_extension) == NO_FOUL
        ):
            threes += 1
        cells[move] = EMPTY
    return DOUBLE_THREE if threes >= 2 else NO_FOUL


@kernel
def foul(cells: NDArray[np.int8], size: int, move: int) -> int:
    """Tells what foul Black would commit by playing the empty point `move`.

    Stones are put on `cells` meanwhile and taken off again.

    Returns:
      `NO_FOUL`, `OVERLINE`, `DOUBLE_FOUR` or `DOUBLE_THREE`; of several the first in this order. Exactly five
      is a win, whatever else the stone makes: `NO_FOUL`.
    """
    # A literal (`foul(cells, 15, move)`) or a smaller integer must not reach the recursive function: numba would
    # type its two ends differently, and a process that loads it from the cache would abort.
    return max(_judge(cells, size + 0, move + 0), NO_FOUL)
