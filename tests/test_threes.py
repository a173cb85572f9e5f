"""Wins by fours and threes: what is claimed is confirmed against every legal reply, and short ones are all found."""

from functools import cache

import numpy as np
import pytest
from reference_tactics import OTHER, completions, legal_moves, put, scattered_board, text_of, wins_by_fours

from gomoku.board import Board
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from gomoku.symmetry import symmetry_tables
from mcts.config import PLAY_TACTICS, SearchConfig
from mcts.evaluator import UniformEvaluator
from mcts.root_tactics import can_win
from mcts.search import Search
from mcts.threats import ThreatSpace, allocate_threat_space
from mcts.threes import FOURS_PER_POSITION, LOOKED_AT, winning_threat
from mcts.tree import NO_MOVE, PROVEN_LOSS, PROVEN_WIN, UNPROVEN

CLAIM, AMPLE = 2_000, 50_000
"""Positions that a claim may cost, and its confirmation."""
RULES = ["6x6x4", "5x5x4", "7x7x5", "9x9x5", "standard-8x8", "standard-7x7x4", "renju-9x9"]


def open_board(rules: Rules, seed: int) -> Board:
    """A position of few stones near the middle, without a line."""
    rng = np.random.default_rng([seed, rules.num_points])
    while True:
        board = Board(rules)
        points = np.arange(rules.num_points).reshape(rules.size, rules.size)[1:-1, 1:-1].ravel()
        for move in map(int, rng.permutation(points)[: int(rng.integers(5, 15))]):
            if board.outcome is None and board.is_legal(move):
                board.push(move)
        if board.outcome is None:
            return board


def has_win(board: Board, space: ThreatSpace) -> bool:
    return bool(can_win(board.cells, board.rules.compiled, space, board.to_play, AMPLE, AMPLE))


def first_threat(board: Board, space: ThreatSpace, limit: int = CLAIM) -> int:
    before = board.cells.copy()
    move = int(winning_threat(board.cells, board.rules.compiled, space, board.to_play, limit))
    np.testing.assert_array_equal(board.cells, before)
    return move


def boards_without_lines(rules: str, count: int) -> list[Board]:
    """Positions whose side to move cannot make its line at once."""
    boards = [open_board(parse_rules(rules), seed) for seed in range(count)]
    return [board for board in boards if not completions(*text_of(board), board.rules)]


@pytest.mark.parametrize("rules", RULES)
def test_a_claimed_win_is_confirmed_after_every_legal_reply_down_to_the_line(rules: str) -> None:
    space = allocate_threat_space(parse_rules(rules))
    rng = np.random.default_rng(1)
    by_threes = 0
    for board in boards_without_lines(rules, 60):
        attacker = board.to_play
        by_threes += first_threat(board, space) != NO_MOVE and not can_win(
            board.cells, board.rules.compiled, space, attacker, CLAIM, 0
        )
        while board.outcome is None and (move := first_threat(board, space)) != NO_MOVE:
            assert board.is_legal(move)
            board.push(move)
            if board.outcome is not None:
                break
            replies = board.legal_moves()
            for reply in replies:
                board.push(reply)
                assert board.outcome is None
                assert has_win(board, space), str(board)
                board.pop()
            board.push(int(rng.choice(replies)))
    assert by_threes > 1


@cache
def wins_by_threats(text: str, symbol: str, rules: Rules, depth: int) -> bool:
    """Whether `depth` threats, of which a single four decides each if it is not answered, win against every reply."""
    if wins_by_fours(text, symbol, rules, 2):
        return True
    if depth == 0:
        return False
    stops = completions(text, OTHER[symbol], rules)
    for move in stops or legal_moves(text, symbol, rules):
        after = put(text, move, symbol)
        if len(stops) > 1 or not (completions(after, symbol, rules) or wins_by_fours(after, symbol, rules, 1)):
            continue
        replies = legal_moves(after, OTHER[symbol], rules)
        if all(wins_by_threats(put(after, reply, OTHER[symbol]), symbol, rules, depth - 1) for reply in replies):
            return True
    return False


@pytest.mark.parametrize("rules", ["6x6x4", "standard-6x6x4"])
def test_wins_by_two_threats_are_all_found(rules: str) -> None:
    space = allocate_threat_space(parse_rules(rules))
    found = 0
    for board in boards_without_lines(rules, 25):
        if wins_by_threats(*text_of(board), board.rules, 2):
            assert has_win(board, space), str(board)
            found += not wins_by_fours(*text_of(board), board.rules, 2)
    assert found > 0


@pytest.mark.parametrize("rules", ["9x9x5", "standard-8x8", "renju-9x9"])
def test_the_eight_symmetries_give_the_same_verdict_by_threes(rules: str) -> None:
    space = allocate_threat_space(parse_rules(rules))
    whole = 0
    for board in boards_without_lines(rules, 40):
        verdicts, is_whole = set(), True
        for table in symmetry_tables(board.rules.size):
            turned = Board.from_cells(board.rules, board.cells[table], board.to_play)
            verdicts.add(first_threat(turned, space) != NO_MOVE)
            is_whole &= bool(space.counts[LOOKED_AT] < CLAIM)
        if is_whole:  # else a search was broken off
            whole += 1
            assert len(verdicts) == 1, str(board)
    assert whole > 1


def test_a_search_by_threes_keeps_to_its_limit_and_finds_no_less_with_more() -> None:
    space = allocate_threat_space(parse_rules("15x15"))
    found = dict.fromkeys((0, 30, 300, 3000), 0)
    for board in boards_without_lines("15x15", 60):
        for limit in found:
            found[limit] += first_threat(board, space, limit) != NO_MOVE
            assert space.counts[LOOKED_AT] <= limit + FOURS_PER_POSITION + 1
    assert found[0] == 0
    assert sorted(found.values()) == list(found.values())
    assert found[30] < found[3000]


CROSSING = """
. . . . . . . . .
. . . . . . . . .
. . . . X . . . .
. . . . X . . . .
. . . . . . . . .
. . X X . . . . .
. . . . . . . . .
. O . . . . . O .
. O . . . . . . .
"""
"""Black makes two threes at once where the pairs cross."""


def test_two_threes_at_once_win_except_under_rules_that_forbid_them() -> None:
    for name, wins in (("9x9x5", True), ("standard-9x9", True), ("renju-9x9", False)):
        board = Board.from_drawing(parse_rules(name), CROSSING, BLACK)
        space = allocate_threat_space(board.rules)
        assert (first_threat(board, space) != NO_MOVE) == wins
    turned = Board.from_drawing(parse_rules("renju-9x9"), CROSSING.translate(str.maketrans("XO", "OX")), WHITE)
    assert first_threat(turned, allocate_threat_space(turned.rules)) != NO_MOVE


def searched(board: Board, simulations: int) -> tuple[Search, int]:
    search = Search(board.rules, UniformEvaluator(), SearchConfig(tactics=PLAY_TACTICS), 1, simulations + 2)
    slot = search.add(board, simulations, seed=1)
    search.run()
    return search, slot


def test_a_root_that_threes_win_is_proven_without_a_simulation() -> None:
    board = Board.from_drawing(parse_rules("9x9x5"), CROSSING, BLACK)
    search, slot = searched(board, 1)
    result = search.result(slot)
    assert (result.proof, result.simulations) == (PROVEN_WIN, 0)
    board.push(int(np.flatnonzero(result.proofs == PROVEN_WIN)[0]))
    assert all(has_win_after(board, reply) for reply in board.legal_moves())


def has_win_after(board: Board, move: int) -> bool:
    board.push(move)
    wins = board.outcome is None and has_win(board, allocate_threat_space(board.rules))
    board.pop()
    return wins


def test_moves_that_leave_the_opponent_a_win_by_threes_are_marked_and_those_that_stop_it_are_not() -> None:
    held = 0
    for seed in range(40):
        board = open_board(parse_rules("9x9x5"), seed)
        search, slot = searched(board, 1)
        result = search.result(slot)
        lost = np.flatnonzero((result.proofs == PROVEN_LOSS) & (result.visit_counts == 0))
        if result.proof == UNPROVEN and len(lost) > 0:
            assert all(has_win_after(board, int(move)) for move in lost), str(board)
            held += any(not has_win_after(board, move) for move in board.legal_moves() if move not in lost)
    assert held > 0


@pytest.mark.parametrize("rules", ["6x6x4", "9x9x5", "renju-9x9"])
def test_whatever_is_marked_at_the_root_is_true(rules: str) -> None:
    marked = 0
    for seed in range(25):
        board = scattered_board(parse_rules(rules), seed) if seed % 5 == 0 else open_board(parse_rules(rules), seed)
        search, slot = searched(board, 1)
        result = search.result(slot)
        for move in np.flatnonzero((result.proofs == PROVEN_LOSS) & (result.visit_counts == 0)):
            assert has_win_after(board, int(move)), str(board)
            marked += 1
    assert marked > 0
