"""The headroom benchmark: which decisions it takes up, and that it tells a good move from a bad one."""

from benchmarks.headroom import Table, costly_decisions, shares_won, upright
from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.rules import parse_rules

RULES = parse_rules("4x4x3")


def test_games_that_are_turned_copies_count_as_one_line() -> None:
    lines = {upright(tuple(parse_moves(text, 4)), 4) for text in ("b2c3b3", "c3b2c2", "b3c2b2", "c2b3c3")}
    assert len(lines) == 1


def test_decisions_are_those_on_lost_games_before_whites_moves() -> None:
    won, lost = tuple(parse_moves("a4b4a3", 4)), tuple(parse_moves("b3c2b2b4", 4))
    found = costly_decisions([(won, True), (lost, False), (lost, False)], 4, at_least=0.5, plies=8)
    assert [(len(line), answers.total(), count, failed) for line, answers, count, failed in found] == [
        (1, 2, 2, 2),
        (3, 2, 2, 2),
    ]


def test_an_answer_that_makes_the_line_next_move_wins_more_than_one_that_lets_it_be_blocked() -> None:
    # White's two stones in the middle column leave Black one block at most when a third comes beside them.
    line = tuple(parse_moves("a4b2a1", 4))
    shares = shares_won(Table("pure@200", "pure@200", RULES), line, each=10, seed=1)
    assert len(shares) == len(Board.from_moves(RULES, line).legal_moves())
    assert max(shares.values()) > min(shares.values())
    assert all(0 <= share <= 1 for share in shares.values())
