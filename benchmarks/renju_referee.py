"""Compares our renju fouls with the PyPI package `renju` on random positions.

    python -m benchmarks.renju_referee --positions 100000 --seed 1

Prints one line and exits with status 1 where the two disagree anywhere. The gate runs it on few positions.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from renju.check_forbid import ForbidChecker
from tqdm import tqdm

from gomoku.renju import DOUBLE_FOUR, DOUBLE_THREE, NO_FOUL, OVERLINE, foul
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE

NAMES = {NO_FOUL: "none", OVERLINE: "overline", DOUBLE_FOUR: "double four", DOUBLE_THREE: "double three"}
REFEREE_NAMES = {0: "none", 1: "double three", 2: "double four", 3: "overline"}
REFEREE_MARKS = {EMPTY: 0, BLACK: 1, WHITE: 2, BLOCKED: 2}
"""The package knows no blocked points; to Black's lines they are the same as white stones."""

Cells = NDArray[np.int8]


@dataclass
class Comparison:
    """What was compared, and where the two did not agree."""

    positions: int = 0
    points: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """Points per foul, by our kernel."""
    disagreements: list[str] = field(default_factory=list)


def random_cells(rng: np.random.Generator, size: int, blocked: bool = False) -> Cells:
    """A position rich in black stones, crowded or thin, all over the board or packed into a part of it.

    Such positions need not arise in play; the rule has to hold in all of them.
    """
    height, width = rng.integers(min(5, size), size + 1, 2)
    row, col = rng.integers(0, size - height + 1), rng.integers(0, size - width + 1)
    black, white = rng.uniform(0.1, 0.55), rng.uniform(0.0, 0.25)
    walls = 0.08 if blocked else 0.0
    board = np.zeros((size, size), np.int8)
    marks = np.array([BLACK, WHITE, BLOCKED, EMPTY])
    board[row : row + height, col : col + width] = rng.choice(
        marks, (height, width), p=[black, white, walls, 1 - black - white - walls]
    )
    return board.ravel()


def referee_names(cells: Cells, size: int, moves: list[int]) -> list[str]:
    """The package's verdicts on these empty points."""
    rows = [[REFEREE_MARKS[int(mark)] for mark in row] for row in cells.reshape(size, size)]
    checker = ForbidChecker(rows, 0, 0)
    return [REFEREE_NAMES[checker.foulr(*divmod(move, size), 0)] for move in moves]


def compare(num_positions: int, seed: int, points_per_position: int, size: int = 15) -> Comparison:
    """Asks both about random empty points of random positions."""
    rng = np.random.default_rng(seed)
    result = Comparison()
    for _ in tqdm(range(num_positions), unit="position", disable=None):
        cells = random_cells(rng, size)
        empty = np.flatnonzero(cells == EMPTY)
        moves = sorted(int(move) for move in rng.permutation(empty)[:points_per_position])
        for move, theirs in zip(moves, referee_names(cells, size, moves), strict=True):
            ours = NAMES[foul(cells, size, move)]
            result.counts[ours] += 1
            if ours != theirs:
                result.disagreements.append(f"move {move}: {ours}, referee {theirs}; cells {cells.tolist()}")
        result.positions += 1
        result.points += len(moves)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare renju fouls with the PyPI package `renju`.")
    parser.add_argument("--positions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", type=int, default=60, help="points per position, drawn from the empty ones")
    arguments = parser.parse_args()
    result = compare(arguments.positions, arguments.seed, arguments.points)
    fouls = ", ".join(f"{name} {result.counts[name]:,}" for name in NAMES.values() if name != "none")
    print(
        f"{result.positions:,} positions, {result.points:,} points: {fouls}; "
        f"{len(result.disagreements)} disagreements"
    )
    for text in result.disagreements[:10]:
        print(text, file=sys.stderr)
    return 1 if result.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
