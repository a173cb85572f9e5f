"""Tactics against their slow twin: what is claimed is true, and nothing of what they look for is missed."""

import numpy as np
import pytest
from reference_tactics import (
    LOSS,
    OTHER,
    UNKNOWN,
    WIN,
    completions,
    is_winning,
    judge,
    legal_moves,
    put,
    scattered_board,
    text_of,
    wins_by_fours,
)

from gomoku.board import Board
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from gomoku.symmetry import inverse_tables, symmetry_tables
from mcts.config import SearchConfig, TacticsConfig
from mcts.tactics import examine
from mcts.threats import allocate_threat_space, completions_through, scan
from mcts.tree import NO_MOVE, PROVEN_LOSS, PROVEN_WIN, UNPROVEN

NAMES = {PROVEN_WIN: WIN, PROVEN_LOSS: LOSS, UNPROVEN: UNKNOWN}
COUNTS = {"renju-9x9": 25, "6x6x4": 20, "standard-6x6x4": 20}
"""Where the twin is slow."""
ENOUGH = 10**6
MANY_FOURS = 99
RULES = ["5x5x3", "6x6x4", "5x5x4", "7x7x5", "8x8x6", "standard-6x6x4", "standard-7x7x5", "renju-7x7", "renju-9x9"]
EVERYTHING = TacticsConfig(win_now=True, must_block=True, open_four=True, vcf_nodes=ENOUGH)


def say(board: Board, tactics: TacticsConfig, space: object = None) -> tuple[str, int]:
    params = SearchConfig(tactics=tactics).compiled
    rules = board.rules.compiled
    before = board.cells.copy()
    space = space or allocate_threat_space(board.rules)
    proof, move = examine(board.cells, rules, params, space, board.to_play, params.vcf_nodes)
    np.testing.assert_array_equal(board.cells, before)
    return NAMES[proof], int(move)


def boards_of(rules: str, count: int) -> list[Board]:
    return [scattered_board(parse_rules(rules), seed) for seed in range(count)]


@pytest.mark.parametrize("rules", RULES)
def test_tactics_claim_what_every_legal_reply_confirms_and_miss_nothing(rules: str) -> None:
    space = allocate_threat_space(parse_rules(rules))
    seen = set()
    for board in boards_of(rules, COUNTS.get(rules, 20)):
        claim, move = say(board, EVERYTHING, space)
        expected, moves = judge(board, MANY_FOURS)
        assert claim == expected, str(board)
        if claim == WIN:
            assert is_winning(board, move, MANY_FOURS), str(board)
        else:
            assert moves == (() if move == NO_MOVE else (move,)), str(board)
        seen.add(claim)
    assert len(seen) > 1


@pytest.mark.parametrize("rules", RULES)
def test_without_a_search_by_fours_only_those_that_decide_at_once_are_claimed(rules: str) -> None:
    tactics = TacticsConfig(win_now=True, must_block=True, open_four=True)
    for board in boards_of(rules, 60):
        assert say(board, tactics)[0] == judge(board, 1)[0], str(board)


@pytest.mark.parametrize("rules", RULES)
def test_the_scan_finds_every_completion_and_every_four(rules: str) -> None:
    space = allocate_threat_space(parse_rules(rules))
    for board in boards_of(rules, 100):
        text, symbol = text_of(board)
        threats = scan(board.cells, board.rules.compiled, space, board.to_play)
        own = completions(text, symbol, board.rules)
        theirs = completions(text, OTHER[symbol], board.rules)
        assert threats.win in (own or (NO_MOVE,))
        found = {threats.block, threats.other_block} - {NO_MOVE}
        assert found <= set(theirs)
        assert len(found) == min(2, len(theirs))
        if own:
            continue
        empty = np.flatnonzero(board.cells == 0)
        fours = {int(move) for move in empty if completions(put(text, move, symbol), symbol, board.rules)}
        assert fours <= set(space.candidates[: threats.num_candidates].tolist()), str(board)


@pytest.mark.parametrize("rules", RULES)
def test_completions_through_a_stone_are_those_that_the_stone_brought(rules: str) -> None:
    space = allocate_threat_space(parse_rules(rules))
    for board in boards_of(rules, 60):
        text, symbol = text_of(board)
        before = completions(text, symbol, board.rules)
        for move in legal_moves(text, symbol, board.rules):
            after = completions(put(text, move, symbol), symbol, board.rules)
            board.cells[move] = board.to_play
            count = completions_through(board.cells, board.rules.compiled, space, move)
            board.cells[move] = 0
            found = set(space.points[:count].tolist())
            assert len(found) == count
            assert set(after) - set(before) <= found <= set(after), str(board)


@pytest.mark.parametrize("rules", ["6x6x4", "standard-7x7x5", "renju-9x9"])
def test_the_eight_symmetries_give_the_same_verdict(rules: str) -> None:
    for board in boards_of(rules, 60):
        claim, move = say(board, EVERYTHING)
        for turned, back in zip(inverse_tables(board.size), symmetry_tables(board.size), strict=True):
            image = Board.from_cells(board.rules, board.cells[turned], board.to_play)
            their_claim, their_move = say(image, EVERYTHING)
            assert their_claim == claim, str(board)
            if move != NO_MOVE:
                assert is_winning(board, int(turned[their_move]), MANY_FOURS) or their_move == back[move], str(board)


def test_a_search_by_fours_keeps_to_its_limit_and_claims_nothing_beyond_it() -> None:
    deep = 0
    for board in boards_of("7x7x5", 150):
        space = allocate_threat_space(board.rules)
        for limit in (1, 3, 10):
            claim, move = say(board, TacticsConfig(win_now=True, must_block=True, vcf_nodes=limit), space)
            assert space.counts[1] <= limit
            if claim == WIN:
                assert is_winning(board, move, MANY_FOURS)
            else:
                deep += judge(board, MANY_FOURS)[0] == WIN
    assert deep > 0


def test_each_part_of_the_tactics_can_be_had_alone() -> None:
    rules = Rules(7, 5)
    five = Board.from_drawing(rules, "XXXX...\n.......\nOOO....\n.......\n.......\n.......\n......O", BLACK)
    four = Board.from_drawing(rules, "OXXXX..\n.......\nOOO....\n.......\n.......\n.......\n......O", WHITE)
    two = Board.from_drawing(rules, ".......\n.XXXX..\nOOO....\n.......\n.......\n.......\n......O", WHITE)
    three = Board.from_drawing(rules, ".......\n.......\n..XXX..\n.......\n.......\nOOO....\n.......", BLACK)
    assert say(five, TacticsConfig(win_now=True)) == (WIN, 4)
    assert say(four, TacticsConfig(must_block=True)) == (UNKNOWN, 5)
    assert say(two, TacticsConfig(must_block=True)) == (LOSS, NO_MOVE)
    assert say(three, TacticsConfig(open_four=True))[0] == WIN
    for board in (four, two, three):
        assert say(board, TacticsConfig(win_now=True)) == (UNKNOWN, NO_MOVE)
    assert say(five, TacticsConfig(must_block=True, open_four=True)) == (UNKNOWN, NO_MOVE)


def test_a_foul_is_no_defence_for_black_and_an_overline_no_threat() -> None:
    rules = parse_rules("renju-9x9")
    above = ".........\n.....X...\n.....X...\n.....X...\n"
    foul_needed = Board.from_drawing(rules, above + "XOOOO....\n.....X...\n.....X...\n.........\n........O", BLACK)
    assert foul_needed.foul_at(41) == "overline"
    assert say(foul_needed, TacticsConfig(must_block=True)) == (LOSS, NO_MOVE)
    empty = "\n........."
    overline = Board.from_drawing(rules, "XXX.XX...\n.O.O.O..." + empty * 7, WHITE)
    assert say(overline, TacticsConfig(must_block=True)) == (UNKNOWN, NO_MOVE)
    winning_for_white = Board.from_drawing(rules, "OOO.OO...\n.X.X.X..." + empty * 7, WHITE)
    assert say(winning_for_white, TacticsConfig(win_now=True)) == (WIN, 3)


def test_a_long_win_by_fours_is_found_and_its_first_move_needed() -> None:
    """Random positions of more fours in a row than an eye can see; the twin knows how many."""
    depths = set()
    for board in boards_of("8x8x5", 150):
        claim, _ = say(board, EVERYTHING)
        text, symbol = text_of(board)
        if claim != WIN or completions(text, symbol, board.rules):
            continue
        depths.add(next(depth for depth in range(MANY_FOURS) if wins_by_fours(text, symbol, board.rules, depth)))
    assert max(depths) >= 3
