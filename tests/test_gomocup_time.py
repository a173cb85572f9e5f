"""How long the Gomocup engine may think: what the manager says, and what the engine counts itself."""

import pytest
from test_gomocup import Manager, thought

from arena import player_factory
from arena.player_factory import ModelFactory
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules, Variant
from ui.gomocup_effects import Prepare, Think
from ui.gomocup_thinking import Thinker


@pytest.mark.parametrize(
    ("infos", "seconds"),
    [
        ([], 29.97),
        (["timeout_turn 1000"], 0.97),
        (["timeout_turn 1000", "time_left 3500"], 0.47),
        (["timeout_turn 1000", "time_left 700000"], 0.97),
        (["timeout_turn 1000", "time_left -5"], 0.001),
        (["timeout_turn 0"], 0.001),
        (["timeout_turn 1000", "time_left 2147483647"], 0.97),
        (["timeout_match 7000"], 0.97),
        (["timeout_match 7000", "time_left 2147483647"], 29.97),
        (["timeout_match 0", "TIME_LEFT 9999999999"], 29.97),
        (["timeout_turn x", "timeout_turn 1e3", "timeout_turn"], 29.97),
    ],
)
def test_a_move_gets_the_turn_or_a_seventh_of_what_is_left(infos: list[str], seconds: float) -> None:
    task = thought(*(f"INFO {info}" for info in infos), "START 15", "BEGIN", received=12.5)
    assert task.limit.seconds == pytest.approx(seconds)
    assert task.received == 12.5


def test_where_no_time_left_is_told_the_engine_counts_its_own() -> None:
    manager = Manager(at_once=False)
    manager.send("INFO timeout_match 7000", "START 15")
    manager.finish()
    manager.send("BEGIN", received=100.0)
    manager.protocol.moved(0, at=103.5)
    manager.send("TURN 5,5", received=200.0)
    assert manager.tasks[-1].limit.seconds == pytest.approx(0.47)


def test_the_time_that_a_swap2_opening_takes_counts() -> None:
    manager = Manager(at_once=False)
    manager.send("INFO timeout_match 7000", "START 15")
    manager.finish()
    manager.send("SWAP2BOARD", "DONE", received=100.0)
    manager.protocol.opened("7,7 8,8 9,9", at=103.5)
    manager.send("TURN 5,5", received=200.0)
    assert manager.tasks[-1].limit.seconds == pytest.approx(0.47)


@pytest.mark.parametrize("size", [15, 8])
def test_the_players_of_all_variants_are_there_when_the_start_is_answered(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    thinker = Thinker(lambda: ModelFactory(backend="torch", precision="float32"))
    thinker.prepare(Prepare(Rules(size), 0, is_announced=True))
    monkeypatch.setattr(player_factory, "interactive_player", None)  # which would take the time of a move
    for variant in (Variant.RENJU, Variant.STANDARD, Variant.FREESTYLE):
        rules = Rules(size, variant=variant)
        thinker.prepare(Prepare(rules, 350_000_000, is_announced=False))
        task = Think(Board(rules), Limit(simulations=8), 0.0, 350_000_000)
        assert task.board.is_legal(thinker.choose(task, lambda: False, print))


def test_rules_that_cannot_be_played_are_no_hindrance_to_those_that_can() -> None:
    def spec(rules: Rules | None) -> str:
        return "models/none" if rules == Rules(15, variant=Variant.RENJU) else "models/6x6x4"

    thinker = Thinker(lambda: ModelFactory(spec, backend="torch", precision="float32"))
    thinker.prepare(Prepare(Rules(15), 0, is_announced=True))
    with pytest.raises(ValueError, match="is not a model or run"):
        thinker.prepare(Prepare(Rules(15, variant=Variant.RENJU), 0, is_announced=False))
