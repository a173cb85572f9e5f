"""8-bit networks: made of a network's weights and real positions, and kept in a file beside a shipped model.

    python -m nets.quantize models/6x6x4                    from positions that the model plays for it
    python -m nets.quantize models/6x6x4 --rules 8x8x5 --positions 1000 --seed 2

Owns what is computed in 8 bits and what is not, and the file `int8.safetensors`, which belongs to one set of weights.
NNCF is needed to make an 8-bit network, not to use it.
"""

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from gomoku.command_line import OneLineParser, refuse
from gomoku.errors import ModelFileError
from gomoku.rules import Rules, parse_rules
from mcts.evaluator import Positions
from nets.agreement import Errors, tolerance_of
from nets.batching import Inputs, parts
from nets.config import NetworkConfig, Weights
from nets.lines import NUM_LINE_PLANES
from nets.model_file import Model, find_model_file, load_model
from nets.openvino_evaluator import OpenVinoEvaluator
from nets.openvino_graph import (
    LINES_INPUT,
    BackendMissingError,
    build_model,
    opt_out_of_telemetry,
    read_model,
    written_model,
)
from nets.played_positions import drawn_positions, played_positions
from nets.tensor_file import TensorFileError, digest_of, read_tensors, write_tensors

FILE_NAME = "int8.safetensors"
FORMAT, VERSION = "gomoku-zero int8", 2
POSITIONS, SEED = 512, 1
"""By which ranges are set where nobody says otherwise."""
MISSING = "precision 'int8' needs nncf to be made; install it with: python -m pip install -e '.[fast]'"
COMPARED = 512
"""Positions on which its answers are compared with the network's."""
EXACT_FIRST = (0, -2)
"""Convolutions that stay exact where they have to, counted from the stem or back from the heads: those that open the
first and the last block, of the largest errors."""
_ROWS = 64
"""A range is the mean over groups of so many positions: of single ones it would be too narrow, of all too wide."""


def quantize_network(config: NetworkConfig, weights: Weights, seen: Positions, num_exact: int = 0) -> Weights:
    """Makes the 8-bit form of a network in a second or two.

    The 3x3 convolutions compute in 8 bits. The rest stays as it is: the sums along the residual trunk, where rounding
    errors would add up from block to block, the stem, and the heads. That costs hardly any speed, and the policy errs
    by less than half as much.

    Args:
      num_exact: of the convolutions in `EXACT_FIRST` that stay as they are too.

    Returns: plain arrays, for `nets.openvino_graph.read_model`.

    Raises:
      BackendMissingError: OpenVINO or NNCF is not installed.
    """
    model = build_model(config, weights)
    nncf = _load_nncf()
    size, inputs = seen.rules.size, Inputs.of(seen, config.line_planes)
    where = parts([min(_ROWS, len(seen.stones) - start) for start in range(0, len(seen.stones), _ROWS)])
    groups = [_group(inputs.rows(part), size) for part in where]
    with _silenced(nncf):
        quantized = nncf.quantize(
            model,
            nncf.Dataset(groups),
            subset_size=len(groups),
            ignored_scope=nncf.IgnoredScope(
                names=_kept_exact(model, num_exact), types=["Add", "MatMul"], validate=False
            ),
            advanced_parameters=nncf.AdvancedQuantizationParameters(disable_bias_correction=True),
        )
    return written_model(quantized)


class Quantized(NamedTuple):
    """An 8-bit form, and how far its answers lie from the network's."""

    tensors: Weights
    errors: Errors

    @property
    def verdict(self) -> str:
        """One line for the person who asked for it."""
        tolerated = tolerance_of("int8")
        if self.errors.are_within(tolerated):
            return f"{self.errors}, as tolerated"
        return f"{self.errors}: more than is tolerated ({tolerated}), so `auto` will not take it"


def quantize_model(model: Model, rules: Rules, count: int = POSITIONS, seed: int = SEED) -> Quantized:
    """Makes the 8-bit form of a model from positions that it plays against itself.

    As few convolutions as possible stay exact: none, or as many as it takes to answer within the tolerance. Where
    even the most that may are too few, that form is what comes.

    Raises:
      BackendMissingError: OpenVINO or NNCF is not installed.
    """
    player = OpenVinoEvaluator(build_model(model.config, model.weights))
    seen = played_positions(player, rules, count, seed)
    compared = drawn_positions(player, rules, COMPARED, seed)
    answers = player.evaluate(compared)
    for num_exact in range(len(EXACT_FIRST) + 1):
        tensors = quantize_network(model.config, model.weights, seen, num_exact)
        rough = OpenVinoEvaluator(read_model(tensors), precision="int8")
        errors = Errors.of(rough.evaluate(compared), answers)
        if errors.are_within(tolerance_of("int8")):
            break
    return Quantized(tensors, errors)


def write_quantized(path: Path, weights: Weights, quantized: Weights) -> None:
    """Writes an 8-bit network and the digest of the weights that it was made of.

    Raises:
      OSError: the file cannot be written; an old one is as it was.
    """
    write_tensors(path, quantized, {"format": FORMAT, "version": VERSION, "weights": digest_of(weights)})


def read_quantized(path: Path, weights: Weights) -> Weights:
    """Reads an 8-bit network and checks that it is whole and was made of these weights.

    Raises:
      ModelFileError: one line with the file and what is wrong with it.
    """
    try:
        tensors, header = read_tensors(path)
    except TensorFileError as error:
        raise ModelFileError(str(error)) from None
    again = f"make it again: python -m nets.quantize {path.parent.as_posix()}"
    if header.get("format") != FORMAT:
        raise ModelFileError(f"{path}: not an 8-bit network that this program reads")
    if header.get("version") != VERSION:
        raise ModelFileError(f"{path}: format version {header.get('version')!r}, not {VERSION}; {again}")
    if header.get("weights") != digest_of(weights):
        raise ModelFileError(f"{path}: made of other weights than the model's; {again}")
    return tensors


def quantized_file(model_file: Path) -> Path:
    """Where the 8-bit form of a model lies, if there is one."""
    return model_file.with_name(FILE_NAME)


def _group(inputs: Inputs, size: int) -> dict[int, NDArray[Any]]:
    """Some positions by the numbers of the model's inputs."""
    group: dict[int, NDArray[Any]] = {0: inputs.codes.reshape(-1, size, size), 1: inputs.features}
    if inputs.lines is not None:
        group[LINES_INPUT] = inputs.lines.reshape(-1, size, size, NUM_LINE_PLANES)
    return group


def _kept_exact(model: Any, num_exact: int) -> list[str]:
    """Names of the convolutions of the stem and the heads, and of some between them."""
    ends: list[str] = []
    between: list[str] = []
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Convolution":
            _, _, kernel, _ = node.input_value(1).get_shape()
            sees_planes = node.input_value(0).get_node().get_type_name() == "Transpose"
            is_end = sees_planes or kernel == 1
            (ends if is_end else between).append(node.get_friendly_name())
    return ends + [between[place] for place in EXACT_FIRST[:num_exact] if -len(between) <= place < len(between)]


def _load_nncf() -> Any:
    opt_out_of_telemetry()
    try:
        import nncf  # noqa: PLC0415 - optional, and it imports torch
    except ImportError:
        raise BackendMissingError(MISSING) from None
    return nncf


@contextmanager
def _silenced(nncf: Any) -> Iterator[None]:
    """Without NNCF's log and progress bars."""
    import rich  # noqa: PLC0415 - comes with NNCF

    console = rich.get_console()
    was_quiet, console.quiet = console.quiet, True
    nncf.set_log_level(logging.ERROR)
    try:
        yield
    finally:
        console.quiet = was_quiet


def main() -> int:
    what, _, usage = (__doc__ or "").partition("\n\n")
    parser = OneLineParser(
        prog="python -m nets.quantize",
        description=what,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="a model file or its folder")
    parser.add_argument("--rules", help="of the games that are played for it (default: the model's own)")
    parser.add_argument("--positions", type=int, default=POSITIONS, metavar="N", help=f"default: {POSITIONS}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the games (default: {SEED})")
    options = parser.parse_args()
    try:
        if options.positions < 1 or options.seed < 0:
            raise ValueError(f"--positions {options.positions} --seed {options.seed}: must be from 1 and from 0")
        path = find_model_file(options.model)
        model = load_model(path)
        if not (options.rules or model.card.trained_rules):
            raise ValueError(f"{path} does not say for which rules it was trained; name them with --rules")
        rules = parse_rules(options.rules or model.card.trained_rules[0])
        target = quantized_file(path)
        made = quantize_model(model, rules, options.positions, options.seed)
        write_quantized(target, model.weights, made.tensors)
    except (ValueError, OSError) as error:
        return refuse("quantize.py", error)
    print(f"{target}: {made.verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
