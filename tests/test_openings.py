"""Openings: empty, balanced, from a file."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from arena.openings import (
    balanced_openings,
    canonical_key,
    choose_openings,
    find_judge,
    opening_blocks,
    opening_name,
    parse_opening,
    read_openings,
)
from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.opening_split import may_evaluate, may_train
from gomoku.rules import Rules, Variant
from gomoku.symmetry import symmetry_tables

FOUR = Rules(6, 4)
SHIPPED = Path(__file__).resolve().parent.parent / "models" / "6x6x4"


def test_balanced_openings_are_distinct_up_to_symmetry_and_short() -> None:
    boards = balanced_openings(FOUR, 30, seed=1)
    assert len(boards) == 30
    assert len({canonical_key(board) for board in boards}) == 30
    assert all(2 <= board.ply <= 5 and board.outcome is None for board in boards)


def test_equal_seeds_draw_equal_openings_and_others_do_not() -> None:
    rules = Rules(8)
    names = [[opening_name(board) for board in balanced_openings(rules, 6, seed)] for seed in (1, 1, 2)]
    assert names[0] == names[1]
    assert names[0] != names[2]


def test_balanced_openings_hold_nothing_that_is_won_at_once() -> None:
    """On 4x4 with three in a row most positions with an own pair are won on the next move."""
    rules = Rules(4, 3)
    for board in balanced_openings(rules, 2, seed=3):
        for move in board.legal_moves():
            board.push(move)
            assert board.outcome is None
            board.pop()


def test_a_board_with_too_few_balanced_openings_says_how_many_it_has() -> None:
    with pytest.raises(
        ValueError, match=r"^3x3x3 has only 1\d balanced openings, enough for \d+ games; 50 are wanted"
    ):
        balanced_openings(Rules(3, 3), 50, seed=1)


def test_symmetric_positions_share_their_key_and_others_do_not() -> None:
    moves = parse_moves("c3d4b2f1", 6)
    key = canonical_key(Board.from_moves(FOUR, moves))
    for table in symmetry_tables(6):
        assert canonical_key(Board.from_moves(FOUR, [int(table[move]) for move in moves])) == key
    assert canonical_key(Board.from_moves(FOUR, parse_moves("c3d4b2f2", 6))) != key
    assert canonical_key(Board.from_moves(FOUR, parse_moves("d4c3b2f1", 6))) != key, "colours differ"


def test_a_file_may_hold_points_and_offsets(tmp_path: Path) -> None:
    path = tmp_path / "openings.txt"
    path.write_text("h8i9g7\n\n0,0, 1,-1, -1,1\n 8 ,-3, 6,-4,5, -4\n", encoding="utf-8")
    boards = read_openings(path, Rules(20))
    assert [opening_name(board) for board in boards] == ["h8i9g7", "k10l11j9", "s13q14p14"]
    small = read_openings(path.rename(tmp_path / "x"), Rules(22))
    assert opening_name(small[1]) == "l11m12k10", "offsets count from size // 2, row 0 on top"


def test_a_file_that_is_too_short_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "openings.txt"
    path.write_text("c3\nd4", encoding="utf-8")
    names = [opening_name(board) for board in choose_openings(str(path), FOUR, 5, seed=0)]
    assert names == ["c3", "d4", "c3", "d4", "c3"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("c3z9", "'z9' is not a point between a1 and f6"),
        ("c3c3", "comes twice"),
        ("c3?", "is not a point"),
        ("0,0, 1", "pairs of column and row"),
        ("0,0; 1,1", "not a point"),
        ("0,0, 9,-3", "9,-3 from the centre is outside the board"),
        ("0,0, 0,0", "0,0 from the centre comes twice"),
        ("a1a2b1b2c1c2d1", "the game is over after it"),
        ("-", "pairs of column and row"),
    ],
)
def test_a_bad_line_is_named_with_file_number_and_what_is_allowed(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "openings.txt"
    path.write_text(f"c3\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2") as caught:
        read_openings(path, FOUR)
    assert reason in str(caught.value)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_without_openings_and_a_file_that_is_not_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "openings.txt"
    path.write_text("\n \n", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no openings"):
        read_openings(path, FOUR)
    path.write_bytes(np.random.default_rng(1).bytes(200))
    with pytest.raises(ValueError, match="line 1"):
        read_openings(path, FOUR)


def test_an_unknown_name_of_openings_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="'ballanced' are not empty, balanced, model:PATH or a file"):
        choose_openings("ballanced", FOUR, 1, seed=0)


def test_renju_openings_obey_the_fouls() -> None:
    rules = Rules(15, 5, Variant.RENJU)
    assert len(balanced_openings(rules, 3, seed=5)) == 3
    with pytest.raises(ValueError, match="renju forbids"):
        parse_opening("h8a1i8a3h9a5i9a7j10a9h10a11j8", rules)


def test_evaluation_and_training_share_the_starts_out_by_one_rule_blind_to_symmetry() -> None:
    """Only positions of fewer than two stones may be both; about half of the others belong to each."""
    rng = np.random.default_rng(4)
    evaluated = 0
    for _ in range(300):
        moves = [int(move) for move in rng.permutation(FOUR.num_points)[:4]]
        board = Board.from_moves(FOUR, moves)
        assert may_evaluate(board) != may_train(board)
        evaluated += may_evaluate(board)
        for table in symmetry_tables(6):
            assert may_evaluate(Board.from_moves(FOUR, [int(table[move]) for move in moves])) == may_evaluate(board)
    assert 110 < evaluated < 190
    assert all(may_evaluate(board) and may_train(board) for board in (Board(FOUR), Board.from_moves(FOUR, [7])))
    assert all(may_evaluate(board) and not may_train(board) for board in balanced_openings(FOUR, 20, seed=9))


class Indifferent:
    """Finds everything even."""

    candidates = 1

    def __init__(self) -> None:
        self.seeds: list[int] = []

    def judge(self, boards: Sequence[Board], seeds: Sequence[int]) -> list[float | None]:
        self.seeds += seeds
        return [0.0] * len(boards)


class Opinionated(Indifferent):
    """Finds those that it is shown as uneven as it was told, one after the other."""

    candidates = 2

    def __init__(self, values: Sequence[float]) -> None:
        super().__init__()
        self._values = iter(values)
        self.shown: list[list[int]] = []

    def judge(self, boards: Sequence[Board], seeds: Sequence[int]) -> list[float | None]:
        self.shown += [board.moves for board in boards]
        return [next(self._values) for _ in super().judge(boards, seeds)]


def test_the_evenest_are_kept_in_the_order_of_the_draw_and_of_equals_the_first() -> None:
    judge = Opinionated([0.5, -0.5, 0.5, -0.1, 0.6, 0.7])
    kept = [board.moves for board in balanced_openings(FOUR, 3, seed=2, judge=judge)]
    assert [judge.shown.index(moves) for moves in kept] == [0, 1, 3]


def test_a_model_may_judge_which_openings_are_even() -> None:
    name = f"model:{SHIPPED}@8"
    boards = choose_openings(name, FOUR, 3, seed=2)
    assert len({canonical_key(board) for board in boards}) == 3
    again = [opening_name(board) for board in choose_openings(name, FOUR, 3, seed=2)]
    assert [opening_name(board) for board in boards] == again
    judge = find_judge(name, FOUR)
    assert judge is not None
    indifferent = Indifferent()
    drawn = balanced_openings(FOUR, 15 * judge.candidates, seed=2, judge=indifferent)
    values = zip(judge.judge(drawn, indifferent.seeds), map(opening_name, drawn), strict=True)
    candidates = [(abs(value), name) for value, name in values if value is not None][: 3 * judge.candidates]
    evenest = sorted(candidates)[:3]
    assert again == [name for value, name in candidates if (value, name) in evenest]


def test_blocks_of_openings_never_repeat_one_and_end_with_the_board() -> None:
    blocks = list(itertools.islice(opening_blocks("balanced", FOUR, 5, 1), 4))
    keys = [canonical_key(board) for block in blocks for board in block]
    assert len(set(keys)) == 20
    small = list(opening_blocks("balanced", Rules(3, 3), 2, 1))
    assert 1 <= len(small) < 20, "tic-tac-toe runs out of them"
    # A board with fewer than a block plays what it has, and a last block that is not full is played, too.
    everything = [len(block) for block in opening_blocks("balanced", Rules(3, 3), 500, 1)]
    assert everything == [sum(map(len, opening_blocks("balanced", Rules(3, 3), 9, 1)))]
    assert [len(block) for block in itertools.islice(opening_blocks("empty", FOUR, 3, 1), 2)] == [3, 3]
