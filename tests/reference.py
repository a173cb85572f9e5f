"""Slow, obvious twins of the compiled rules, on boards as rows of text: who has won, what is legal, how it ended.

`X` black, `O` white, `#` blocked, `.` empty. Renju's fouls are in `reference_renju.py`.
"""

import re

from reference_renju import DOUBLE_FOUR, DOUBLE_THREE, OVERLINE, judge

from gomoku.board import Board
from gomoku.notation import SYMBOLS
from gomoku.rules import Rules, Variant

Rows = list[str]


def rows_of(board: Board) -> Rows:
    """The cells of a board as text."""
    symbols = "".join(SYMBOLS[int(cell)] for cell in board.cells)
    return [symbols[at : at + board.size] for at in range(0, len(symbols), board.size)]


def lines_of(rows: Rows) -> list[str]:
    """Every row, column and diagonal."""
    size = len(rows)
    points = [(row, col) for row in range(size) for col in range(size)]
    lines = list(rows)
    lines += ["".join(rows[row][col] for row in range(size)) for col in range(size)]
    for shift in range(-2 * size, 2 * size):
        lines.append("".join(rows[row][col] for row, col in points if row - col == shift))
        lines.append("".join(rows[row][col] for row, col in points if row + col == shift))
    return lines


def has_won(rows: Rows, symbol: str, rules: Rules) -> bool:
    """Whether `symbol` has a winning line."""
    exact = rules.variant is Variant.STANDARD or (rules.variant is Variant.RENJU and symbol == "X")
    lengths = [len(run) for line in lines_of(rows) for run in re.findall(f"{symbol}+", line)]
    return any(length == rules.win_length or (length > rules.win_length and not exact) for length in lengths)


def legal_moves(rows: Rows, symbol: str, rules: Rules) -> list[int]:
    """Where `symbol` may play, were the game not over."""
    size = len(rows)
    empty = [move for move in range(size * size) if rows[move // size][move % size] == "."]
    if rules.variant is not Variant.RENJU or symbol != "X":
        return empty
    fouls = (OVERLINE, DOUBLE_FOUR, DOUBLE_THREE)
    return [move for move in empty if judge(rows, divmod(move, size)) not in fouls]


def result(rows: Rows, to_play: str, rules: Rules) -> str | None:
    """`1-0`, `0-1`, `1/2-1/2`, or None where the game goes on."""
    if has_won(rows, "X", rules):
        return "1-0"
    if has_won(rows, "O", rules):
        return "0-1"
    if not any("." in row for row in rows):
        return "1/2-1/2"
    if not legal_moves(rows, to_play, rules):
        return "0-1" if to_play == "X" else "1-0"
    return None
