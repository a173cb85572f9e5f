"""The graded suite: its positions, their labels under another solver, and the share that players solve."""

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from arena import suite
from arena.scripted import ScriptedPlayer, lines_of
from arena.scripted_lines import place, take_back
from arena.scripted_threats import is_forced
from arena.suite import PolicyPlayer, run, shares_by_place, solved, suite_shares, table
from arena.suite_maker import SEED, make_positions
from arena.suite_positions import (
    POSITIONS_FILE,
    Grade,
    Place,
    Position,
    all_symmetries,
    fast_subset,
    load_positions,
    positions_for,
)
from gomoku.board import Board
from gomoku.player import Decision, Limit, Player
from gomoku.random_player import RandomPlayer
from gomoku.rules import BLACK, Rules, Variant
from mcts.evaluator import UniformEvaluator

SUITE = load_positions()


class KnowsTheAnswers:
    """Plays a correct move of each position, or where `is_wrong` a move that is none."""

    def __init__(self, positions: Sequence[Position], is_wrong: bool = False) -> None:
        self.name = "oracle"
        self._best = {one.board().key: one.best for one in positions}
        self._is_wrong = is_wrong

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        assert limit is not None
        moves = []
        for board in boards:
            best = self._best[board.key]
            moves.append(next(m for m in board.legal_moves() if (m in best) != self._is_wrong))
        return [Decision(move) for move in moves]


def wins_at(board: Board, colour: int) -> list[int]:
    """Where a stone of `colour` would make a line, by the board's own judgement."""
    twin = board.copy()
    wins = []
    for move in range(len(board.cells)):
        twin.to_play, twin.outcome = colour, None
        if twin.is_legal(move):
            twin.push(move)
            if twin.outcome is not None and twin.outcome.reason == "line":
                wins.append(move)
            twin.pop()
    return wins


def wins_by_force(board: Board, colour: int, moves: int) -> bool:
    """Whether `colour`, to move, wins with `moves` own moves of which all but the last are fours; by trying."""
    wins = wins_at(board, colour)
    if wins or moves <= 1:
        return bool(wins)
    musts = wins_at(board, -colour)
    for move in board.legal_moves():
        if musts and musts != [move]:
            continue
        board.push(move)
        threats = wins_at(board, colour)
        is_won = bool(threats) and _cannot_parry(board, colour, moves, threats)
        board.pop()
        if is_won:
            return True
    return False


def _cannot_parry(board: Board, colour: int, moves: int, threats: list[int]) -> bool:
    if wins_at(board, -colour):
        return False
    if len(threats) > 1 or not board.is_legal(threats[0]):
        return True
    board.push(threats[0])
    is_won = board.outcome is None and wins_by_force(board, colour, moves - 1)
    board.pop()
    return is_won


def is_quiet(board: Board, move: int) -> bool:
    """Whether a move makes no four."""
    board.push(move)
    ways = wins_at(board, -board.to_play)
    board.pop()
    return not ways


def sample(grade: Grade, count: int) -> list[Position]:
    """The smallest boards' positions of a grade first."""
    return sorted((one for one in SUITE if one.grade == grade), key=lambda one: len(one.board().cells))[:count]


def test_every_position_is_unfinished_and_its_correct_moves_are_legal() -> None:
    for position in SUITE:
        board = position.board()
        assert board.outcome is None
        assert position.best
        assert all(board.is_legal(move) for move in position.best)
        assert len(board.legal_moves()) > len(position.best), "every move would be right"


def test_all_rules_grades_places_and_both_colours_are_there() -> None:
    assert {one.rules for one in SUITE} >= {"6x6x4", "8x8x5", "9x9x5", "15x15", "standard-15x15", "renju-15x15"}
    assert {one.grade for one in SUITE} == set(Grade)
    for grade in list(Grade)[:4]:
        for rules in ("6x6x4", "9x9x5", "15x15"):
            cells = Counter((one.place, one.to_play) for one in SUITE if one.rules == rules and one.grade == grade)
            assert len(cells) == 6, f"{rules} {grade}: {cells}"
    assert POSITIONS_FILE.stat().st_size < 300_000


def test_no_two_positions_are_alike_up_to_symmetry() -> None:
    keys = [min(turned.line() for turned in all_symmetries([one])) for one in SUITE]
    assert len(set(keys)) == len(keys)


def test_fives_and_stopped_fours_are_what_the_board_says() -> None:
    for position in SUITE:
        board = position.board()
        if position.grade == Grade.MAKE_FIVE:
            assert wins_at(board, position.to_play) == list(position.best)
        if position.grade == Grade.STOP_FOUR:
            assert wins_at(board, position.to_play) == []
            assert wins_at(board, -position.to_play) == list(position.best)


@pytest.mark.parametrize(("grade", "fours"), [(Grade.FOURS_2, 2), (Grade.FOURS_3, 3)])
def test_wins_by_fours_need_just_as_many_as_the_grade_says(grade: Grade, fours: int) -> None:
    for position in sample(grade, 3):
        board = position.board()
        assert wins_by_force(board, position.to_play, fours + 1), str(board)
        assert not wins_by_force(board, position.to_play, fours), str(board)


def test_after_a_wrong_move_an_open_three_wins_and_after_a_correct_one_it_does_not_by_fours() -> None:
    for position in sample(Grade.STOP_THREE, 4):
        board = position.board()
        assert not wins_by_force(board, position.to_play, 3)
        fails = Counter[bool]()
        for move in board.legal_moves():
            board.push(move)
            is_lost = wins_by_force(board, -position.to_play, 3)
            board.pop()
            assert not (is_lost and move in position.best), f"{move}\n{board}"
            fails[is_lost] += move not in position.best
        assert fails[True] > 0


def test_a_double_threat_leaves_no_reply_that_holds() -> None:
    tried = 0
    for position in sample(Grade.DOUBLE_THREAT, 18):
        board = position.board()
        assert not wins_by_force(board, position.to_play, 3)
        quiet = [move for move in position.best if is_quiet(board, move)]
        if not quiet or tried == 3:
            continue  # the double threat comes after a four
        tried += 1
        board.push(quiet[0])
        held = []
        for reply in board.legal_moves():
            board.push(reply)
            # A reply that makes a four is answered first, and may draw the win out: only the others are tried here.
            if not wins_at(board, -position.to_play) and not wins_by_force(board, position.to_play, 4):
                held.append(reply)
            board.pop()
        assert not held, f"{held}\n{board}"
    assert tried == 3


def test_moves_of_the_forbidden_grade_win_under_renju() -> None:
    for position in sample(Grade.FOUL, 3):
        board = position.board()
        assert board.rules.variant is Variant.RENJU
        lines, side = lines_of(board), 0 if position.to_play == BLACK else 1
        for move in position.best:
            place(lines, move, side)
            assert is_forced(lines, np.array([10**7]), side, 0, 1, 8), f"{move}\n{board}"
            take_back(lines, move, side)


def test_the_file_is_what_the_generator_makes() -> None:
    made = make_positions(Rules(6, 4), SEED)
    assert [one.line() for one in made] == [one.line() for one in positions_for(Rules(6, 4))]


def test_a_line_that_is_written_reads_back() -> None:
    for position in SUITE[::37]:
        assert Position.from_line(position.line()) == position


def test_turning_a_position_turns_its_answer() -> None:
    for position in sample(Grade.MAKE_FIVE, 2):
        for turned in all_symmetries([position]):
            assert wins_at(turned.board(), turned.to_play) == list(turned.best)
            assert turned.grade == position.grade


def solve_share(player: Player, positions: Sequence[Position], limit: Limit | None = None) -> dict[Grade, float]:
    """The share of the positions of each grade that the player solves, in [0, 1]."""
    answers: dict[Grade, list[bool]] = defaultdict(list)
    for position, answer in zip(positions, solved(player, positions, limit), strict=True):
        answers[position.grade].append(answer)
    return {grade: float(np.mean(found)) for grade, found in answers.items()}


def test_shares_are_one_for_who_knows_and_zero_for_who_avoids_it() -> None:
    some = SUITE[::23]
    assert set(solve_share(KnowsTheAnswers(some), some).values()) == {1.0}
    assert set(solve_share(KnowsTheAnswers(some, is_wrong=True), some).values()) == {0.0}
    half = solved(KnowsTheAnswers(some), some)
    assert set(shares_by_place(some, half)) <= set(Place)
    assert "1.000" in table(some, {"oracle": half})


def test_the_fast_subset_is_small_covers_every_grade_and_stays_the_same() -> None:
    for name in (Rules(6, 4), Rules(15, 5)):
        subset = fast_subset(name)
        assert len(subset) <= 64
        assert {one.grade for one in subset} == {one.grade for one in positions_for(name)}
        assert subset == fast_subset(name)
    assert fast_subset(Rules(7, 5)) == []


def test_players_and_bare_networks_are_asked_alike() -> None:
    positions = fast_subset(Rules(6, 4), count=24)
    bare = solve_share(PolicyPlayer("uniform", UniformEvaluator()), positions)
    by_lot = solve_share(RandomPlayer(), positions)
    scripted = solve_share(ScriptedPlayer(level=4), positions, Limit(simulations=2000, seed=1))
    assert np.mean(list(bare.values())) < 0.6
    assert np.mean(list(by_lot.values())) < 0.6
    assert scripted[Grade.MAKE_FIVE] == scripted[Grade.STOP_FOUR] == 1.0


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    run(["random", "--rules", "6x6x4", "--fast"])
    printed = capsys.readouterr().out
    assert "1 make five" in printed
    assert "corner" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "no player"), (["random", "--rules", "7x7x5"], "has no positions of 7x7x5"), (["nobody"], "nobody")],
)
def test_bad_arguments_are_named_in_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        run(arguments)
    assert "\n" not in str(caught.value)


def test_a_run_is_told_what_network_and_searches_solve_and_tactics_find_fives_that_no_network_saw() -> None:
    fives = [one for one in positions_for(Rules(6, 4)) if one.grade == Grade.MAKE_FIVE][:12]
    shares = suite_shares(UniformEvaluator(), fives, (0, 1))
    assert list(shares) == ["network", "1", "1 tactics"]
    assert shares["1 tactics"] == 1
    assert shares["network"] < 0.5
    assert shares["1"] < 0.5
    assert suite_shares(UniformEvaluator(), fives, (60,))["60"] == 1, "every move was tried"
    assert suite_shares(UniformEvaluator(), [], (0, 1)) == {}


def test_ctrl_c_leaves_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> list[bool]:
        raise KeyboardInterrupt

    monkeypatch.setattr(suite, "solved", interrupted)
    monkeypatch.setattr(sys, "argv", ["suite", "random", "--rules", "6x6x4", "--fast"])
    assert suite.main() == 1
    assert capsys.readouterr() == ("", "arena.suite: stopped\n")
