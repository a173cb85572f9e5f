"""A network as an OpenVINO model, made of arrays in milliseconds: no torch, no ONNX, no converter.

Owns the way OpenVINO is imported, and its operations for `nets/graph.py`.
"""

import importlib.util
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nets.config import NetworkConfig, Weights
from nets.graph import Graph
from nets.inputs import LEGAL_CODES, NUM_FEATURES
from nets.lines import NUM_LINE_PLANES

MISSING = "backend 'openvino' is not installed; install it with: python -m pip install -e '.[fast]'"
LINES_INPUT = 2
"""The number of the input that only networks with `line_planes` have."""
ILLEGAL_LOGIT = -1e30
"""Low enough that the softmax gives exactly 0, and still a number."""


class BackendMissingError(ValueError):
    """An engine that was asked for by name and is not installed, or not to be had with this CPU."""


def is_openvino_installed() -> bool:
    """Whether `load_openvino` will find it; does not import it."""
    return importlib.util.find_spec("openvino") is not None


def load_openvino() -> Any:
    """Imports OpenVINO, which is optional, without its telemetry.

    Raises:
      BackendMissingError: it is not installed.
    """
    opt_out_of_telemetry()
    try:
        import openvino  # noqa: PLC0415 - optional, and a third of a second
    except ImportError:
        raise BackendMissingError(MISSING) from None
    return openvino


@cache
def openvino_core() -> Any:
    """The process's one `openvino.Core`; it lives as long as the process.

    A core gives the thread that first uses it a stack for signals, and takes that memory away from whichever thread
    drops it: a signal, such as Ctrl-C, then found no stack and killed the process.

    Raises:
      BackendMissingError: see `load_openvino`.
    """
    return load_openvino().Core()


def opt_out_of_telemetry() -> None:
    """Keeps OpenVINO and NNCF from writing an identity into the home folder and sending statistics with it.

    Both do so on import, without asking, by the package `openvino_telemetry`. None in the table of modules makes its
    import fail as if it were not installed, and both are written to cope with that.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def build_model(config: NetworkConfig, weights: Weights) -> Any:
    """An `openvino.Model` of any batch and board size.

    Inputs: `codes` uint8 `[B, size, size]`, `features` float32 `[B, NUM_FEATURES]` and, where the network has
    `line_planes`, `lines` uint8 `[B, size, size, NUM_LINE_PLANES]`; outputs: priors float32 `[B, A]` and outcomes
    float32 `[B, 3]`.

    Raises:
      BackendMissingError: OpenVINO is not installed.
    """
    openvino = load_openvino()
    op = openvino.opset13
    codes = op.parameter([-1, -1, -1], np.uint8, name="codes")
    features = op.parameter([-1, NUM_FEATURES], np.float32, name="features")
    inputs = [codes, features]
    if config.line_planes:
        inputs.append(op.parameter([-1, -1, -1, NUM_LINE_PLANES], np.uint8, name="lines"))
    outputs = Graph(config, weights, _OpenVinoOps(op)).outputs(*inputs)
    return openvino.Model([op.result(output) for output in outputs], inputs, "gomoku-zero")


def has_line_planes(model: Any) -> bool:
    """Whether an `openvino.Model` of `build_model`, or its 8-bit form, looks at open lines."""
    return len(model.inputs) > LINES_INPUT


def written_model(model: Any) -> Weights:
    """An `openvino.Model` as plain arrays: `xml` and `bin`, both uint8."""
    openvino = load_openvino()
    with tempfile.TemporaryDirectory() as folder:
        xml, binary = Path(folder) / "model.xml", Path(folder) / "model.bin"
        openvino.serialize(model, str(xml), str(binary))
        return {file.suffix[1:]: np.frombuffer(file.read_bytes(), dtype=np.uint8) for file in (xml, binary)}


def read_model(written: Weights) -> Any:
    """The `openvino.Model` that `written_model` wrote."""
    tensor = load_openvino().Tensor(np.array(written["bin"]))
    return openvino_core().read_model(written["xml"].tobytes(), tensor)


class _OpenVinoOps:
    """See `nets.graph.Ops`; a tensor is an `openvino.Node`."""

    def __init__(self, op: Any) -> None:
        self._op = op

    def planes(self, codes: Any, table: NDArray[np.float32]) -> Any:
        op = self._op
        rows = op.gather(self._constant(table), op.convert(codes, np.int32), self._integers(0))
        return op.transpose(rows, self._integers([0, 3, 1, 2]))

    def line_planes(self, lines: Any) -> Any:
        return self._op.transpose(self._op.convert(lines, np.float32), self._integers([0, 3, 1, 2]))

    def convolution(self, x: Any, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> Any:
        edge = [weight.shape[2] // 2] * 2
        result = self._op.convolution(x, self._constant(weight), [1, 1], edge, edge, [1, 1])
        return result if bias is None else self._op.add(result, self._constant(bias.reshape(1, -1, 1, 1)))

    def linear(self, x: Any, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> Any:
        result = self._op.matmul(x, self._constant(weight), False, True)
        return result if bias is None else self._op.add(result, self._constant(bias.reshape(1, -1)))

    def add(self, x: Any, y: Any) -> Any:
        return self._op.add(x, y)

    def relu(self, x: Any) -> Any:
        return self._op.relu(x)

    def on_points(self, x: Any) -> Any:
        return self._op.unsqueeze(x, self._integers([2, 3]))

    def pool_board(self, x: Any) -> Any:
        op, axes = self._op, self._integers([2, 3])
        return op.concat([op.reduce_mean(x, axes, False), op.reduce_max(x, axes, False)], 1)

    def first_channels(self, x: Any, count: int) -> Any:
        begin, end, step, axis = (self._integers([number]) for number in (0, count, 1, 1))
        return self._op.slice(x, begin, end, step, axis)

    def priors(self, logits: Any, codes: Any) -> Any:
        op, flat = self._op, self._integers([0, -1])
        lowest_legal = self._constant(np.array(LEGAL_CODES, dtype=np.uint8))
        is_legal = op.greater_equal(op.reshape(codes, flat, True), lowest_legal)
        illegal = self._constant(np.array(ILLEGAL_LOGIT, dtype=np.float32))
        return op.softmax(op.select(is_legal, op.reshape(logits, flat, True), illegal), 1)

    def outcomes(self, logits: Any) -> Any:
        return self._op.softmax(self._op.reshape(logits, self._integers([0, -1]), True), 1)

    def _constant(self, array: NDArray[Any]) -> Any:
        return self._op.constant(np.ascontiguousarray(array))

    def _integers(self, numbers: int | list[int]) -> Any:
        return self._op.constant(np.array(numbers, dtype=np.int64))
