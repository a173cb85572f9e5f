"""The game behind every user interface: turns, undo, hints, resignation, the record."""

from collections.abc import Sequence

import pytest

from gomoku.board import Board, Outcome
from gomoku.errors import IllegalMoveError, RecordError
from gomoku.game_tree import START
from gomoku.notation import parse_moves
from gomoku.player import Decision, Limit, limits_for
from gomoku.random_player import RandomPlayer
from gomoku.records import RESIGNATION, UNKNOWN, GameRecord, RecordedMove, record_of
from gomoku.rules import BLACK, WHITE, Rules
from gomoku.sgf import parse_sgf_tree, sgf_tree_text
from ui.session import GameSession, SessionError

RULES = Rules(3, 3)


class FirstPointPlayer:
    """Takes the first legal point, and remembers its limits."""

    name = "first"

    def __init__(self) -> None:
        self.limits: list[Limit] = []

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        self.limits += limits_for(boards, limit)
        return [Decision(board.legal_moves()[0], value=0.25) for board in boards]


class ForeverA1Player:
    """Plays one point, legal or not."""

    name = "a1"

    def decide(self, boards: Sequence[Board], _: Limit | Sequence[Limit]) -> list[Decision]:
        return [Decision(6) for _ in boards]


def session_with(black: object, white: object, moves: str = "", **more: object) -> GameSession:
    beginning = record_of(Board.from_moves(RULES, parse_moves(moves, 3)))
    return GameSession({BLACK: black, WHITE: white}, beginning, Limit(), **more)


def test_a_person_and_a_player_take_turns() -> None:
    session = session_with(None, FirstPointPlayer())
    assert session.is_human_to_move
    assert not session.is_player_to_move
    session.play(4)
    assert not session.is_human_to_move
    assert session.is_player_to_move
    assert session.think().move == 0
    assert session.board.moves == [4, 0]


def test_nobody_moves_out_of_turn() -> None:
    session = session_with(None, FirstPointPlayer())
    with pytest.raises(SessionError, match="no player is to move"):
        session.think()
    session.play(4)
    with pytest.raises(SessionError, match="it is first's turn"):
        session.play(5)
    assert session.board.moves == [4]


def test_an_illegal_move_of_a_person_changes_nothing() -> None:
    session = session_with(None, None, "b2")
    with pytest.raises(IllegalMoveError, match="b2 is occupied"):
        session.play(4)
    assert session.board.moves == [4]
    assert session.record().moves == (4,)


def test_an_illegal_move_of_a_player_loses() -> None:
    session = session_with(None, ForeverA1Player(), "a1")
    session.think()
    assert session.outcome == Outcome(BLACK, "illegal move: a1 is occupied")
    assert session.record().result == "1-0"


def test_the_limit_is_handed_to_the_player() -> None:
    player = FirstPointPlayer()
    limit = Limit(simulations=7)
    session = GameSession({BLACK: player, WHITE: None}, GameRecord(RULES), limit)
    session.think()
    session.hint()
    assert player.limits == [limit, limit]


@pytest.mark.parametrize(
    ("human", "moves", "left"),
    [
        (BLACK, "b2 a3", ""),
        (BLACK, "b2 a3 c3 b3", "b2 a3"),
        (WHITE, "a3 b2 b3", "a3"),
        (BLACK, "b2", ""),
    ],
)
def test_undo_goes_back_to_the_persons_latest_turn(human: int, moves: str, left: str) -> None:
    player = FirstPointPlayer()
    session = session_with(None if human == BLACK else player, None if human == WHITE else player, moves)
    taken_back = session.undo()
    assert session.board.moves == parse_moves(left, 3)
    assert session.is_human_to_move
    assert taken_back == parse_moves(moves, 3)[: len(session.board.moves) - 1 if session.board.moves else None : -1]
    assert session.record().moves == tuple(session.board.moves)


def test_undo_takes_one_move_back_between_two_people() -> None:
    session = session_with(None, None, "b2 a3 c3")
    assert session.undo() == [2]
    assert session.board.moves == [4, 0]


def test_undo_works_after_the_end_of_the_game() -> None:
    session = session_with(None, FirstPointPlayer(), "b2 a3 c3 b3 a1")
    assert session.outcome == Outcome(BLACK, "line")
    session.undo()
    assert session.outcome is None
    assert session.board.moves == parse_moves("b2 a3 c3 b3", 3)


def test_undo_after_a_lost_game_goes_back_before_the_persons_last_move() -> None:
    session = session_with(None, FirstPointPlayer(), "b2 a3 c1 b3 b1 c3")
    assert session.outcome == Outcome(WHITE, "line")
    session.undo()
    assert session.board.moves == parse_moves("b2 a3 c1 b3", 3)


def test_undo_takes_a_resignation_back_and_nothing_else() -> None:
    session = session_with(None, FirstPointPlayer(), "b2 a3")
    session.resign()
    assert session.outcome == Outcome(WHITE, RESIGNATION)
    assert session.undo() == []
    assert session.outcome is None
    assert session.board.moves == [4, 0]


def test_what_was_taken_back_for_another_move_is_a_variation() -> None:
    session = session_with(None, FirstPointPlayer(), "b2")
    session.think()
    session.undo()
    session.play(8)
    session.think()
    tree = session.tree("2026-01-31")
    assert tree.main_line() == session.record("2026-01-31")
    assert [(move.played.move, move.parent) for move in tree.moves] == [(8, START), (0, 0), (4, START), (0, 2)]
    session.start_again()
    assert session.tree().moves == ()


def test_a_game_that_was_taken_up_and_not_touched_keeps_its_facts() -> None:
    line = (RecordedMove(4), RecordedMove(0))
    facts = GameRecord(RULES, line, black="Alice", white="Bob", date="2020-01-01", result="0-1", reason=RESIGNATION)
    session = GameSession({BLACK: None, WHITE: None}, facts, Limit())
    assert session.record("2026-01-31") == facts
    session.undo()
    assert session.record("2026-01-31").date == "2026-01-31"
    session.play(8)
    session.resign()
    assert session.tree().main_line() == session.record()


@pytest.mark.parametrize(("moves", "result", "reason"), [("b2 a3 c3", "*", ""), ("b2 a3 c3 b3 a1", "1-0", "line")])
def test_what_is_saved_after_undo_in_a_game_that_was_taken_up_is_where_it_stands(
    moves: str, result: str, reason: str
) -> None:
    line = tuple(RecordedMove(move, comment="said") for move in parse_moves(moves, 3))
    facts = GameRecord(RULES, line, black="Alice", result=result, reason=reason)
    session = GameSession({BLACK: None, WHITE: None}, facts, Limit())
    session.undo()
    session.undo()
    left = parse_sgf_tree(sgf_tree_text(session.tree()))
    assert left.main_line() == session.record()
    assert left.main_line().line == line[:-2]
    assert left.game.result == UNKNOWN
    session.play(line[-2].move)
    assert session.record().line == line[:-1], "what was said about a move that is played again is kept"
    session.undo()
    session.play(parse_moves("a2", 3)[0])
    assert [move.played.move for move in session.tree().moves if move.played.comment] == [
        move.move for move in line
    ], "a move in whose place another one was played is a variation"


def test_nothing_is_played_again_in_a_game_that_was_given_up() -> None:
    session = session_with(None, None, "b2 a3 c1")
    session.undo()
    session.resign()
    with pytest.raises(SessionError, match="the game is over"):
        session.redo()
    session.undo()
    assert session.redo() == [8]
    assert session.outcome is None


@pytest.mark.parametrize(("human", "moves"), [(BLACK, ""), (WHITE, "a3"), (WHITE, "")])
def test_undo_without_a_turn_to_go_back_to_is_refused(human: int, moves: str) -> None:
    player = FirstPointPlayer()
    session = session_with(None if human == BLACK else player, None if human == WHITE else player, moves)
    with pytest.raises(SessionError, match="no move to take back"):
        session.undo()
    assert session.board.moves == parse_moves(moves, 3)


def test_undo_is_refused_where_only_players_sit() -> None:
    session = session_with(FirstPointPlayer(), RandomPlayer(), "a3 b3")
    with pytest.raises(SessionError, match="nobody but players"):
        session.undo()


def test_a_hint_is_a_legal_move_and_changes_nothing() -> None:
    session = session_with(None, FirstPointPlayer(), "a3 b3")
    assert session.hint().move == 2
    assert session.board.moves == [0, 1]


def test_the_adviser_gives_hints_where_people_play_each_other() -> None:
    with pytest.raises(SessionError, match="nobody gives hints"):
        session_with(None, None).hint()
    assert session_with(None, None, adviser=FirstPointPlayer()).hint().move == 0


def test_a_game_that_is_over_allows_no_move_hint_or_resignation() -> None:
    session = session_with(None, FirstPointPlayer())
    session.resign()
    for action in (lambda: session.play(0), session.hint, session.resign):
        with pytest.raises(SessionError, match="the game is over"):
            action()
    with pytest.raises(SessionError, match="no player is to move"):
        session.think()


def test_the_record_holds_names_values_and_the_result() -> None:
    session = session_with(None, FirstPointPlayer())
    session.play(4)
    session.think()
    session.resign()
    record = session.record("2026-01-31")
    assert (record.black, record.white, record.date) == ("human", "first", "2026-01-31")
    assert record.line == (RecordedMove(4), RecordedMove(0, value=0.25))
    assert (record.result, record.reason) == ("0-1", RESIGNATION)


def test_a_game_goes_on_from_a_record_and_keeps_what_was_said_there() -> None:
    said = (RecordedMove(4, "centre", 0.5), RecordedMove(0))
    session = GameSession({BLACK: None, WHITE: None}, GameRecord(RULES, said, comment="a game"), Limit())
    session.play(8)
    assert session.record().line == (*said, RecordedMove(8))
    assert session.record().comment == "a game"
    session.undo()
    session.undo()
    assert session.record().line == said[:1]


def test_a_record_of_a_resigned_game_is_over_until_undo() -> None:
    beginning = GameRecord(RULES, (RecordedMove(4), RecordedMove(0)), result="0-1", reason=RESIGNATION)
    session = GameSession({BLACK: None, WHITE: None}, beginning, Limit())
    assert session.outcome == Outcome(WHITE, RESIGNATION)
    session.undo()
    assert session.is_human_to_move


def test_a_record_that_is_not_legal_is_refused() -> None:
    with pytest.raises(RecordError, match="move 2"):
        GameSession({BLACK: None, WHITE: None}, GameRecord(RULES, (RecordedMove(4), RecordedMove(4))), Limit())


def test_a_new_game_starts_on_the_empty_board_with_the_colours_chosen() -> None:
    session = session_with(None, FirstPointPlayer(), "b2 a3")
    session.seat_human(WHITE)
    session.start_again()
    assert session.board.key == Board(RULES).key
    assert session.is_player_to_move
    assert session.name_of(WHITE) == "human"
    session.seat_human(WHITE)
    assert session.name_of(WHITE) == "human"


def test_colours_can_be_chosen_only_against_a_player() -> None:
    for session in (session_with(None, None), session_with(RandomPlayer(), RandomPlayer())):
        with pytest.raises(SessionError, match="one person plays against an AI"):
            session.seat_human(BLACK)
