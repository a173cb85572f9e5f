"""Alpha-beta over `Lines`: the scripted player's search, one position at a time.

Owns move ordering, static judgement, the transposition table and the search below one root. Iterative deepening,
clocks and levels are `arena/scripted.py`. Scores are from the side to move; `SURE` and more is a win that was seen.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.scripted_lines import (
    MAKES_FOUR,
    NO_POINT,
    TAKEN,
    WINS,
    WINS_BY_FOUR,
    Lines,
    find_class,
    may_play,
    place,
    take_back,
)
from arena.scripted_threats import forced_by_fours
from gomoku.compiling import kernel

SURE, WIN = 90_000, 100_000
"""A win in `n` plies is worth `WIN - n`."""
MAX_PLY = 64
MAX_WIDTH = 40
QUIESCENCE = 8
"""Plies beyond the depth in which fours and threats to make an open four are still answered."""
REDUCED_FROM = 6
"""From this place in the order on, moves are first looked at one ply less deeply."""

OWN_BONUS = np.array([0, 60, 400, 120, 1500, 6000, 50000], dtype=np.int64)
OTHER_BONUS = np.array([0, 30, 200, 60, 700, 2500, 20000], dtype=np.int64)
"""By class: what a move is worth beyond its score, for what it makes, and for what it keeps the other from."""

EXACT, AT_LEAST, AT_MOST = 0, 1, 2
ENTRY = np.dtype(
    [("key", np.uint64), ("score", np.int32), ("move", np.int16), ("depth", np.int8), ("bound", np.int8)]
)

NODES, NODE_LIMIT, STOP, WIDTH, LEAF_POSITIONS = range(5)
"""What `Hunt.control` holds: positions seen and allowed, whether to stop, moves per position, and what the search for
fours at a leaf may spend (0: none)."""


class Hunt(NamedTuple):
    """All that one search needs."""

    lines: Lines
    table: NDArray[np.void]
    """`[2**n]` of `ENTRY`."""
    control: NDArray[np.int64]
    """`[5]`; anyone may set `STOP` from another thread."""
    budget: NDArray[np.int64]
    """`[1]`: for the search for fours."""
    moves: NDArray[np.int64]
    """`[MAX_PLY, MAX_WIDTH]`: candidates, best first."""
    worths: NDArray[np.int64]
    """`[MAX_PLY, MAX_WIDTH]`"""
    own_bonus: NDArray[np.int64]
    other_bonus: NDArray[np.int64]
    turn_key: NDArray[np.uint64]
    """`[1]`: tells White to move from Black to move."""


@kernel
def move_worth(hunt: Hunt, side: int, point: int) -> int:
    """How good a move looks at first sight; larger is better."""
    lines = hunt.lines
    other = 1 - side
    return int(
        2 * lines.scores[side, point]
        + lines.scores[other, point]
        + hunt.own_bonus[lines.classes[side, point]]
        + hunt.other_bonus[lines.classes[other, point]]
    )


@kernel
def first_sight(hunt: Hunt, side: int, worths: NDArray[np.float64]) -> None:
    """Writes `move_worth` of every point into `worths` `[A]`, -1 where `side` may not play."""
    for point in range(len(worths)):
        worths[point] = move_worth(hunt, side, point) if may_play(hunt.lines, side, point) else -1


@kernel
def list_moves(hunt: Hunt, side: int, ply: int) -> int:
    """Writes the moves worth a look into `moves[ply]`, best first, and returns their number.

    A five of the other must be stopped. Where it could win by a four, only fours of one's own and points on which it
    would make a four can help (of Black's fouls, which could help too, only those of this kind are seen).
    """
    lines = hunt.lines
    other = 1 - side
    must = find_class(lines, other, WINS)
    if must != NO_POINT:
        hunt.moves[ply, 0] = must
        return 1 if may_play(lines, side, must) else 0
    is_threatened = find_class(lines, other, WINS_BY_FOUR) != NO_POINT
    moves, worths = hunt.moves[ply], hunt.worths[ply]
    width = MAX_WIDTH if is_threatened else hunt.control[WIDTH]
    own, others = lines.classes[side], lines.classes[other]
    count = 0
    for point in range(len(own)):
        if own[point] == TAKEN or (lines.near[point] == 0 and own[point] < MAKES_FOUR and others[point] < MAKES_FOUR):
            continue
        if is_threatened and own[point] < MAKES_FOUR and others[point] < MAKES_FOUR:
            continue
        worth = move_worth(hunt, side, point)
        if (count == width and worth <= worths[count - 1]) or not may_play(lines, side, point):
            continue
        at = min(count, width - 1)
        while at > 0 and worths[at - 1] < worth:
            worths[at], moves[at] = worths[at - 1], moves[at - 1]
            at -= 1
        worths[at], moves[at] = worth, point
        count = min(count + 1, width)
    return count


@kernel
def _judge(hunt: Hunt, side: int) -> int:
    """The static score: who has more to make; a few points by lot, so that seeds differ.

    The side to move counts double: of weights 1.1, 1.5 and 2 to 1 this one won most games.
    """
    lines = hunt.lines
    lot = int(lines.hash[0] >> np.uint64(60))
    return int(2 * lines.totals[side] - lines.totals[1 - side]) + lot


@kernel
def _is_over(hunt: Hunt) -> bool:
    """Whether the search has to end here."""
    control = hunt.control
    control[NODES] += 1
    if control[NODES] > control[NODE_LIMIT]:
        control[STOP] = 1
    return bool(control[STOP] != 0)


@kernel
def _decided(hunt: Hunt, side: int, ply: int) -> int:
    """The score of a position in which a win is a matter of course, else 0."""
    lines = hunt.lines
    other = 1 - side
    if lines.counts[side, WINS] > 0:
        return WIN - ply - 1
    if lines.counts[other, WINS] > 1:
        return ply + 2 - WIN
    if lines.counts[other, WINS] == 0 and find_class(lines, side, WINS_BY_FOUR) != NO_POINT:
        return WIN - ply - 3
    return 0


@kernel
def _judge_leaf(hunt: Hunt, side: int, ply: int) -> int:
    """The score of a quiet position: a win by fours where one is found, else the static score."""
    lines = hunt.lines
    # One four alone leads nowhere.
    if hunt.control[LEAF_POSITIONS] > 0 and np.sum(lines.counts[side, MAKES_FOUR:]) > 1:
        hunt.budget[0] = hunt.control[LEAF_POSITIONS]
        if forced_by_fours(lines, hunt.budget, side, lines.ledger[0]) != NO_POINT:
            return WIN - ply - 5
        hunt.control[NODES] += hunt.control[LEAF_POSITIONS] - max(hunt.budget[0], 0)
    return _judge(hunt, side)


@kernel
def _is_settled(entry: NDArray[np.void], depth: int, alpha: int, beta: int) -> bool:
    """Whether what the table knows is deep enough and outside the window, or exact."""
    if entry["depth"] < depth:
        return False
    bound, score = entry["bound"], entry["score"]
    return bool(bound == EXACT or (bound == AT_LEAST and score >= beta) or (bound == AT_MOST and score <= alpha))


@kernel
def negamax(hunt: Hunt, side: int, depth: int, ply: int, alpha: int, beta: int) -> int:
    """The score of the position for `side`, who is to move, within (alpha, beta)."""
    lines = hunt.lines
    if _is_over(hunt):
        return 0
    decided = _decided(hunt, side, ply)
    if decided != 0:
        return decided
    if lines.ledger[0] == 0:
        return 0
    other = 1 - side
    is_forced = lines.counts[other, WINS] > 0
    if ply >= MAX_PLY - 1:
        return _judge(hunt, side)
    is_leaf = depth <= 0 and not is_forced
    if is_leaf and (depth <= -QUIESCENCE or find_class(lines, other, WINS_BY_FOUR) == NO_POINT):
        return _judge_leaf(hunt, side, ply)
    key = lines.hash[0] ^ (hunt.turn_key[0] if side == 1 else np.uint64(0))
    slot = int(key & np.uint64(len(hunt.table) - 1))
    entry = hunt.table[slot]
    hint = NO_POINT
    if entry["key"] == key:
        if _is_settled(entry, depth, alpha, beta):
            return int(entry["score"])
        hint = int(entry["move"])
    count = list_moves(hunt, side, ply)
    if count == 0:
        return ply + 2 - WIN if is_forced else _judge(hunt, side)
    best, best_move, floor = -WIN, hunt.moves[ply, 0], alpha
    for number in range(-1, count):
        move = hint if number < 0 else hunt.moves[ply, number]
        if move == NO_POINT or (number >= 0 and move == hint):
            continue
        deeper = depth if is_forced else depth - 1
        place(lines, move, side)
        lowest = max(alpha, best)
        score = lowest + 1
        if best > -WIN:
            less = 1 if number >= REDUCED_FROM and deeper >= 2 and not is_forced else 0
            score = -negamax(hunt, other, deeper - less, ply + 1, -lowest - 1, -lowest)
        if score > lowest:
            score = -negamax(hunt, other, deeper, ply + 1, -beta, -lowest)
        take_back(lines, move, side)
        if hunt.control[STOP] != 0:
            return 0
        if score > best:
            best, best_move = score, move
            if best >= beta:
                break
    # Wins are counted from this root: good within one search only, after which the table is emptied.
    entry["key"], entry["score"], entry["move"] = key, best, best_move
    entry["depth"], entry["bound"] = depth, EXACT if best > floor else AT_MOST
    if best >= beta:
        entry["bound"] = AT_LEAST
    return best


@kernel
def search_root(hunt: Hunt, side: int, depth: int, ply: int, order: NDArray[np.int64]) -> tuple[int, int]:
    """Looks at the root moves in `order` and returns how many were looked at and the best score.

    The best move comes to stand first in `order`, the others keep their order. `ply` is 1, of the positions after
    them: handed in, since numba wants no literal to reach a recursive function.
    """
    lines = hunt.lines
    best = worst = -WIN
    for number in range(len(order)):
        move = order[number]
        place(lines, move, side)
        score = best + 1
        if number > 0:
            score = -negamax(hunt, 1 - side, depth - 1, ply, -best - 1, -best)
        if score > best and hunt.control[STOP] == 0:
            score = -negamax(hunt, 1 - side, depth - 1, ply, worst, -best)
        take_back(lines, move, side)
        if hunt.control[STOP] != 0:
            return number, best
        if score > best:
            best = score
            for at in range(number, 0, -1):
                order[at] = order[at - 1]
            order[0] = move
    return len(order), best
