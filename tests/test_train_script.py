"""`train.py` as people run it: what it makes, what it refuses, and how it is stopped."""

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from process_parts import read_until
from training_parts import ended, refused

import train as script
from nets import openvino_evaluator
from nets.calibration import Choice
from nets.engine import Engine
from nets.model_file import find_model_file, load_model, save_model
from nets.network import Network, network_of
from training import start
from training.config import TrainConfig
from training.hooks import Hooks
from training.loop import TrainingLoop
from training.run_folder import RunFolder, read_config, write_config
from training.start import fix_engines, open_run

ROOT = Path(__file__).resolve().parent.parent
LARGER = ("--network.blocks=2", "--network.line_planes=true", "--max_iterations=1")
SETTINGS = [
    *("--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu", "--precision=float32"),
    *("--iteration_positions=30", "--self_play.simulations=4", "--self_play.games=4", "--self_play.threads=2"),
    *("--learner.batch_size=32", "--replay.window_start=50", "--seed=3", "--check.every=1", "--check.games=2"),
    *("--check.simulations=4", "--check.pure_simulations=20", "--check.suite=[0, 4]"),
]
AS_TOLD = ["--backend=torch", "--learner.precision=float32"]
"""Beside the settings: nothing is measured at the start, as it is where the run of `finished` begins."""

SHIPPED = ROOT / "models" / "6x6x4" / "model.safetensors"


def train(*arguments: str, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one iteration; tests that change it take a copy."""
    run = tmp_path_factory.mktemp("runs") / "demo"
    done = train("--run", str(run), *SETTINGS, "--max_iterations=1")
    assert done.returncode == 0, done.stderr
    assert f"python human_play.py --model {run}" in done.stdout
    return run


def test_a_fresh_run_makes_a_model_a_picture_and_figures(finished: Path) -> None:
    assert load_model(finished / "model.safetensors").card.generation == 1
    assert (finished / "curve.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    (line,) = (finished / "metrics.jsonl").read_text().splitlines()
    check = json.loads(line)["check"]
    assert check["games"] == 2
    assert set(check["suite"]) == {"network", "4", "4 tactics"}
    assert check["suite"]["4 tactics"] > check["suite"]["network"]
    assert [file.name for file in (finished / "checkpoints").iterdir()] == ["000001.safetensors"]


@pytest.mark.parametrize(("actors", "backend"), [(0, "torch"), (1, "openvino")])
def test_a_run_spars_with_the_scripted_player(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, actors: int, backend: str
) -> None:
    run = tmp_path / "run"
    sparring = ("--self_play.sparring_share=1", "--self_play.sparring_level=2", f"--actors={actors}")
    more = (f"--backend={backend}", "--learner.precision=float32", "--max_iterations=1", "--check.every=0")
    assert ended(monkeypatch, "--run", str(run), *SETTINGS, *sparring, *more) == script.DONE
    line = json.loads((run / "metrics.jsonl").read_text())
    assert line["sparring_games"] == line["games"] > 0
    assert 0 <= line["sparring_score"] <= 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--run", "RUN"], "is a run already; take another folder"),
        (
            ["--resume", "RUN", "--self_play.simulations=9"],
            "only device, ray, max_iterations, check, keep and --minutes may change",
        ),
        (["--resume", "RUN", "--device=abacus"], "'abacus' is not here"),
        (["--resume", "RUN/checkpoints"], "is not a run: it has no config.json"),
        (["--resume", "RUN", "--run", "NEW"], "either --run FOLDER"),
        ([], "either --run FOLDER"),
        (["--run", "NEW", "--sead=3"], "unrecognized arguments: --sead=3 (--help lists the options)"),
        (["--run", "NEW", "--min=1"], "--min"),
        (["--run", "NEW", "--seed=x"], "--seed x is not a whole number"),
        (["--run", "NEW", "--seed=-1"], "seed is -1"),
        (["--run", "NEW", f"--seed={10**25}"], "2^63"),
        (["--run", "NEW", "--self_play.simulations=1"], "simulations is 1, it must be 2 to"),
        (["--run", "NEW", "--rules=6x7"], "the board must be square"),
        (["--run", "NEW", "--preset=chess"], "6x6x4"),
        (["--run", "NEW", "--minutes=0"], "above 0"),
        (["--run", "NEW", "--minutes=nan"], "--minutes nan is not a number"),
        (["--run", "NEW", "--device=abacus"], "'abacus' is not here"),
        (["--run", "NEW", "--from", "NOWHERE"], "no such file or folder"),
        (["--run", "NEW", "--from", "RUN/checkpoints/000001.safetensors"], "not a model"),
        (["--run", "NEW", "--from", "RUN/curve.png"], "not a readable safetensors file"),
    ],
)
def test_bad_input_is_refused_in_one_line_and_nothing_is_written(
    finished: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    told: str,
) -> None:
    config = (finished / "config.json").read_bytes()
    new = tmp_path / "new"
    places = {"RUN": str(finished), "NEW": str(new), "NOWHERE": str(tmp_path / "nowhere")}
    for word, place in places.items():
        arguments = [argument.replace(word, place) for argument in arguments]
    assert told in refused(capsys, monkeypatch, *arguments)
    assert not new.exists()
    assert (finished / "config.json").read_bytes() == config


def test_a_resumed_run_keeps_its_model_until_there_is_a_newer_generation(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    opened = open_run(["--resume", str(run)])
    try:
        assert find_model_file(run) == run / "model.safetensors"
        config = replace(opened.config, max_iterations=2)
        TrainingLoop(opened.folder, config, Hooks(check=lambda *_: {"score": 0.0})).run(None)
    finally:
        opened.lock.release()
    assert find_model_file(run) == run / "generations" / "000002.safetensors"


def test_minutes_that_a_run_has_had_already_are_told_of(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "--resume", str(finished), "--minutes=0.001", "--max_iterations=0") == script.DONE
    assert "nothing was trained: --minutes 0.001 counts the minutes of all resumes" in capsys.readouterr().err


def test_an_8_bit_run_is_checked_without_bfloat16(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_evaluator, "has_bfloat16", lambda: False)
    network = network_of(*load_model(find_model_file(finished))[:2])
    check = script.StrengthCheck(replace(read_config(RunFolder(finished)), backend="openvino", precision="int8"))
    assert check(network, 1)["games"] == 2


def test_a_run_in_bfloat16_is_not_gone_on_with_where_there_is_none_and_nothing_is_lost(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    write_config(RunFolder(run), replace(read_config(RunFolder(run)), backend="openvino", precision="bfloat16"))
    before = sorted((file, file.stat().st_mtime_ns) for file in run.rglob("*") if file.is_file())
    monkeypatch.setattr(openvino_evaluator, "has_bfloat16", lambda: False)
    told = refused(capsys, monkeypatch, "--resume", str(run))
    assert "this CPU does not have it; go on with it where it was begun, or begin another run --from" in told
    assert sorted((file, file.stat().st_mtime_ns) for file in run.rglob("*") if file.is_file()) == before
    new = tmp_path / "new"
    told = refused(capsys, monkeypatch, "--run", str(new), "--backend", "openvino", "--precision", "bfloat16")
    assert (
        told
        == "train.py: error: precision 'bfloat16' is not to be had with backend 'openvino': this CPU does not have it"
    )
    assert not new.exists()


def test_a_start_is_what_was_loaded_though_the_other_run_goes_on_meanwhile(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(finished, other)
    (other / "model.safetensors").unlink()
    first, next_one = (other / "generations" / f"{number:06d}.safetensors" for number in (1, 2))
    began, card = load_model(first).weights, load_model(first).card

    def measure(config: TrainConfig, network: Network) -> tuple[TrainConfig, str]:
        changed = {name: weight + 1 for name, weight in began.items()}
        save_model(next_one, network.config, changed, card)
        return fix_engines(config, network)

    monkeypatch.setattr(start, "fix_engines", measure)
    settings = [one for one in SETTINGS if "network" not in one]
    opened = open_run(["--run", str(tmp_path / "run"), "--from", str(other), *settings])
    opened.lock.release()
    assert next_one.is_file()
    kept = load_model(opened.folder.start).weights
    assert all(np.array_equal(kept[name], began[name]) for name in began)


def test_the_rows_per_call_that_were_measured_are_those_of_the_runs_own_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = Choice(Engine("openvino", "float32", "auto", rows=32), "measured")
    monkeypatch.setattr(start, "choose_engine", lambda *_: choice)
    settings = [
        *(one for one in SETTINGS if "precision" not in one),
        "--stages",
        '[{"boards": {"6x6x4": 1, "5x5x4": 1}}]',
    ]
    for told, rows in (([], 32), (["--rows", "16"], 16)):
        opened = open_run(["--run", str(tmp_path / str(rows)), *settings, *told])
        opened.lock.release()
        kept = read_config(opened.folder)
        assert [kept.engine_on(board).rows for board in (0, 1)] == [rows, None]
        assert kept.engine_on(0) == replace(choice.engine, device="cpu", rows=rows)
    for wrong in (8, 20, -16):
        with pytest.raises(ValueError, match=f"rows is {wrong}, it must be 0 or a multiple of 16"):
            replace(kept, rows=wrong)


def test_a_mistake_is_one_line_and_status_2_for_the_shell(tmp_path: Path) -> None:
    done = train("--run", str(tmp_path / "new"), "--minutes=0")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_run_from_a_model_has_its_weights_and_its_folder_alone_and_ctrl_c_keeps_it_resumable(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "more"
    settings = [*(one for one in SETTINGS if "network" not in one and "threads" not in one), *AS_TOLD]
    command = [sys.executable, "train.py", "--run", str(run), "--from", str(finished), *settings]
    command += ["--self_play.threads=1", "--iteration_positions=100000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    read_until(process, "self-play")
    told = refused(capsys, monkeypatch, "--resume", str(run), "--max_iterations=1")
    assert f"{run} is being trained by another process" in told
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"stopped before the first checkpoint; go on: python train.py --resume" in out
    assert b"Traceback" not in err
    theirs = load_model(finished / "model.safetensors").weights
    ours = load_model(run / "start.safetensors").weights
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    for state, replace_it in (
        ("is not the model that the run began with", lambda path: shutil.copy(SHIPPED, path)),
        ("is gone", Path.unlink),
    ):
        replace_it(run / "start.safetensors")
        told = refused(capsys, monkeypatch, "--resume", str(run), "--max_iterations=1")
        assert f"start.safetensors {state}; begin another run --from that model" in told


def test_a_run_may_make_the_network_of_its_model_larger_and_nothing_else_of_it(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = [*(one for one in SETTINGS if "network" not in one), *AS_TOLD, "--from", str(finished)]
    told = refused(capsys, monkeypatch, "--run", str(tmp_path / "wider"), *settings, "--network.channels=12")
    assert "can only grow by blocks and by line_planes; leave the --network options out" in told
    assert not (tmp_path / "wider").exists()
    run = tmp_path / "grown"
    assert ended(monkeypatch, "--run", str(run), *settings, *LARGER) == script.DONE
    before, start, after = (load_model(find_model_file(path)) for path in (finished, run / "start.safetensors", run))
    assert all(np.array_equal(start.weights[name], before.weights[name]) for name in before.weights)
    assert (after.config.blocks, after.config.line_planes) == (2, True)
    assert np.any(after.weights["lines.weight"])
    assert np.any(after.weights["blocks.1.second.weight"])
    assert ended(monkeypatch, "--resume", str(run), "--max_iterations=2") == script.DONE


def test_a_full_disk_is_one_line_and_the_last_checkpoint_still_loads(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "full"
    shutil.copytree(finished, run)
    largest = (run / "generations" / "000001.safetensors").stat().st_size

    def fill_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest // 2, largest // 2))

    done = train("--resume", str(run), "--max_iterations=2", "--check.every=0", before=fill_disk)
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr.splitlines()[-1]
    folder = RunFolder(run)
    loop = TrainingLoop(folder, read_config(folder), Hooks(check=lambda *_: {}, should_stop=lambda: True))
    assert loop.run(None) == "stopped"
    assert (loop.state.iteration, loop.complaints) == (1, [])
