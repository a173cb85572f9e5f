"""Where games begin if not on the empty board: moves by lot, and the points from which openings are drawn."""

import numpy as np

from gomoku.board import Board
from gomoku.rules import Rules


def random_start(rules: Rules, most_plies: int, rng: np.random.Generator) -> Board:
    """A board after up to `most_plies` (≥ 0) random moves, an even draw from 0 on, and the game not over."""
    while True:
        board = Board(rules)
        for _ in range(rng.integers(most_plies + 1)):
            if board.outcome is not None:
                break
            board.push(int(rng.choice(board.legal_moves())))
        if board.outcome is None:
            return board


def central_points(size: int, width: int) -> list[int]:
    """The points of the square in the middle of the board, `width` a side or the whole board, row by row."""
    width = min(size, width)
    corner = (size - width) // 2
    lines = range(corner, corner + width)
    return [row * size + col for row in lines for col in lines]
