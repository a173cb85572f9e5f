"""The scripted player's shapes and forced wins against slow, obvious twins that know only `Board`."""

from functools import cache

import numpy as np
import pytest

from arena.scripted import lines_of
from arena.scripted_lines import NO_POINT, WINS, WINS_BY_FOUR, Lines, class_of, new_lines, place, reset, take_back
from arena.scripted_shapes import FIVE, FOUR, OPEN_FOUR, OPEN_THREE, THREE, shape_tables
from arena.scripted_threats import forced_by_fours, is_forced
from gomoku.board import Board
from gomoku.kernels import has_line
from gomoku.rules import BLACK, EMPTY, WHITE, Rules, Variant, parse_rules
from gomoku.symmetry import inverse_tables

FIELDS = ("keys", "tallies", "scores", "classes", "near", "totals", "counts", "ledger", "hash")


def budget() -> np.ndarray:
    return np.array([2_000_000], dtype=np.int64)


def random_cells(rules: Rules, rng: np.random.Generator, stones: int) -> np.ndarray:
    """A position without a line, stones in the middle."""
    while True:
        width = min(rules.size, 7)
        points = rng.permutation(width * width)[:stones]
        low = int(rng.integers(rules.size - width + 1))
        cells = np.zeros((rules.size, rules.size), dtype=np.int8)
        cells[low + points // width, low + points % width] = 1 - 2 * (np.arange(stones) % 2)
        lines = [has_line(cells.reshape(-1), rules.compiled, colour) for colour in (BLACK, WHITE)]
        if not any(lines):
            return cells.reshape(-1)


def ways_to_win(board: Board, colour: int) -> list[int]:
    """Where a stone of `colour` would make a line, by the board's own judgement."""
    mine = board.copy()
    mine.to_play, mine.outcome = colour, None
    wins = []
    for move in mine.legal_moves():
        mine.push(move)
        if mine.outcome is not None and mine.outcome.reason == "line":
            wins.append(move)
        mine.pop()
        mine.to_play = colour
    return wins


@cache
def shape_by_text(line: str, win_length: int, exact: bool) -> int:
    """The shape of the line whose middle stone is `line[win_length]`: `X` own, `.` empty, `#` wall."""
    low = high = win_length
    while low > 0 and line[low - 1] == "X":
        low -= 1
    while high < len(line) - 1 and line[high + 1] == "X":
        high += 1
    length = high - low + 1
    if length == win_length or (length > win_length and not exact):
        return FIVE
    children = [
        shape_by_text(line[:at] + "X" + line[at + 1 :], win_length, exact)
        for at in range(len(line))
        if line[at] == "."
    ]
    fives = children.count(FIVE)
    if fives:
        return OPEN_FOUR if fives > 1 else FOUR
    if OPEN_FOUR in children:
        return OPEN_THREE
    return THREE if FOUR in children else min(max([*children, 2]) - 2, THREE - 1)


@pytest.mark.parametrize(("win_length", "exact"), [(3, False), (3, True), (4, True), (5, False), (5, True)])
def test_shapes_are_what_a_look_at_the_text_says(win_length: int, exact: bool) -> None:
    table = shape_tables(win_length, exact, exact)[0]
    rng = np.random.default_rng(win_length)
    for key in rng.permutation(3 ** (2 * win_length))[:300]:
        digits = [int(key) // 3**place % 3 for place in range(2 * win_length)]
        symbols = "".join(".X#"[digit] for digit in digits)
        line = symbols[:win_length] + "X" + symbols[win_length:]
        assert table[key] == shape_by_text(line, win_length, exact), line


@pytest.mark.parametrize("name", ["6x6x4", "7x7x3", "12x12x6", "standard-9x9", "renju-15x15"])
def test_placing_and_taking_back_leaves_what_a_fresh_look_finds(name: str) -> None:
    rules = parse_rules(name)
    rng = np.random.default_rng(1)
    zobrist = rng.integers(2**64, size=(2, rules.num_points), dtype=np.uint64)
    lines, fresh = new_lines(rules.compiled, zobrist), new_lines(rules.compiled, zobrist)
    reset(lines, np.zeros(rules.num_points, dtype=np.int8))
    stones: list[tuple[int, int]] = []
    for _ in range(120):
        empty = np.flatnonzero(lines.cells == EMPTY)
        if stones and (rng.random() < 0.35 or len(empty) == 0):
            take_back(lines, *stones.pop())
        else:
            stones.append((int(rng.choice(empty)), int(rng.integers(2))))
            place(lines, *stones[-1])
        reset(fresh, lines.cells)
        for field in FIELDS:
            assert (getattr(lines, field) == getattr(fresh, field)).all(), field


@pytest.mark.parametrize("name", ["6x6x4", "9x9", "standard-9x9", "standard-7x7x3", "renju-9x9"])
def test_classes_name_the_points_that_win_and_that_win_next(name: str) -> None:
    rules = parse_rules(name)
    rng = np.random.default_rng(2)
    for _ in range(12):
        board = Board.from_cells(rules, random_cells(rules, rng, int(rng.integers(6, 20))))
        lines = lines_of(board)
        for side, colour in enumerate((1, -1)):
            assert list(np.flatnonzero(lines.classes[side] == WINS)) == ways_to_win(board, colour)
        side, colour = (0, 1) if board.to_play == BLACK else (1, -1)
        if lines.counts[side, WINS]:
            continue  # the ways to win would not all be the new stone's
        for move in board.legal_moves():
            board.push(move)
            ways = 0 if board.outcome else len(ways_to_win(board, colour))
            board.pop()
            assert (ways >= 2) == (lines.classes[side, move] == WINS_BY_FOUR), f"{move}\n{board}"


def wins_within(board: Board, colour: int, moves: int, only_fours: bool) -> bool:
    """Whether `colour` wins by force with `moves` own moves at most, by trying everything."""
    if board.outcome is not None:
        return board.outcome.winner == colour
    if board.to_play != colour:
        return all(_after(board, reply, colour, moves, only_fours) for reply in board.legal_moves())
    if moves == 0:
        return False
    if moves == 1:
        return bool(ways_to_win(board, colour))
    for move in board.legal_moves():
        if only_fours:
            board.push(move)
            is_four = board.outcome is not None or bool(ways_to_win(board, colour))
            board.pop()
            if not is_four:
                continue
        if _after(board, move, colour, moves - 1, only_fours):
            return True
    return False


def _after(board: Board, move: int, colour: int, moves: int, only_fours: bool) -> bool:
    board.push(move)
    try:
        return wins_within(board, colour, moves, only_fours)
    finally:
        board.pop()


@pytest.mark.parametrize(("name", "moves"), [("5x5x4", 3), ("standard-5x5x4", 3), ("4x4x3", 3)])
def test_forced_wins_are_those_that_trying_everything_finds(name: str, moves: int) -> None:
    rules = parse_rules(name)
    rng = np.random.default_rng(3)
    answers = []
    for number in range(20):
        stones = int(rng.integers(3, 8)) if rules.win_length == 3 else int(rng.integers(12, 17))
        board = Board.from_cells(rules, random_cells(rules, rng, stones))
        colour, side = board.to_play, 0 if board.to_play == BLACK else 1
        lines = lines_of(board)
        expected = wins_within(board, colour, moves, only_fours=False)
        assert bool(is_forced(lines, budget(), side, 1, moves, moves)) == expected, f"{number}\n{board}"
        by_fours = wins_within(board, colour, moves, only_fours=True)
        move = int(forced_by_fours(lines, budget(), side, moves - 1))
        assert (move != NO_POINT) == by_fours, f"{number}\n{board}"
        if by_fours:
            assert _after(board, move, colour, moves - 1, only_fours=False)
        answers += [expected, by_fours]
    assert True in answers
    assert False in answers


def refutes(board: Board, lines: Lines, side: int, fours: int) -> bool:
    """Whether some reply escapes the claimed win by fours; every reply of the other is tried."""
    move = int(forced_by_fours(lines, budget(), side, fours))
    if move == NO_POINT:
        return True
    board.push(move)
    place(lines, move, side)
    escapes = False
    for reply in board.legal_moves() if board.outcome is None else ():
        board.push(reply)
        place(lines, reply, 1 - side)
        over = board.outcome
        escapes = over is not None and over.winner != 1 - 2 * side
        escapes = escapes or (over is None and refutes(board, lines, side, fours - 1))
        take_back(lines, reply, 1 - side)
        board.pop()
        if escapes:
            break
    take_back(lines, move, side)
    board.pop()
    return escapes


@pytest.mark.parametrize("name", ["6x6x4", "9x9", "standard-9x9", "renju-9x9"])
def test_a_claimed_win_by_fours_wins_against_every_reply(name: str) -> None:
    rules = parse_rules(name)
    rng = np.random.default_rng(4)
    claims = 0
    for _ in range(150):
        board = Board.from_cells(rules, random_cells(rules, rng, int(rng.integers(10, 26))))
        lines, side = lines_of(board), 0 if board.to_play == BLACK else 1
        if not lines.counts[side, WINS] and forced_by_fours(lines, budget(), side, 4) != NO_POINT:
            claims += 1
            assert not refutes(board, lines, side, 4), str(board)
    assert claims >= 3


def test_a_full_board_and_a_spent_budget_claim_nothing() -> None:
    rules = Rules(4, 4)
    cells = np.tile(np.array([[1, 1, -1, -1], [-1, -1, 1, 1]], dtype=np.int8), (2, 1))
    full = lines_of(Board.from_cells(rules, cells))
    assert forced_by_fours(full, budget(), 0, 5) == NO_POINT
    assert not is_forced(full, budget(), 0, 1, 3, 5)
    assert not is_forced(full, budget(), 0, 0, 3, 5)
    four = lines_of(Board.from_moves(Rules(9, 5), [0, 9, 1, 10, 2, 11, 3, 12]))
    assert forced_by_fours(four, np.zeros(1, dtype=np.int64), 0, 5) == NO_POINT
    assert forced_by_fours(four, budget(), 0, 0) == 4


def test_turned_boards_have_turned_classes_and_the_same_wins() -> None:
    rules = Rules(15, 5, Variant.RENJU)
    rng = np.random.default_rng(5)
    for _ in range(6):
        board = Board.from_cells(rules, random_cells(rules, rng, 22))
        side = 0 if board.to_play == BLACK else 1
        lines = lines_of(board)
        forced = forced_by_fours(lines, budget(), side, 4) != NO_POINT
        for table in inverse_tables(15):
            turned = lines_of(Board.from_cells(rules, board.cells[table], board.to_play))
            assert (turned.classes == lines.classes[:, table]).all()
            assert (turned.scores == lines.scores[:, table]).all()
            assert (forced_by_fours(turned, budget(), side, 4) != NO_POINT) == forced


def test_a_class_is_the_best_that_its_shapes_allow() -> None:
    names = {0: 0, 1: 1, 2: 2, 1 << 4: 3, (1 << 4) + 1: 4, 2 << 4: 5, 1 << 8: 5, 1 << 12: 6}
    assert {tally: class_of(tally) for tally in names} == names
