"""A run on disk: a resumed run is the run, byte for byte, and damage is named."""

import itertools
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from training_parts import slowly

from arena.scripted import sparring_partner
from gomoku.errors import CheckpointError
from gomoku.rules import Rules
from nets.config import NetworkConfig
from nets.tensor_file import TensorFile, read_tensors, write_tensors
from training.config import CheckConfig, KeepConfig, LearnerConfig, ReplayConfig, SelfPlayConfig, TrainConfig
from training.console import ProgressBar
from training.hooks import Hooks
from training.loop import TrainingLoop
from training.metrics import read_metrics
from training.run_folder import RunFolder, lasting_settings, read_config, write_config

RULES = Rules(6, 4)
Begin = Callable[[Path, int], Path]

CONFIG = TrainConfig(
    seed=3,
    iteration_positions=60,
    backend="torch",
    precision="float32",
    device="cpu",
    network=NetworkConfig(blocks=1, channels=8),
    self_play=SelfPlayConfig(simulations=6, games=10, threads=2),
    replay=ReplayConfig(window_start=75),
    learner=LearnerConfig(batch_size=32, reuse=2, warmup=100, decay_at=(400,)),
    check=CheckConfig(every=2, games=2),
    keep=KeepConfig(checkpoints=2, generations=2, every=3),
)


def check_by_weights(network: torch.nn.Module, _iteration: int) -> dict[str, object]:
    total = float(sum(p.double().sum() for p in network.parameters()))
    return {"opponent": "nobody", "games": 2, "score": total, "score_as_black": 0.0, "score_as_white": 0.0}


def train(root: Path, iterations: int, config: TrainConfig = CONFIG) -> TrainingLoop:
    folder, config = RunFolder(root), replace(config, max_iterations=iterations)
    root.mkdir(exist_ok=True)
    if not folder.config.exists():
        write_config(folder, config)
    loop = TrainingLoop(folder, config, Hooks(check=check_by_weights, make_partner=sparring_partner))
    assert loop.run(None) == "iterations"
    return loop


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """Puts a run of so many iterations into a folder: a copy of one that is trained when it is first asked for."""

    @cache
    def trained(iterations: int) -> Path:
        return train(tmp_path_factory.mktemp("begun"), iterations).folder.root

    return lambda root, iterations: shutil.copytree(trained(iterations), root, dirs_exist_ok=True)


def files_of(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*.safetensors"))}


EVERYTHING_ON = replace(
    CONFIG,
    self_play=replace(
        CONFIG.self_play,
        surprise_share=0.5,
        prune_targets=True,
        full_share=0.75,
        quick_simulations=3,
        sparring_share=0.5,
        sparring_level=3,
    ),
    learner=replace(CONFIG.learner, reply_weight=0.15, value_mix=0.3, threads=2),
)


@pytest.mark.parametrize("config", [CONFIG, EVERYTHING_ON], ids=["as usual", "everything on"])
def test_two_and_two_iterations_are_four_byte_for_byte(tmp_path: Path, config: TrainConfig) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    loop = train(whole, 4, config)
    train(halves, 2, config)
    assert any(share["games"] for share in train(halves, 4, config).state.actors.state())
    ours, theirs = files_of(halves), files_of(whole)
    assert ours.keys() == theirs.keys()
    assert "checkpoints/000004.safetensors" in ours
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert loop.state.learner.learnt > 400, "the schedule has passed its step"
    assert len(loop.state.ratings) == 2


def test_what_is_kept_is_what_the_rule_says(tmp_path: Path) -> None:
    loop = train(tmp_path, 7)
    folder = RunFolder(tmp_path)
    assert folder.numbers("checkpoints") == [6, 7]
    assert folder.numbers("generations") == [3, 6, 7]
    segments = sorted(folder.replays().values())
    assert segments[-1] == 7
    assert {segment.iteration for segment in loop.state.replay.segments} <= set(segments)
    assert len(segments) < 7
    (folder.checkpoint(7)).unlink()
    assert train(tmp_path, 7).state.iteration == 7, "the older checkpoint still finds its segments"


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_taken(begun: Begin, tmp_path: Path) -> None:
    begun(tmp_path, 3)
    newest = RunFolder(tmp_path).checkpoint(3)
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    loop = train(tmp_path, 3)
    assert len(loop.complaints) == 1
    assert str(newest) in loop.complaints[0]
    assert [line["iteration"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3]


def test_an_older_checkpoint_that_is_damaged_does_not_end_a_run(begun: Begin, tmp_path: Path) -> None:
    config = replace(CONFIG, keep=replace(CONFIG.keep, checkpoints=3))
    begun(tmp_path, 2)
    train(tmp_path, 3, config)
    older = RunFolder(tmp_path).checkpoint(2)
    older.write_bytes(older.read_bytes()[:-7] + b"damaged")
    assert train(tmp_path, 4, config).complaints == []
    assert RunFolder(tmp_path).numbers("checkpoints") == [2, 3, 4]


def test_without_any_whole_checkpoint_there_is_an_error_and_no_fresh_start(begun: Begin, tmp_path: Path) -> None:
    begun(tmp_path, 1)
    RunFolder(tmp_path).checkpoint(1).write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"no checkpoint in .* is whole"):
        train(tmp_path, 2)


def test_a_segment_that_was_swapped_for_another_is_noticed(begun: Begin, tmp_path: Path) -> None:
    begun(tmp_path, 2)
    folder = RunFolder(tmp_path)
    folder.replay(2, RULES).write_bytes(folder.replay(1, RULES).read_bytes())
    loop = train(tmp_path, 2)
    assert "its iteration is 1, not 2" in loop.complaints[0]


def test_a_checkpoint_of_another_run_is_noticed_by_its_positions_and_the_one_before_it_taken(
    begun: Begin, tmp_path: Path
) -> None:
    """Runs with actor processes have the same settings and, from the same seed, other games."""
    ours, other = RunFolder(tmp_path / "ours"), RunFolder(tmp_path / "other")
    begun(ours.root, 3)
    write_config(ours, replace(CONFIG, max_iterations=3))
    train(other.root, 3, replace(CONFIG, seed=4))
    tensors, header = read_tensors(other.checkpoint(3))
    write_tensors(ours.checkpoint(3), tensors, header | {"settings": lasting_settings(CONFIG)})
    loop = train(ours.root, 2)
    assert "not the positions that the checkpoint was made with" in loop.complaints[0]
    assert loop.state.iteration == 2


def test_a_checkpoint_that_was_made_with_other_settings_is_refused_and_they_are_named(
    begun: Begin, tmp_path: Path
) -> None:
    begun(tmp_path, 1)
    with pytest.raises(
        CheckpointError, match=r"its learner\.batch_size is 32, not 64; its seed is 3, not 4"
    ) as caught:
        train(tmp_path, 2, replace(CONFIG, seed=4, learner=replace(CONFIG.learner, batch_size=64)))
    assert "\n" not in str(caught.value)


def without(tensors_and_header: TensorFile, path: Path, name: str) -> None:
    """Writes a checkpoint as it was before there was this entry."""
    tensors, header = tensors_and_header
    write_tensors(path, tensors, {key: value for key, value in header.items() if key != name})


def test_a_checkpoint_from_before_there_were_settings_in_it_is_resumed_or_refused_in_one_line(
    begun: Begin, tmp_path: Path
) -> None:
    begun(tmp_path, 1)
    path = RunFolder(tmp_path).checkpoint(1)
    file = read_tensors(path)
    segments = [segment[:2] for segment in file.header["segments"]]
    without(TensorFile(file.tensors, file.header | {"segments": segments}), path, "settings")
    with pytest.raises(CheckpointError, match="does not fit") as caught:
        train(tmp_path, 2, replace(CONFIG, network=NetworkConfig(blocks=1, channels=16)))
    assert "\n" not in str(caught.value)
    assert train(tmp_path, 2).state.iteration == 2


def test_a_clock_that_jumps_a_day_to_and_fro_neither_ends_a_run_nor_reaches_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, genuine, jumps = 86_400.0, time.time, itertools.cycle((0.0, 1.0, -1.0))
    monkeypatch.setattr(time, "time", lambda: genuine() + day * next(jumps))
    config = replace(CONFIG, max_iterations=3)
    bar = ProgressBar(30.0, config)
    write_config(RunFolder(tmp_path), config)
    loop = TrainingLoop(RunFolder(tmp_path), config, Hooks(check=check_by_weights, on_progress=bar.show))
    assert loop.run(minutes=30.0) == "iterations"
    bar.close()
    lines = read_metrics(tmp_path / "metrics.jsonl")
    assert len(lines) == 3
    for line in lines:
        assert 0 < line["self_play_seconds"] < line["seconds"] < line["total_seconds"] + 1e-9 < 1800
        assert 0 <= line["learner_share"] <= 1
    assert TrainingLoop(RunFolder(tmp_path), CONFIG, Hooks(check=check_by_weights)).run(minutes=1e-6) == "time"


def test_a_run_resumes_before_its_first_checkpoint(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_config(folder, CONFIG)
    loop = TrainingLoop(folder, CONFIG, Hooks(check=check_by_weights, should_stop=lambda: True))
    assert loop.run(None) == "stopped"
    assert train(tmp_path, 1).state.iteration == 1


def test_stopping_drops_the_iteration_under_way_and_nothing_else(begun: Begin, tmp_path: Path) -> None:
    begun(tmp_path / "plain", 2)
    root = tmp_path / "stopped"
    begun(root, 1)
    asked = iter([False] + [False] + [True] * 100)
    hooks = Hooks(check=check_by_weights, should_stop=lambda: next(asked), span=slowly)
    loop = TrainingLoop(RunFolder(root), CONFIG, hooks)
    assert loop.run(None) == "stopped"
    train(root, 2)
    assert files_of(root) == files_of(tmp_path / "plain")


def test_settings_survive_being_written(tmp_path: Path) -> None:
    config = replace(CONFIG, network=NetworkConfig(blocks=0, plain_channels=(16, 8)))
    write_config(RunFolder(tmp_path), config)
    assert read_config(RunFolder(tmp_path)) == config


def test_a_run_that_has_lost_its_checkpoints_does_not_begin_anew(begun: Begin, tmp_path: Path) -> None:
    begun(tmp_path, 3)
    for path in (tmp_path / "checkpoints").iterdir():
        path.unlink()
    before = {str(path): path.stat().st_size for path in tmp_path.rglob("*")}
    with pytest.raises(CheckpointError, match=r"has a generation 3 and no checkpoint at all; .* --from .*000003"):
        train(tmp_path, 4)
    assert {str(path): path.stat().st_size for path in tmp_path.rglob("*")} == before


YAML_BOMB = (
    "[&a [x,x,x,x,x,x,x,x,x,x]"
    + "".join(
        f",&{name} [{','.join(['*' + before] * 10)}]" for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    + "]"
)


def test_damaged_settings_are_an_error_in_one_line(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_config(folder, CONFIG)
    text = folder.config.read_text()
    other = tmp_path / "other.yaml"
    other.write_text("batch_size: 77\n")
    for damaged in (
        text[:50],
        text.replace('"seed": 3', '"seed": "x"'),
        text.replace('"seed"', '"sead"'),
        text.replace('"seed": 3', '"seed": "0x10"'),
        text.replace('"seed": 3', f'"seed": "{YAML_BOMB}"'),
        text.replace('"suite": [', '"suite": ["&a", '),
        text.replace('"rules": "6x6x4"', f'"rules": "{YAML_BOMB}"'),
        json.dumps(json.loads(text) | {"learner": str(other)}),
        json.dumps(json.loads(text) | {"learner": "{batch_size: 78}"}),
        json.dumps(json.loads(text) | {"learner": None}),
        "[" * 100_000,
        " " * 1_000_001 + text,
        "[]",
        "",
        "1",
    ):
        folder.config.write_text(damaged)
        started = time.process_time()
        with pytest.raises(CheckpointError, match=r"config\.json is damaged") as caught:
            read_config(folder)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 1000
        assert time.process_time() - started < 1
