"""How a run begins: fresh, from a model's weights, or where it was left."""

import math
import shlex
from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonargparse
from filelock import FileLock

from gomoku.errors import CheckpointError
from gomoku.files import write_atomically
from gomoku.ranges import check
from gomoku.rules import parse_rules
from nets.calibration import Choice, EngineOptions, choose_engine
from nets.config import NetworkConfig, Weights
from nets.devices import find_device
from nets.engine import AUTO
from nets.growing import grow_weights
from nets.model_file import Model, find_model_file, load_model, save_model
from nets.network import Network, build_network, network_of, weights_of
from nets.openvino_evaluator import check_precision
from nets.tensor_file import digest_of
from training.actor_memory import check_memory
from training.config import TrainConfig
from training.learner import choose_learner_precision
from training.presets import PRESETS
from training.profiling import SECONDS, check_profile_path
from training.run_folder import RunFolder, check_changes, config_of, config_parser, read_config, write_config
from workers.cluster_address import ON_RAY, OWN_CLUSTER, count_on_ray

USAGE = """train.py --run FOLDER [--preset NAME] [--from MODEL] [--minutes MINUTES] [--SETTING VALUE ...]
       train.py --resume FOLDER [--minutes MINUTES]
       train.py plan RULES --minutes MINUTES      see train.py plan --help"""
DESCRIPTION = """Trains a Gomoku player from zero, or goes on with a run. The defaults below are those of
--preset 6x6x4; name another preset beside --help for its own. What a resumed run may change: device, ray,
max_iterations, check, keep, --minutes and --profile. --actors N is short for --self_play.actors N; --actors ray:N
puts them on a cluster that Ray runs: that of --ray-address (short for --ray.address), or one of this machine."""
SHORT_FOR = {"--actors": "--self_play.actors", "--ray-address": "--ray.address"}
PROG = "train.py"
MOST_MINUTES = 10**8
"""Two hundred years."""


@dataclass(frozen=True)
class OpenedRun:
    """A run that is ready to be trained."""

    folder: RunFolder
    config: TrainConfig
    start: Model | None
    """The model to begin with, where the weights are not random."""
    minutes: float | None
    profile: Path | None
    """Where a trace of the beginning goes, if one is asked for."""
    remark: str
    """One line for the person."""
    lock: FileLock
    """Of the folder; see `RunFolder.take`."""


def open_run(arguments: list[str], prog: str = PROG) -> OpenedRun:
    """Reads the command line and makes or finds the run that it names.

    Raises:
      ValueError: something that cannot be done as asked, with what can.
      jsonargparse.ArgumentError: an unknown option, or a value of another type.
    """
    arguments = _in_full(arguments)
    own = _own_options(arguments, prog)
    if (own.run is None) == (own.resume is None):
        raise ValueError("give either --run FOLDER for a fresh run or --resume FOLDER to go on with one")
    if own.minutes is not None:
        check(0 < own.minutes <= MOST_MINUTES, "--minutes", own.minutes, f"above 0 and at most {MOST_MINUTES}")
    if own.profile is not None:
        check_profile_path(own.profile)
    if own.resume is not None:
        return _resume(own, arguments, prog)
    return _begin(own, arguments, prog)


def settings_of(arguments: list[str], network: NetworkConfig) -> TrainConfig:
    """What a fresh run of this command line would be made of, but for engine and precisions, which may be `auto`.

    Args:
      network: of the model that it starts from, which is not looked for, or of the run.

    Raises:
      ValueError, jsonargparse.ArgumentError: it is not a command line of this version.
    """
    arguments = _in_full(arguments)
    preset = PRESETS[_own_options(arguments, PROG).preset or "6x6x4"]
    return _parse(replace(preset, network=network), arguments, PROG).with_threads_fixed()


def fix_engines(config: TrainConfig, network: Network) -> tuple[TrainConfig, str]:
    """Measures what is left open: what self-play computes with, and the learner's precision.

    Returns: the settings with that filled in, and one line that says what was measured.

    Raises:
      ValueError: what is asked for is not to be had.
    """
    engine, remark, _ = _choose_engine(config, weights_of(network))
    precision, learner_remark = choose_learner_precision(
        network, parse_rules(config.rules), config.learner, find_device(config.device)
    )
    learner = replace(config.learner, precision=precision)
    rows = config.rows or engine.rows or 0
    fixed = replace(config, backend=engine.backend, precision=engine.precision, rows=rows, learner=learner)
    return fixed, f"{remark}; {learner_remark}"


def _in_full(arguments: list[str]) -> list[str]:
    """The options that short ones stand for."""
    full: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        name = SHORT_FOR.get(name, name)
        if not equals and full and full[-1] == SHORT_FOR["--actors"] and name.startswith(ON_RAY):
            name = _on_ray(name, full)
        elif equals and name == SHORT_FOR["--actors"] and value.startswith(ON_RAY):
            value = _on_ray(value, full)
        full.append(name + equals + value)
    return full


def _on_ray(value: str, full: list[str]) -> str:
    """The number in `ray:N`; an address goes before it, which one that is named later overrides."""
    number = count_on_ray(value)
    if number is None:
        raise ValueError(f"--actors is {value}, it must be N, -1 or ray:N")
    full.insert(0, f"{SHORT_FOR['--ray-address']}={OWN_CLUSTER}")
    return str(number)


def _begin(own: Namespace, arguments: list[str], prog: str) -> OpenedRun:
    folder = RunFolder(Path(own.run))
    _check_is_new(folder)
    preset = PRESETS[own.preset or "6x6x4"]
    model = None if own.model is None else load_model(find_model_file(Path(own.model)))
    if model is not None:
        preset = replace(preset, network=model.config)
    config = _parse(preset, arguments, prog).with_threads_fixed()
    if model is not None and config.network != model.config:
        model = _grown(model, config.network, own.model)
    config = replace(config, start="" if model is None else digest_of(model.weights))
    find_device(config.device)
    network = build_network(config.network) if model is None else network_of(model.config, model.weights)
    config, remark = fix_engines(config, network)
    check_memory(config)
    lock = folder.take()
    _check_is_new(folder)  # once more, now that nobody else can make it a run
    if model is not None:
        # What was loaded, not the file: a run that is still being trained may have newer ones by now.
        save_model(folder.start, model.config, model.weights, model.card)
    write_atomically(folder.command, f"{shlex.join(['python', prog, *arguments])}\n".encode())
    write_config(folder, config)
    return OpenedRun(folder, config, model, own.minutes, own.profile, remark, lock)


def _grown(model: Model, network: NetworkConfig, name: str) -> Model:
    try:
        return model._replace(config=network, weights=grow_weights(model.config, model.weights, network))
    except ValueError as error:
        raise ValueError(
            f"the network of {name} has a shape of its own: {error}; leave the --network options out"
        ) from None


def _check_is_new(folder: RunFolder) -> None:
    if folder.config.exists():
        raise CheckpointError(f"{folder.root} is a run already; take another folder, or --resume {folder.root}")
    if folder.root.exists() and not (folder.root.is_dir() and folder.holds_only_a_beginning()):
        raise CheckpointError(f"{folder.root} exists and is no run; take another folder")


def _resume(own: Namespace, arguments: list[str], prog: str) -> OpenedRun:
    if own.preset is not None or own.model is not None:
        raise ValueError("--preset and --from are for a fresh run; a resumed one has its settings and weights")
    folder = RunFolder(Path(own.resume))
    before = read_config(folder)
    config = _parse(before, arguments, prog)
    check_changes(before, config)
    if config.backend == AUTO:  # of a run from before there was a choice
        config = replace(config, backend="torch")
    find_device(config.device)  # before anything is written: a mistyped device must not stay in the run
    _check_engine(folder, config)
    config.engine_on(0)  # which says so where backend and device do not go together
    check_memory(config)
    start = _start_of(folder, config)
    lock = folder.take()
    if config != before:
        write_config(folder, config)
    return OpenedRun(folder, config, start, own.minutes, own.profile, f"going on with {folder.root}", lock)


def _check_engine(folder: RunFolder, config: TrainConfig) -> None:
    """
    Raises:
      CheckpointError: the run plays in what the CPU that it was begun on has, and this one has not.
    """
    if config.backend != "openvino":
        return
    try:
        check_precision(config.precision)
    except ValueError as error:
        raise CheckpointError(
            f"{folder.root}: {error}; go on with it where it was begun, or begin another run --from {folder.root}"
        ) from None


def _start_of(folder: RunFolder, config: TrainConfig) -> Model | None:
    """The model that the run began with; None for random weights.

    Raises:
      CheckpointError: it is gone or another one, and there is no checkpoint yet that could do without.
      ModelFileError: it is damaged.
    """
    start = load_model(folder.start) if folder.start.is_file() else None
    if not config.start:  # random weights, or a run from before this was noted
        return start
    if start is not None and digest_of(start.weights) == config.start:
        return start
    if not folder.numbers("checkpoints"):
        state = "is gone" if start is None else "is not the model that the run began with"
        raise CheckpointError(f"{folder.start} {state}; begin another run --from that model")
    return None


def _choose_engine(config: TrainConfig, weights: Weights) -> Choice:
    """The engine of self-play; what is left open is measured with as many rows as one thread has games."""
    options = EngineOptions(config.backend, config.precision, config.device)
    batch = -(-config.self_play.games // (config.self_play.actors or config.self_play.threads))
    return choose_engine(config.network, weights, options, parse_rules(config.rules), batch)


def _own_options(arguments: list[str], prog: str) -> Namespace:
    """The options that are no settings; what else is there is left for `_parse`."""
    parser = _parser_with(_preset_named(arguments), prog)
    parsed = parser.parse_args(arguments)
    names = {"preset": "preset", "run": "run", "resume": "resume", "model": "from", "minutes": "minutes"}
    profile = None if parsed["profile"] is None else Path(parsed["profile"])
    return Namespace(profile=profile, **{name: parsed[option] for name, option in names.items()})


def _preset_named(arguments: list[str]) -> TrainConfig:
    """Whose settings `--help` shows."""
    finder = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--preset", nargs="?")
    return PRESETS.get(finder.parse_known_args(arguments)[0].preset, PRESETS["6x6x4"])


def _parse(default: TrainConfig, arguments: list[str], prog: str) -> TrainConfig:
    config = config_of(_parser_with(default, prog).parse_args(arguments))
    _check_finite(asdict(config))
    return config


def _check_finite(settings: dict[str, Any], group: str = "") -> None:
    """No JSON holds anything else, and a checkpoint holds the settings.

    Raises:
      ValueError: a number that is infinite or none at all.
    """
    for name, value in settings.items():
        if isinstance(value, dict):
            _check_finite(value, f"{group}{name}.")
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{group}{name} is {value}, it must be finite")


def _parser_with(default: TrainConfig, prog: str) -> jsonargparse.ArgumentParser:
    """The parser of this process, with these defaults until the next call."""
    parser = _parser(prog)
    parser.set_defaults(asdict(default))
    return parser


@cache
def _parser(prog: str) -> jsonargparse.ArgumentParser:
    parser = config_parser(prog=prog, usage=USAGE, description=DESCRIPTION)
    parser.add_argument("--preset", choices=list(PRESETS), help="settings of a fresh run to start from (6x6x4)")
    parser.add_argument("--run", type=str, metavar="FOLDER", help="make a fresh run here")
    parser.add_argument("--resume", type=str, metavar="FOLDER", help="go on with this run")
    parser.add_argument("--from", type=str, metavar="MODEL", help="weights that a fresh run starts with")
    parser.add_argument("--minutes", type=float, help="of training, over all resumes; without, Ctrl-C ends it")
    parser.add_argument(
        "--profile",
        type=str,
        metavar="FILE",
        help=f"write a trace of the first {SECONDS:.0f} seconds there, for chrome://tracing or Perfetto; .gz: packed",
    )
    return parser
