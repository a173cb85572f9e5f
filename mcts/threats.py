"""Lines that one more stone completes, and lines that two more do: what the search's tactics are made of.

A *completion* is an empty point where a colour makes its line; a *four* is a move that makes a completion, whatever
the win length. Completions are exact: a line that must not be longer than the win length is not. What makes a line
is never a foul, so that no rule but the line's length matters here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.kernels import DIRECTIONS, Cells, must_be_exact
from gomoku.rules import BLOCKED, EMPTY, KernelRules, Rules
from mcts.tree import NO_MOVE

NUM_WAYS = 8
FAILED_SIZE = 4096
"""Positions that a search by fours remembers as failed. A power of 2."""
REFUTED_SIZE = 16384
"""The same for a search by threes. A power of 2."""
MAX_HUNT = 48
"""Threats in a row that a search by threes can hold, forced moves included."""
OPPONENTS, WALLS = 16, 256
"""What a window's tally counts for an opponent's stone and a blocked point; an own stone counts 1."""

FRAME = np.dtype(
    [
        ("key", np.uint64),  # of the position
        ("num_candidates", np.int32),  # the first ones of the list are those of this position
        ("cursor", np.int32),  # candidates that have not been tried
        ("threat", np.int32),  # where the defender would make a line, else NO_MOVE
        ("move", np.int32),  # the four that is being tried
        ("reply", np.int32),  # and its only answer
    ],
    align=True,
)
HUNT = np.dtype(
    [
        ("key", np.uint64),  # of the position
        ("left", np.int32),  # threats that may still be made
        ("num_moves", np.int32),  # threats that have not been tried
        ("num_replies", np.int32),  # replies to the one that is being tried that have not been tried
        ("move", np.int32),  # the threat that is being tried, or NO_MOVE
        ("reply", np.int32),  # and the reply to it
        ("is_forced", np.bool_),  # whether the move has to stop a line
    ],
    align=True,
)


class ThreatSpace(NamedTuple):
    """Tables of one board and working space; `A` points."""

    lines: NDArray[np.int32]
    """`[N, 3]` first point, step and length of every line that is long enough to win."""
    steps: NDArray[np.int32]
    """`[8]` from a point to its neighbour in each way; way `k + 4` is opposite to way `k`."""
    rooms: NDArray[np.int32]
    """`[A, 8]` points up to the board's edge in each way."""
    tallies: NDArray[np.int16]
    """`[A]`"""
    candidates: NDArray[np.int16]
    """`[A]` points that may make a four."""
    is_listed: NDArray[np.bool_]
    """`[A]` which points are among the candidates."""
    points: NDArray[np.int16]
    """`[8]` the completions that were found last."""
    frames: NDArray[np.void]
    """`[A]` of FRAME."""
    keys: NDArray[np.uint64]
    """`[2, A]` random numbers of the attacker's and the defender's stones."""
    failed: NDArray[np.uint64]
    """`[FAILED_SIZE]` keys of positions without a win by fours."""
    counts: NDArray[np.int64]
    """`[6]` searches by fours so far, positions that the last one looked at; searches by threes so far, positions
    that the last one looked at, how many it may, and whether it left off where more threats could follow."""
    hunts: NDArray[np.void]
    """`[MAX_HUNT]` of HUNT."""
    moves: NDArray[np.int16]
    """`[MAX_HUNT, A]` each frame's threats."""
    replies: NDArray[np.int16]
    """`[MAX_HUNT, A]` and the replies to the one that is being tried."""
    weights: NDArray[np.int32]
    """`[A]`"""
    refuted: NDArray[np.uint64]
    """`[REFUTED_SIZE]` keys of positions without a win by threes ..."""
    refuted_left: NDArray[np.int32]
    """`[REFUTED_SIZE]` ... within so many threats."""
    mask: NDArray[np.bool_]
    """`[A]`"""
    priors: NDArray[np.float32]
    """`[A]`"""


def allocate_threat_space(rules: Rules) -> ThreatSpace:
    """Makes the tables of a board; the space serves one thread at a time."""
    size, points = rules.size, rules.num_points
    ways = (*DIRECTIONS, *((-d_row, -d_col) for d_row, d_col in DIRECTIONS))
    rooms = np.zeros((points, NUM_WAYS), dtype=np.int32)
    rows, cols = np.divmod(np.arange(points), size)
    to_edge = {(0, -1): rows, (0, 1): size - 1 - rows, (1, -1): cols, (1, 1): size - 1 - cols}
    for way, steps_of_way in enumerate(ways):
        rooms[:, way] = np.min([to_edge[axis, sign] for axis, sign in enumerate(steps_of_way) if sign], axis=0)
    steps = np.array([d_row * size + d_col for d_row, d_col in ways], dtype=np.int32)
    lines = [
        (point, steps[way], rooms[point, way] + 1)
        for way in range(NUM_WAYS // 2)
        for point in range(points)
        if rooms[point, way + NUM_WAYS // 2] == 0 and rooms[point, way] + 1 >= rules.win_length
    ]
    return ThreatSpace(
        lines=np.array(lines, dtype=np.int32),
        steps=steps,
        rooms=rooms,
        tallies=np.zeros(points, dtype=np.int16),
        candidates=np.zeros(points, dtype=np.int16),
        is_listed=np.zeros(points, dtype=np.bool_),
        points=np.zeros(NUM_WAYS, dtype=np.int16),
        frames=np.zeros(points, dtype=FRAME),
        keys=np.random.default_rng(1).integers(2**64, size=(2, points), dtype=np.uint64),
        failed=np.zeros(FAILED_SIZE, dtype=np.uint64),
        counts=np.zeros(6, dtype=np.int64),
        hunts=np.zeros(MAX_HUNT, dtype=HUNT),
        moves=np.zeros((MAX_HUNT, points), dtype=np.int16),
        replies=np.zeros((MAX_HUNT, points), dtype=np.int16),
        weights=np.zeros(points, dtype=np.int32),
        refuted=np.zeros(REFUTED_SIZE, dtype=np.uint64),
        refuted_left=np.zeros(REFUTED_SIZE, dtype=np.int32),
        mask=np.zeros(points, dtype=np.bool_),
        priors=np.zeros(points, dtype=np.float32),
    )


class Threats(NamedTuple):
    """What lies on the board for the side to move."""

    win: int
    """Where it makes its line, else NO_MOVE."""
    block: int
    """Where the opponent would make one, else NO_MOVE."""
    other_block: int
    """A second such point, else NO_MOVE."""
    num_candidates: int
    """Points in `ThreatSpace.candidates`: all that make a four for the side to move, and some that do not."""


@kernel
def tally_of(stone: int, colour: int) -> int:
    """What a point counts in a window's tally, seen by `colour`."""
    if stone == EMPTY:
        return 0
    if stone == colour:
        return 1
    return WALLS if stone == BLOCKED else OPPONENTS


@kernel
def empty_of_window(cells: Cells, first: int, step: int) -> int:
    """The first empty point from `first` on."""
    while cells[first] != EMPTY:
        first += step
    return first


@kernel
def list_window(cells: Cells, space: ThreatSpace, first: int, step: int, width: int, count: int) -> int:
    """Adds a window's empty points to the candidates, each once; returns their new number."""
    for index in range(width):
        point = first + index * step
        if cells[point] == EMPTY and not space.is_listed[point]:
            space.is_listed[point] = True
            space.candidates[count] = point
            count += 1
    return count


@kernel
def is_overlong(cells: Cells, colour: int, before: int, after: int) -> bool:
    """Whether a full window goes on with a stone of its colour; -1 in place of a neighbour beyond the edge."""
    return (before >= 0 and cells[before] == colour) or (after >= 0 and cells[after] == colour)


@kernel
def scan(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int) -> Threats:
    """Finds the completions of both sides, and `colour`'s candidates for fours, in one pass over all lines."""
    width, tallies = rules.win_length, space.tallies
    own_exact, other_exact = must_be_exact(rules, colour), must_be_exact(rules, -colour)
    for point in range(len(cells)):
        tallies[point] = tally_of(cells[point], colour)
    space.is_listed[:] = False
    win, block, other_block, count = NO_MOVE, NO_MOVE, NO_MOVE, 0
    for line in range(len(space.lines)):
        start, step, length = space.lines[line, 0], space.lines[line, 1], space.lines[line, 2]
        tally = 0
        for index in range(length):
            last = start + index * step
            tally += tallies[last]
            if index >= width:
                tally -= tallies[last - width * step]
            if index < width - 1 or (tally != width - 1 and tally != width - 2 and tally != OPPONENTS * (width - 1)):
                continue
            first = last - (width - 1) * step
            if tally == width - 2:
                count = list_window(cells, space, first, step, width, count)
                continue
            before = first - step if index >= width else -1
            after = last + step if index + 1 < length else -1
            if tally == width - 1:
                if not (own_exact and is_overlong(cells, colour, before, after)):
                    win = empty_of_window(cells, first, step)
            elif not (other_exact and is_overlong(cells, -colour, before, after)):
                point = empty_of_window(cells, first, step)
                if block == NO_MOVE:
                    block = point
                elif point != block:
                    other_block = point
    return Threats(win, block, other_block, count)


@kernel
def completions_through(cells: Cells, rules: KernelRules, space: ThreatSpace, move: int) -> int:
    """Writes the completions of lines that hold the stone at `move` into `space.points`; returns their number.

    On each side of the stone only the first gap can be one.
    """
    colour, width = cells[move], rules.win_length
    exact = must_be_exact(rules, colour)
    count = 0
    for way in range(NUM_WAYS // 2):
        step = space.steps[way]
        room, room_back = space.rooms[move, way], space.rooms[move, way + NUM_WAYS // 2]
        ahead = row_length(cells, colour, move + step, step, room)
        back = row_length(cells, colour, move - step, -step, room_back)
        if ahead < room and cells[move + (ahead + 1) * step] == EMPTY:
            point = move + (ahead + 1) * step
            length = back + ahead + 2 + row_length(cells, colour, point + step, step, room - ahead - 1)
            if length == width or (length > width and not exact):
                space.points[count] = point
                count += 1
        if back < room_back and cells[move - (back + 1) * step] == EMPTY:
            point = move - (back + 1) * step
            length = back + ahead + 2 + row_length(cells, colour, point - step, -step, room_back - back - 1)
            if length == width or (length > width and not exact):
                space.points[count] = point
                count += 1
    return count


@kernel
def row_length(cells: Cells, colour: int, first: int, step: int, room: int) -> int:
    """The stones of `colour` in an unbroken row from `first` on, which is the first of `room` points to the edge."""
    length = 0
    while length < room and cells[first + length * step] == colour:
        length += 1
    return length


@kernel
def list_candidates_through(cells: Cells, rules: KernelRules, space: ThreatSpace, move: int, count: int) -> int:
    """Adds the points that may make a four with the stone at `move` to the candidates; returns their new number."""
    colour, width = cells[move], rules.win_length
    for way in range(NUM_WAYS // 2):
        step = space.steps[way]
        back = min(space.rooms[move, way + NUM_WAYS // 2], width - 1)
        ahead = min(space.rooms[move, way], width - 1)
        start = move - back * step
        tally = 0
        for index in range(back + ahead + 1):
            tally += tally_of(cells[start + index * step], colour)
            if index >= width:
                tally -= tally_of(cells[start + (index - width) * step], colour)
            if index >= width - 1 and tally == width - 2:
                count = list_window(cells, space, start + (index - width + 1) * step, step, width, count)
    return count
