"""From a model to what evaluates it here: calibrated once per machine, network and board, and remembered.

Owns the notes in the project's cache folder. A note that cannot be read is taken again, and one that cannot be
written is done without.
"""

import hashlib
import json
import os
import platform
from contextlib import suppress
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from gomoku.compiling import ROOT
from gomoku.files import write_atomically
from gomoku.rules import Rules, parse_rules
from mcts.evaluator import Evaluator
from nets.agreement import INT8_TOLERANCE, REAL_TOLERANCE
from nets.calibration import Choice, Comparison, EngineOptions, Forms, compare_engines
from nets.config import Weights
from nets.engine import AUTO, CompiledNetwork, Engine, compile_network, make_evaluator
from nets.model_file import Model
from nets.quantize import quantize_model, quantized_file, read_quantized
from nets.tensor_file import Json, digest_of

NOTES = ROOT / ".cache" / "engines"
PACKAGES = ("numpy", "torch", "openvino")
"""An engine's speed may change with their versions."""
INT8_WINS_FROM = 15
"""Size of the smallest board on which 8 bits have won matches at equal time (docs/results.md); on smaller ones `auto`
leaves them alone."""
_GPU_DRIVERS = ("/dev/nvidiactl", "/dev/kfd")


def model_evaluator(
    model: Model, options: EngineOptions, rules: Rules, batch: int, streams: int = 1
) -> tuple[Evaluator, str]:
    """Makes the evaluator of a model that a person asks for.

    Args:
      batch: positions per call, as many as the search will ask for.
      streams: cores that one call may use, where the backend allows it.

    Returns: the evaluator, and one line that says which engine it is and why.

    Raises:
      ValueError: a backend, precision or device that is not to be had.
      ModelFileError: the 8-bit file beside the model is damaged or was made of other weights.
    """
    compiled, report = model_network(model, options, rules, batch)
    return make_evaluator(compiled, streams), report


def model_network(model: Model, options: EngineOptions, rules: Rules, batch: int) -> tuple[CompiledNetwork, str]:
    """The network of `model_evaluator`, in the form that goes to other processes, and the same line.

    Raises:
      ValueError, ModelFileError: as `model_evaluator`.
    """
    file = quantized_file(model.path)
    may_be_int8 = options.precision == "int8" or (options.precision == AUTO and rules.size >= INT8_WINS_FROM)
    quantized = read_quantized(file, model.weights) if may_be_int8 and file.is_file() else None
    engine, report, _ = remembered_engine(model, options, rules, batch, quantized=quantized)
    if engine.precision == "int8":
        if quantized is None:
            made = quantize_model(model, rules)
            quantized = made.tensors
            report = f"{report}; {made.verdict}"
        return CompiledNetwork(engine, model.config, quantized), report
    return compile_network(model.config, model.weights, engine), report


def remembered_engine(
    model: Model,
    options: EngineOptions,
    rules: Rules,
    batch: int,
    notes: Path = NOTES,
    quantized: Weights | None = None,
) -> Choice:
    """The engine that was found when this was asked here before, else `compare_engines`'s.

    Args:
      quantized: see `Forms`.

    Raises:
      ValueError: what is asked for is not to be had.
    """
    question = _question(model, options, rules, batch, quantized)
    name = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]
    note = notes / f"{name}.json"
    # Whatever is wrong with a note, measuring again puts it right.
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(note.read_text(encoding="utf-8"))
        if told["question"] == question:
            return Choice(Engine(**told["engine"]), str(told["report"]))
    known = _found_for_this_shape(question, rules, notes)
    forms = Forms(model.config, model.weights, quantized)
    choice, speeds = compare_engines(forms, options, rules, batch, known)
    if not choice.is_measured:
        return choice
    told = {"question": question, "engine": asdict(choice.engine), "report": choice.report, "speeds": speeds}
    with suppress(OSError):  # an installation that cannot be written to
        notes.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps(told, indent=2).encode() + b"\n")
    return choice


def _found_for_this_shape(question: Json, rules: Rules, notes: Path) -> Comparison | None:
    """What was found for other weights of the same shape on a board of the same size, if anything was."""
    of_the_weights = dict.fromkeys(("weights", "int8", "rules"))
    for note in sorted(notes.glob("*.json")):
        with suppress(OSError, ValueError, TypeError, KeyError):
            told = json.loads(note.read_text(encoding="utf-8"))
            asked = told["question"]
            is_alike = {**asked, **of_the_weights} == {**question, **of_the_weights}
            if is_alike and parse_rules(asked["rules"]).size == rules.size:
                speeds = {str(name): float(speed) for name, speed in told["speeds"].items()}
                return Comparison(Choice(Engine(**told["engine"]), str(told["report"])), speeds)
    return None


def _question(model: Model, options: EngineOptions, rules: Rules, batch: int, quantized: Weights | None) -> Json:
    """All that the answer depends on, as JSON gives it back."""
    question = {
        "measured on": "positions drawn by the policy",  # older notes are from made-up ones
        "tolerances": [REAL_TOLERANCE, INT8_TOLERANCE],
        "machine": [cpu_of(), os.cpu_count(), [path for path in _GPU_DRIVERS if Path(path).exists()]],
        "packages": [_version(package) for package in PACKAGES],
        "network": asdict(model.config),
        "weights": digest_of(model.weights),  # how far a rougher precision is off depends on them
        "rules": rules.name,
        "batch": batch,
        "int8": None if quantized is None else digest_of(quantized),
        "options": asdict(options),
    }
    as_told: Json = json.loads(json.dumps(question))
    return as_told


def cpu_of(info: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Its name and what it can do with vectors: a rented machine may call unlike CPUs by one name."""
    with suppress(OSError):
        lines = (line.partition(":") for line in info.read_text(encoding="utf-8", errors="replace").splitlines())
        told = {name.strip(): value.strip() for name, _, value in lines}
        if "model name" in told:
            vectors = [flag for flag in told.get("flags", "").split() if flag.startswith(("avx", "amx"))]
            return [told["model name"], *sorted(vectors)]
    return [f"{platform.machine()} {platform.processor()}"]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
