"""The dialogue of the terminal game: what is typed, what is answered."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numba
import pytest
from gomocup_partners import BrokenPlayer

from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.player import Candidate, Decision, Limit, Proof
from gomoku.random_player import RandomPlayer
from gomoku.record_files import read_record
from gomoku.records import RESIGNATION, TIME, GameRecord, RecordedMove, record_of
from gomoku.rules import BLACK, WHITE, Rules, Variant, parse_rules
from ui.commands import Command, CommandError, Verb, parse_command
from ui.drawing import board_drawing, estimate_text, forbidden_points
from ui.session import GameSession
from ui.terminal import COMPILING, TerminalGame

END = object()
INTERRUPT = object()


class Typist:
    """Types prepared lines and keeps all that is shown."""

    def __init__(self, *lines: object) -> None:
        self._lines: Iterator[object] = iter(lines)
        self.shown = ""

    def read(self, prompt: str) -> str:
        self.shown += prompt
        line = next(self._lines, END)
        if line is END:
            raise EOFError
        if line is INTERRUPT:
            raise KeyboardInterrupt
        self.shown += f"{line}\n"
        return str(line)

    def write(self, text: str) -> None:
        self.shown += text + "\n"


def play(*lines: object, rules: str = "3x3x3", black: object = None, white: object = None, moves: str = "") -> tuple:
    """Plays the lines; returns the exit status, what was shown, and the session."""
    parsed = parse_rules(rules)
    beginning = record_of(Board.from_moves(parsed, parse_moves(moves, parsed.size)))
    session = GameSession({BLACK: black, WHITE: white}, beginning, Limit(seed=1))
    typist = Typist(*lines)
    status = TerminalGame(session, typist.read, typist.write).run()
    return status, typist.shown, session


def test_two_people_play_a_whole_game() -> None:
    status, shown, session = play("a3", "b2", "A2", "c1", "a1", "quit")
    assert status == 0
    assert session.outcome.result == "1-0"
    assert "The game is over, Black (X) wins: line a3 a2 a1 (1-0)." in shown
    assert " 3  X . . 3\n 2  X O . 2\n 1 (X). O 1" in shown


def test_a_player_answers_and_the_board_is_drawn_after_the_answer() -> None:
    _, shown, session = play("b2", white=RandomPlayer(seed=1))
    assert len(session.board.moves) == 2
    assert "random is thinking ..." in shown
    assert "White, random: " in shown


def test_who_begins_is_said_to_think_too_and_what_is_compiled_meanwhile_is_told_of_once() -> None:
    class Compiling(RandomPlayer):
        """Its search is compiled at every move."""

        def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
            assert numba.njit(lambda number: number + 1)(1) == 2
            return super().decide(boards, limit)

    _, shown, _ = play("undo", "hint", "b2", black=Compiling("one"), white=None)
    told = ["one is thinking ...", COMPILING, "Black, one: "]
    assert [line for line in shown.splitlines() if line.startswith(tuple(told))][:2] == told[:2]
    assert shown.index(COMPILING) < shown.index("Black, one: ")
    assert shown.count(COMPILING) == 1
    assert shown.count("is thinking ...") == shown.count("Black, one: ")
    assert COMPILING not in play("hint", "b2", white=RandomPlayer(seed=1))[1]


def test_a_program_that_has_no_move_loses_and_is_told_of_and_gives_no_hint() -> None:
    _, shown, session = play("hint", "b2", white=BrokenPlayer())
    assert "gomocup:broken has no hint: it ended with status 3" in shown
    assert "White, gomocup:broken: no move: it ended with status 3" in shown
    assert session.outcome is not None
    assert session.outcome.winner == BLACK


def test_two_players_play_without_being_asked() -> None:
    status, shown, session = play(black=RandomPlayer("one"), white=RandomPlayer("two"))
    assert status == 0
    assert session.outcome is not None
    assert shown.count("> ") == 1


def test_several_games_of_players_follow_each_other() -> None:
    session = GameSession(
        {BLACK: RandomPlayer(seed=1), WHITE: RandomPlayer(seed=2)}, GameRecord(Rules(3, 3)), Limit()
    )
    typist = Typist()
    assert TerminalGame(session, typist.read, typist.write, num_games=3).run() == 0
    assert typist.shown.count("The game is over") == 3
    assert typist.shown.count("Type save FILE, new or quit.") == 1, "there is nobody who could undo"
    assert "Type undo" not in typist.shown


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("b2", "b2 is occupied; play any empty point"),
        ("d1", "'d1' is not a point between a1 and c3"),
        ("a0", "'a0' is not a point between a1 and c3"),
        ("2,2", "'2,2' is neither a point such as h8 nor a command; help lists the commands"),
        ("a1 b1", "'a1 b1' is neither a point"),
        ("\x00\ud800", "is neither a point"),
        ("hint", "nobody gives hints"),
        ("undo now", "undo stands alone, without 'now'"),
        ("save", "save needs a file name: save game.sgf, game.psq, game.json or game.svg"),
        ("save game.txt", "not saved: 'game.txt' does not end in .sgf or .json or .psq or .svg"),
        ("save .sgf", "not saved: '.sgf' has no name before its .sgf"),
        ("save .SVG", "not saved: '.SVG' has no name before its .SVG"),
        ("save /no/such/folder/game.sgf", "not saved: No such file or directory"),
        ("save a\x00.sgf", "not saved: "),
        ("new green", "new 'green': a colour is black or white"),
        ("new white", "a colour can be chosen only where one person plays against an AI"),
        ("help", "save FILE       save the game"),
        ("moves", "  1. b2\n"),
        ("", "White (O), move 2> \nWhite (O), move 2> "),
    ],
)
def test_every_line_gets_one_clear_answer_and_is_asked_again(line: str, answer: str) -> None:
    status, shown, session = play(line, "quit", moves="b2")
    assert status == 0
    assert answer in shown
    assert session.board.moves == [4]
    assert shown.count("White (O), move 2> ") == 2


def test_a_forbidden_point_is_marked_and_refused_by_name() -> None:
    rules = Rules(15, 5, Variant.RENJU)
    board = Board.from_moves(rules, parse_moves("h8a1i8c1h9e1i10g1", 15))
    (forbidden,) = forbidden_points(Board.from_moves(rules, parse_moves("h9a1h10c1g8e1i8g1", 15)))
    assert forbidden == parse_moves("h8", 15)[0]
    _, shown, session = play("h8", rules="renju-15x15", moves="h9a1h10c1g8e1i8g1")
    assert "h8 is a double three, which renju forbids to Black; play any empty point but those marked !" in shown
    assert "! = forbidden to Black" in shown
    assert session.board.ply == 8
    assert "!" not in board_drawing(Board.from_moves(rules, board.moves[:-1]))


def test_undo_hint_resign_and_new_game_in_one_dialogue() -> None:
    lines = ("b2", "undo", "hint", "b2", "resign", "b1", "undo", "new white", "quit")
    _, shown, session = play(*lines, white=RandomPlayer(seed=1))
    for text in (
        "Taken back: ",
        "Hint: ",
        "White (O) wins: resignation (0-1)",
        "the game is over",
        "the resignation",
    ):
        assert text in shown
    assert len(session.board.moves) == 1
    assert session.is_human_to_move
    assert session.board.to_play == WHITE


@pytest.mark.parametrize(
    ("result", "reason", "told"),
    [
        ("0-1", RESIGNATION, "the resignation"),
        ("0-1", TIME, "the end of the game, 0-1 (time)"),
        ("1/2-1/2", "", "the end of the game, 1/2-1/2 (as recorded)"),
    ],
)
def test_the_end_that_is_taken_back_is_called_what_it_was(result: str, reason: str, told: str) -> None:
    line = tuple(RecordedMove(move) for move in (4, 0))
    record = GameRecord(Rules(3, 3), line, result=result, reason=reason)
    typist = Typist("undo", "quit")
    TerminalGame(GameSession({BLACK: None, WHITE: None}, record, Limit()), typist.read, typist.write).run()
    assert f"Taken back: {told}\n" in typist.shown


@pytest.mark.parametrize("suffix", ["sgf", "json"])
def test_a_game_is_saved_and_never_over_another_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"my game.{suffix}"
    _, shown, _ = play("b2", f"save {path}", f"save {path}", "a1", "quit")
    assert f"Saved to {path}" in shown
    assert f"not saved: {path} exists already" in shown
    record = read_record(path)
    assert record.moves == (4,)
    assert (record.black, record.white) == ("human", "human")


@pytest.mark.parametrize(("end", "status"), [(END, 2), ("quit", 0), (INTERRUPT, 130)])
def test_leaving_shows_the_moves_that_were_not_saved(end: object, status: int) -> None:
    left, shown, _ = play("b2", "c3", end)
    assert left == status
    assert ("The input ended in the midst of the game; type quit to leave one." in shown) == (end is END)
    assert "To go on from there, start with --rules 3x3x3 --moves b2c3" in shown
    assert shown.endswith("Goodbye.\n")


def test_leaving_a_saved_or_empty_game_says_nothing_of_it(tmp_path: Path) -> None:
    assert "not saved" not in play("b2", f"save {tmp_path / 'x.sgf'}")[1]
    assert "not saved" not in play("quit")[1]


def test_an_interrupt_while_a_player_thinks_ends_politely() -> None:
    class Interrupted:
        name = "slow"

        def decide(self, *_: object) -> list[Decision]:
            raise KeyboardInterrupt

    status, shown, _ = play("b2", white=Interrupted())
    assert status == 130
    assert "--moves b2" in shown


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("h8", Command(Verb.MOVE, "h8")),
        ("  H10 ", Command(Verb.MOVE, "H10")),
        ("UNDO", Command(Verb.UNDO)),
        ("u", Command(Verb.UNDO)),
        ("?", Command(Verb.HELP)),
        ("save My Game.SGF", Command(Verb.SAVE, "My Game.SGF")),
        ("new  White", Command(Verb.NEW, "white")),
        ("exit", Command(Verb.QUIT)),
    ],
)
def test_lines_are_understood(line: str, command: Command) -> None:
    assert parse_command(line) == command


@pytest.mark.parametrize("line", ["move", "move h8", "save", "quit now", "h8 i9", "8", "new red", "x" * 1000])
def test_other_lines_are_refused_shortly(line: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse_command(line)
    assert len(str(caught.value)) < 120


def test_the_estimate_shows_all_that_the_player_said() -> None:
    board = Board(Rules(6, 4))
    best = Candidate(14, 300, 0.2, 0.4, line=(14, 15, 20))
    decision = Decision(14, 0.2, (best,), simulations=400, reused=12, seconds=0.84)
    assert (
        estimate_text(decision, board, WHITE)
        == "60 % for White, 400 simulations (12 reused), 0.8 s, expects c4 d4 c3"
    )
    assert estimate_text(Decision(14), board, WHITE) == ""


@pytest.mark.parametrize(
    ("proof", "text"),
    [
        (Proof.WIN, "a proven win for Black"),
        (Proof.LOSS, "a proven win for White"),
        (Proof.DRAW, "a proven draw"),
    ],
)
def test_a_proof_stands_in_place_of_a_chance(proof: Proof, text: str) -> None:
    decision = Decision(0, 0.9, simulations=5, proof=proof, seconds=1.0)
    assert estimate_text(decision, Board(Rules(6, 4)), BLACK) == f"{text}, 5 simulations, 1.0 s"


def test_moves_are_listed_in_pairs_and_white_may_have_begun() -> None:
    assert "  1. b2 a3\n  2. c3\n" in play("moves", moves="b2a3c3")[1]
    board = Board.from_drawing(Rules(3, 3), "X..\n...\n...", WHITE)
    session = GameSession({BLACK: None, WHITE: None}, record_of(board), Limit())
    typist = Typist("b2", "a1", "moves", "quit")
    TerminalGame(session, typist.read, typist.write).run()
    assert "  1. ... b2\n  2. a1\n" in typist.shown
    assert "--moves" not in typist.shown
