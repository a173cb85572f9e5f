"""What the full-screen tests share: a game with real players, played through Textual's pilot."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from arena.player_factory import ModelFactory
from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.player import Limit, Player, PlayerFactory
from gomoku.random_player import RandomPlayer
from gomoku.records import record_of
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from ui.full_screen import thinking
from ui.full_screen.app import FullScreenGame
from ui.full_screen.board_view import BoardView
from ui.game_setup import Person
from ui.lazy_player import LazyPlayer
from ui.session import GameSession
from ui.table import Table

MODEL = Path(__file__).resolve().parent.parent / "models/6x6x4"
PATIENCE = 120.0
"""Seconds after which something counts as hanging: kernels may have to be compiled first."""
ROUNDS = 4
"""From the application to a widget, from there to itself and back, and once more for what that leads to."""
Scenario = Callable[[FullScreenGame, Pilot[int]], Awaitable[None]]


class RandomFactory:
    """Makes players that draw their moves."""

    levels: Sequence[str] = ("weak", "full")

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:  # noqa: ARG002
        return RandomPlayer(f"random {rules.name} {level}", seed=1)


def model_factory(limit: int | str = 40) -> ModelFactory:
    return ModelFactory(f"{MODEL}@{limit}", "cpu", "float32", "torch", seed=1)


def make_table(
    rules: str = "3x3x3",
    moves: str = "",
    person: Person = Person.BLACK,
    factory: PlayerFactory | None = None,
    level: str | None = None,
) -> Table:
    parsed = parse_rules(rules)
    factory = factory or RandomFactory()
    computer = LazyPlayer(factory, parsed, level)
    seats = {
        colour: None if person is Person.BOTH or person.value == colour else computer for colour in (BLACK, WHITE)
    }
    beginning = record_of(Board.from_moves(parsed, parse_moves(moves, parsed.size)))
    return Table(GameSession(seats, beginning, Limit()), factory)


def play(table: Table, scenario: Scenario, size: tuple[int, int] = (80, 24), **options: Any) -> None:
    """Plays a scenario on a screen of so many columns and rows."""

    async def run() -> None:
        game = FullScreenGame(table, **options)
        async with game.run_test(size=size) as pilot:
            await scenario(game, pilot)
        began = time.process_time()
        assert game.thinking.close(PATIENCE / 2), "somebody still thinks"
        # What it may take as wall clock where nobody else wants the cores; a loaded machine stretches that alone.
        assert time.process_time() - began <= thinking.PATIENCE, "somebody went on thinking"

    asyncio.run(asyncio.wait_for(run(), PATIENCE))


async def settle(game: FullScreenGame, pilot: Pilot[int]) -> None:
    """Until all that was sent has arrived. `pilot.pause()` would wait until nobody thinks, too."""
    for _ in range(ROUNDS):
        arrived = asyncio.Event()
        game.call_later(arrived.set)
        while not arrived.is_set():
            if game.return_value is not None:  # it has been left
                return
            await asyncio.sleep(0.001)
        await pilot.pause(0.005)


async def wait_until(game: FullScreenGame, pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    while not is_so():
        await pilot.pause(0.01)
    await settle(game, pilot)


async def press(game: FullScreenGame, pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        game.simulate_key(key)
        await settle(game, pilot)


async def aim(game: FullScreenGame, pilot: Pilot[int], move: int) -> None:
    """Goes to a point by the arrows."""
    view, size = game.query_one(BoardView), game.table.board.size
    rows, cols = (to - at for to, at in zip(divmod(move, size), divmod(view.cursor, size), strict=True))
    # One after another without a pause, as from a key that is held: each would be waited for, and drawn, by itself.
    for key in ["down" if rows > 0 else "up"] * abs(rows) + ["right" if cols > 0 else "left"] * abs(cols):
        game.simulate_key(key)
    await settle(game, pilot)


async def put(game: FullScreenGame, pilot: Pilot[int], moves: str) -> None:
    """Plays points by the arrows and Enter."""
    for move in parse_moves(moves, game.table.board.size):
        await aim(game, pilot, move)
        await press(game, pilot, "enter")


def screen_lines(game: FullScreenGame) -> list[str]:
    """What is to be read on the screen."""
    strips = game.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def screen_text(game: FullScreenGame) -> str:
    return "\n".join(screen_lines(game))
