"""Thinking for pages: positions told, moves made, analyses that grow, end at once and give way."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from unittest.mock import AsyncMock, Mock

import pytest
from starlette.websockets import WebSocketDisconnect, WebSocketState
from web_parts import MODEL, Talk, running_server, talk
from websockets.exceptions import ConnectionClosed, InvalidStatus

from arena.player_factory import ModelFactory
from gomoku.board import Board
from gomoku.notation import parse_point
from gomoku.player import Decision, Limit, Player
from gomoku.random_player import RandomPlayer
from gomoku.rules import Rules, parse_rules
from ui.web.bounds import Bounds
from ui.web.page import Page as WebPage
from ui.web.thinker import Thinker

RULES = parse_rules("6x6x4")
SOON = 2.0
"""Seconds: generous, for a busy machine; what is measured is in benchmarks."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_server(bounds=Bounds(analyses=1)) as where:
        yield where


@pytest.fixture
def page(address: str) -> Iterator[Talk]:
    with talk(address) as client:
        yield client


def test_a_look_tells_whose_turn_it_is_and_how_the_game_ended(page: Talk) -> None:
    position = page.ask(kind="look", id=1, rules="6x6x4", moves="a1a6b1b6c1c6d1")
    assert position["outcome"] == {"winner": "black", "result": "1-0", "reason": "line"}
    assert position["line"] == ["a1", "b1", "c1", "d1"]
    assert page.ask(kind="look", id=2, rules="6x6x4", moves="a1")["to_play"] == "white"


def test_a_page_that_leaves_before_its_answer_is_no_fault() -> None:
    look = json.dumps({"kind": "look", "id": 1, "rules": "6x6x4"})
    events = [{"type": "websocket.receive", "text": look}, {"type": "websocket.disconnect"}]
    socket = Mock(
        application_state=WebSocketState.CONNECTED, accept=AsyncMock(), receive=AsyncMock(side_effect=events)
    )
    socket.send_text = AsyncMock(side_effect=WebSocketDisconnect(1006))
    asyncio.run(WebPage(socket, Mock(), Bounds()).run())
    socket.send_text.assert_awaited_once()


def test_a_look_names_the_points_that_renju_forbids(page: Talk) -> None:
    moves = "h9a1h10a3i8a5j8a7"  # two open threes of Black meet in h8
    forbidden = page.ask(kind="look", id=1, rules="renju-15x15", moves=moves)["forbidden"]
    assert forbidden == {"h8": "double three"}
    assert page.ask(kind="look", id=2, rules="15x15", moves=moves)["forbidden"] == {}


def test_a_set_up_position_is_understood(page: Talk) -> None:
    start = "/".join(["......", ".XX...", ".OO...", "......", "......", "......"]) + "-w"
    assert page.ask(kind="look", id=1, rules="6x6x4", start=start)["to_play"] == "white"


def test_a_level_answers_with_one_legal_move(page: Talk) -> None:
    answer = page.ask(kind="move", id=5, rules="6x6x4", moves="c3", level="beginner")
    assert answer["kind"] == "thought"
    assert answer["final"]
    board = Board.from_moves(RULES, [parse_point("c3", 6)])
    assert board.is_legal(parse_point(answer["move"], 6))


def test_a_move_on_a_short_clock_comes_in_time(page: Talk) -> None:
    page.ask(kind="move", id=4, rules="15x15", moves="h8", level="strong", seconds=0.05)  # makes the player
    began = time.monotonic()
    page.ask(kind="move", id=5, rules="15x15", moves="h8", level="strong", seconds=0.05)
    assert time.monotonic() - began < SOON


def test_an_analysis_grows_and_ends_when_it_is_stopped(page: Talk) -> None:
    page.say(kind="analyse", id=1, rules="15x15", moves="h8")
    first, second = page.hear(), page.hear()
    assert first["simulations"] < second["simulations"]
    assert first["candidates"][0]["line"].startswith(first["candidates"][0]["move"])
    began = time.monotonic()
    page.say(kind="stop", id=2)
    page.hear_until(lambda answer: answer["kind"] == "stopped")
    assert time.monotonic() - began < SOON
    with pytest.raises(TimeoutError):
        page.hear(timeout=0.3)


def test_an_analysis_with_a_limit_ends_by_itself(page: Talk) -> None:
    page.say(kind="analyse", id=1, rules="15x15", moves="h8", simulations=64)
    answers = [page.hear()]
    while answers[-1]["kind"] != "done":
        answers.append(page.hear())
    assert answers[-2]["simulations"] >= 64


def test_a_new_question_replaces_the_analysis_of_before(page: Talk) -> None:
    page.say(kind="analyse", id=1, rules="15x15", moves="h8")
    page.hear()
    page.say(kind="analyse", id=2, rules="15x15", moves="h8i9")
    page.hear_until(lambda answer: answer["id"] == 2)
    assert {page.hear()["id"] for _ in range(3)} == {2}


def test_a_waiting_move_goes_before_an_endless_analysis_which_goes_on_after_it(address: str, page: Talk) -> None:
    page.say(kind="analyse", id=1, rules="15x15", moves="h8")
    page.hear()
    with talk(address) as other:
        began = time.monotonic()
        other.ask(kind="move", id=2, rules="6x6x4", level="beginner")
        assert time.monotonic() - began < SOON
    assert page.hear()["kind"] == "thought"


def test_a_page_that_closes_stops_its_analysis(address: str, page: Talk) -> None:
    with talk(address) as leaving:
        leaving.say(kind="analyse", id=1, rules="15x15", moves="h8")
        leaving.hear()
        page.say(kind="analyse", id=1, rules="15x15", moves="h8")
        assert page.hear()["status"] == 429
    time.sleep(0.5)
    page.say(kind="analyse", id=2, rules="15x15", moves="h8")
    assert page.hear()["kind"] == "thought"


def test_one_page_too_many_is_turned_away_and_an_idle_one_goes() -> None:
    with running_server(bounds=Bounds(pages=1, idle_seconds=0.6, warm_up=False)) as where, talk(where) as page:
        with pytest.raises(InvalidStatus) as refused, talk(where):
            pass
        assert refused.value.response.status_code == 429
        with pytest.raises(ConnectionClosed) as closed:
            page.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4000


def test_moves_come_first_and_analyses_take_turns() -> None:
    order: list[str] = []

    async def run() -> None:
        thinker = Thinker(ModelFactory(str(MODEL), "cpu", "float32", "torch", seed=1), Bounds())
        board, stop = Board(RULES), threading.Event()
        await thinker.warm_up(RULES)

        def reporter(name: str) -> object:
            async def report(_: Decision) -> None:
                order.append(name)

            return report

        limit = Limit(stop=stop.is_set)
        big = Board(parse_rules("15x15"))
        analyses = [asyncio.create_task(thinker.analyse(big, limit, reporter(name))) for name in "ab"]  # type: ignore[arg-type]
        while len(order) < 6:
            await asyncio.sleep(0.01)
        seen = len(order)
        await thinker.decide(board, "beginner", stop, None)
        assert len(order) - seen <= 2
        stop.set()
        await asyncio.gather(*analyses)
        thinker.close()

    asyncio.run(run())
    assert order[:6].count("a") == order[:6].count("b") == 3


class BrokenFactory:
    """A program error where a player should be."""

    levels = ("broken",)

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:
        raise RuntimeError(f"{rules.name}, {level}, {limit}, {memory}")


def test_a_player_that_breaks_down_closes_the_page_that_waits_for_it_and_no_other() -> None:
    with running_server(bounds=Bounds(warm_up=False), factory=BrokenFactory()) as where, talk(where) as other:
        with talk(where) as page:
            page.say(kind="move", id=1, rules="6x6x4")
            with pytest.raises(ConnectionClosed) as closed:
                page.hear()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1011
        assert other.ask(kind="look", id=1, rules="6x6x4")["kind"] == "position"


class RandomFactory:
    """Players that cannot think aloud."""

    levels = ("random",)
    made = 0

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:
        del rules, level, limit, memory
        self.made += 1
        return RandomPlayer(seed=1)


def test_a_player_that_cannot_think_aloud_says_so_and_few_players_are_kept() -> None:
    factory = RandomFactory()

    async def run() -> None:
        thinker = Thinker(factory, Bounds(players=1))
        stop = threading.Event()

        async def report(_: Decision) -> None:
            raise AssertionError("a random player thought aloud")

        with pytest.raises(ValueError, match="cannot analyse 6x6x4"):
            await thinker.analyse(Board(RULES), Limit(), report)
        for rules in (RULES, RULES, Rules(), RULES):
            await thinker.decide(Board(rules), None, stop, None)
        thinker.close()

    asyncio.run(run())
    assert factory.made == 3
