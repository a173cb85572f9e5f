"""`evaluate.py ladder`, `tournament` and `--sprt` as users run them."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from test_gomocup_player import BRAIN

import evaluate
from arena.commands import older_selves
from arena.openings import choose_openings
from arena.sequential import MOST_REPEATED
from arena.specs import Contestant, parse_spec
from arena.units import PAIRS_PER_UNIT
from gomoku.rules import parse_rules

SCRIPT = Path(__file__).resolve().parent.parent / "evaluate.py"
MODEL = Path(__file__).resolve().parent.parent / "models" / "6x6x4"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments])
    try:
        return evaluate.main()
    except SystemExit as end:  # how argparse leaves
        return int(end.code or 0)


def test_a_duel_says_who_lost_without_a_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "brain.py").write_text(BRAIN, encoding="utf-8")
    bad = f"gomocup:{shlex.join([sys.executable, str(tmp_path / 'brain.py'), 'outside', str(tmp_path / 'bad')])}@0.2s"
    figures = tmp_path / "figures.json"
    for first, second, forfeits in ((bad, "random", [2, 0]), ("random", bad, [0, 2]), ("random", "pure@5", [0, 0])):
        duel = (first, second, "--rules", "7x7x5", "--games", "2", "--openings", "empty", "--json", str(figures))
        assert run(monkeypatch, *duel) == 0
        said = [line for line in capsys.readouterr().out.splitlines() if "without a move" in line]
        assert len(said) == (1 if any(forfeits) else 0)
        assert all("brain.py" in line and "lost 2 games" in line for line in said)
        assert json.loads(figures.read_text(encoding="utf-8"))["forfeits"] == forfeits


def test_a_tournament_with_an_outside_engine_that_fails_is_played_to_its_end_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "brain.py").write_text(BRAIN, encoding="utf-8")
    good, bad = (
        f"gomocup:{shlex.join([sys.executable, str(tmp_path / 'brain.py'), kind, str(tmp_path / kind)])}@0.2s"
        for kind in ("good", "outside")
    )
    out = tmp_path / "out"
    arguments = ("random", "pure@20", good, bad, "--rules", "7x7x5", "--games", "2", "--out", str(out))
    assert run(monkeypatch, "tournament", *arguments) == 0
    said = capsys.readouterr()
    assert "lost 6 games without a move" in said.out
    assert "made an illegal move" in said.err
    figures = json.loads((out / "table.json").read_text(encoding="utf-8"))
    assert figures["games"] == 12
    assert {player["name"] for player in figures["players"]} == {"random", "pure@20", good, bad}
    worst = next(player for player in figures["players"] if player["name"] == bad)
    assert (worst["forfeits"], worst["losses"]) == (6, 6)
    assert (out / "ladder.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "games.sgf").read_text(encoding="utf-8").count("made an illegal move") == 6
    assert "MESSAGE" not in said.out
    assert (out / "table.md").read_text(encoding="utf-8").endswith(said.out.rstrip("\n") + "\n")


def test_a_ladder_places_a_model_among_the_usual_rungs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("arena.commands.USUAL_RUNGS", ("random", "pure@10", "pure@30"))
    monkeypatch.setattr("arena.commands.SCRIPTED_RUNGS", ("no-such-kind:1",))
    out = tmp_path / "out"
    model = f"{MODEL}@4"
    arguments = (model, "--with", "pure@5", "pure@30", "--games", "2", "--out", str(out), "--backend", "openvino")
    assert run(monkeypatch, "ladder", *arguments) == 0
    figures = json.loads((out / "table.json").read_text(encoding="utf-8"))
    assert figures["rules"] == "6x6x4", "the model's own"
    assert {player["name"] for player in figures["players"]} == {model, "random", "pure@10", "pure@30", "pure@5"}
    table = capsys.readouterr().out
    assert run(monkeypatch, "ladder", *arguments) == 0
    assert capsys.readouterr().out == table, "started again with the same arguments there is nothing left to play"
    assert run(monkeypatch, "ladder", *arguments, "--anchor", "pure@30") == 0
    assert "Elo: pure@30 = 0" in capsys.readouterr().out
    of_another = json.loads((out / "table.json").read_text(encoding="utf-8"))
    assert next(player["elo"] for player in of_another["players"] if player["name"] == "pure@30") == 0
    assert of_another["games"] == figures["games"], "the same games, seen from another player"


def test_an_interrupted_tournament_keeps_its_games_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    players = ("pure@600", "pure@700", "pure@800")
    arguments = ("tournament", *players, "--rules", "6x6x4", "--games", "12", "--out", str(out), "--workers", "2")
    command = [sys.executable, str(SCRIPT), *arguments]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not (out / "games.jsonl").exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.02)
        workers = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert len(workers) == 2
    assert not any(worker.is_running() for worker in workers)
    assert process.returncode == 130
    assert errors.decode().splitlines()[-1] == "evaluate.py: stopped; finished games are kept"
    assert b"Traceback" not in errors
    kept = (out / "games.jsonl").read_text(encoding="utf-8")
    assert 0 < kept.count("\n") < 36
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=True)
    assert (out / "games.jsonl").read_text(encoding="utf-8").startswith(kept)
    assert (out / "games.jsonl").read_text(encoding="utf-8").count("\n") == 36
    assert "pure@800" in done.stdout


def test_a_run_is_shown_with_older_selves_spaced_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    generations = Path("runs/demo/generations")
    generations.mkdir(parents=True)
    for number in (1, 2, 10, 20, 30, 37, 38, 39, 40):
        shutil.copy(MODEL / "model.safetensors", generations / f"{number:06}.safetensors")
    spec = parse_spec("runs/demo@25")
    name = Contestant.find(spec).name
    assert name == "runs/demo:40@25"
    assert older_selves(spec, name) == ["runs/demo:30@25", "runs/demo:20@25", "runs/demo:10@25"]
    assert older_selves(parse_spec("runs/demo:2@25"), "runs/demo:2@25") == ["runs/demo:1@25"]
    assert older_selves(parse_spec("plain:runs/demo:2@25"), "plain:runs/demo:2@25") == ["plain:runs/demo:1@25"]
    assert older_selves(parse_spec("runs/demo:1@25"), "runs/demo:1@25") == []
    assert older_selves(parse_spec(str(MODEL)), str(MODEL)) == []


def test_a_sequential_test_stops_when_it_is_decided_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    arguments = ("pure@50", "random", "--rules", "6x6x4", "--sprt", "0", "50", "--json", str(out))
    reports = []
    for workers in ("1", "2"):
        assert run(monkeypatch, *arguments, "--workers", workers) == 0
        assert "H1 accepted (+50 Elo)" in capsys.readouterr().out
        reports.append(json.loads(out.read_text(encoding="utf-8")))
    assert reports[0]["sprt"]["accepted"] == "H1"
    assert reports[0]["games"] < 200
    clocks = dict.fromkeys(("seconds", "seconds_per_move", "longest_seconds"))
    assert reports[0] | clocks == reports[1] | clocks, "workers change nothing else"
    arguments = ("pure@20", "pure@20", "--rules", "6x6x4", "--sprt", "-5", "5", "--games", "20")
    assert run(monkeypatch, *arguments) == 0
    assert "undecided after 10 pairs" in capsys.readouterr().out


def test_a_sequential_test_ends_where_every_game_was_played_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one simulation a model plays its first choice, and so the same two games again and again."""
    match = (f"{MODEL}@1", f"{MODEL}@1", "--rules", "3x3x3", "--openings", "empty", "--sprt", "0", "50")
    # OpenVINO's threads would wait for each other at full speed, for networks that take no time.
    assert run(monkeypatch, *match, "--workers", "1", "--backend", "torch") == 0
    told = capsys.readouterr()
    pairs = PAIRS_PER_UNIT * -(-(1 + MOST_REPEATED) // PAIRS_PER_UNIT)
    assert f"undecided after {pairs} pairs, 1 of them distinct" in told.out
    assert f"the last {pairs - 1} pairs repeated earlier ones; other openings would tell more" in told.err
    few = ("random", "random", "--rules", "3x3x3", "--sprt", "0", "50", "--games", "20")
    assert run(monkeypatch, *few) == 0, "a board with few openings, but enough for these games"
    assert "undecided after 10 pairs" in capsys.readouterr().out


def test_the_figures_are_kept_though_the_pictures_cannot_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(evaluate, "write_pictures", draw)
    out = tmp_path / "out.json"
    match = ("random", "random", "--rules", "3x3x3", "--games", "2", "--json", str(out))
    assert run(monkeypatch, *match, "--pictures", str(tmp_path / "pictures")) == 2
    assert json.loads(out.read_text())["games"] == 2
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["tournament", "random"], "at least two"),
        (["tournament", "random", "random"], "'random' takes part twice"),
        (["tournament", "random", "pure@9", "--games", "3"], "must be an even number"),
        (["tournament", "random", "pure@9", "--seed", "-1"], "must be 0 or more"),
        (["tournament", "random", "pure@9", "--anchor", "pure"], "is none of the players: random, pure@9"),
        (["tournament", "random", "gomocup:no-such-engine"], "is not a program that can be run here"),
        (["tournament", "random", "gomocup:sh", "--rules", "6x6x4"], "outside engines play five in a row only"),
        (["ladder"], "required: MODEL"),
        (["ladder", "models/none"], "is not a model or run"),
        (["random", "pure@9", "--sprt", "5", "0"], "ELO0 has to be below ELO1"),
        (["random", "pure@9", "--openings", "model:random"], "a judge is a model with simulations"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert reason in said.err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("form", [[], ["--offsets"]])
def test_openings_are_written_into_a_file_that_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: list[str]
) -> None:
    path = tmp_path / "openings.txt"
    monkeypatch.setattr(sys, "argv", ["evaluate.py", "openings", "9x9x5", "--count", "5", "--out", str(path), *form])
    assert evaluate.main() == 0
    assert "5 openings on 9x9x5 are in" in capsys.readouterr().out
    rules = parse_rules("9x9x5")
    drawn = [board.moves for board in choose_openings("balanced", rules, 5, 0)]
    assert [board.moves for board in choose_openings(str(path), rules, 5, 0)] == drawn
    assert evaluate.main() == 2
    assert "exists already" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", [*sys.argv[:6], str(tmp_path / "nowhere" / "openings.txt")])
    assert evaluate.main() == 2
    assert "there is no folder" in capsys.readouterr().err
