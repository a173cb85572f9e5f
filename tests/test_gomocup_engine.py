"""The Gomocup engine at work: threads, clocks and stops, an independent client, and the real process."""

import gc
import io
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from gomocup_partners import BrokenPlayer, FastFactory, InProcessEngine, PatientPlayer
from pygomo.client import EngineClient
from pygomo.protocol.models import BoardPosition, Move

from benchmarks.gomocup_storm import storm
from gomoku.player import Candidate, Proof
from ui.gomocup_driver import LONGEST_LINE, read_lines
from ui.gomocup_thinking import evaluation_name

ROOT = Path(__file__).resolve().parent.parent
ENGINE = [sys.executable, str(ROOT / "human_play.py"), "gomocup"]
POINT = r"\d+,\d+"


def patient_engine(value: float | None = None) -> tuple[InProcessEngine, PatientPlayer]:
    player = PatientPlayer(value)
    engine = InProcessEngine(FastFactory(player))
    engine.send("START 15")
    assert engine.answers(1) == ["OK"]
    return engine, player


def test_a_player_behind_it_that_has_no_move_is_an_error_and_the_engine_lives_on() -> None:
    engine = InProcessEngine(FastFactory(BrokenPlayer()))
    engine.send("START 15", "ABOUT")
    assert engine.answers(1) == ["ERROR gomocup:broken has no move: it ended with status 3"]
    assert engine.answers(1)[0].startswith("name=")


def test_a_whole_game_is_played() -> None:
    engine = InProcessEngine()
    engine.send("START 15", "INFO timeout_turn 1000", "BEGIN")
    assert engine.answers(1) == ["OK"]
    taken = set()
    for _ in range(100):
        (answer,) = engine.answers(1)
        if not re.fullmatch(POINT, answer):
            assert "the game is over" in answer
            break
        taken.add(answer)
        free = next(f"{x},{y}" for y in range(15) for x in range(15) if f"{x},{y}" not in taken)
        taken.add(free)
        engine.send(f"TURN {free}")
    assert len(taken) >= 10
    engine.send("END")
    assert engine.has_left()


def test_a_thought_gets_the_time_that_is_left_since_the_command_came() -> None:
    engine, player = patient_engine()
    sent = time.monotonic()
    engine.send("INFO timeout_turn 300", "BEGIN")
    assert player.thinking.wait(10)
    on_the_way = time.monotonic() - sent
    assert engine.answers(1) == ["0,0"]
    assert 0.27 - on_the_way <= player.limits[-1].seconds < 0.27


@pytest.mark.parametrize("word", ["STOP", "YXSTOP", "stop"])
def test_stop_ends_a_thought_with_a_move(word: str) -> None:
    engine, player = patient_engine()
    engine.send("BEGIN")
    assert player.thinking.wait(10)
    engine.send(word, "ABOUT")
    assert engine.answers(1) == ["0,0"]
    assert engine.answers(1)[0].startswith("name=")


@pytest.mark.parametrize("ending", ["END", None])
def test_a_thought_that_is_cut_off_by_the_end_says_nothing(ending: str | None) -> None:
    engine, player = patient_engine()
    engine.send("BEGIN")
    assert player.thinking.wait(10)
    engine.send(ending) if ending else engine.end_of_input()
    assert engine.has_left()
    time.sleep(0.05)
    assert engine.is_silent


def test_boards_that_nobody_can_play_are_refused() -> None:
    engine = InProcessEngine()
    engine.send("START 21", "START 20", "BEGIN")
    answers = engine.answers(3)
    assert answers[:2] == ["ERROR board size 21 is too large for this player", "OK"]
    assert re.fullmatch(POINT, answers[2])


def test_memory_and_rules_reach_the_factory_and_make_a_new_player() -> None:
    engine = InProcessEngine()
    engine.send("START 15", "INFO max_memory 99000000", "INFO rule 4", "TURN 7,7")
    assert engine.answers(2)[0] == "OK"
    asked = [(rules.name, memory) for rules, _, memory in engine.factory.asked]
    assert asked == [*((name, 0) for name in ("15x15", "standard-15x15", "renju-15x15")), ("renju-15x15", 99000000)]


def test_a_fault_of_our_own_ends_the_process_and_is_told_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty(PatientPlayer):
        def decide(self, *_: object) -> list:
            raise KeyError("a fault")

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    engine = InProcessEngine(FastFactory(Faulty()))
    engine.send("START 15")
    assert engine.has_crashed.wait(10)
    engine.send("END")
    assert engine.has_left()
    assert "a fault" in capsys.readouterr().err


def test_analysis_is_reported_line_by_line_before_the_move() -> None:
    engine, player = patient_engine()
    engine.send("YXBOARD 0,0,2 DONE", "YXNBEST 2")
    assert player.thinking.wait(10)
    engine.send("STOP")
    lines = engine.answers(25)
    assert lines[:12] == [
        "INFO PV 0",
        "INFO NUMPV 2",
        "INFO DEPTH 1",
        "INFO NODES 10",
        "INFO TOTALNODES 20",
        "INFO TOTALTIME 500",
        "INFO SPEED 40",
        "INFO EVAL 220",
        "INFO WINRATE 0.7500",
        "INFO PRIOR 0.2500",
        "INFO BESTLINE 1,0",
        "INFO PV DONE",
    ]
    assert lines[12] == "INFO PV 1"
    assert lines[-1] == "1,0"


@pytest.mark.parametrize(
    ("candidate", "name"),
    [
        (Candidate(0, 1, 0.0, 1.0), "0"),
        (Candidate(0, 1, 1.0, 1.0), "1381"),
        (Candidate(0, 1, -1.0, 1.0), "-1381"),
        (Candidate(0, 1, 1.0, 1.0, (1, 2, 3), Proof.WIN), "+M3"),
        (Candidate(0, 1, -1.0, 1.0, (1, 2), Proof.LOSS), "-M2"),
        (Candidate(0, 1, 0.0, 1.0, (1,), Proof.DRAW), "0"),
    ],
)
def test_evaluations_are_whole_numbers_or_mates(candidate: Candidate, name: str) -> None:
    assert evaluation_name(candidate) == name


@pytest.mark.parametrize(
    ("stones", "value", "answer"),
    [
        ("7,7 8,8 9,9", -0.2, "SWAP"),
        ("7,7 8,8 9,9", 0.2, POINT),
        ("7,7 8,8 9,9 1,1 2,2", -0.2, "SWAP"),
        ("7,7 8,8 9,9 1,1 2,2", None, POINT),
        ("", 0.1, rf"{POINT} {POINT} {POINT}"),
    ],
)
def test_swap2_takes_the_better_side(stones: str, value: float | None, answer: str) -> None:
    engine, _ = patient_engine(value)
    engine.send("INFO timeout_turn 100", f"SWAP2BOARD {stones} DONE")
    (said,) = engine.answers(1)
    assert re.fullmatch(answer, said)
    assert len(set(said.split())) == len(said.split())


def test_a_storm_is_weathered_in_turn() -> None:
    referee = storm(InProcessEngine(), 2000, seed=1)
    assert referee.thoughts > 100


def test_lines_of_any_length_and_ending_are_read() -> None:
    content = b"START 15\r\n" + b"x" * (3 * LONGEST_LINE) + b"\nABOUT\n\xff\xfe\nEND"
    lines = list(read_lines(io.BytesIO(content)))
    assert [line.strip() for line in lines] == ["START 15", "x" * LONGEST_LINE, "ABOUT", "\ufffd\ufffd", "END"]


class Process:
    """The real engine, with a random player."""

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [*ENGINE, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def send(self, line: str) -> None:
        self._process.stdin.write(line + "\n")

    def read(self) -> str:
        return self._process.stdout.readline()

    def seconds_to_leave(self) -> float:
        started = time.monotonic()
        assert self._process.wait(timeout=10) == 0
        self._process.stdout.close()
        return time.monotonic() - started

    def close_input(self) -> None:
        self._process.stdin.close()


@pytest.mark.parametrize("ending", ["END", "end of input"])
def test_the_real_engine_stops_and_leaves_at_once_in_the_middle_of_a_thought(ending: str) -> None:
    engine = Process("--model", "models/6x6x4")
    engine.send("START 15")
    assert engine.read() == "OK\n"
    engine.send("INFO timeout_turn 60000")
    engine.send("BEGIN")
    time.sleep(0.2)
    started = time.monotonic()
    engine.send("STOP")
    assert re.fullmatch(POINT + "\n", engine.read())
    assert time.monotonic() - started < 5
    engine.send("TURN 0,0")
    time.sleep(0.2)
    if ending == "END":
        engine.send(ending)
    engine.close_input()
    assert engine.seconds_to_leave() < 5


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the client leaves its pipes to the garbage collector
def test_the_launcher_answers_to_an_independent_client_from_any_folder(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    client = EngineClient(
        str(ROOT / "pbrain-gomoku-zero"), args=["--model", "random"], working_directory=str(tmp_path)
    )
    with client:
        assert "gomoku-zero" in client.about(timeout=30)
        assert client.start(15, timeout=60)
        client.configure(timeout_turn=1000, max_memory=350_000_000, rule=1)
        first = client.begin(timeout=30)
        reply = client.turn(Move((7, 7)) if first.move != Move((7, 7)) else Move((8, 8)), timeout=30)
        assert reply.move != first.move
        assert client.takeback(reply.move, timeout=30)
        assert client.restart(timeout=30)
        position = BoardPosition()
        assert client.board(position, timeout=30).move is not None
    for reader in set(threading.enumerate()) - threads:
        reader.join(10)  # which holds a pipe until the engine has closed its end
        assert not reader.is_alive()
    del client
    gc.collect()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("redirection", "complaint"),
    [
        (">&-", "gomocup: cannot talk to the manager: Bad file descriptor\n"),
        (">/dev/full", "gomocup: cannot talk to the manager: No space left on device\n"),
        (">&- 2>&-", ""),
    ],
)
@pytest.mark.parametrize("lines", ["ABOUT\nEND\n", "START 15\n"])  # answered by either thread
def test_output_that_nobody_can_write_to_is_told_in_one_line(redirection: str, complaint: str, lines: str) -> None:
    # The input stays open: it is the lost output that ends the engine.
    engine = subprocess.Popen(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *ENGINE, "--model", "random"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with engine:
        engine.stdin.write(lines)
        engine.stdin.flush()
        assert engine.stderr.read() == complaint
        assert engine.wait(60) == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--level", "godlike"], "invalid choice: 'godlike'"),
        (["--what"], "unrecognized arguments: --what"),
        (["--model", "nobody"], "player 'nobody' is not a model or run; there is "),
        (["--level", "easy", "--model", "pure@9"], "levels are for models, not for pure@9; leave it out"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(options: list[str], complaint: str) -> None:
    finished = subprocess.run([*ENGINE, *options], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 2
    assert complaint in finished.stderr
    assert len(finished.stderr.splitlines()) == 1
    assert finished.stdout == ""
