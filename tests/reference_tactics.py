"""Tactics, slow and obvious: every point is tried, and a forced win is checked against every legal reply.

The twin of `mcts/tactics.py` and of what lies below it. A position is one text of all its points, row by row: `X`
black, `O` white, `#` blocked, `.` empty.
"""

from functools import cache

import numpy as np
import reference
from reference_renju import DIRECTIONS

from gomoku.board import Board
from gomoku.rules import BLACK, BLOCKED, WHITE, Rules, Variant

WIN, LOSS, UNKNOWN = "win", "loss", "unknown"
CELLS = {"X": BLACK, "O": WHITE, "#": BLOCKED, ".": 0}
OTHER = {"X": "O", "O": "X"}


def text_of(board: Board) -> tuple[str, str]:
    """The points, and who is to move."""
    return "".join(reference.rows_of(board)), "X" if board.to_play == BLACK else "O"


def put(text: str, point: int, symbol: str) -> str:
    return text[:point] + symbol + text[point + 1 :]


@cache
def rays_from(point: int, size: int) -> list[list[list[int]]]:
    """For each direction the points ahead and those behind, the nearest first."""
    rays = []
    for d_row, d_col in DIRECTIONS:
        rays.append([])
        for sign in (1, -1):
            rays[-1].append([])
            row, col = point // size + sign * d_row, point % size + sign * d_col
            while 0 <= row < size and 0 <= col < size:
                rays[-1][-1].append(row * size + col)
                row, col = row + sign * d_row, col + sign * d_col
    return rays


def completes(text: str, point: int, symbol: str, rules: Rules) -> bool:
    """Whether a stone on the empty point makes a line."""
    exact = rules.variant is Variant.STANDARD or (rules.variant is Variant.RENJU and symbol == "X")
    for both in rays_from(point, rules.size):
        length = 1
        for ray in both:
            for other in ray:
                if text[other] != symbol:
                    break
                length += 1
        if length == rules.win_length or (length > rules.win_length and not exact):
            return True
    return False


@cache
def completions(text: str, symbol: str, rules: Rules) -> tuple[int, ...]:
    return tuple(point for point, mark in enumerate(text) if mark == "." and completes(text, point, symbol, rules))


@cache
def legal_moves(text: str, symbol: str, rules: Rules) -> tuple[int, ...]:
    rows = [text[at : at + rules.size] for at in range(0, len(text), rules.size)]
    return tuple(reference.legal_moves(rows, symbol, rules))


@cache
def wins_by_fours(text: str, symbol: str, rules: Rules, depth: int) -> bool:
    """Whether `symbol`, to move, makes its line within `depth` fours and one move, whatever is replied."""
    if completions(text, symbol, rules):
        return True
    moves = legal_moves(text, symbol, rules) if depth > 0 else ()
    return any(is_first_of_fours(text, symbol, move, rules, depth) for move in moves)


def is_first_of_fours(text: str, symbol: str, move: int, rules: Rules, depth: int) -> bool:
    """Whether the legal move is a four after which every reply loses to at most `depth - 1` more fours."""
    after = put(text, move, symbol)
    return bool(completions(after, symbol, rules)) and is_lost(after, OTHER[symbol], rules, depth)


@cache
def is_lost(text: str, symbol: str, rules: Rules, depth: int) -> bool:
    """Whether every legal move of `symbol` loses to fours."""
    if completions(text, symbol, rules):
        return False
    replies = legal_moves(text, symbol, rules)
    return all(wins_by_fours(put(text, reply, symbol), OTHER[symbol], rules, depth - 1) for reply in replies)


def judge(board: Board, depth: int) -> tuple[str, tuple[int, ...]]:
    """`win` by a line or at most `depth` fours, `loss` at once, or `unknown`, with the one move left if any."""
    text, symbol = text_of(board)
    rules = board.rules
    if completions(text, symbol, rules):
        return WIN, ()
    if completions(text, OTHER[symbol], rules) and is_lost(text, symbol, rules, 1):
        return LOSS, ()
    if wins_by_fours(text, symbol, rules, depth):
        return WIN, ()
    return UNKNOWN, completions(text, OTHER[symbol], rules)


def is_winning(board: Board, move: int, depth: int) -> bool:
    """Whether the move makes a line, or wins by at most `depth` fours of which it is the first."""
    text, symbol = text_of(board)
    if completes(text, move, symbol, board.rules):
        return True
    legal = move in legal_moves(text, symbol, board.rules)
    return legal and is_first_of_fours(text, symbol, move, board.rules, depth)


def scattered_board(rules: Rules, seed: int) -> Board:
    """An unfinished position of stones anywhere that make no line: few or many, some points blocked now and then."""
    rng = np.random.default_rng([seed, rules.size, rules.win_length])
    while True:
        text = "." * rules.num_points
        num_blocked = int(rng.integers(4)) if rng.random() < 0.3 else 0
        num_stones = int(rules.num_points * rng.uniform(0.1, 1))
        for index, point in enumerate(map(int, rng.permutation(rules.num_points)[: num_blocked + num_stones])):
            symbol = "#" if index < num_blocked else "XO"[index % 2]
            if symbol == "#" or not completes(text, point, symbol, rules):
                text = put(text, point, symbol)
        cells = np.array([CELLS[mark] for mark in text], dtype=np.int8)
        board = Board.from_cells(rules, cells, int(rng.choice([BLACK, WHITE])))
        if board.outcome is None:
            return board
