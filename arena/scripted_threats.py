"""Forced wins: by fours alone, and by fours with a few quiet moves between them.

Owns two exact solvers over `Lines`. A claimed win is a win against every reply; no claim within the depth asked for
means that there is none of that kind. What they may spend stands in `budget[0]`; once it is gone they claim nothing.
"""

import numpy as np
from numpy.typing import NDArray

from arena.scripted_lines import (
    MAKES_FOUR,
    NO_POINT,
    WINS,
    WINS_BY_FOUR,
    Lines,
    find_class,
    may_play,
    place,
    take_back,
)
from gomoku.compiling import kernel

Budget = NDArray[np.int64]
"""`[1]`: positions that may still be looked at."""


@kernel
def forced_by_fours(lines: Lines, budget: Budget, side: int, fours: int) -> int:
    """The first move of a forced win by at most `fours` fours and then a five, else `NO_POINT`.

    `side` is to move. A five at once needs no four.
    """
    budget[0] -= 1
    if budget[0] < 0:
        return NO_POINT
    if lines.counts[side, WINS] > 0:
        return find_class(lines, side, WINS)
    other = 1 - side
    threats = lines.counts[other, WINS]
    if fours <= 0 or threats > 1:
        return NO_POINT
    must = find_class(lines, other, WINS) if threats == 1 else NO_POINT
    if must == NO_POINT:
        winning = find_class(lines, side, WINS_BY_FOUR)
        if winning != NO_POINT:
            return winning
    for point in range(len(lines.cells)):
        if lines.classes[side, point] < MAKES_FOUR or (must != NO_POINT and point != must):
            continue
        if not may_play(lines, side, point):
            continue
        place(lines, point, side)
        wins = lines.counts[side, WINS] > 1
        if not wins:
            reply = find_class(lines, side, WINS)
            if not may_play(lines, other, reply):
                wins = True
            else:
                place(lines, reply, other)
                wins = forced_by_fours(lines, budget, side, fours - 1) != NO_POINT
                take_back(lines, reply, other)
        take_back(lines, point, side)
        if wins:
            return point
    return NO_POINT


@kernel
def is_forced(lines: Lines, budget: Budget, side: int, attacking: int, quiet: int, moves: int) -> bool:
    """Whether `side` wins by force with at most `moves` moves of its own, the five included.

    Args:
      attacking: 1 where `side` is to move, 0 where its opponent is.
      quiet: moves that neither make a four nor stop one which `side` may make among them. To a quiet move the
        opponent is given every reply.
    """
    budget[0] -= 1
    if budget[0] < 0:
        return False
    other = 1 - side
    if attacking == 0:
        if lines.counts[other, WINS] > 0:
            return False
        threats = int(lines.counts[side, WINS])
        if threats > 1 or (threats == 1 and not may_play(lines, other, find_class(lines, side, WINS))):
            return bool(moves > 0)
        # No reply is worse than none at all: where a pass holds, something holds.
        if threats == 0 and not is_forced(lines, budget, side, 1 - attacking, quiet, moves):
            return False
        # The points where a reply is most likely to hold come first.
        for turn in range(2):
            for reply in range(len(lines.cells)):
                kind = lines.classes[side, reply]
                if kind < 0 or (kind >= MAKES_FOUR) != (turn == 0) or (threats == 1 and kind != WINS):
                    continue
                if not may_play(lines, other, reply):
                    continue
                place(lines, reply, other)
                holds = not is_forced(lines, budget, side, 1 - attacking, quiet, moves)
                take_back(lines, reply, other)
                if holds:
                    return False
        return bool(lines.ledger[0] > 0)

    if lines.counts[side, WINS] > 0 and moves > 0:
        return True
    threats = lines.counts[other, WINS]
    if moves <= 1 or threats > 1:
        return False
    if threats == 0 and find_class(lines, side, WINS_BY_FOUR) != NO_POINT:
        return True
    must = find_class(lines, other, WINS) if threats == 1 else NO_POINT
    # Fours first: they are cheap to look at.
    for turn in range(2):
        for point in range(len(lines.cells)):
            kind = lines.classes[side, point]
            if kind < 0 or (kind >= MAKES_FOUR) != (turn == 0) or (must != NO_POINT and point != must):
                continue
            is_quiet = turn == 1 and must == NO_POINT
            if (is_quiet and (quiet <= 0 or moves <= 2)) or not may_play(lines, side, point):
                continue
            place(lines, point, side)
            wins = is_forced(lines, budget, side, 1 - attacking, quiet - (1 if is_quiet else 0), moves - 1)
            take_back(lines, point, side)
            if wins:
                return True
    return False
