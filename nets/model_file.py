"""Model files: a network's weights with all that is needed to use and to judge them.

Owns the format and the card. A model file is a tensor file (`nets/tensor_file.py`): it cannot run code.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.errors import ModelFileError
from gomoku.rules import Rules, parse_rules
from nets.config import NetworkConfig, Weights, weight_shapes
from nets.tensor_file import Json, TensorFileError, read_tensors, write_tensors

if TYPE_CHECKING:  # a process that only plays does without torch
    from torch import Tensor


FORMAT = "gomoku-zero model"
VERSION = 1
MODEL_FILE_NAME = "model.safetensors"
GENERATIONS = "generations"
"""The folder of a run that holds its generations as `NNNNNN.safetensors`."""
MODELS = Path(__file__).resolve().parent.parent / "models"


@dataclass(frozen=True)
class ModelCard:
    """Where a model comes from.

    Raises:
      ValueError: a field of another type or outside its range.
    """

    name: str
    """What people call it."""
    trained_rules: tuple[str, ...]
    """Names of the rules that it has seen in training, such as `6x6x4`."""
    generation: int = 0
    """Weights that were published before these in the same run."""
    games: int = 0
    """Games of self-play that it has learnt from."""
    positions: int = 0
    """Positions drawn in training, repetitions included."""
    minutes: float = 0.0
    """Wall clock of the training, over all resumes."""
    simulations: int = 0
    """Simulations per move in self-play, at the end of the training."""
    command: str = ""
    """The command line that made it."""
    results: Json = field(default_factory=dict)
    """What was measured: any JSON."""

    def __post_init__(self) -> None:
        for name in ("name", "command"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} {getattr(self, name)!r} is not a text")
        for name in ("generation", "games", "positions", "simulations"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ValueError(f"{name} {value!r} is not a whole number from 0")
        if not isinstance(self.minutes, int | float) or not 0 <= self.minutes < float("inf"):
            raise ValueError(f"minutes {self.minutes!r} is not a number from 0")
        rules_are_texts = isinstance(self.trained_rules, tuple) and all(
            isinstance(rules, str) for rules in self.trained_rules
        )
        if not rules_are_texts:
            raise ValueError(f"trained_rules {self.trained_rules!r} is not a list of rules")
        if not isinstance(self.results, dict):
            raise ValueError(f"results {self.results!r} is not a dictionary")
        for rules in self.trained_rules:
            parse_rules(rules)


class Model(NamedTuple):
    """What a model file holds."""

    config: NetworkConfig
    weights: Weights
    card: ModelCard
    path: Path
    """Where it was read."""


def save_model(
    path: Path, config: NetworkConfig, weights: "Mapping[str, NDArray[Any] | Tensor]", card: ModelCard
) -> None:
    """Writes a model file; its folder must exist.

    Args:
      weights: arrays, or the `state_dict()` of a network of this shape; stored as float32.

    Raises:
      ModelFileError: weights that do not fit `config` or are not finite; nothing is written.
      OSError: the file cannot be written; an old one is as it was.
    """
    arrays = {name: _as_float32(weight) for name, weight in weights.items()}
    _check_weights(path, arrays, config)
    header = {"format": FORMAT, "version": VERSION, "network": asdict(config), "card": asdict(card)}
    write_tensors(path, arrays, header)


def load_model(path: Path) -> Model:
    """Reads a model file and checks all of it.

    Raises:
      ModelFileError: one line with the file and what is wrong with it.
    """
    try:
        arrays, header = read_tensors(path)
    except TensorFileError as error:
        raise ModelFileError(str(error)) from None
    if header.get("format") != FORMAT:
        raise ModelFileError(f"{path}: not a model but {header.get('format', 'of no format')!r}")
    if header.get("version") != VERSION:
        raise ModelFileError(
            f"{path}: format version {header.get('version')!r}; this program reads version {VERSION}"
        )
    try:
        config = NetworkConfig(**_fields_of(_completed(header.get("network")), NetworkConfig, "plain_channels"))
        card = ModelCard(**_fields_of(header.get("card"), ModelCard, "trained_rules"))
    except ValueError as error:
        raise ModelFileError(f"{path}: {error}") from None
    _check_weights(path, arrays, config)
    return Model(config, arrays, card, path)


def find_model_file(path: Path, models: Path = MODELS) -> Path:
    """Finds the model file that a person means: the file itself, or a folder that holds `model.safetensors`. Of a run
    that was cut short, and wrote none, it is the newest generation.

    Args:
      models: the folder of shipped models, to be listed where nothing is found.

    Raises:
      ModelFileError: there is none, with the models that there are.
    """
    for candidate in (path, path / MODEL_FILE_NAME, *sorted((path / GENERATIONS).glob("*.safetensors"))[-1:]):
        if candidate.is_file():
            return candidate
    names = sorted(file.parent.name for file in models.glob(f"*/{MODEL_FILE_NAME}"))
    shipped = ", ".join(f"models/{name}" for name in names) or "none"
    missing = f"no {MODEL_FILE_NAME} in this folder" if path.is_dir() else "no such file or folder"
    raise ModelFileError(f"{path}: {missing}; shipped models: {shipped}")


def warn_if_untrained(card: ModelCard, rules: Rules) -> str | None:
    """One line for the user where the model never saw these rules in training, or None."""
    if rules.name in card.trained_rules:
        return None
    trained = ", ".join(card.trained_rules) or "nothing"
    return f"model {card.name!r} was trained on {trained}, not on {rules.name}: it may play weakly here"


def _as_float32(weight: "NDArray[Any] | Tensor") -> NDArray[np.float32]:
    array = weight if isinstance(weight, np.ndarray) else weight.detach().float().cpu().numpy()
    return np.asarray(array, dtype=np.float32, order="C")


def _check_weights(path: Path, arrays: Weights, config: NetworkConfig) -> None:
    expected = weight_shapes(config)
    if missing := sorted(expected.keys() - arrays.keys()):
        raise ModelFileError(f"{path}: tensor {missing[0]!r} is missing")
    if unknown := sorted(arrays.keys() - expected.keys()):
        raise ModelFileError(f"{path}: tensor {unknown[0]!r} does not belong to this network")
    for name, array in arrays.items():
        shape = expected[name]
        if array.dtype != np.float32 or array.shape != shape:
            raise ModelFileError(f"{path}: tensor {name!r} is {array.dtype} {array.shape}, not float32 {shape}")
        if not np.isfinite(array).all():
            raise ModelFileError(f"{path}: tensor {name!r} holds numbers that are not finite")


def _completed(network: object) -> object:
    """A header's network with what files of before there was a choice do not tell."""
    return {"line_planes": False} | network if isinstance(network, dict) else network


def _fields_of(raw: object, owner: type, list_field: str) -> dict[str, Any]:
    """The arguments of a dataclass from JSON, which knows lists but no tuples."""
    if not isinstance(raw, dict):
        raise ValueError(f"the header has no {owner.__name__}")
    names = {entry.name for entry in fields(owner)}
    if raw.keys() != names:
        wrong = sorted(raw.keys() ^ names)
        raise ValueError(f"{owner.__name__} has fields missing or unknown: {', '.join(wrong)}")
    values = dict(raw)
    if isinstance(values[list_field], list):
        values[list_field] = tuple(values[list_field])
    return values
