"""Writes a network as an ONNX file, which other programs run on boards of any size, in batches of any size.

    python -m nets.export models/6x6x4 out.onnx

Inputs: `codes` uint8 `[batch, size, size]` (`nets.inputs.point_codes`) and `features` float32 `[batch, 9]`
(`nets.inputs.global_features`), and where the network has `line_planes`, `lines` uint8 `[batch, size, size, 12]`
(`nets.lines.open_lines`). Outputs: `priors` float32 `[batch, size * size]`,
`values` and `draws` float32 `[batch]` (see `mcts.evaluator.Evaluation`).

Owns ONNX's operations for `nets/graph.py`. The package onnx is needed to write the file, not to run it.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gomoku.command_line import OneLineParser, refuse
from gomoku.files import write_new_file
from nets.config import NetworkConfig, Weights
from nets.graph import DRAW, LOSS, WIN, Graph
from nets.inputs import LEGAL_CODES, NUM_FEATURES
from nets.lines import NUM_LINE_PLANES
from nets.model_file import find_model_file, load_model
from nets.openvino_graph import ILLEGAL_LOGIT

OPSET, IR_VERSION = 18, 9
"""Old enough for programs of 2023."""
MISSING = "onnx is not installed; install it with: python -m pip install -e '.[export]'"


class ExportError(ValueError):
    """A network that cannot be exported here."""


def onnx_bytes(config: NetworkConfig, weights: Weights, about: dict[str, str]) -> bytes:
    """The contents of an ONNX file.

    Args:
      about: what else is to be known of it, as its metadata.

    Raises:
      ExportError: the package onnx is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 - optional
    except ImportError:
        raise ExportError(MISSING) from None
    helper, kind = onnx.helper, onnx.TensorProto
    ops = _OnnxOps(onnx)
    inputs = {
        "codes": helper.make_tensor_value_info("codes", kind.UINT8, ["batch", "size", "size"]),
        "features": helper.make_tensor_value_info("features", kind.FLOAT, ["batch", NUM_FEATURES]),
    }
    if config.line_planes:
        shape: list[str | int | None] = ["batch", "size", "size", NUM_LINE_PLANES]
        inputs["lines"] = helper.make_tensor_value_info("lines", kind.UINT8, shape)
    priors, outcomes = Graph(config, weights, ops).outputs(*inputs)
    ops.node("Identity", [priors], "priors")
    ops.node("Sub", [ops.column(outcomes, WIN), ops.column(outcomes, LOSS)], "values")
    ops.column(outcomes, DRAW, "draws")
    graph = helper.make_graph(
        ops.nodes,
        "gomoku-zero",
        list(inputs.values()),
        [
            helper.make_tensor_value_info("priors", kind.FLOAT, ["batch", "points"]),
            helper.make_tensor_value_info("values", kind.FLOAT, ["batch"]),
            helper.make_tensor_value_info("draws", kind.FLOAT, ["batch"]),
        ],
        ops.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="gomoku-zero")
    model.ir_version = IR_VERSION
    helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    contents: bytes = model.SerializeToString(deterministic=True)
    return contents


class _OnnxOps:
    """See `nets.graph.Ops`; a tensor is its name."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, operation: str, inputs: list[str], name: str = "", **attributes: Any) -> str:
        output = name or f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(self._onnx.helper.make_node(operation, inputs, [output], name=output, **attributes))
        return output

    def planes(self, codes: str, table: NDArray[np.float32]) -> str:
        indices = self.node("Cast", [codes], to=self._onnx.TensorProto.INT32)
        rows = self.node("Gather", [self._constant(table), indices], axis=0)
        return self.node("Transpose", [rows], perm=[0, 3, 1, 2])

    def line_planes(self, lines: str) -> str:
        numbers = self.node("Cast", [lines], to=self._onnx.TensorProto.FLOAT)
        return self.node("Transpose", [numbers], perm=[0, 3, 1, 2])

    def convolution(self, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        inputs = [x, self._constant(weight)] + ([] if bias is None else [self._constant(bias)])
        return self.node("Conv", inputs, pads=[weight.shape[2] // 2] * 4, kernel_shape=list(weight.shape[2:]))

    def linear(self, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        inputs = [x, self._constant(weight)] + ([] if bias is None else [self._constant(bias)])
        return self.node("Gemm", inputs, transB=1)

    def add(self, x: str, y: str) -> str:
        return self.node("Add", [x, y])

    def relu(self, x: str) -> str:
        return self.node("Relu", [x])

    def on_points(self, x: str) -> str:
        return self.node("Unsqueeze", [x, self._integers(2, 3)])

    def pool_board(self, x: str) -> str:
        axes = self._integers(2, 3)
        pooled = [self.node(operation, [x, axes], keepdims=0) for operation in ("ReduceMean", "ReduceMax")]
        return self.node("Concat", pooled, axis=1)

    def first_channels(self, x: str, count: int) -> str:
        return self.node("Slice", [x, self._integers(0), self._integers(count), self._integers(1)])

    def priors(self, logits: str, codes: str) -> str:
        flat = self._integers(0, -1)
        lowest_legal = self._constant(np.array(LEGAL_CODES, dtype=np.uint8))
        is_legal = self.node("GreaterOrEqual", [self.node("Reshape", [codes, flat]), lowest_legal])
        illegal = self._constant(np.array(ILLEGAL_LOGIT, dtype=np.float32))
        masked = self.node("Where", [is_legal, self.node("Reshape", [logits, flat]), illegal])
        return self.node("Softmax", [masked], axis=1)

    def outcomes(self, logits: str) -> str:
        return self.node("Softmax", [self.node("Reshape", [logits, self._integers(0, -1)])], axis=1)

    def column(self, x: str, index: int, name: str = "") -> str:
        """`[B, F]` to `[B]`."""
        return self.node("Gather", [x, self._constant(np.array(index, dtype=np.int64))], name, axis=1)

    def _constant(self, array: NDArray[Any]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(
            self._onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        )
        return name

    def _integers(self, *numbers: int) -> str:
        return self._constant(np.array(numbers, dtype=np.int64))


def main() -> int:
    what, _, usage = (__doc__ or "").partition("\n\n")
    parser = OneLineParser(
        prog="python -m nets.export",
        description=what,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="a model file or its folder")
    parser.add_argument("target", type=Path, metavar="FILE", help="the ONNX file to write, which does not exist yet")
    options = parser.parse_args()
    try:
        if options.target.exists():
            raise ExportError(f"{options.target} exists already")
        if not options.target.absolute().parent.is_dir():
            raise ExportError(f"{options.target}: there is no folder {options.target.parent}")
        model = load_model(find_model_file(options.model))
        about = {"name": model.card.name, "trained_rules": ", ".join(model.card.trained_rules)}
        write_new_file(options.target, onnx_bytes(model.config, model.weights, about))
    except (ValueError, OSError) as error:
        return refuse("export.py", error)
    print(options.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
