"""The board: who wins, what is legal, set-up positions, and the way back. Held against the slow twins."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from gomoku.board import Board, Outcome
from gomoku.errors import IllegalMoveError
from gomoku.notation import parse_moves, parse_point
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE, Rules, Variant

ROOT = Path(__file__).resolve().parent.parent
SYMBOL = {BLACK: "X", WHITE: "O"}
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
EVERY_RULES = [
    *(Rules(7, length, variant) for length in (3, 4, 5, 6) for variant in (Variant.FREESTYLE, Variant.STANDARD)),
    Rules(7, 5, Variant.RENJU),
]

every_board = st.builds(
    lambda rules, blocked, to_play: Board.from_cells(rules, blocked_cells(rules, blocked), to_play),
    st.sampled_from([Rules(3, 3), Rules(5, 4), Rules(6, 4, Variant.STANDARD), Rules(6, 5, Variant.RENJU)]),
    st.sets(st.integers(0, 8), max_size=3),
    st.sampled_from([BLACK, WHITE]),
)


def blocked_cells(rules: Rules, blocked: set[int]) -> np.ndarray:
    cells = np.zeros(rules.num_points, np.int8)
    cells[list(blocked)] = BLOCKED
    return cells


def segments(size: int, length: int) -> list[list[int]]:
    """Every straight row of `length` points on the board."""
    found = []
    for row in range(size):
        for col in range(size):
            for d_row, d_col in DIRECTIONS:
                points = [(row + k * d_row, col + k * d_col) for k in range(length)]
                if all(0 <= r < size and 0 <= c < size for r, c in points):
                    found.append([r * size + c for r, c in points])
    return found


@pytest.mark.parametrize("rules", EVERY_RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize("colour", [BLACK, WHITE])
def test_a_row_wins_or_not_as_its_twin_says_wherever_it_lies(rules: Rules, colour: int) -> None:
    for length in range(rules.win_length - 1, min(rules.win_length + 2, rules.size + 1)):
        for points in segments(rules.size, length):
            # Where every stone but one lies already, whichever it is, no row may be complete.
            for last in {points[0], points[length // 2], points[-1]}:
                cells = np.zeros(rules.num_points, np.int8)
                cells[points] = colour
                cells[last] = EMPTY
                board = Board.from_cells(rules, cells, colour)
                if board.outcome is not None:  # an overline's end: the row was won before
                    continue
                if last in reference.legal_moves(reference.rows_of(board), SYMBOL[colour], rules):
                    board.push(last)
                    won = reference.has_won(reference.rows_of(board), SYMBOL[colour], rules)
                    assert board.outcome == (Outcome(colour, "line") if won else None), str(board)
                    assert board.winning_line() == (sorted(points) if won else [])
                else:
                    assert not board.is_legal(last), str(board)


@settings(max_examples=60)
@given(every_board, st.randoms(use_true_random=False))
def test_random_games_agree_with_the_slow_twins_at_every_move(board: Board, random: object) -> None:
    while True:
        rows = reference.rows_of(board)
        result = reference.result(rows, SYMBOL[board.to_play], board.rules)
        assert (board.outcome.result if board.outcome else None) == result, str(board)
        set_up = Board.from_cells(board.rules, board.cells, board.to_play)
        assert set_up.outcome == board.outcome, str(board)
        if result is not None:
            assert not board.legal_moves()
            break
        assert board.legal_moves() == reference.legal_moves(rows, SYMBOL[board.to_play], board.rules)
        board.push(random.choice(board.legal_moves()))


@settings(max_examples=60)
@given(every_board, st.randoms(use_true_random=False))
def test_pop_restores_what_was_before_push(board: Board, random: object) -> None:
    seen = []
    while board.outcome is None:
        seen.append((board.key, board.outcome, board.ply, board.legal_moves()))
        board.push(random.choice(board.legal_moves()))
    for ply in range(len(seen) - 1, -1, -1):
        move = board.last_move
        assert board.pop() == move
        assert (board.key, board.outcome, board.ply, board.legal_moves()) == seen[ply]
    with pytest.raises(IndexError, match="no move to take back"):
        board.pop()


@pytest.mark.parametrize(
    ("variant", "colour", "wins"),
    [
        (Variant.FREESTYLE, BLACK, True),
        (Variant.FREESTYLE, WHITE, True),
        (Variant.STANDARD, BLACK, False),
        (Variant.STANDARD, WHITE, False),
        (Variant.RENJU, WHITE, True),
    ],
)
def test_six_in_a_row_wins_where_overlines_do(variant: Variant, colour: int, wins: bool) -> None:
    cells = np.zeros(225, np.int8)
    cells[[112, 113, 115, 116, 117]] = colour
    board = Board.from_cells(Rules(15, 5, variant), cells, colour)
    board.push(114)
    assert board.outcome == (Outcome(colour, "line") if wins else None)


def test_black_may_not_make_six_in_a_row_under_renju_and_is_told_why() -> None:
    cells = np.zeros(225, np.int8)
    cells[[112, 113, 115, 116, 117]] = BLACK
    board = Board.from_cells(Rules(15, 5, Variant.RENJU), cells, BLACK)
    assert board.foul_at(114) == "overline"
    with pytest.raises(IllegalMoveError, match="j8 is an overline, which renju forbids"):
        board.push(114)


def test_five_beats_an_overline_that_the_same_stone_makes_under_renju() -> None:
    cells = np.zeros(225, np.int8)
    cells[[112, 113, 115, 116, 117]] = BLACK
    cells[[114 + 15 * k for k in (1, 2, 3, 4)]] = BLACK
    board = Board.from_cells(Rules(15, 5, Variant.RENJU), cells, BLACK)
    board.push(114)
    assert board.outcome == Outcome(BLACK, "line")
    assert board.winning_line() == [114 + 15 * k for k in range(5)]


def test_two_rows_that_only_touch_around_the_edge_of_the_board_are_no_line() -> None:
    board = Board.from_drawing(Rules(5, 4), "...XX\nX....\n.....\n.....\n.....", BLACK)
    board.push(parse_point("b4", 5))
    assert board.outcome is None


def test_a_blocked_point_breaks_a_line_and_cannot_be_played() -> None:
    board = Board.from_drawing(Rules(5, 4), "XX#XX\n.....\n.....\n.....\n.....", WHITE)
    assert board.outcome is None
    assert not board.is_legal(2)
    with pytest.raises(IllegalMoveError, match="c5 is blocked"):
        board.push(2)
    assert board.ply == 4


def test_a_full_board_without_a_line_is_a_draw() -> None:
    board = Board.from_moves(Rules(3, 3), parse_moves("a3 b3 c3 b2 a2 c2 b1 a1 c1", 3))
    assert board.outcome == Outcome(0, "full board")
    assert board.outcome.result == "1/2-1/2"


def test_a_line_made_by_the_last_stone_on_the_board_wins() -> None:
    board = Board.from_moves(Rules(3, 3), parse_moves("a3 b3 b2 c3 a2 c2 b1 a1", 3))
    board.push(parse_point("c1", 3))
    assert not (board.cells == EMPTY).any()
    assert board.outcome == Outcome(BLACK, "line")


def test_black_with_nothing_but_fouls_loses() -> None:
    drawing = "XXX.XX\nOXOOXO\nXOXXOX\nOXOOXO\nXOXXOX\nOXOOX."
    board = Board.from_drawing(Rules(6, 5, Variant.RENJU), drawing, WHITE)
    assert board.outcome is None
    board.push(parse_point("f1", 6))
    assert board.outcome == Outcome(WHITE, "no legal move")
    set_up = Board.from_cells(board.rules, board.cells, BLACK)
    assert set_up.outcome == Outcome(WHITE, "no legal move")
    board.pop()
    assert board.outcome is None


def test_white_plays_where_black_may_not() -> None:
    drawing = "XXX.XX\nOXOOXO\nXOXXOX\nOXOOXO\nXOXXOX\nOXOOX."
    board = Board.from_drawing(Rules(6, 5, Variant.RENJU), drawing, WHITE)
    assert board.legal_moves() == [3, 35]


@pytest.mark.parametrize(
    ("move", "complaint"),
    [
        (0, "a6 is occupied"),
        (-1, "move -1 is outside the 6x6x4 board"),
        (36, "move 36 is outside the 6x6x4 board"),
    ],
)
def test_an_illegal_move_leaves_the_board_as_it_was_and_is_named_with_the_position(move: int, complaint: str) -> None:
    board = Board.from_moves(Rules(6, 4), [0, 7])
    before = (board.key, list(board.moves), board.outcome)
    with pytest.raises(IllegalMoveError) as caught:
        board.push(move)
    assert complaint in str(caught.value)
    assert str(board) in str(caught.value)
    assert (board.key, board.moves, board.outcome) == before


def test_nothing_can_be_played_once_the_game_is_over() -> None:
    board = Board.from_moves(Rules(3, 3), parse_moves("a3 b3 a2 b2 a1", 3))
    assert not board.legal_mask().any()
    with pytest.raises(IllegalMoveError, match=r"c1 cannot be played: the game is over \(1-0, line\)"):
        board.push(parse_point("c1", 3))


@pytest.mark.parametrize(
    ("drawing", "to_play", "expected"),
    [
        ("...\n...\n...", None, BLACK),
        ("X..\n...\n...", None, WHITE),
        ("XO.\n...\n...", None, BLACK),
        ("XX.\n...\n...", BLACK, BLACK),
        ("OO.\n...\n...", None, BLACK),
    ],
)
def test_a_set_up_board_knows_whose_turn_it_is(drawing: str, to_play: int | None, expected: int) -> None:
    board = Board.from_drawing(Rules(3, 3), drawing, to_play)
    assert board.to_play == expected
    assert board.outcome is None
    assert board.moves == []
    assert board.last_move is None


def test_a_set_up_line_ends_the_game_whoever_is_to_move() -> None:
    for to_play in (BLACK, WHITE):
        board = Board.from_drawing(Rules(3, 3), "OOO\nXX.\nX..", to_play)
        assert board.outcome == Outcome(WHITE, "line")
        assert board.winning_line() == [0, 1, 2]


def test_setting_up_copies_the_cells() -> None:
    cells = np.zeros(9, np.int8)
    Board.from_cells(Rules(3, 3), cells).push(4)
    assert not cells.any()


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ([0] * 8, "8 points do not make a board of 3x3x3"),
        ([3] + [0] * 8, "something else than"),
        ([1, 1, 1, -1, -1, -1, 0, 0, 0], "both colours have a winning line"),
    ],
)
def test_an_impossible_set_up_is_refused(cells: list[int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Board.from_cells(Rules(3, 3), np.array(cells, np.int8))


def test_only_black_or_white_can_be_to_move_on_a_set_up_board() -> None:
    with pytest.raises(ValueError, match="to_play 0 is neither"):
        Board.from_cells(Rules(3, 3), np.zeros(9, np.int8), 0)


def test_a_copy_lives_its_own_life() -> None:
    board = Board.from_moves(Rules(3, 3), [4])
    twin = board.copy()
    twin.push(0)
    assert board.moves == [4]
    assert board.is_legal(0)
    twin.pop()
    assert twin.key == board.key


def test_kernels_that_come_from_the_cache_take_moves_of_any_integer_type() -> None:
    script = (
        "import numpy as np\n"
        "from gomoku.kernels import is_allowed\n"
        "from gomoku.rules import BLACK, Rules, Variant\n"
        "rules = Rules(15, 5, Variant.RENJU).compiled\n"
        "print(is_allowed(np.zeros(225, np.int8), rules, BLACK, np.int16(112)))\n"
    )
    for _ in range(2):  # the first process may compile, the second one loads
        command = [sys.executable, "-c", script]
        finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (finished.returncode, finished.stdout) == (0, "True\n"), finished.stderr
