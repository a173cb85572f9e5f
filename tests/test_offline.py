"""Learning from the positions that a run has kept: what comes of it, and what is refused."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from learner_parts import filled_replay

from gomoku.errors import CheckpointError
from gomoku.rules import Rules
from nets.config import NetworkConfig
from nets.model_file import load_model
from training import offline
from training.checkpoint import kept_segments, save_segment
from training.config import LearnerConfig, TrainConfig
from training.learner import Learner
from training.offline import judged, learn_offline
from training.run_folder import RunFolder, write_config

NETWORK = NetworkConfig(blocks=1, channels=8, line_planes=True)
CONFIG = LearnerConfig(batch_size=32, warmup=0)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with the positions of two iterations."""
    folder = RunFolder(tmp_path / "run")
    folder.root.mkdir()
    write_config(folder, TrainConfig())
    (segment,) = filled_replay().segments
    for iteration in (1, 2):
        save_segment(folder, replace(segment, iteration=iteration))
    return folder.root


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[int, str]:
    """Exit status, and what was said."""
    monkeypatch.setattr(sys, "argv", ["offline", *map(str, arguments)])
    status = offline.main()
    said = capsys.readouterr()
    return status, said.out if status == 0 else said.err


def test_a_network_learns_what_it_is_given_and_only_as_much(run: Path) -> None:
    segments = kept_segments(RunFolder(run))
    assert [segment.iteration for segment in segments] == [1, 2]
    little, more = (learn_offline(segments[:1], NETWORK, CONFIG, count, seed=1) for count in (32, 6400))
    assert (little.learnt, more.learnt) == (32, 6400)
    before, after = (judged(learner, segments[1:], seed=1) for learner in (little, more))
    assert after.policy < before.policy
    assert after.value < before.value - 0.3


def test_the_same_seed_gives_the_same_weights_and_judgement_changes_none(run: Path) -> None:
    segments = kept_segments(RunFolder(run))
    first, second = (learn_offline(segments, NETWORK, CONFIG, 320, seed=3) for _ in range(2))
    judged(first, segments, seed=1)
    for ours, theirs in zip(first.averaged.parameters(), second.averaged.parameters(), strict=True):
        assert np.array_equal(ours.detach().numpy(), theirs.detach().numpy())


def test_the_command_writes_a_model_and_says_what_it_knows_of_what_was_held_out(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = ("--blocks", 1, "--channels", 8, "--line-planes", "--positions", 600, "--value-mix", 0.5)
    status, said = told(capsys, monkeypatch, run, tmp_path / "small", *shape)
    assert status == 0
    assert "60 positions, 768 learnt; held out: policy " in said
    model = load_model(tmp_path / "small" / "model.safetensors")
    assert model.config == NETWORK
    assert model.card.trained_rules == (Rules(6, 4).name,)
    assert model.card.positions == 768


def test_ctrl_c_keeps_what_was_learnt_and_a_loss_that_is_not_finite_leaves_nothing(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = ("--blocks", 1, "--channels", 8, "--positions", 10**6)
    status, said = told(capsys, monkeypatch, run, tmp_path / "far", *shape, "--learning-rate", 1e30)
    assert (status, said.splitlines()[-1][:18], (tmp_path / "far").exists()) == (2, "offline.py: error:", False)
    learn = Learner.learn

    def interrupted(learner: Learner, *arguments: Any) -> Any:
        if learner.learnt:
            raise KeyboardInterrupt
        return learn(learner, *arguments)

    monkeypatch.setattr(Learner, "learn", interrupted)
    status, said = told(capsys, monkeypatch, run, tmp_path / "part", *shape)
    learnt = load_model(tmp_path / "part" / "model.safetensors").card.positions
    assert (status, 0 < learnt < 10**6) == (0, True)


def test_what_cannot_be_learnt_from_is_refused_in_one_line(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, target = tmp_path / "empty", tmp_path / "target"
    empty.mkdir()
    cases: list[tuple[tuple[object, ...], str]] = [
        ((empty, target), "holds no positions"),
        ((run, target, "--held-out", 2), "to hold 2 out, 3 are needed"),
        ((run, target, "--positions", 0), "--positions and --held-out must be 1 or more"),
        ((run, target, "--channels", 2), "channels 2 is not a whole number from 4 to 512"),
        ((run, run), "exists; name a new folder"),
    ]
    for arguments, reason in cases:
        status, said = told(capsys, monkeypatch, *arguments)
        assert status == 2
        assert reason in said
        assert said.count("\n") == 1
        assert not target.exists()


def test_a_damaged_file_of_positions_is_named(run: Path) -> None:
    path = run / "replay" / "000002-6x6x4.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match="000002-6x6x4"):
        kept_segments(RunFolder(run))
