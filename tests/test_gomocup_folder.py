"""An outside engine that is named by a path, and who plays in a tournament's folder."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from test_gomocup_player import BRAIN

from arena.journal import Journal, taken

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("workers", [1, 2])
def test_an_engine_is_run_where_it_was_named_whoever_plays(workers: int, tmp_path: Path) -> None:
    (tmp_path / "brain.py").write_text(f"#!{sys.executable}\n{BRAIN}", encoding="utf-8")
    (tmp_path / "brain.py").chmod(0o755)
    match = ["random", "gomocup:./brain.py good log@1s", "--rules", "6x6x5", "--openings", "empty", "--games", "4"]
    command = [sys.executable, str(ROOT / "evaluate.py"), *match, "--workers", str(workers), "--json", "out.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["forfeits"] == [0, 0]
    assert (tmp_path / "log").read_text(encoding="utf-8").count("START 6") >= workers


def test_a_duel_says_why_a_game_was_lost_without_a_move(tmp_path: Path) -> None:
    match = ["random", "gomocup:sh -c 'exit 3'@1s", "--rules", "6x6x5", "--openings", "empty", "--games", "2"]
    command = [sys.executable, str(ROOT / "evaluate.py"), *match, "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "lost 2 games without a move (time, crash or illegal move). First: gomocup:" in done.stdout
    assert "did not start" in done.stdout


@pytest.mark.parametrize("has_empty_environment", [False, True])
def test_the_launcher_without_its_packages_says_what_to_do_and_a_duel_tells_it(
    has_empty_environment: bool, tmp_path: Path
) -> None:
    shutil.copy2(ROOT / "pbrain-gomoku-zero", tmp_path)
    for file in ("human_play.py", "gomoku", "ui", "arena", "mcts", "nets", "workers"):
        (tmp_path / file).symlink_to(ROOT / file)
    bare = tmp_path / (".venv" if has_empty_environment else "elsewhere")
    venv.create(bare, symlinks=True)
    path = {**os.environ, "PATH": f"{bare / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    complaint = (
        'pbrain-gomoku-zero: its packages are not installed: run "make setup" beside it, '
        "or activate their environment"
    )
    launched = [str(tmp_path / "pbrain-gomoku-zero")]
    done = subprocess.run(launched, input="", env=path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{complaint}\n")
    match = ["random", "gomocup:./pbrain-gomoku-zero@1s", "--rules", "6x6x5", "--openings", "empty", "--games", "2"]
    command = [sys.executable, str(ROOT / "evaluate.py"), *match, "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=True)
    assert f"it did not start: it ended with status 1 ({complaint})" in done.stdout


def test_two_processes_do_not_play_in_one_folder(tmp_path: Path) -> None:
    match = ["tournament", "random", "pure@5", "--rules", "3x3x3", "--games", "2", "--out", "games"]
    command = [sys.executable, str(ROOT / "evaluate.py"), *match, "--workers", "1"]
    with taken(tmp_path / "games"):
        Journal(tmp_path / "games", {})
        before = sorted(path.name for path in (tmp_path / "games").iterdir())
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert sorted(path.name for path in (tmp_path / "games").iterdir()) == before
    assert done.returncode == 2
    assert done.stderr == (
        "evaluate.py: error: games is being played in by another process; wait for it, stop it, or choose another\n"
    )
