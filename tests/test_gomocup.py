"""The Gomocup protocol as a pure machine: dialogues as tables of lines and answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gomoku.board import Board
from gomoku.notation import gomocup_name, parse_gomocup
from gomoku.rules import BLACK, BLOCKED, WHITE, Rules, Variant
from ui.gomocup import GomocupProtocol
from ui.gomocup_effects import Effect, Exit, OpenSwap2, Prepare, Say, Stop, Think

CROSS = "7,6,1 0,0,2 7,5,1 2,0,2 6,7,1 4,0,2 8,7,1 6,0,2"
"""A black stone at 7,7 would be a double three."""
BOTH_WIN = " ".join(f"{x},3,1 {x},9,2" for x in range(5))


class Manager:
    """Hands lines to a protocol and carries its effects out at once: moves are the first legal point."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.protocol = GomocupProtocol("about us")
        self.tasks: list[Prepare | Think | OpenSwap2] = []
        self.said: list[str] = []
        self.others: list[Effect] = []
        self._at_once = at_once

    def send(self, *lines: str, received: float = 0.0) -> list[str]:
        """What is said to these lines."""
        before = len(self.said)
        for line in lines:
            self._carry_out(self.protocol.handle(line, received))
        return self.said[before:]

    def finish(self) -> list[str]:
        """Does the task under way, and returns what is said then."""
        before = len(self.said)
        self._carry_out(self._result(self.tasks[-1]))
        return self.said[before:]

    def _result(self, task: Prepare | Think | OpenSwap2) -> list[Effect]:
        if isinstance(task, Prepare):
            return self.protocol.failed("too large") if task.rules.size > 20 else self.protocol.ready()
        if isinstance(task, Think):
            return self.protocol.moved(task.board.legal_moves()[0])
        return self.protocol.opened("SWAP")

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Say(text):
                    self.said.append(text)
                case Prepare() | Think() | OpenSwap2():
                    self.tasks.append(effect)
                    if self._at_once:
                        self._carry_out(self._result(effect))
                case _:
                    self.others.append(effect)


@pytest.mark.parametrize(
    ("lines", "answers"),
    [
        (["START 15"], ["OK"]),
        (["start 20\r"], ["OK"]),
        (["  Start   15  "], ["OK"]),
        (["START"], ["ERROR START takes a board size, such as START 15, not ''"]),
        (["START 4"], ["ERROR board size 4 is not between 5 and 22"]),
        (["START 22"], ["ERROR too large"]),
        (["START 23"], ["ERROR board size 23 is not between 5 and 22"]),
        (["START ²"], ["ERROR START takes a board size, such as START 15, not '?'"]),
        (["START 15", "START 22", "BEGIN"], ["OK", "ERROR too large", "0,0"]),
        (["RECTSTART 15,15"], ["OK"]),
        (["RECTSTART 15 , 20"], ["ERROR only square boards can be played: RECTSTART 15,15"]),
        (["BEGIN"], ["ERROR no game yet: send START first"]),
        (["RESTART"], ["ERROR no game yet: send START first"]),
        (["BOARD", "7,7,1", "DONE"], ["ERROR no game yet: send START first"]),
        (["START 15", "BEGIN", "TURN 1,0", "BEGIN"], ["OK", "0,0", "2,0", "ERROR BEGIN is for"]),
        (["START 15", "TURN 7,7", "RESTART", "BEGIN"], ["OK", "0,0", "OK", "0,0"]),
        (["START 15", "TURN 7, 7", "TURN 7,7"], ["OK", "0,0", "ERROR 7,7 is occupied"]),
        (["START 15", "BOARD 7,7,3 DONE", "TURN 7,7"], ["OK", "0,0", "ERROR 7,7 is blocked"]),
        (["INFO rule 4", "START 15", f"YXBOARD {CROSS} DONE", "TURN 7,7"], ["OK", "ERROR 7,7 is a double three"]),
        (["INFO rule 4", "START 15", f"BOARD {BOTH_WIN} DONE"], ["OK", "ERROR both colours have a winning line"]),
        (["START 15", f"BOARD {BOTH_WIN} DONE"], ["OK", "ERROR both colours have a winning line"]),
        (["START 15", "TURN 15,0"], ["OK", "ERROR '15,0' is not a point"]),
        (["START 15", "TURN"], ["OK", "ERROR '' is not a point"]),
        (["START 15", "BOARD", "0,0,2", "DONE"], ["OK", "1,0"]),
        (["START 15", "BOARD 7,7,1 8,8,2 DONE"], ["OK", "0,0"]),
        (["START 15", "board", " 0 , 0 , 1 ", "1,0,2", "done"], ["OK", "2,0"]),
        (["START 15", "BOARD", "DONE"], ["OK", "0,0"]),
        (["START 15", "BOARD", "0,0,1", "INFO rule 1", "1,0,2", "DONE"], ["OK", "2,0"]),
        (["START 15", "BOARD 7,7,1 7,7,2 DONE", "BEGIN"], ["OK", "ERROR 7,7 comes twice", "0,0"]),
        (["START 15", "BOARD 7,7 DONE"], ["OK", "ERROR '7,7' is not x,y,1 (own)"]),
        (["START 15", "BOARD 7,15,1 DONE"], ["OK", "ERROR '7,15,1' is not"]),
        (["START 5", "BOARD " + "x " * 30, "DONE"], ["OK", "ERROR BOARD has more stones"]),
        (["START 15", "BOARD", "TURN 7,7"], ["OK", "ERROR BOARD was not ended by DONE", "0,0"]),
        (["START 15", "BOARD 0,0,1 1,0,1 2,0,1 3,0,1 4,0,1 DONE"], ["OK", "ERROR the game is over: Black wins"]),
        (["START 15", "YXBOARD 0,0,2 DONE", "YXNBEST 2", "YXNBEST"], ["OK", "1,0", "1,0"]),
        (["START 15", "YXNBEST x"], ["OK", "ERROR YXNBEST takes"]),
        (["START 15", "TURN 7,7", "TAKEBACK 0,0", "TAKEBACK 7,7", "BEGIN"], ["OK", "0,0", "OK", "OK", "0,0"]),
        (["START 15", "TURN 7,7", "TAKEBACK 7,7"], ["OK", "0,0", "ERROR 7,7 is not the last move, 0,0"]),
        (["START 15", "TAKEBACK 7,7"], ["OK", "ERROR there is no stone at 7,7"]),
        (["START 15", "YXBOARD 9,9,2 8,8,2 7,7,1 DONE", "TAKEBACK 9,9"], ["OK", "OK"]),
        (["START 15", "PLAY 7,7"], ["OK", "ERROR no move was suggested"]),
        (["START 15", "SWAP2BOARD", "DONE"], ["OK", "SWAP"]),
        (["START 15", "SWAP2BOARD 7,7 8,8 9,9 DONE"], ["OK", "SWAP"]),
        (["START 15", "SWAP2BOARD", "7,7", "8,8", "DONE"], ["OK", "ERROR SWAP2BOARD has 0, 3 or 5 stones, not 2"]),
        (["START 15", "SWAP2BOARD 7,7,1 DONE"], ["OK", "ERROR '7,7,1' is not x,y"]),
        (["ABOUT", "about"], ["about us", "about us"]),
        (["INFO timeout_turn", "INFO", "INFO folder C:\\x", "INFO evaluate 3,3", "INFO rule x", "INFO a b"], []),
        (["START 15", "INFO rule 1", "INFO rule 4", "INFO rule 99"], ["OK"]),
        (["", "   ", "\t"], []),
        (["HELLO you"], ["UNKNOWN command HELLO"]),
        (["h\x00\x1b[1m\u20ac" + "x" * 100], ["UNKNOWN command h??[1m?" + "x" * 53 + "..."]),
        (["DONE", "7,7"], ["UNKNOWN command DONE", "UNKNOWN command 7,7"]),
        (["STOP", "YXSTOP"], []),
        (["YXSHOWINFO"], ["MESSAGE about us"]),
        (["START 15", "YXSHOWFORBID"], ["OK", "FORBID ."]),
        (["START 15", "INFO rule 8", "BEGIN"], ["OK", "MESSAGE caro is not known here: no blocked ends", "0,0"]),
    ],
)
def test_dialogues(lines: list[str], answers: list[str]) -> None:
    said = Manager().send(*lines)
    assert len(said) == len(answers), said
    for text, expected in zip(said, answers, strict=True):
        assert text == expected or (expected.startswith("ERROR") and text.startswith(expected))
        assert not text.endswith(":")
        assert text.isascii()
        assert "\n" not in text


def test_end_is_heard_at_any_time() -> None:
    for before in ([], ["START 15"], ["START 15", "BOARD", "1,1,1"], ["START 15", "BEGIN"]):
        for at_once in (False, True):
            manager = Manager(at_once=at_once)
            manager.send(*before, " end ")
            assert manager.others[-1] == Exit()


def test_nothing_is_said_while_a_move_is_owed() -> None:
    manager = Manager(at_once=False)
    assert manager.send("START 15", "ABOUT") == []
    assert manager.finish() == ["OK", "about us"]
    assert manager.send("TURN 7,7", "ABOUT", "nonsense", "TURN 7,7", "INFO rule 4", "YXSHOWFORBID") == []
    assert manager.finish() == ["0,0", "about us", "UNKNOWN command nonsense", *manager.said[-1:]]
    assert manager.said[-1].startswith("ERROR 7,7 is occupied")
    assert manager.finish() == ["FORBID ."]
    assert manager.others == []


def test_stop_ends_the_thought_and_so_does_a_new_game() -> None:
    for line in ("STOP", "yxstop", "START 20", "RESTART"):
        manager = Manager(at_once=False)
        manager.send("START 15")
        manager.finish()
        manager.send("BEGIN")
        manager.send(line)
        assert manager.others == [Stop()]
        assert manager.finish()[0] == "0,0"


def test_a_stop_that_comes_too_early_holds_for_the_thought_that_waits() -> None:
    manager = Manager(at_once=False)
    manager.send("START 15", "BEGIN", "STOP")
    assert manager.others == []
    assert manager.finish() == ["OK"]
    assert manager.others == [Stop()]
    assert manager.finish() == ["0,0"]
    manager.send("TURN 5,5")
    assert manager.others == [Stop()]


def test_lines_that_flood_in_while_a_move_is_owed_are_dropped_at_last() -> None:
    manager = Manager(at_once=False)
    manager.send("START 15", *["ABOUT"] * 11_000)
    assert len(manager.finish()) == 10_001


def thought(*lines: str, received: float = 0.0) -> Think:
    """The last thing to think about after these lines."""
    manager = Manager()
    manager.send(*lines, received=received)
    task = manager.tasks[-1]
    assert isinstance(task, Think)
    return task


def test_rule_2_is_renju_as_soon_as_the_manager_shows_that_it_is_yixins() -> None:
    assert thought("START 15", "INFO rule 2", "BEGIN").board.rules.name == "15x15"
    assert thought("START 15", "INFO rule 2", "YXNBEST 1").board.rules.name == "renju-15x15"


def test_info_reaches_the_thought() -> None:
    task = thought("START 15", "INFO max_memory 83886080", "INFO max_node 77", "INFO SHOW_DETAIL 2", "BEGIN")
    assert (task.memory, task.limit.simulations, task.num_lines) == (83886080, 77, 1)
    assert thought("START 15", "INFO show_detail 1", "BEGIN").num_lines == 0
    assert thought("START 15", "YXNBEST 5").num_lines == 5
    assert thought("START 15", "INFO timeout_turn 0", "YXNBEST 5").limit.seconds is None


@pytest.mark.parametrize(
    ("infos", "variant"),
    [
        (["rule 0"], Variant.FREESTYLE),
        (["rule 1"], Variant.STANDARD),
        (["rule 4"], Variant.RENJU),
        (["rule 2"], Variant.FREESTYLE),
        (["rule 3"], Variant.STANDARD),
        (["rule 2", "show_detail 0"], Variant.RENJU),
        (["rule 4", "rule 0"], Variant.FREESTYLE),
    ],
)
@pytest.mark.parametrize("is_early", [False, True])
def test_rules_may_be_told_before_and_after_the_start(infos: list[str], variant: Variant, is_early: bool) -> None:
    lines = [f"INFO {info}" for info in infos]
    task = thought(*lines, "START 15", "BEGIN") if is_early else thought("START 15", *lines, "BEGIN")
    assert task.board.rules == Rules(15, variant=variant)


def test_rules_that_change_in_a_game_keep_the_stones() -> None:
    task = thought("START 15", "TURN 7,7", "INFO rule 1", "TURN 8,8")
    assert [gomocup_name(move, 15) for move in task.board.moves] == ["7,7", "0,0", "8,8"]
    board = thought("START 15", "BOARD 7,7,2 8,8,2 9,9,1 6,6,1 1,1,1 DONE", "INFO rule 4", "TURN 8,7").board
    assert board.ply == 7


def test_fouls_are_shown_as_four_digits_each() -> None:
    assert Manager().send("INFO rule 4", "START 15", f"YXBOARD {CROSS} DONE", "YXSHOWFORBID") == [
        "OK",
        "FORBID 0707.",
    ]


@pytest.mark.parametrize(
    ("stones", "to_play", "num_moves"),
    [
        ("7,7,1 8,8,2", BLACK, 2),
        ("8,8,2 7,7,1", BLACK, 0),
        ("7,7,2 8,8,1 9,9,2", WHITE, 3),
        ("7,7,2 9,9,2 8,8,1", WHITE, 0),
        ("7,7,1 8,8,2 3,3,3", BLACK, 0),
        ("", BLACK, 0),
    ],
)
def test_a_board_in_any_order_is_understood(stones: str, to_play: int, num_moves: int) -> None:
    board = thought("START 15", f"BOARD {stones} DONE").board
    assert board.to_play == to_play
    assert len(board.moves) == num_moves
    assert (board.cells == BLOCKED).sum() == stones.count(",3 ") + stones.endswith(",3")


def test_fouls_that_a_manager_marks_stay_free_for_white() -> None:
    board = thought("INFO rule 4", "START 15", "BOARD 7,7,2 3,3,3 DONE").board
    assert board.is_legal(parse_gomocup("3,3", 15))


def test_a_turn_that_ends_the_game_asks_for_no_move_and_can_be_taken_back() -> None:
    manager = Manager()
    stones = " ".join(f"{x},7,2 {x},9,1" for x in range(4))
    said = manager.send("START 15", f"YXBOARD {stones} DONE", "TURN 4,9", "TAKEBACK 4,9", "TURN 8,8")
    assert said[0] == "OK"
    assert said[1].startswith("ERROR the game is over")
    assert said[2:] == ["OK", "0,0"]


@settings(max_examples=200)
@given(st.lists(st.text(max_size=30) | st.sampled_from(["START 15", "BEGIN", "BOARD", "DONE", "TURN 7,7", "STOP"])))
def test_no_line_upsets_the_protocol(lines: list[str]) -> None:
    for text in Manager().send(*lines):
        assert text.isascii()
        assert text.isprintable()


def test_the_board_that_is_thought_about_is_a_copy() -> None:
    assert thought("START 15", "BEGIN").board.key == Board(Rules(15)).key
