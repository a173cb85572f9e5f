"""The table behind the full screen: whose turn it is, swap2, clocks, sides, levels; and its screen in all sizes."""

import numpy as np
import pytest
from full_screen_parts import (
    MODEL,
    RandomFactory,
    make_table,
    model_factory,
    play,
    press,
    screen_lines,
    screen_text,
    wait_until,
)
from textual.pilot import Pilot

from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.player import Bounded, Decision, Forfeit, Limit, Proof
from gomoku.records import TIME, GameRecord
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from ui.clock import GameClock, TimeControl, clock_text, parse_time_control
from ui.full_screen.app import FullScreenGame
from ui.full_screen.board_view import BoardView
from ui.game_setup import Person, Setup
from ui.lazy_player import LazyPlayer
from ui.session import GameSession, SessionError
from ui.swap2 import Choice, drawn_openings, evenest, prefers_other_side
from ui.table import Table, Turn


class Time:
    """A clock's time, as the test likes it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_only_the_running_sides_time_goes_by_and_moves_add_to_it() -> None:
    now = Time()
    clock = GameClock(TimeControl(1, 2), now)
    clock.run(BLACK)
    now.seconds = 10
    assert (clock.remaining(BLACK), clock.remaining(WHITE)) == (50, 60)
    clock.moved(BLACK)
    clock.run(WHITE)
    now.seconds = 70
    assert (clock.remaining(BLACK), clock.remaining(WHITE)) == (52, 0)
    assert clock.fallen == WHITE
    assert clock.budget(BLACK) == pytest.approx(52 / 20 + 1.4)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5:00", 300.0), ("4:59", 298.1), ("9.7", 9.7), ("0.0", 0.0), ("0.1", 0.04), ("1.1", 1.1), ("20.0", 19.96)],
)
def test_clocks_round_up_and_show_tenths_near_the_end(text: str, seconds: float) -> None:
    assert clock_text(seconds) == text


def test_time_controls_are_read_and_others_refused() -> None:
    assert parse_time_control("5+3") == TimeControl(5, 3)
    assert parse_time_control(TimeControl(0.5).name) == TimeControl(0.5)
    for wrong in ("", "5:00", "0", "601", "5+601", "-1", "\u0665"):
        with pytest.raises(ValueError, match="clock "):
            parse_time_control(wrong)


def test_whose_time_is_over_loses_and_undo_goes_on_without_a_clock() -> None:
    table = make_table(person=Person.BOTH)
    table.begin(Setup(Rules(3, 3), Person.BOTH, time=TimeControl(1)))
    now = Time()
    table.clock = GameClock(TimeControl(1), now)
    table.run_clock()
    table.play(4)
    now.seconds = 59
    assert not table.check_clock()
    now.seconds = 60
    assert table.check_clock()
    assert not table.check_clock()
    outcome = table.session.outcome
    assert outcome is not None
    assert (outcome.winner, outcome.reason, table.turn) == (BLACK, TIME, Turn.OVER)
    table.undo()
    assert (table.turn, table.clock) == (Turn.PERSON, None)


def test_drawn_openings_are_three_stones_near_the_middle_and_the_evenest_is_taken() -> None:
    openings = list(drawn_openings(Rules(15), 20, np.random.default_rng(1)))
    for board in openings:
        assert len(board.moves) == 3
        assert all(4 <= part <= 10 for move in board.moves for part in divmod(move, 15))
    few, values = openings[:3], iter([0.5, -0.1, 0.3])
    assert evenest(few, lambda _: Decision(0, next(values)), lambda: False) is few[1]
    assert evenest(few, lambda _: Decision(0, 0.9), lambda: True) is few[0], "the first one is judged in any case"
    assert prefers_other_side(Decision(0, -0.1))
    assert not prefers_other_side(Decision(0, None))


def test_a_person_opens_by_swap2_and_the_computer_chooses() -> None:
    table = make_table("6x6x4")
    table.begin(Setup(parse_rules("6x6x4"), Person.BLACK, is_swap2=True))
    for move in (0, 1, 2):
        assert table.turn is Turn.PERSON
        table.play(move)
    assert table.turn is Turn.COMPUTER
    with pytest.raises(SessionError, match="opening"):
        table.undo()
    with pytest.raises(SessionError, match="computer's turn"):
        table.play(3)
    table.choose(Choice.WHITE, is_persons=False)
    assert (table.setup.person, table.turn) == (Person.BLACK, Turn.COMPUTER)
    table.accept(Decision(20))
    table.play(21)
    table.undo()
    with pytest.raises(SessionError, match="no move to take back"):
        table.undo()
    assert table.board.moves == [0, 1, 2, 20]


def test_the_computer_opens_and_a_person_puts_two_more_stones() -> None:
    table = make_table("6x6x4")
    table.begin(Setup(parse_rules("6x6x4"), Person.WHITE, is_swap2=True))
    assert table.turn is Turn.COMPUTER
    table.lay([0, 1, 2])
    assert table.turn is Turn.CHOICE
    with pytest.raises(SessionError, match="choose first"):
        table.play(5)
    table.choose(Choice.TWO_MORE)
    table.play(5)
    assert table.undo() == [5]
    table.play(5)
    table.play(6)
    assert table.turn is Turn.COMPUTER
    table.choose(Choice.BLACK, is_persons=False)
    assert (table.setup.person, table.turn) == (Person.WHITE, Turn.PERSON)


def test_a_swap2_opening_is_played_on_the_screen() -> None:
    table = make_table("6x6x4", factory=model_factory())

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "n", "right", *["down"] * 6, "right", "enter")
        await wait_until(game, pilot, lambda: "Put two more stones" in screen_text(game))
        assert len(table.board.moves) == 3
        await press(game, pilot, "escape", "enter", "down", "enter")
        await wait_until(game, pilot, lambda: table.opening is None)
        assert table.setup.person is Person.BLACK, "Black was chosen; White moves next"
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)

    play(table, scenario)


def test_a_game_ends_on_time_on_the_screen() -> None:
    table = make_table("6x6x4")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        table.begin(Setup(parse_rules("6x6x4"), time=TimeControl(0.005)))
        game.go_on()
        assert "0.3" in screen_lines(game)[1]
        await wait_until(game, pilot, lambda: "White wins: time" in screen_text(game))

    play(table, scenario)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 30), (40, 12), (16, 8), (5, 3)])
def test_any_window_shows_the_aim_or_says_what_is_needed(size: tuple[int, int]) -> None:
    table = make_table("22x22", person=Person.BOTH)

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "home", "pageup")
        if size[0] < 16:
            assert screen_lines(game)[0].startswith("Too s")
            return
        assert screen_lines(game)[1].startswith("22 [·]")
        await press(game, pilot, "end", "pagedown")
        x, y = game.query_one(BoardView).place_of(21 * 22 + 21)
        assert screen_lines(game)[y][x - 1 : x + 2] == "[·]"
        await pilot.resize_terminal(100, 30)
        await press(game, pilot, "home")
        assert screen_lines(game)[22].startswith(" 1 [·]")

    play(table, scenario, size=size)


def test_a_wheel_scrolls_a_board_that_is_too_large() -> None:
    table = make_table("22x22", person=Person.BOTH)

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        view = game.query_one(BoardView)
        view.on_mouse_scroll_down()
        view.on_mouse_scroll_down()
        await press(game, pilot, "t")
        assert screen_lines(game)[0].startswith("↑")
        assert view.point_at(*view.place_of(view.cursor)) == view.cursor

    play(table, scenario, size=(80, 14))


def test_a_lazy_player_thinks_as_long_as_its_level_takes_and_tells_how_long() -> None:
    player = LazyPlayer(model_factory(), parse_rules("6x6x4"), "easy")
    assert (player.name, player.usual_limit) == ("computer, easy", Limit())
    reports: list[Decision] = []
    decision = player.think_aloud(Board(parse_rules("6x6x4")), Limit(stop=lambda: False), reports.append)
    assert decision.simulations == player.usual_limit.simulations == 24
    assert reports[-1].candidates
    assert player.name == f"{MODEL}@40, easy"
    assert isinstance(player.make(), Bounded)


def test_in_a_lost_position_the_move_is_the_one_that_decide_makes() -> None:
    board = Board.from_moves(parse_rules("6x6x4"), parse_moves("c3a1d3f1c4a6d4", 6))
    decision = LazyPlayer(model_factory(400), board.rules).think_aloud(board, Limit(), lambda _: None)
    assert decision.proof is Proof.LOSS
    assert board.is_legal(decision.move)


def test_a_player_that_gives_up_loses() -> None:
    table = make_table("6x6x4", "c3")
    table.accept(Decision(0, forfeit=Forfeit("forfeit", "it crashed")))
    outcome = table.session.outcome
    assert outcome is not None
    assert (outcome.winner, outcome.reason) == (BLACK, "forfeit")


def test_two_different_players_stay_different_at_another_level_and_under_other_rules() -> None:
    rules = parse_rules("6x6x4")
    one, other = RandomFactory(), RandomFactory()
    seats = {BLACK: LazyPlayer(one, rules), WHITE: LazyPlayer(other, rules)}
    table = Table(GameSession(seats, GameRecord(rules), Limit()), one)
    table.set_level("weak")
    table.load(GameRecord(Rules(15)))
    players = [table.session.player_of(colour) for colour in (BLACK, WHITE)]
    assert [isinstance(player, LazyPlayer) and player.factory for player in players] == [one, other]
    assert [isinstance(player, LazyPlayer) and player.level for player in players] == ["weak", "weak"]


def test_sides_and_levels_change_and_a_record_is_taken_up() -> None:
    table = make_table("6x6x4", factory=RandomFactory(), level="weak")
    table.change_sides()
    assert (table.turn, table.setup.person, table.levels) == (Turn.COMPUTER, Person.WHITE, ("weak", "full"))
    table.set_level(None)
    assert table.thinker.level is None
    table.load(GameRecord(Rules(15)))
    assert (table.board.size, table.setup.person, table.is_saved) == (15, Person.WHITE, True)
    assert table.thinker.decide([table.board], Limit())[0].move < 225
