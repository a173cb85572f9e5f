"""Published counts of positions and games, by kernels and by `Board`."""

import numba
import numpy as np

from gomoku.board import Board
from gomoku.kernels import LINE_MADE, UNDECIDED, is_allowed, result_of
from gomoku.rules import BLACK, EMPTY, KernelRules, Rules

THREE_BY_THREE = [9, 72, 504, 3024, 15120, 54720, 148176, 200448, 127872]
FOUR_BY_FOUR = [16, 240, 3360, 43680, 524160, 5518656]


@numba.njit
def count_games(cells, rules, to_play, ply, nodes, ends):
    """Counts into `nodes[ply]` the ways to play ply + 1 moves, and into `ends` wins and draws among them."""
    for move in range(len(cells)):
        if not is_allowed(cells, rules, to_play, move):
            continue
        cells[move] = to_play
        nodes[ply] += 1
        result = result_of(cells, rules, move)
        if result != UNDECIDED:
            ends[0 if result == LINE_MADE else 1] += 1
        elif ply + 1 < len(nodes):
            count_games(cells, rules, -to_play, ply + 1, nodes, ends)
        cells[move] = EMPTY
    return 0


def counts(rules: KernelRules, plies: int) -> tuple[list[int], list[int]]:
    nodes, ends = np.zeros(plies, np.int64), np.zeros(2, np.int64)
    count_games(np.zeros(rules.size**2, np.int8), rules, BLACK, 0, nodes, ends)
    return nodes.tolist(), ends.tolist()


def test_kernels_count_every_game_of_three_by_three() -> None:
    nodes, (wins, draws) = counts(Rules(3, 3).compiled, 9)
    assert nodes == THREE_BY_THREE
    assert wins + draws == 255_168
    assert draws == 46_080


def test_kernels_count_four_by_four_with_three_in_a_row_to_ply_six() -> None:
    assert counts(Rules(4, 3).compiled, 6)[0] == FOUR_BY_FOUR


def test_push_and_pop_count_three_by_three_to_ply_six() -> None:
    nodes = [0] * 6
    board = Board(Rules(3, 3))

    def walk(ply: int) -> None:
        for move in board.legal_moves():
            board.push(move)
            nodes[ply] += 1
            if ply + 1 < len(nodes):
                walk(ply + 1)
            board.pop()

    walk(0)
    assert nodes == THREE_BY_THREE[:6]
    assert board.key == Board(Rules(3, 3)).key
