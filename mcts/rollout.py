"""Random play to the end of the game, compiled: the judge of pure MCTS.

A colour's stones are kept as bit masks of every row, column and diagonal, so that one move and its win test cost
some forty instructions.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.kernels import fill_legal, is_allowed, seen_by
from gomoku.rules import BLACK, BLOCKED, EMPTY, MAX_SIZE, KernelRules
from mcts.backup import add_value, backup_known
from mcts.config import SearchParams
from mcts.evaluator import Evaluation, Positions
from mcts.expansion import expand_leaf
from mcts.random_stream import draw, draw_below
from mcts.selection import ascend, colour_to_move, descend, may_simulate
from mcts.tree import NO_MOVE, UNPROVEN, Tree

LINES_PER_COLOUR = 6 * MAX_SIZE
FIRST_COLUMN, FIRST_DIAGONAL, FIRST_ANTIDIAGONAL = MAX_SIZE, 2 * MAX_SIZE, 4 * MAX_SIZE
"""Where a colour's masks of columns, diagonals and antidiagonals start, after its rows."""


class Scratch(NamedTuple):
    """Working space of one rollout; `A` points."""

    lines: NDArray[np.uint32]
    """`[2 * LINES_PER_COLOUR]` bit masks of rows, columns, diagonals and antidiagonals, White's then Black's."""
    empties: NDArray[np.int16]
    """`[A]`"""
    rows: NDArray[np.int16]
    """`[A]` row of each point."""
    cols: NDArray[np.int16]
    """`[A]` column of each point."""
    cells: NDArray[np.int8]
    """`[A]` a board to play on, where fouls must be looked for."""
    stream: NDArray[np.uint64]
    """`[1]` the rollout's random state."""
    legal: NDArray[np.bool_]
    """`[A]`"""
    priors: NDArray[np.float32]
    """`[A]`"""


def allocate_scratch(size: int) -> Scratch:
    points = size * size
    return Scratch(
        lines=np.zeros(2 * LINES_PER_COLOUR, dtype=np.uint32),
        empties=np.zeros(points, dtype=np.int16),
        rows=(np.arange(points) // size).astype(np.int16),
        cols=(np.arange(points) % size).astype(np.int16),
        cells=np.zeros(points, dtype=np.int8),
        stream=np.zeros(1, dtype=np.uint64),
        legal=np.zeros(points, dtype=np.bool_),
        priors=np.zeros(points, dtype=np.float32),
    )


@kernel
def winning_runs(line: np.uint32, win_length: int, exact: bool) -> np.uint32:
    """The starts of the winning runs in a line's mask: 0 if there is none."""
    run = line
    width = 1
    while width < win_length:
        shift = min(width, win_length - width)
        run &= run >> np.uint32(shift)
        width += shift
    if exact and run != np.uint32(0):
        run &= ~(line >> np.uint32(win_length)) & ~(line << np.uint32(1))
    return run


@kernel
def put_stone(
    lines: NDArray[np.uint32], row: np.uint64, col: np.uint64, colour: int, win_length: int, exact: bool
) -> bool:
    """Adds a stone to its colour's masks; True if it wins."""
    first = np.uint64(LINES_PER_COLOUR) if colour == BLACK else np.uint64(0)
    by_col, by_row = np.uint32(1) << np.uint32(col), np.uint32(1) << np.uint32(row)
    along_row = first + row
    along_col = first + np.uint64(FIRST_COLUMN) + col
    diagonal = first + np.uint64(FIRST_DIAGONAL + MAX_SIZE - 1) + row - col
    antidiagonal = first + np.uint64(FIRST_ANTIDIAGONAL) + row + col
    lines[along_row] |= by_col
    lines[along_col] |= by_row
    lines[diagonal] |= by_col
    lines[antidiagonal] |= by_col
    runs = winning_runs(lines[along_row], win_length, exact)
    runs |= winning_runs(lines[along_col], win_length, exact)
    runs |= winning_runs(lines[diagonal], win_length, exact)
    runs |= winning_runs(lines[antidiagonal], win_length, exact)
    return bool(runs != np.uint32(0))


@kernel
def set_up(scratch: Scratch, cells: NDArray[np.int8], rules: KernelRules) -> int:
    """Loads a position into the scratch space and returns the number of its empty points."""
    lines, empties = scratch.lines, scratch.empties
    rows, cols = scratch.rows, scratch.cols
    lines[:] = np.uint32(0)
    count = 0
    for move in range(len(cells)):
        stone = cells[move]
        if stone == EMPTY:
            empties[count] = move
            count += 1
        elif stone != BLOCKED:
            put_stone(lines, np.uint64(rows[move]), np.uint64(cols[move]), stone, rules.win_length, False)
    if rules.fouls:
        scratch.cells[:] = cells
    return count


@kernel
def rollout(cells: NDArray[np.int8], rules: KernelRules, to_play: int, seed: np.uint64, scratch: Scratch) -> float:
    """Plays random legal moves to the end.

    The arrays are local names and indices unsigned: measured, this is ten times as fast as reading them from the
    tuple at every move.

    Returns: 1, 0 or -1, from the side to move.
    """
    count = set_up(scratch, cells, rules)
    lines, empties, rows, cols, stream = (
        scratch.lines,
        scratch.empties,
        scratch.rows,
        scratch.cols,
        scratch.stream,
    )
    win_length, black_exact, white_exact = rules.win_length, rules.black_exact, rules.white_exact
    stream[0] = seed
    colour = to_play
    while count > 0:
        if rules.fouls and colour == BLACK:
            k = draw_legal(scratch, rules, count)
            if k == NO_MOVE:
                return -1.0 if to_play == BLACK else 1.0
        else:
            k = draw_below(stream, 0, count)
        count -= 1
        move = np.uint64(empties[np.uint64(k)])
        empties[np.uint64(k)] = empties[np.uint64(count)]
        if rules.fouls:
            scratch.cells[move] = colour
        exact = black_exact if colour == BLACK else white_exact
        if put_stone(lines, np.uint64(rows[move]), np.uint64(cols[move]), colour, win_length, exact):
            return 1.0 if colour == to_play else -1.0
        colour = -colour
    return 0.0


@kernel
def draw_legal(scratch: Scratch, rules: KernelRules, count: int) -> int:
    """Draws the index of an empty point among the first `count` that is no foul for Black, or NO_MOVE.

    A point that is refused changes places with the last candidate, so that each is looked at once.
    """
    empties = scratch.empties
    candidates = count
    while candidates > 0:
        k = draw_below(scratch.stream, 0, candidates)
        if is_allowed(scratch.cells, rules, BLACK, empties[k]):
            return k
        candidates -= 1
        empties[k], empties[candidates] = empties[candidates], empties[k]
    return NO_MOVE


@kernel
def evaluate_positions(
    rules: KernelRules,
    stones: NDArray[np.int8],
    to_play: NDArray[np.int8],
    seeds: NDArray[np.uint64],
    scratch: Scratch,
    values: NDArray[np.float32],
) -> None:
    """Writes one rollout's value per row into `values` `[B]`; `stones` `[B, A]` are seen by the side to move."""
    cells = np.empty(stones.shape[1], dtype=np.int8)
    for row in range(len(values)):
        seen_by(stones[row], to_play[row], cells)
        values[row] = rollout(cells, rules, to_play[row], seeds[row], scratch)


class RolloutEvaluator:
    """Uniform priors, and the result of one random game as the value."""

    def evaluate(self, positions: Positions) -> Evaluation:
        count, size = len(positions.stones), positions.rules.size
        values = np.empty(count, dtype=np.float32)
        stones = positions.stones.reshape(count, -1)
        scratch = allocate_scratch(size)
        evaluate_positions(positions.rules.compiled, stones, positions.to_play, positions.seeds, scratch, values)
        num_legal = positions.legal.sum(axis=1, keepdims=True, dtype=np.float32)
        return Evaluation(positions.legal / num_legal, values, (values == 0).astype(np.float32))


@kernel
def run_rollouts(
    tree: Tree, slot: int, rules: KernelRules, params: SearchParams, target: int, scratch: Scratch
) -> None:
    """The whole search loop with a rollout for an evaluation, until `target` simulations or the search's end.

    The same verbs in the same order as `Search.step` with a `RolloutEvaluator`, and the same result, without the
    way through the interpreter: a rollout takes less time than that way.
    """
    cells = tree.cells[slot]
    while may_simulate(tree, slot, target, params):
        if tree.slots[slot].node_count == tree.nodes.shape[1]:
            tree.slots[slot].is_full = True
            return
        node = descend(tree, slot, rules, params)
        if node != 0:
            tree.slots[slot].simulations += 1
        to_play = colour_to_move(tree, slot, node)
        if tree.nodes[slot, node].proof != UNPROVEN:
            ascend(tree, slot, node, 0)
            backup_known(tree, slot, node, -to_play, params)
            continue
        fill_uniform(cells, rules, to_play, scratch)
        value = rollout(cells, rules, to_play, draw(tree.rng, slot), scratch)
        if value == 0:
            value = float(tree.slots[slot].draw_value * to_play)
        ascend(tree, slot, node, 0)
        expand_leaf(tree, slot, node, scratch.legal, scratch.priors, value)
        add_value(tree, slot, node, -value, 0)


@kernel
def fill_uniform(cells: NDArray[np.int8], rules: KernelRules, to_play: int, scratch: Scratch) -> None:
    """Writes the legal moves and equal priors on them into the scratch space."""
    count = fill_legal(cells, rules, to_play, scratch.legal)
    scratch.priors[:] = np.float32(1) / np.float32(count)
