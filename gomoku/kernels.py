"""Compiled rules: who wins, and which moves are legal.

A position is `cells`: flat int8 `[size * size]`, index `row * size + col`, holding BLACK, WHITE, EMPTY or BLOCKED.
"""

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.renju import NO_FOUL, foul
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE, KernelRules

Cells = NDArray[np.int8]
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Those of a line: its step in rows and in columns."""


@kernel
def run_length(cells: Cells, size: int, move: int, d_row: int, d_col: int) -> int:
    """Counts the stones of the colour at `move` in the line through it along one direction, both ways."""
    colour = cells[move]
    row, col = divmod(move, size)
    length = 1
    for sign in (1, -1):
        r, c = row + sign * d_row, col + sign * d_col
        while 0 <= r < size and 0 <= c < size and cells[r * size + c] == colour:
            length += 1
            r += sign * d_row
            c += sign * d_col
    return length


@kernel
def must_be_exact(rules: KernelRules, colour: int) -> bool:
    """Whether a line of `colour` that is longer than the win length is none."""
    return rules.black_exact if colour == BLACK else rules.white_exact


@kernel
def makes_line(cells: Cells, rules: KernelRules, move: int) -> bool:
    """Whether the stone that lies at `move` is part of a winning line."""
    exact = must_be_exact(rules, cells[move])
    for d_row, d_col in DIRECTIONS:
        length = run_length(cells, rules.size, move, d_row, d_col)
        if length == rules.win_length or (length > rules.win_length and not exact):
            return True
    return False


@kernel
def has_line(cells: Cells, rules: KernelRules, colour: int) -> bool:
    """Whether `colour` has a winning line anywhere: for positions that were set up, where there is no last move."""
    for move in range(len(cells)):
        if cells[move] == colour and makes_line(cells, rules, move):
            return True
    return False


@kernel
def is_allowed(cells: Cells, rules: KernelRules, to_play: int, move: int) -> bool:
    """Whether `to_play` may take `move`: empty, and no foul."""
    if cells[move] != EMPTY:
        return False
    return not rules.fouls or to_play != BLACK or foul(cells, rules.size, move) == NO_FOUL


@kernel
def fill_legal(cells: Cells, rules: KernelRules, to_play: int, legal: NDArray[np.bool_]) -> int:
    """Writes the legal moves into `legal` `[A]` and returns their number."""
    count = 0
    may_foul = rules.fouls and to_play == BLACK
    for move in range(len(cells)):
        allowed = cells[move] == EMPTY
        if allowed and may_foul:
            allowed = foul(cells, rules.size, move) == NO_FOUL
        legal[move] = allowed
        count += allowed
    return count


@kernel
def has_legal(cells: Cells, rules: KernelRules, to_play: int) -> bool:
    """Whether `to_play` has a move at all; stops at the first one."""
    for move in range(len(cells)):
        if is_allowed(cells, rules, to_play, move):
            return True
    return False


@kernel
def seen_by(cells: Cells, to_play: int, stones: Cells) -> None:
    """Writes a position into `stones` `[A]` as the side to move sees it: +1 its own, -1 the opponent's, 0 empty,
    2 blocked. The way back is the same: of such stones it makes cells."""
    for point in range(len(cells)):
        stone = cells[point]
        stones[point] = stone if stone == BLOCKED else stone * to_play


UNDECIDED, DRAWN, LINE_MADE, NO_MOVE_LEFT = 0, 1, 2, 3
"""What a move may bring about: nothing, a full board, the mover's line, an opponent with nothing but fouls."""


@kernel
def result_of(cells: Cells, rules: KernelRules, move: int) -> int:
    """What the stone that was just put at `move` has brought about."""
    if makes_line(cells, rules, move):
        return LINE_MADE
    has_empty = False
    for point in range(len(cells)):
        if cells[point] == EMPTY:
            has_empty = True
            break
    if not has_empty:
        return DRAWN
    if rules.fouls and cells[move] == WHITE and not has_legal(cells, rules, BLACK):
        return NO_MOVE_LEFT
    return UNDECIDED
