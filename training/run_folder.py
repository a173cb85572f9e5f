"""A run's folder: what lies where, and the configuration in it.

config.json                     the run's settings; with it a run exists
command.txt                     the command line that began it
start.safetensors               the model it began with, where it did not begin from zero
metrics.jsonl                   one line per iteration
replay/NNNNNN-RULES.safetensors the positions that an iteration made, never rewritten; a file for each board
generations/NNNNNN.safetensors  the averaged weights after an iteration, a model file
checkpoints/NNNNNN.safetensors  all the rest; with its renaming into place an iteration is finished
model.safetensors, curve.png    the newest generation and the picture of the run
lock                            held by the process that trains; it says nothing once that has ended
"""

import dataclasses
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonargparse
from filelock import FileLock

from gomoku.errors import CheckpointError
from gomoku.files import take_lock, write_atomically
from gomoku.ranges import check
from gomoku.rules import Rules
from training.config import TrainConfig

jsonargparse.set_parsing_settings(docstring_parse_attribute_docstrings=True)

LONGEST_CONFIG, LONGEST_COMPLAINT = 1_000_000, 500
"""Bytes that settings may take, and characters that are told of what is wrong with them."""
CHANGEABLE = ("device", "ray", "max_iterations", "check", "keep")
"""Settings that a resumed run may have other than before: they do not touch what is learnt. Shares of the games keep
their number (`self_play.actors`), whether processes of one machine play them or a cluster (`ray`)."""


class RunFolder:
    """Names the files of one run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "config.json"
        self.command = root / "command.txt"
        self.start = root / "start.safetensors"
        self.metrics = root / "metrics.jsonl"
        self.model = root / "model.safetensors"
        self.curve = root / "curve.png"
        self.lock = root / "lock"

    def replay(self, iteration: int, rules: Rules) -> Path:
        return self.root / "replay" / f"{iteration:06d}-{rules.name}.safetensors"

    def replays(self) -> dict[Path, int]:
        """The files of positions and the iterations that made them."""
        files = (self.root / "replay").glob("*.safetensors")
        matches = {file: re.match(r"(\d{6,})-", file.name) for file in files}
        return {file: int(match[1]) for file, match in matches.items() if match}

    def generation(self, iteration: int) -> Path:
        return self.root / "generations" / f"{iteration:06d}.safetensors"

    def checkpoint(self, iteration: int) -> Path:
        return self.root / "checkpoints" / f"{iteration:06d}.safetensors"

    def holds_only_a_beginning(self) -> bool:
        """Whether nothing is here but what a fresh run writes before its config.json."""
        beginning = {self.command.name, self.start.name, self.lock.name}
        return all(file.name in beginning or file.suffix == ".part" for file in self.root.iterdir())

    def take(self) -> FileLock:
        """Makes the folder this process's own, until the lock is released or the process has ended, however it ends.

        Raises:
          CheckpointError: it is another process's.
        """
        if (lock := take_lock(self.lock)) is None:
            raise CheckpointError(
                f"{self.root} is being trained by another process; wait for it, stop it, or take another folder"
            )
        return lock

    def remove_leftovers(self) -> None:
        """Deletes what a crash left half written; no other process may be writing here."""
        for part in self.root.rglob("*.part"):
            part.unlink()

    def numbers(self, kind: str) -> list[int]:
        """The iterations of which there is a file in `generations` or `checkpoints`, ascending."""
        files = (self.root / kind).glob("*.safetensors")
        return sorted(int(file.stem) for file in files if re.fullmatch(r"\d{6,}", file.stem))


def config_parser(**options: Any) -> jsonargparse.ArgumentParser:
    """A command line with one option for each setting; it is slow to make, as it reads the settings' source.

    Args:
      options: of the parser itself, as `prog`.
    """
    parser = jsonargparse.ArgumentParser(exit_on_error=False, allow_abbrev=False, **options)
    parser.add_class_arguments(TrainConfig)
    return parser


@cache
def _parser_of_files() -> jsonargparse.ArgumentParser:
    parser = config_parser(parser_mode="json")
    parser.set_defaults(dataclasses.asdict(TrainConfig()))
    return parser


def config_of(parsed: jsonargparse.Namespace) -> TrainConfig:
    """The settings in what a `config_parser` has parsed.

    Raises:
      ValueError: a setting outside its range, by its whole name, as in `self_play.games`.
    """
    config: TrainConfig = _made(TrainConfig, parsed)
    return config


def _made(kind: type[Any], values: jsonargparse.Namespace, group: str = "") -> Any:
    """Here and not by the parser, which does not say to which group a setting belongs that it could not make."""
    check(isinstance(values, jsonargparse.Namespace), group.removesuffix("."), values, "a group of settings")
    made = {}
    for field in dataclasses.fields(kind):
        value = values[field.name]
        is_group = dataclasses.is_dataclass(field.default)
        made[field.name] = _made(type(field.default), value, f"{group}{field.name}.") if is_group else value
    try:
        return kind(**made)
    except ValueError as error:
        raise ValueError(f"{group}{error}") from None


def write_config(folder: RunFolder, config: TrainConfig) -> None:
    text = json.dumps(dataclasses.asdict(config), indent=2)
    write_atomically(folder.config, (text + "\n").encode())


def read_config(folder: RunFolder) -> TrainConfig:
    """Reads the settings of a run.

    Raises:
      CheckpointError: there is no run, or its settings are damaged.
    """
    if not folder.config.is_file():
        raise CheckpointError(f"{folder.root} is not a run: it has no config.json")
    try:
        with folder.config.open("rb") as file:
            text = file.read(LONGEST_CONFIG + 1)
        if len(text) > LONGEST_CONFIG:
            raise ValueError(f"it is longer than {LONGEST_CONFIG} bytes")
        values = json.loads(text)
        _check_kinds(values, json.loads(json.dumps(dataclasses.asdict(TrainConfig()))))
        return config_of(_parser_of_files().parse_object(values))
    except RecursionError:
        raise CheckpointError(f"{folder.config} is damaged: it is nested too deeply") from None
    except (ValueError, TypeError, jsonargparse.ArgumentError) as error:
        complaint = " ".join(str(error).split())
        raise CheckpointError(f"{folder.config} is damaged: {complaint[:LONGEST_COMPLAINT]}") from None


def _check_kinds(values: Any, usual: dict[str, Any], where: str = "") -> None:
    """Refuses text where settings are no text, and anything but settings where a group of them is due: the command
    line's parser would read what is in the text, or the file that it names.

    Raises:
      ValueError: with the setting.
    """
    if not isinstance(values, dict):
        raise ValueError(f"{where or 'it'} holds no settings")
    for name, value in values.items():
        if isinstance(usual.get(name), dict):
            _check_kinds(value, usual[name], f"{where}{name}.")
        elif not isinstance(usual.get(name), str) and _holds_text(value):
            raise ValueError(f"{where}{name} is {str(value)[:40]!r}, which is or holds text")


def _holds_text(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, str) or any(map(_holds_text, inner))


def lasting_settings(config: TrainConfig) -> dict[str, Any]:
    """The settings that a run keeps for life, as JSON holds them."""
    settings = json.loads(json.dumps(dataclasses.asdict(config)))
    return {name: value for name, value in settings.items() if name not in CHANGEABLE}


def changed_settings(before: dict[str, Any], after: dict[str, Any], prefix: str = "") -> list[str]:
    """What differs between two sets of settings, one text each; what only one of them knows is passed over."""
    changed = []
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        if isinstance(old, dict) and isinstance(new, dict):
            changed += changed_settings(old, new, f"{prefix}{name}.")
        elif old != new:
            changed.append(f"{prefix}{name} is {old!r}, not {new!r}")
    return sorted(changed)


def check_changes(before: TrainConfig, after: TrainConfig) -> None:
    """Refuses a resume with settings that must stay.

    Raises:
      CheckpointError: names the settings that differ and those that may.
    """
    names = [field.name for field in dataclasses.fields(TrainConfig) if field.name not in CHANGEABLE]
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    if changed:
        raise CheckpointError(
            f"a resumed run keeps its {', '.join(changed)}; only {', '.join(CHANGEABLE)} and --minutes may change"
        )
