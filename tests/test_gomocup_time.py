"""How long the Gomocup engine may think: what the manager says, and what the engine counts itself."""

import pytest
from test_gomocup import Manager, thought


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
