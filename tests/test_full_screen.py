"""The full-screen game, played through Textual's pilot: keys, mouse, what is shown, what is refused."""

from pathlib import Path

import pytest
from full_screen_parts import (
    MODEL,
    aim,
    make_table,
    model_factory,
    play,
    press,
    put,
    screen_lines,
    screen_text,
    wait_until,
)
from textual.pilot import Pilot
from textual.widgets import Input

from arena.player_factory import ModelFactory
from gomoku.command_line import INTERRUPTED
from gomoku.notation import parse_moves
from gomoku.record_files import read_record
from gomoku.rules import BLACK, WHITE, parse_rules
from ui.full_screen.app import FullScreenGame
from ui.full_screen.board_view import BoardView
from ui.full_screen.panel import Panel
from ui.game_setup import Person
from ui.table import Turn


def test_two_people_play_a_whole_game_by_arrows_and_enter() -> None:
    table = make_table(person=Person.BOTH)

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await put(game, pilot, "b2a3a2a1c2")
        assert "Black wins: line a2 b2 c2 (1-0)" in screen_text(game).replace("\n", " ")
        assert screen_lines(game)[2].startswith(" 2 <●><●><●>"), "the winning line is marked"
        await put(game, pilot, "c3")
        assert "The game is over." in screen_text(game)

    play(table, scenario)
    assert table.session.record().result == "1-0"


def test_the_computer_answers_and_a_click_plays_where_it_points() -> None:
    table = make_table("6x6x4")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        view = game.query_one(BoardView)
        await pilot.click(BoardView, offset=view.place_of(7))
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        assert table.board.moves[0] == 7
        assert len(table.board.moves) == 2
        await pilot.click(BoardView, offset=(1, 1))
        assert len(table.board.moves) == 2, "beside the board there is nothing to play"

    play(table, scenario)


def test_what_is_refused_is_said_in_one_line_and_changes_nothing() -> None:
    table = make_table(moves="b2", person=Person.BOTH)

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        for keys, said in (
            (("enter",), "B2 is occupied."),
            (("r",), "There is no move to play again."),
            (("c",), "Sides can be changed only where one person plays against an AI."),
            (("m",), "The computer is not to move."),
            (("u", "u"), "There is no move to take back."),
        ):
            await press(game, pilot, *keys)
            assert said in screen_lines(game)[-2]

    play(table, scenario)
    assert table.board.moves == []


def test_undo_and_redo_go_over_the_computers_answers() -> None:
    table = make_table("6x6x4")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await put(game, pilot, "c3")
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        played = list(table.board.moves)
        await press(game, pilot, "u")
        assert table.board.moves == []
        await press(game, pilot, "r")
        assert table.board.moves == played

    play(table, scenario)


def test_a_hint_is_marked_and_named_and_goes_with_the_next_move() -> None:
    table = make_table("6x6x4", "c3c4d3d4", factory=model_factory())

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "h")
        await wait_until(game, pilot, lambda: game.picture.hint is not None)
        assert "?" in "".join(line[:21] for line in screen_lines(game)[1:7])
        assert "Hint: " in screen_lines(game)[-2]
        assert "Estimate: " in screen_text(game)
        await put(game, pilot, "a1")
        assert game.picture.hint is None

    play(table, scenario)


def test_while_the_computer_thinks_keys_are_heard_and_its_thoughts_are_shown() -> None:
    table = make_table("15x15", factory=model_factory("1000s"))

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await put(game, pilot, "h8")
        await wait_until(game, pilot, lambda: "Estimate: " in screen_text(game) and "Expected: " in screen_text(game))
        assert "White is thinking" in screen_text(game)
        assert "░░░░" in str(game.query_one("#bar").render()), "the bar has begun"
        await aim(game, pilot, 0)
        assert game.query_one(BoardView).cursor == 0
        await press(game, pilot, "h")
        assert "There are hints only where it is your turn." in screen_lines(game)[-2]
        await press(game, pilot, "m")
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        assert len(table.board.moves) == 2
        await put(game, pilot, "a1")
        await press(game, pilot, "u")
        assert len(table.board.moves) == 2, "undo stops the thinking"
        assert table.turn is Turn.PERSON

    play(table, scenario)


def test_changing_sides_lets_the_computer_go_on_with_the_persons_stones() -> None:
    table = make_table("6x6x4", "c3")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        await press(game, pilot, "c")
        await wait_until(game, pilot, lambda: len(table.board.moves) == 3)
        assert table.setup.person is Person.WHITE
        assert "○ White: human" in screen_text(game)

    play(table, scenario)


def test_move_numbers_forbidden_points_and_the_last_move_can_be_read() -> None:
    table = make_table("renju-15x15", "h8h9i9i10g7a1", Person.BOTH)

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        assert screen_lines(game)[15].startswith(" 1 (○)")
        await press(game, pilot, "number_sign")
        assert screen_lines(game)[15].startswith(" 1 (6)")
        assert screen_lines(game)[9].startswith(f" 7 {' · ' * 6} 5 ")

    play(table, scenario)


def test_points_that_renju_forbids_are_marked() -> None:
    table = make_table("renju-15x15", "h8a1h9a3i7a5g7a7", Person.BOTH)
    forbidden = [move for move in range(225) if table.board.foul_at(move)]
    assert forbidden

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        for move in forbidden:
            x, y = game.query_one(BoardView).place_of(move)
            assert screen_lines(game)[y][x] == "!"
        await aim(game, pilot, forbidden[0])
        await press(game, pilot, "enter")
        assert "which renju forbids to Black" in screen_lines(game)[-2]

    play(table, scenario)


@pytest.mark.parametrize(
    ("suffix", "rules", "note"),
    [
        ("sgf", "15x15", ""),
        ("sgf", "renju-15x15", ""),
        ("psq", "15x15", ""),
        ("psq", "renju-15x15", "PSQ keeps no rules; load it with --rules renju-15x15. "),
    ],
)
def test_a_game_is_saved_and_opened_again(tmp_path: Path, suffix: str, rules: str, note: str) -> None:
    table = make_table(rules, "h8i9", Person.BOTH)
    path = tmp_path / f"game.{suffix}"

    async def answer(game: FullScreenGame, pilot: Pilot[int], key: str, text: object) -> None:
        await press(game, pilot, key)
        game.screen.query_one(Input).value = str(text)
        await press(game, pilot, "enter")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await answer(game, pilot, "s", path)
        assert screen_lines(game)[-2].strip().startswith(f"{note}Saved to ")
        assert table.is_saved
        await answer(game, pilot, "s", path)
        assert "exists already" in screen_text(game)
        await press(game, pilot, "escape")
        await put(game, pilot, "a1")
        assert not table.is_saved
        await answer(game, pilot, "s", tmp_path / "game.svg")
        assert "<svg" in (tmp_path / "game.svg").read_text(encoding="utf-8")
        await answer(game, pilot, "o", path)
        assert (table.board.moves, table.board.rules.name) == (parse_moves("h8i9", 15), rules)
        assert (f"as {rules}: PSQ keeps no rules" in screen_text(game)) == (suffix == "psq")
        for name, complaint in (("none.sgf", "No such file"), ("x.txt", "does not end in")):
            await answer(game, pilot, "o", tmp_path / name)
            assert complaint in screen_text(game)
            await press(game, pilot, "escape")

    play(table, scenario, size=(200, 30))
    assert read_record(path).moves == tuple(parse_moves("h8i9", 15))


def test_a_new_game_asks_for_everything_and_refuses_what_does_not_fit() -> None:
    table = make_table()

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "n", "right", "down", "left", "down", *["right"] * 6, "down", "end", "enter")
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        assert table.board.rules == parse_rules("9x9x6")
        assert (table.setup.person, table.setup.level) == (Person.WHITE, "weak")
        assert len(table.board.moves) == 1, "the computer begins"
        await press(game, pilot, "n", "down", "down", "home", "down", "end", "enter")
        assert "win length 6 does not fit" in screen_text(game)
        await press(game, pilot, "escape")
        assert table.board.size == 9

    play(table, scenario)


def test_renju_is_five_in_a_row_and_small_boards_propose_four() -> None:
    table = make_table()

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "n", "down", "down", *["right"] * 4, "enter")
        assert table.board.rules.name == "7x7x4"
        await press(game, pilot, "n", *["down"] * 4, "end", "enter")
        assert table.board.rules.name == "renju-7x7"

    play(table, scenario)


def test_the_level_can_be_changed_in_the_middle_of_a_game() -> None:
    table = make_table("6x6x4", "c3c4")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "l", "up", "enter")
        await wait_until(game, pilot, lambda: "weak" in table.name_of(WHITE))
        assert table.setup.level == "weak"
        assert table.board.moves == parse_moves("c3c4", 6)

    play(table, scenario)


def test_the_computer_plays_itself_when_nobody_sits_there() -> None:
    table = make_table(person=Person.NOWHERE)

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await wait_until(game, pilot, lambda: table.turn is Turn.OVER)
        assert game.query_one(Panel)

    play(table, scenario)
    assert table.session.outcome is not None


def test_a_computer_that_cannot_be_had_is_told_in_one_line_and_another_game_can_be_chosen() -> None:
    table = make_table("6x6x4", "c3", factory=ModelFactory(str(MODEL), device="warp"))

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await wait_until(
            game, pilot, lambda: "The computer cannot play here: Device 'warp'" in screen_lines(game)[-2]
        )
        await press(game, pilot, "m")
        await wait_until(game, pilot, lambda: game.thinking.question is None)
        await press(game, pilot, "n", "right", "right", "enter")
        assert table.turn is Turn.PERSON
        assert table.board.moves == []

    play(table, scenario)


def test_themes_change_and_ctrl_c_leaves_also_from_a_dialog() -> None:
    table = make_table()
    games = []

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        games.append(game)
        assert game.current_theme.dark is False
        await press(game, pilot, "t")
        assert game.current_theme.dark is True
        await press(game, pilot, "question_mark")
        assert "light or dark" in screen_text(game)
        await press(game, pilot, "ctrl+c")

    play(table, scenario, theme="light")
    assert games[0].return_value == INTERRUPTED
    assert table.name_of(BLACK) == "human"
