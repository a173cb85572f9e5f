"""What the full screen says beside the board: notices stay until they can be read, estimates go with their moves,
whose turn it is can be read in any window, and a finished game keeps its players' names."""

from pathlib import Path

import pytest
from full_screen_parts import (
    make_table,
    model_factory,
    play,
    press,
    put,
    screen_lines,
    screen_text,
    settle,
    wait_until,
)
from textual.pilot import Pilot
from textual.widgets import Input

from gomoku.rules import parse_rules
from ui.full_screen.app import FullScreenGame
from ui.game_setup import Person, Setup
from ui.table import Turn


def test_a_game_that_is_opened_is_named_beside_the_warning_of_the_model(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.sgf"
    faulty.write_text("(;SZ[6];B[cc](;W[dd])(;W[cc]))")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "o")
        game.screen.query_one(Input).value = str(faulty)
        await press(game, pilot, "enter")
        notice = screen_lines(game)[-2]
        assert f"Opened {faulty} without its variations: {faulty}: move 2: c4 is occupied. weak here" in notice

    play(make_table(person=Person.BOTH), scenario, size=(400, 24), warn=lambda _: "weak here")


def test_an_estimate_goes_with_the_moves_that_are_taken_back_and_made_again() -> None:
    table = make_table("6x6x4", "c3c4", factory=model_factory())

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await put(game, pilot, "d3")
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        assert "Estimate: " in screen_text(game)
        await press(game, pilot, "u")
        assert table.board.ply == 2
        assert "Estimate: " not in screen_text(game)
        await press(game, pilot, "h")
        await wait_until(game, pilot, lambda: game.picture.hint is not None)
        assert "Estimate: " in screen_text(game)
        await press(game, pilot, "r")
        assert table.board.ply == 4
        assert "Estimate: " not in screen_text(game)

    play(table, scenario)


def test_an_estimate_stays_where_only_a_resignation_is_taken_back() -> None:
    table = make_table("6x6x4", "c3c4", factory=model_factory())

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "h")
        await wait_until(game, pilot, lambda: game.picture.hint is not None)
        await press(game, pilot, "g", "u")
        assert table.turn is Turn.PERSON
        assert "Estimate: " in screen_text(game)

    play(table, scenario)


def test_the_colour_that_the_computer_takes_is_said_until_the_person_has_moved() -> None:
    table = make_table("6x6x4")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        table.begin(Setup(parse_rules("6x6x4"), Person.BLACK, is_swap2=True))
        game.go_on()
        await put(game, pilot, "a1a2a3")
        await wait_until(game, pilot, lambda: table.board.ply == 4 and table.turn is Turn.PERSON)
        assert "The computer takes White." in screen_lines(game)[-2]
        await put(game, pilot, "f6")
        await wait_until(game, pilot, lambda: table.turn is Turn.PERSON)
        await settle(game, pilot)
        assert "The computer takes" not in screen_lines(game)[-2]

    play(table, scenario)


@pytest.mark.parametrize("size", [(60, 14), (40, 12), (16, 8)])
def test_a_narrow_and_low_window_says_whose_turn_it_is_and_how_the_game_ended(size: tuple[int, int]) -> None:
    table = make_table("6x6x4", "c3c4")

    def beneath_the_board(game: FullScreenGame) -> str:
        return " ".join(" ".join(screen_lines(game)[-4:-2]).split())

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        assert beneath_the_board(game).endswith("Your move, Black")
        await press(game, pilot, "g")
        assert "White wins:" in beneath_the_board(game)
        assert "[·]" in screen_text(game), "the aim is still in sight"
        table.begin(Setup(parse_rules("6x6x4"), Person.BLACK, is_swap2=True))
        game.go_on()
        await settle(game, pilot)
        assert "Put 3 more" in beneath_the_board(game)

    play(table, scenario, size=size)


def test_a_finished_game_keeps_who_played_it(tmp_path: Path) -> None:
    table = make_table("6x6x4", "c3c4", level="weak")

    async def save(game: FullScreenGame, pilot: Pilot[int], name: str) -> str:
        await press(game, pilot, "s")
        game.screen.query_one(Input).value = str(tmp_path / name)
        await press(game, pilot, "enter")
        return (tmp_path / name).read_text(encoding="utf-8")

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "g")
        before = await save(game, pilot, "before.sgf")
        assert "PW[random 6x6x4 weak]" in before
        for keys in (("l", "down", "enter"), ("c",)):
            await press(game, pilot, *keys)
            assert "A game that is over keeps who played it" in screen_lines(game)[-2]
            assert "○ White: random 6x6x4 weak" in screen_text(game)
        assert await save(game, pilot, "after.sgf") == before
        await press(game, pilot, "u", "l", "down", "enter")
        assert table.setup.level == "full", "whoever takes the end back may choose again"

    play(table, scenario)
