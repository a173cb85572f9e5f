"""The script: real games through a pipe and at a real terminal, and one line for whatever cannot be played."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from human_play_parts import refusal, run

import human_play
from arena.interactive import default_model
from benchmarks.pseudo_terminal import CTRL_C, DEADLINE, END_OF_INPUT, ROOT, SCRIPT, Terminal
from gomoku.record_files import read_record, read_tree
from gomoku.rules import parse_rules
from nets.config import NetworkConfig
from nets.model_file import ModelCard, save_model
from nets.network import build_network


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    config = NetworkConfig(blocks=1, channels=8)
    torch.manual_seed(0)
    card = ModelCard("tiny", trained_rules=("6x6x4",))
    save_model(folder / "model.safetensors", config, build_network(config).state_dict(), card)
    return folder


def test_a_whole_game_through_a_pipe_is_played_and_saved(tmp_path: Path) -> None:
    path = tmp_path / "game.sgf"
    typed = f"a3\nb2\nb2\na2\nc1\na1\nsave {path}\n"
    finished = run("--black", "human", "--white", "human", "--rules", "3x3x3", typed=typed)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "b2 is occupied" in finished.stdout
    assert "Black (X) wins: line a3 a2 a1 (1-0)" in finished.stdout
    assert "Black (X), move 1> a3\n" in finished.stdout, "what is typed into a pipe is repeated"
    assert read_record(path).result == "1-0"


def test_a_fault_in_a_variation_does_not_cost_the_game_and_others_are_saved_again(tmp_path: Path) -> None:
    people = ("--black", "human", "--white", "human")
    path, faulty, saved = tmp_path / "game.sgf", tmp_path / "faulty.sgf", tmp_path / "saved.sgf"
    path.write_text("(;SZ[6];B[cc](;W[dd])(;W[ee]))")
    finished = run(*people, "--load", path, typed=f"a1\nsave {saved}\nquit\n")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert len(read_tree(saved).moves) == 4
    faulty.write_text("(;SZ[6];B[cc](;W[dd])(;W[cc]))")
    finished = run(*people, "--load", faulty, typed="a1\nquit\n")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert f"Note: the variations are left out: {faulty}: move 2: c4 is occupied" in finished.stdout


def test_a_game_at_a_terminal_with_hint_undo_bad_squares_and_resignation(model: Path) -> None:
    terminal = Terminal("--plain", "--model", model, "--simulations", "20")
    terminal.expect_exact("6x6x4: Black (X) human, White (O)")
    dialogue = [
        ("move 1> ", "z9", "'z9' is not a point between a1 and f6"),
        ("move 1> ", "c3", "is thinking ..."),
        ("move 3> ", "c3", "c3 is occupied"),
        ("move 3> ", "hint", "Hint: "),
        ("move 3> ", "undo", "Taken back: "),
        ("move 1> ", "d4", " simulations"),
        ("move 3> ", "resign", "White (O) wins: resignation"),
        ("> ", "quit", "Goodbye."),
    ]
    for prompt, line, answer in dialogue:
        terminal.expect_exact(prompt)
        terminal.sendline(line)
        terminal.expect_exact(answer)
    assert terminal.status_at_end() == 0


def test_the_end_of_input_in_a_game_is_told_and_its_moves_are_not_lost() -> None:
    terminal = Terminal("--plain", "--white", "random", "--rules", "3x3x3", "--moves", "a1")
    terminal.expect_exact("move 3> ")
    terminal.send(END_OF_INPUT)
    terminal.expect_exact("The input ended in the midst of the game; type quit to leave one.")
    terminal.expect_exact("start with --rules 3x3x3 --moves a1")
    terminal.expect_exact("Goodbye.")
    assert terminal.status_at_end() == 2


def test_ctrl_c_while_the_ai_thinks_ends_politely_and_shows_the_moves(model: Path) -> None:
    terminal = Terminal("--plain", "--model", model, "--seconds", "1000", "--rules", "15x15")
    terminal.expect_exact("was trained on 6x6x4, not on 15x15")
    terminal.expect_exact("move 1> ")
    terminal.sendline("h8")
    terminal.expect_exact("is thinking ...")
    terminal.send(CTRL_C)
    terminal.expect_exact("--rules 15x15 --moves h8")
    assert terminal.status_at_end() == 130


def test_output_that_nobody_takes_ends_the_game_in_a_line_or_none(model: Path) -> None:
    nobody_reads, theirs = os.pipe()
    os.close(nobody_reads)
    full = os.open("/dev/full", os.O_WRONLY)
    error = "human_play.py: error: standard output"
    for options in (("--black", "human", "--white", "human"), ("--model", model)):
        command = [sys.executable, SCRIPT, *map(str, options), "--rules", "5x5"]
        for whole, output, status, told in (
            (
                ["sh", "-c", '"$@" >&-', "sh", *command],
                None,
                2,
                f"{error} is closed, and nobody would see it\n",
            ),
            (command, full, 1, f"{error}: No space left on device\n"),
            (command, theirs, 1, ""),
        ):
            finished = subprocess.run(
                whole,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                cwd=ROOT,
                text=True,
                timeout=DEADLINE,
                check=False,
            )
            assert (finished.returncode, finished.stderr) == (status, told)
    os.close(theirs)
    os.close(full)


def test_a_refusal_is_one_line_and_status_two() -> None:
    finished = run("--white", "models/nobody")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("human_play.py: error: ")
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--rules", "6x7"], "the board must be square"),
        (["--rules", "23x23"], "board size 23 is not between 3 and 22"),
        (["--rules", "chess"], "write them like 6x6x4"),
        (["--colour", "red"], "choose from"),
        (["--foo"], "unrecognized arguments: --foo (--help lists the options)"),
        (["--sim", "5"], "unrecognized arguments"),
        (["--simulations", "0"], "'0' is not a whole number from 1"),
        (["--simulations", "\u0665"], "is not a whole number"),
        (["--seconds", "nan"], "'nan' is not a number of seconds from 0.01"),
        (["--seconds", "1", "--simulations", "1"], "not allowed with"),
        (["--precision", "int4"], "choose from"),
        (["--backend", "abacus"], "choose from"),
        (["--precision", "int8", "--backend", "torch"], "precision 'int8' is not one of float32, bfloat16, float16"),
        (["--white", "pure@x"], "pure is measured in simulations, 1 to 4000000"),
        (["--white", "nobody"], "'nobody' is not a model or run"),
        (["--white", SCRIPT], "not a readable safetensors file"),
        (["--model", "pure@30", "--simulations", "200"], "--simulations 200: pure@30 has a limit of its own"),
        (["--black", "pure@9", "--white", "random", "--seconds", "2"], "--seconds 2: pure@9 and random has a limit"),
        (["--model", "pure@9", "--level", "easy"], "--level easy: levels are for models, not for pure@9;"),
        (["--black", "pure@9", "--white", "scripted:3", "--level", "quick"], "not for pure@9 and scripted:3;"),
        (["--black", "human", "--white", "human", "--level", "easy"], "levels are for models, not for people;"),
        (["--white", "random", "--colour", "white"], "--colour says where you sit"),
        (["--white", "random", "--games", "2"], "--games is for two AIs"),
        (["--white", "random", "--moves", "c3c3"], "'c3' comes twice"),
        (
            ["--white", "random", "--rules", "3x3x3", "--moves", "a1a2b1b2c1c2"],
            "c2 cannot be played: the game is over",
        ),
        (["--load", "no.sgf"], "no.sgf: No such file or directory"),
        (["--load", SCRIPT], "does not end in .sgf or .json"),
        (["--load", "x.sgf", "--moves", "h8"], "not allowed with"),
    ],
)
def test_what_cannot_be_played_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert complaint in refusal(capsys, *arguments)


def test_a_damaged_model_is_refused(capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path) -> None:
    content = bytearray((model / "model.safetensors").read_bytes())
    content[-5] ^= 255
    for name, damaged in (("flipped", content), ("cut", content[:-9]), ("empty", b"")):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(damaged)
        assert str(path) in refusal(capsys, "--model", path)


def test_a_device_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    assert "device 'warp' is not here" in refusal(capsys, "--model", model, "--device", "warp")


def test_a_record_of_other_rules_than_asked_for_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "game.sgf"
    path.write_text("(;SZ[15];B[hh])")
    assert "is a game of 15x15" in refusal(capsys, "--load", path, "--rules", "6x6x4")


@pytest.mark.parametrize(
    ("arguments", "black", "white"),
    [
        ([], "human", "model"),
        (["--colour", "white"], "model", "human"),
        (["--white", "random"], "human", "random"),
        (["--black", "random"], "random", "human"),
        (["--black", "human"], "human", "model"),
        (["--white", "human"], "model", "human"),
        (["--black", "human", "--white", "human"], "human", "human"),
        (["--black", "random", "--white", "pure"], "random", "pure"),
    ],
)
def test_a_seat_left_open_goes_to_the_opposite_of_its_opponent(arguments: list[str], black: str, white: str) -> None:
    seats = human_play.seats_of(human_play.make_parser().parse_args(arguments))
    assert (seats[1], seats[-1]) == (black, white)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--simulations", "7"], ("human", "@7")),
        (["--seconds", "0.5"], ("human", "@0.5s")),
        (["--colour", "white"], ("@400", "human")),
        (["--black", "random", "--white", "pure@9", "--simulations", "7"], ("random", "pure@9")),
        (["--black", "human", "--white", "pure", "--simulations", "7"], ("human", "pure@7")),
    ],
)
def test_the_limit_goes_to_players_that_have_none_of_their_own(
    model: Path, arguments: list[str], names: tuple[str, str]
) -> None:
    session = human_play.make_session(human_play.make_parser().parse_args(["--model", str(model), *arguments]))
    for colour, name in ((1, names[0]), (-1, names[1])):
        assert session.name_of(colour) == (f"{model}{name}" if name.startswith("@") else name)
    assert session.board.rules.name == "6x6x4"


def test_the_model_gives_hints_where_it_does_not_play(model: Path) -> None:
    options = ["--model", str(model), "--simulations", "5", "--black", "human", "--white", "human"]
    session = human_play.make_session(human_play.make_parser().parse_args(options))
    assert session.board.is_legal(session.hint().move)


def test_hints_come_at_full_strength_whatever_the_level(model: Path) -> None:
    options = ["--model", str(model), "--simulations", "50", "--level", "beginner"]
    session = human_play.make_session(human_play.make_parser().parse_args(options))
    assert session.hint().simulations == 50
    assert session.name_of(-1).endswith("beginner")


def test_a_level_is_that_of_the_model_alone(model: Path) -> None:
    options = ["--model", str(model), "--white", "pure@30", "--black", str(model), "--level", "easy"]
    session = human_play.make_session(human_play.make_parser().parse_args(options))
    assert (session.name_of(1), session.name_of(-1)) == (f"{model}@400, easy", "pure@30")


def test_the_default_model_is_the_one_of_the_rules_or_of_the_largest_board(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no model is shipped"):
        default_model(None, tmp_path)
    for name in ("6x6x4", "15x15", "renju-9x9", "standard-15x15", "experiment"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes())
    assert Path(default_model(None, tmp_path)).name == "15x15"
    assert Path(default_model(parse_rules("6x6x4"), tmp_path)).name == "6x6x4"
    assert Path(default_model(parse_rules("20x20"), tmp_path)).name == "15x15"
    assert Path(default_model(parse_rules("renju-15x15"), tmp_path)).name == "renju-9x9", "the variant comes first"
    assert Path(default_model(parse_rules("standard-12x12"), tmp_path)).name == "standard-15x15"
