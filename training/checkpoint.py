"""Checkpoints: the whole state of a run, so that it goes on as if it had never stopped.

The replay buffer's segments are files of their own that are never rewritten; a checkpoint names those it needs.
Everything else is one file, written beside and renamed: it is there whole, or not at all.
"""

import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gomoku.errors import CheckpointError
from gomoku.rules import parse_rules
from nets.tensor_file import TensorFile, TensorFileError, read_tensors, write_tensors
from training.actors import Actors
from training.config import TrainConfig
from training.learner import Learner
from training.replay import ReplayBuffer, Segment
from training.run_folder import RunFolder, changed_settings, lasting_settings
from training.samples import VALUE_ONE, Samples

VERSION = 2


class RunState:
    """What changes during a run, apart from the files that never change again."""

    def __init__(self, learner: Learner, replay: ReplayBuffer, actors: Actors, config: TrainConfig) -> None:
        self.rules = config.rules
        """The name of those that the run is for."""
        self.settings = lasting_settings(config)
        self.iteration = 0
        self.games = 0
        """Games that were finished."""
        self.steps_owed = 0.0
        """Gradient steps that the positions made are still worth; between iterations a fraction of one."""
        self.ratings: list[dict[str, Any]] = []
        """Strength checks so far."""
        self.learner = learner
        self.replay = replay
        self.actors = actors
        self.rng = np.random.default_rng([config.seed, 2**32])
        """Of the batches; self-play has streams of its own."""


def save_segment(folder: RunFolder, segment: Segment) -> None:
    """Writes the positions that an iteration made on one board."""
    header = {"kind": "replay", "version": VERSION, "iteration": segment.iteration, "rules": segment.rules.name}
    path = folder.replay(segment.iteration, segment.rules)
    path.parent.mkdir(exist_ok=True)
    write_tensors(path, segment.samples._asdict(), header)


def kept_segments(folder: RunFolder) -> list[Segment]:
    """All positions that a run's folder still holds, oldest first.

    Raises:
      CheckpointError: there are none, or a file of them is damaged.
    """
    files = sorted(folder.replays().items(), key=lambda file: (file[1], file[0].name))
    if not files:
        raise CheckpointError(f"{folder.root} holds no positions")
    return [_load_segment(folder, number, path.stem.partition("-")[2]) for path, number in files]


def save_checkpoint(folder: RunFolder, state: RunState) -> None:
    """Writes everything but the segments, which must be on the disk by now."""
    learner = state.learner
    tensors: dict[str, NDArray[Any] | Tensor] = {}
    for name, network in _modules_of(learner).items():
        tensors |= {f"{name}/{key}": value for key, value in network.state_dict().items()}
    moments = learner.optimizer.state_dict()["state"]
    tensors |= {f"optimizer/{k}/{key}": value for k, entry in moments.items() for key, value in entry.items()}
    header = {
        "kind": "checkpoint",
        "version": VERSION,
        "iteration": state.iteration,
        "games": state.games,
        "unlearnt": state.steps_owed,  # the name in every checkpoint so far
        "ratings": state.ratings,
        "steps": learner.steps,
        "learnt": learner.learnt,
        "rng": state.rng.bit_generator.state,
        "actors": state.actors.state(),
        "made": state.replay.made,
        "segments": [(segment.iteration, segment.rules.name, segment.digest) for segment in state.replay.segments],
        "rules": state.rules,
        "settings": state.settings,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }
    path = folder.checkpoint(state.iteration)
    path.parent.mkdir(exist_ok=True)
    write_tensors(path, tensors, header)


def load_newest(folder: RunFolder, state: RunState) -> list[str]:
    """Loads the newest checkpoint that is whole into a fresh `state`; a run without one stays at its start.

    Returns: one line for each checkpoint that had to be passed over.

    Raises:
      CheckpointError: there are checkpoints, and none of them is whole, or there were some.
    """
    complaints = []
    numbers = folder.numbers("checkpoints")
    for iteration in reversed(numbers):
        try:
            file = _read(folder.checkpoint(iteration), "checkpoint", iteration, state.rules)
            _check_settings(folder, file, state)
            segments = [_load_segment(folder, *segment) for segment in file.header["segments"]]
        except CheckpointError as error:
            complaints.append(str(error))
            continue
        try:
            _restore(state, file, segments)
        except RuntimeError as error:  # torch's; only checkpoints that kept no settings come so far
            reason = " ".join(str(error).split())
            raise CheckpointError(f"{folder.checkpoint(iteration)} does not fit {folder.config}: {reason}") from None
        return complaints
    if numbers:
        raise CheckpointError(f"no checkpoint in {folder.root} is whole: {'; '.join(complaints)}")
    if (newest := max(folder.numbers("generations"), default=0)) > 1:  # the first is written before its checkpoint
        raise CheckpointError(
            f"{folder.root} has a generation {newest} and no checkpoint at all; put checkpoints back, "
            f"or begin another run --from {folder.generation(newest)}"
        )
    return []


def _check_settings(folder: RunFolder, file: TensorFile, state: RunState) -> None:
    """
    Raises:
      CheckpointError: of another run, or config.json is no longer what it was.
    """
    # Versions before kept no settings here; a setting that is newer than the checkpoint is passed over.
    if changed := changed_settings(file.header.get("settings", {}), state.settings):
        path = folder.checkpoint(file.header["iteration"])
        raise CheckpointError(
            f"{path}: made with other settings than {folder.config} has: its {'; its '.join(changed)}"
        )


def _restore(state: RunState, file: TensorFile, segments: list[Segment]) -> None:
    header, learner = file.header, state.learner
    for name, network in _modules_of(learner).items():
        network.load_state_dict(_part(file, name))
    optimizer = learner.optimizer.state_dict()
    optimizer["state"] = {}
    for key, value in _part(file, "optimizer").items():
        parameter, name = key.split("/")
        optimizer["state"].setdefault(int(parameter), {})[name] = value
    learner.optimizer.load_state_dict(optimizer)
    learner.steps, learner.learnt = header["steps"], header["learnt"]
    state.iteration, state.games = header["iteration"], header["games"]
    state.steps_owed, state.ratings = header["unlearnt"], header["ratings"]
    state.rng.bit_generator.state = header["rng"]
    state.actors.load_state(header["actors"])
    state.replay.segments, state.replay.made = segments, header["made"]


def _modules_of(learner: Learner) -> dict[str, nn.Module]:
    modules = {"weights": learner.network, "averaged": learner.averaged, "reply_head": learner.reply_head}
    return {name: module for name, module in modules.items() if module is not None}


def _part(file: TensorFile, name: str) -> dict[str, Tensor]:
    prefix = f"{name}/"
    return {
        key.removeprefix(prefix): torch.from_numpy(value)
        for key, value in file.tensors.items()
        if key.startswith(prefix)
    }


def _load_segment(folder: RunFolder, iteration: int, name: str, digest: str = "") -> Segment:
    """Args:
    digest: the segment's; versions before kept none.
    """
    rules = parse_rules(name)
    file = _read(folder.replay(iteration, rules), "replay", iteration, name)
    # Versions before there was a value mix kept no values; nothing is learnt from them where the mix is 0.
    tensors = {"value": file.tensors["outcome"].astype(np.int16) * VALUE_ONE, **file.tensors}
    segment = Segment(iteration, rules, Samples(**tensors))
    if digest and segment.digest != digest:
        raise CheckpointError(
            f"{folder.replay(iteration, rules)}: not the positions that the checkpoint was made with"
        )
    return segment


def _read(path: Path, kind: str, iteration: int, rules_name: str) -> TensorFile:
    """Reads a file that has to be of this kind, iteration and rules."""
    try:
        file = read_tensors(path)
    except TensorFileError as error:
        raise CheckpointError(str(error)) from None
    expected = {"kind": kind, "version": VERSION, "iteration": iteration, "rules": rules_name}
    for key, value in expected.items():
        if file.header.get(key) != value:
            raise CheckpointError(f"{path}: its {key} is {file.header.get(key)!r}, not {value!r}")
    return file


def thin(folder: RunFolder, state: RunState, checkpoints: int, generations: int, every: int) -> None:
    """Deletes what is no longer needed, oldest first.

    Kept are the newest `checkpoints` and all segments that they need, the newest `generations` generations, and
    of the older ones those whose number is a multiple of `every`.
    """
    kept = folder.numbers("checkpoints")[-checkpoints:]
    for iteration in folder.numbers("checkpoints"):
        if iteration not in kept:
            folder.checkpoint(iteration).unlink()
    # Segments leave the window oldest first, and the oldest checkpoint kept may still need some that left since.
    needed = min((segment.iteration for segment in state.replay.segments), default=0)
    for iteration in kept[:-1]:
        with suppress(TensorFileError):  # a damaged checkpoint, which nobody can go on from, needs nothing
            segments = read_tensors(folder.checkpoint(iteration)).header["segments"]
            needed = min([needed, *(number for number, *_ in segments)])
    for path, iteration in folder.replays().items():
        if iteration < needed:
            path.unlink()
    for iteration in folder.numbers("generations")[:-generations]:
        if iteration % every:
            folder.generation(iteration).unlink()
