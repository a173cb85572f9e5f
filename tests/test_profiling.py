"""The look inside a run: a trace that other programs can read, with the work of all threads under its names."""

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reference_search import HashEvaluator

import train as script
from gomoku.board import Board
from gomoku.command_line import BAD_INPUT
from gomoku.rules import Rules
from mcts.config import SearchConfig
from mcts.search import Search
from nets.config import NetworkConfig
from training.config import CheckConfig, LearnerConfig, ReplayConfig, SelfPlayConfig, TrainConfig
from training.hooks import Hooks
from training.loop import TrainingLoop
from training.profiling import Profile, watched
from training.run_folder import RunFolder

THREADS = 2
CONFIG = TrainConfig(
    seed=3,
    rules="6x6x4",
    device="cpu",
    backend="torch",
    precision="float32",
    iteration_positions=30,
    max_iterations=2,
    network=NetworkConfig(blocks=1, channels=8, pool_every=0),
    self_play=SelfPlayConfig(simulations=4, games=8, threads=THREADS),
    learner=LearnerConfig(batch_size=32),
    replay=ReplayConfig(window_start=50),
    check=CheckConfig(every=1),
)


def trained_under(profile: Profile, folder: Path) -> TrainingLoop:
    hooks = Hooks(check=lambda _network, _iteration: {"score": 0.5})
    loop = TrainingLoop(RunFolder(folder), CONFIG, watched(hooks, profile))
    with profile:
        assert loop.run(None) == "iterations"
    return loop


def spans_in(text: str) -> list[dict[str, Any]]:
    return [event for event in json.loads(text)["traceEvents"] if event.get("cat") == "user_annotation"]


def test_the_trace_of_a_run_names_the_work_of_every_thread(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    loop = trained_under(Profile(path), tmp_path / "run")
    spans = spans_in(path.read_text(encoding="utf-8"))
    threads = {
        name: {span["tid"] for span in spans if span["name"] == name}
        for name in ("select", "evaluate", "expand", "learn")
    }
    assert {name: len(tids) for name, tids in threads.items()} == {
        "select": THREADS,
        "evaluate": THREADS,
        "expand": THREADS,
        "learn": 1,
    }
    assert threads["learn"].isdisjoint(threads["evaluate"])
    assert sum(span["name"] == "learn" for span in spans) == loop.state.learner.steps > 0
    assert {"phase: self-play", "phase: learn", "phase: check", "phase: write checkpoint"} <= {
        span["name"] for span in spans
    }


def test_a_trace_ends_after_its_seconds_and_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "trace.json.gz"
    profile = Profile(path, seconds=0.0)
    loop = trained_under(profile, tmp_path / "run")
    assert loop.state.iteration == CONFIG.max_iterations
    assert not profile.is_on
    written = spans_in(gzip.decompress(path.read_bytes()).decode())
    names = [span["name"] for span in written]
    assert "learn" not in names
    assert "evaluate" in names, "it ends when the other threads have done with the games"


def test_watching_does_not_change_what_is_learnt(tmp_path: Path) -> None:
    seen = trained_under(Profile(tmp_path / "trace.json"), tmp_path / "seen")
    unseen = TrainingLoop(
        RunFolder(tmp_path / "unseen"), CONFIG, Hooks(check=lambda _network, _iteration: {"score": 0.5})
    )
    unseen.run(None)
    for name, tensor in seen.state.learner.network.state_dict().items():
        assert tensor.equal(unseen.state.learner.network.state_dict()[name])


def test_a_search_names_the_parts_of_its_steps() -> None:
    entered: list[str] = []
    left: list[str] = []

    @contextmanager
    def span(name: str) -> Iterator[None]:
        entered.append(name)
        yield
        left.append(name)

    rules = Rules(6, 4)
    search = Search(rules, HashEvaluator(), SearchConfig(), 1, 100, span)
    slot = search.add(Board(rules), simulations=3, seed=1)
    search.run()
    assert entered == left == ["select", "evaluate", "expand"] * (1 + 3), "the root's own evaluation comes first"
    unseen = Search(rules, HashEvaluator(), SearchConfig(), 1, 100)
    twin = unseen.add(Board(rules), simulations=3, seed=1)
    unseen.run()
    assert np.array_equal(search.result(slot).visit_counts, unseen.result(twin).visit_counts)


@pytest.mark.parametrize("place", ["nowhere/trace.json", "."])
def test_a_trace_that_cannot_be_written_is_refused_before_anything_starts(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, run = tmp_path / place, tmp_path / "run"
    monkeypatch.setattr("sys.argv", ["train.py", "--run", str(run), "--profile", str(path)])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert script.main() == BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert f"--profile {path}" in line
    assert not run.exists()
    assert os.listdir(tmp_path) == []
