"""Whole random games against the PyPI package `renju`: when they end, and who has won."""

from collections import Counter

import numpy as np
import pytest
from renju import BoardStatus, RenjuBoard

from gomoku.board import Board
from gomoku.rules import BLACK, WHITE, Rules, Variant

STATUS = {None: BoardStatus.ONGOING, BLACK: BoardStatus.BLACK_WIN, WHITE: BoardStatus.WHITE_WIN, 0: BoardStatus.DRAW}


def play_against_referee(rules: Rules, rng: np.random.Generator, seen: Counter[str]) -> None:
    """One random game; after every move both must say the same, and a foul must lose there what is illegal here."""
    board, referee = Board(rules), RenjuBoard(board_size=rules.size, rule=rules.variant.value)
    points = rng.permutation(rules.num_points).tolist()
    while board.outcome is None:
        move = next(point for point in points if board.cells[point] == 0)
        row, col = divmod(move, rules.size)
        if not board.is_legal(move):
            verdict = referee.copy().play_move(row, col)[0]
            assert verdict == BoardStatus.WHITE_WIN, f"{board.foul_at(move)} at {move}\n{board}"
            seen["foul"] += 1
            points.remove(move)
            points.append(move)
            if not board.legal_mask()[points].any():
                return
            continue
        points.remove(move)
        longest = longest_line(board, move)
        board.push(move)
        status = referee.play_move(row, col)[0]
        seen["position"] += 1
        if board.outcome is not None and board.outcome.reason == "no legal move":
            return  # the package lets Black go on into a foul
        assert status == STATUS[board.outcome.winner if board.outcome else None], str(board)
        seen["overline"] += longest > 5
    seen[board.outcome.reason] += 1


def longest_line(board: Board, move: int) -> int:
    """The longest row that a stone of the mover would be part of."""
    grid, colour = board.cells.reshape(board.size, board.size), board.to_play
    row, col = divmod(move, board.size)
    longest = 0
    for d_row, d_col in ((0, 1), (1, 0), (1, 1), (1, -1)):
        length = 1
        for sign in (1, -1):
            r, c = row + sign * d_row, col + sign * d_col
            while 0 <= r < board.size and 0 <= c < board.size and grid[r, c] == colour:
                length, r, c = length + 1, r + sign * d_row, c + sign * d_col
        longest = max(longest, length)
    return longest


@pytest.mark.parametrize("variant", list(Variant))
def test_the_independent_referee_sees_the_same_wins_in_random_games(variant: Variant) -> None:
    rng = np.random.default_rng(11)
    seen: Counter[str] = Counter()
    while seen["position"] < 2000:
        play_against_referee(Rules(int(rng.choice([6, 7, 9])), 5, variant), rng, seen)
    assert seen["line"] > 20
    assert seen["full board"] > 3
    assert variant is Variant.RENJU or seen["overline"] > 3
    assert (seen["foul"] > 3) == (variant is Variant.RENJU)
