"""Renju's fouls against drawn boards, the slow twin, and an independent referee."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from reference_renju import FIVE, NO_FOUL, judge

from benchmarks.renju_referee import NAMES, Cells, compare, random_cells, referee_names
from gomoku.renju import foul
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE

ROOT = Path(__file__).resolve().parent.parent
SIZE = 15
MARKS = {".": EMPTY, "*": EMPTY, "X": BLACK, "O": WHITE, "#": BLOCKED}
NO_VERDICT = 99
"""For points that are not empty."""
LETTERS = {mark: letter for letter, mark in MARKS.items() if letter != "*"}


def drawn_boards() -> list[tuple[str, str, str]]:
    """Verdict, name and drawing of each board in `renju_boards.txt`; `*` is the move.

    A drawing is the top left part of a 15x15 board, so its first row and column lie on the edge.
    """
    boards = []
    for block in (ROOT / "tests" / "renju_boards.txt").read_text().strip().split("\n\n"):
        title, drawing = block.split("\n", 1)
        verdict, name = title.split(": ", 1)
        boards.append((verdict, name, drawing))
    return boards


def parse_drawing(drawing: str) -> tuple[np.ndarray, np.ndarray]:
    """The board `[15, 15]`, and a board that is True at the move."""
    rows = [row.ljust(SIZE, ".") for row in drawing.split("\n")]
    rows += ["." * SIZE] * (SIZE - len(rows))
    letters = np.array([list(row) for row in rows])
    board = np.vectorize(MARKS.__getitem__, otypes=[np.int8])(letters)
    return board, letters == "*"


def symmetries_of(board: np.ndarray) -> list[np.ndarray]:
    return [np.rot90(turned, turns).copy() for turned in (board, board.T) for turns in range(4)]


def twin(cells: Cells, size: int, move: int) -> str:
    rows = ["".join(LETTERS[int(mark)] for mark in row) for row in cells.reshape(size, size)]
    verdict = judge(rows, divmod(move, size))
    return NO_FOUL if verdict == FIVE else verdict


@pytest.mark.parametrize(
    ("verdict", "drawing"),
    [pytest.param(verdict, drawing, id=name) for verdict, name, drawing in drawn_boards()],
)
def test_a_drawn_board_is_judged_right_in_all_eight_orientations(verdict: str, drawing: str) -> None:
    board, is_move = parse_drawing(drawing)
    rows = ["".join(LETTERS[int(mark)] for mark in row) for row in board]
    assert judge(rows, divmod(int(is_move.argmax()), SIZE)) == verdict

    expected = NO_FOUL if verdict == FIVE else verdict
    for turned, turned_move in zip(symmetries_of(board), symmetries_of(is_move), strict=True):
        cells, move = turned.ravel(), int(turned_move.argmax())
        assert NAMES[foul(cells, SIZE, move)] == expected
        assert referee_names(cells, SIZE, [move]) == [expected]


def test_the_independent_referee_agrees_on_2000_random_positions() -> None:
    comparison = compare(num_positions=2000, seed=20, points_per_position=20)
    assert comparison.disagreements == []
    assert comparison.positions == 2000
    assert comparison.points > 30_000
    for kind in ("overline", "double four", "double three"):
        assert comparison.counts[kind] > 150, f"too few cases of {kind} to mean anything"


def test_the_slow_twin_agrees_on_boards_of_all_sizes_with_blocked_points() -> None:
    rng = np.random.default_rng(21)
    seen = dict.fromkeys(NAMES.values(), 0)
    for size in [*range(3, 23)] * 8:
        cells = random_cells(rng, size, blocked=True)
        for move in rng.permutation(np.flatnonzero(cells == EMPTY))[:60]:
            verdict = NAMES[foul(cells, size, int(move))]
            assert verdict == twin(cells, size, int(move)), f"size {size}, move {move}, cells {cells.tolist()}"
            seen[verdict] += 1
    assert min(seen.values()) > 20, f"some kind hardly occurred: {seen}"


def test_random_boards_are_judged_alike_in_all_eight_orientations() -> None:
    rng = np.random.default_rng(22)
    for _ in range(100):
        board = random_cells(rng, SIZE, blocked=True).reshape(SIZE, SIZE)
        verdicts = [
            np.array([foul(cells, SIZE, m) if cells[m] == EMPTY else NO_VERDICT for m in range(SIZE * SIZE)])
            for cells in (turned.ravel() for turned in symmetries_of(board))
        ]
        expected = symmetries_of(verdicts[0].reshape(SIZE, SIZE))
        for ours, turned in zip(verdicts, expected, strict=True):
            assert np.array_equal(ours.reshape(SIZE, SIZE), turned)


def test_a_frame_of_blocked_points_is_the_same_as_the_edge() -> None:
    rng = np.random.default_rng(23)
    num_fouls = 0
    for _ in range(100):
        board = random_cells(rng, 9).reshape(9, 9)
        framed = np.pad(board, 2, constant_values=BLOCKED)
        for row, col in np.argwhere(board == EMPTY):
            alone = foul(board.ravel(), 9, int(row * 9 + col))
            assert alone == foul(framed.ravel(), 13, int((row + 2) * 13 + col + 2))
            num_fouls += NAMES[alone] != NO_FOUL
    assert num_fouls > 100


def test_the_board_is_left_as_it_was() -> None:
    rng = np.random.default_rng(24)
    for _ in range(200):
        cells = random_cells(rng, SIZE, blocked=True)
        before = cells.copy()
        for move in np.flatnonzero(cells == EMPTY):
            foul(cells, SIZE, int(move))
        assert np.array_equal(cells, before)


def test_a_fresh_process_can_load_the_recursion_for_a_caller_with_a_literal_size() -> None:
    """Numba once typed the recursion by the literal; the second process, which loads it, then aborted."""
    script = (
        "import numba, numpy\n"
        "from gomoku.renju import foul\n"
        "caller = numba.njit(lambda cells: foul(cells, 15, 112))\n"
        "print(caller(numpy.zeros(225, numpy.int8)))\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
