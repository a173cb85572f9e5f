"""Evaluates positions with OpenVINO on the CPU, without torch.

Owns compiling for fixed shapes and the sharing of what was compiled between threads. A row's answer never depends on
the rows beside it, see `nets/batching.py`.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcts.evaluator import Evaluation, Positions, empty_evaluation
from nets.batching import Inputs, chunk_rows, parts
from nets.graph import DRAW, LOSS, WIN
from nets.inputs import NUM_FEATURES
from nets.lines import NUM_LINE_PLANES
from nets.openvino_graph import LINES_INPUT, BackendMissingError, has_line_planes, load_openvino, openvino_core

HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "bf16"}
"""What the CPU may compute in; in `int8` only the layers that were not quantized."""
SMALL_ROWS, ROW_MULTIPLE = 8, 16
"""Calls have 8 rows, which is what one tree asks for, or a multiple of 16: few shapes, as each has to be compiled."""
_CHUNK, _POINTS_PER_CHUNK = 64, 8192


class OpenVinoEvaluator:
    """An OpenVINO model as an `Evaluator`. Any number of threads may call it at once, each on a core of its own."""

    def __init__(self, model: Any, precision: str = "float32", streams: int = 1, chunk: int | None = None) -> None:
        """Compiles nothing yet: each shape at its first call, in about 50 ms.

        Args:
          model: as `build_model` makes it, of any batch and board size.
          precision: `float32`, `bfloat16`, or `int8` for a model that was quantized.
          streams: cores that one call may use: for a single tree that has the machine to itself.
          chunk: most rows in one call of the network, 8 or a multiple of 16; None: what suits the board.

        Raises:
          ValueError: a precision that this CPU has not, or a chunk or a number of streams that makes no sense.
        """
        check_precision(precision)
        if chunk is not None and chunk != SMALL_ROWS and (chunk < ROW_MULTIPLE or chunk % ROW_MULTIPLE):
            raise ValueError(f"chunk {chunk} is not {SMALL_ROWS} or a positive multiple of {ROW_MULTIPLE}")
        if streams < 1:
            raise ValueError(f"streams {streams} is not 1 or more")
        self.precision = precision
        self.streams = streams
        self._core = openvino_core()
        self._hint = HINTS[precision] if precision == "bfloat16" or has_bfloat16() else "f32"
        self._model = model
        self._chunk = chunk
        self._idle: list[_Lane] = []
        self._lock = threading.Lock()
        # More threads than cores would only compile everything more often.
        self._room = threading.BoundedSemaphore(os.cpu_count() or 1)

    def evaluate(self, positions: Positions) -> Evaluation:
        """Judges `B` positions; see `Evaluator`."""
        size, batch = positions.rules.size, len(positions.stones)
        calls = self.rows_per_call(batch, size)
        inputs = Inputs.of(positions, has_line_planes(self._model)).padded(sum(calls))
        outputs = empty_evaluation(*inputs.codes.shape)
        with self._lanes(min(self.streams, len(calls))) as lanes:
            where = list(parts(calls))
            for first in range(0, len(where), len(lanes)):
                self._evaluate_side_by_side(lanes, where[first : first + len(lanes)], inputs, outputs, size)
        return Evaluation(*(output[:batch] for output in outputs))

    def rows_per_call(self, batch: int, size: int) -> list[int]:
        """How a batch is cut into calls of the network: rows of each, padding included."""
        chunk = self._chunk or max(min(_POINTS_PER_CHUNK // size**2, _CHUNK) // ROW_MULTIPLE, 1) * ROW_MULTIPLE
        share = -(-batch // self.streams)
        step = SMALL_ROWS if share <= SMALL_ROWS or chunk == SMALL_ROWS else ROW_MULTIPLE
        return chunk_rows(batch, min(chunk, -(-share // step) * step), step)

    def _evaluate_side_by_side(
        self, lanes: list["_Lane"], where: list[slice], inputs: Inputs, outputs: Evaluation, size: int
    ) -> None:
        """Evaluates one part of the batch in each lane, all at once."""
        requests = [
            self._request(lane, part.stop - part.start, size) for lane, part in zip(lanes, where, strict=False)
        ]
        for request, part in zip(requests, where, strict=True):
            request.codes[:] = inputs.codes[part].reshape(request.codes.shape)
            request.features[:] = inputs.features[part]
            if request.lines is not None and inputs.lines is not None:
                request.lines[:] = inputs.lines[part].reshape(request.lines.shape)
        if len(requests) == 1:  # in this thread, which spares two changes of threads
            requests[0].request.infer(share_outputs=True)
        else:
            try:
                for request in requests:
                    request.request.start_async()
            finally:
                for request in requests:
                    request.request.wait()
        for request, part in zip(requests, where, strict=True):
            outputs.priors[part] = request.priors
            outputs.values[part] = request.outcomes[:, WIN] - request.outcomes[:, LOSS]
            outputs.draws[part] = request.outcomes[:, DRAW]

    @contextmanager
    def _lanes(self, count: int) -> Iterator[list["_Lane"]]:
        """Lanes that nobody else uses meanwhile."""
        with self._room:
            with self._lock:
                lanes = [self._idle.pop() if self._idle else _Lane() for _ in range(count)]
            try:
                yield lanes
            finally:
                with self._lock:
                    self._idle += lanes

    def _request(self, lane: "_Lane", rows: int, size: int) -> "_Request":
        if (rows, size) not in lane:
            lane[rows, size] = _Request(self._compile(rows, size), rows, size)
        return lane[rows, size]

    def _compile(self, rows: int, size: int) -> Any:
        with self._lock:
            model = self._model.clone()
        shapes = {model.input(0): [rows, size, size], model.input(1): [rows, NUM_FEATURES]}
        if has_line_planes(model):
            shapes[model.input(LINES_INPUT)] = [rows, size, size, NUM_LINE_PLANES]
        model.reshape(shapes)
        # Not pinned to a core: two processes would choose the same one.
        options = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}
        return self._core.compile_model(model, "CPU", options | {"INFERENCE_PRECISION_HINT": self._hint})


class _Request:
    """One shape of the network, ready to be run again and again, with the memory that it reads and writes."""

    def __init__(self, compiled: Any, rows: int, size: int) -> None:
        tensor = load_openvino().Tensor
        self.codes: NDArray[np.uint8] = np.zeros((rows, size, size), dtype=np.uint8)
        self.features: NDArray[np.float32] = np.zeros((rows, NUM_FEATURES), dtype=np.float32)
        self.priors: NDArray[np.float32] = np.zeros((rows, size * size), dtype=np.float32)
        self.outcomes: NDArray[np.float32] = np.zeros((rows, 3), dtype=np.float32)
        self.lines: NDArray[np.uint8] | None = None
        inputs: list[NDArray[Any]] = [self.codes, self.features]
        if has_line_planes(compiled):
            self.lines = np.zeros((rows, size, size, NUM_LINE_PLANES), dtype=np.uint8)
            inputs.append(self.lines)
        self.request = compiled.create_infer_request()
        for index, array in enumerate(inputs):
            self.request.set_input_tensor(index, tensor(array, shared_memory=True))
        for index, output in enumerate((self.priors, self.outcomes)):
            self.request.set_output_tensor(index, tensor(output, shared_memory=True))


_Lane = dict[tuple[int, int], _Request]
"""What one thread at a time works with: a request for each number of rows and board size that it has met."""


def check_precision(precision: str) -> None:
    """Refuses what OpenVINO cannot compute in here.

    Raises:
      BackendMissingError: this CPU has not that precision.
      ValueError: an unknown precision.
    """
    if precision not in HINTS:
        raise ValueError(f"precision {precision!r} is not one of {', '.join(HINTS)} with backend 'openvino'")
    if precision == "bfloat16" and not has_bfloat16():
        raise BackendMissingError(
            "precision 'bfloat16' is not to be had with backend 'openvino': this CPU does not have it"
        )


def has_bfloat16() -> bool:
    """Whether this CPU computes in bfloat16 itself."""
    return "BF16" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def half_precision() -> str:
    """The fastest precision that plays as well as an exact one: bfloat16 where this CPU has it, else float32."""
    return "bfloat16" if has_bfloat16() else "float32"
