"""Evaluates positions with a network in torch, on any device.

Owns batching, precision and symmetry. A row's answer never depends on the rows beside it: batches are cut and
padded to a few shapes within which torch computes each row alike.
"""

import copy
import logging
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from gomoku.symmetry import inverse_tables, symmetry_tables
from mcts.evaluator import Evaluation, Positions, empty_evaluation
from mcts.random_stream import GAMMA, mix
from nets.batching import Inputs, chunk_rows, parts
from nets.devices import find_device, is_out_of_memory
from nets.inputs import LEGAL_CODES
from nets.network import Network
from nets.planes import line_planes_of, planes_of

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
ROW_MULTIPLE = 16
"""On CPUs torch gives a row the same bits in all batches of a multiple of 16 rows, but not in others."""
_CPU_CHUNK = 128
_CPU_POINTS_PER_CHUNK = 8192
_GPU_CHUNK = 128


_log = logging.getLogger(__name__)


class TorchEvaluator:
    """A network as an `Evaluator`. Any number of threads may call it at once.

    Where the device's memory is too small for a call, this and all later calls have half as many rows, down to
    `ROW_MULTIPLE`. A GPU may compute rows of that shape by another algorithm, in the last bits.

    Where several threads or processes evaluate side by side, call `torch.set_num_threads(1)` first.
    """

    def __init__(
        self,
        network: Network,
        device: str = "auto",
        precision: str = "float32",
        random_symmetry: bool = False,
        chunk: int | None = None,
    ) -> None:
        """Keeps its own copy of the network's weights.

        Args:
          device: "auto" (CUDA, else MPS, else CPU) or torch's name of one.
          precision: "float32", "bfloat16" or "float16" within the network; see `nets.calibration.choose_engine`.
          random_symmetry: sees each row under one of the eight symmetries, drawn from the row's seed.
          chunk: most rows in one call of the network, a multiple of 16; None: what suits device and board.

        Raises:
          ValueError: a device that is not there, an unknown precision, a chunk that is no multiple of 16.
        """
        if precision not in PRECISIONS:
            raise ValueError(f"precision {precision!r} is not one of {', '.join(PRECISIONS)}")
        if chunk is not None and (chunk < ROW_MULTIPLE or chunk % ROW_MULTIPLE):
            raise ValueError(f"chunk {chunk} is not a positive multiple of {ROW_MULTIPLE}")
        self.device = find_device(device)
        self.precision = precision
        self.random_symmetry = random_symmetry
        self._chunk = chunk
        self._network = copy.deepcopy(network).to(self.device, PRECISIONS[precision]).eval()
        # Dense layers are small, and slower in half precision than in full.
        for layer in self._network.modules():
            if isinstance(layer, nn.Linear):
                layer.float()

    def evaluate(self, positions: Positions) -> Evaluation:
        """Judges `B` positions; see `Evaluator`."""
        size = positions.rules.size
        inputs = Inputs.of(positions, self._network.config.line_planes)
        if not self.random_symmetry:
            return self._evaluate_inputs(inputs, size)
        symmetries = _draw_symmetries(positions.seeds)
        tables = inverse_tables(size)[symmetries]
        codes = np.take_along_axis(inputs.codes, tables, axis=1)
        lines = None if inputs.lines is None else np.take_along_axis(inputs.lines, tables[:, :, None], axis=1)
        answer = self._evaluate_inputs(Inputs(codes, inputs.features, lines), size)
        return answer._replace(priors=np.take_along_axis(answer.priors, symmetry_tables(size)[symmetries], axis=1))

    def rows_per_call(self, batch: int, size: int) -> list[int]:
        """How a batch is cut into calls of the network: rows of each, padding included."""
        return self._cut(batch, self._rows_at_most(size))

    def _rows_at_most(self, size: int) -> int:
        return self._chunk or self._usual_chunk(size)

    def _cut(self, batch: int, chunk: int) -> list[int]:
        # A GPU may choose another algorithm for any other shape, so it is given one shape only.
        step = ROW_MULTIPLE if self.device.type == "cpu" else chunk
        return chunk_rows(batch, chunk, step)

    def _usual_chunk(self, size: int) -> int:
        """Rows per call that measured fastest; on CPUs, large boards are cut small for the sake of the cache."""
        if self.device.type != "cpu":
            return _GPU_CHUNK
        rows = min(_CPU_POINTS_PER_CHUNK // (size * size), _CPU_CHUNK)
        if self.precision != "float32":
            rows *= 2
        return max(rows // ROW_MULTIPLE, 1) * ROW_MULTIPLE

    def _evaluate_inputs(self, inputs: Inputs, size: int) -> Evaluation:
        """In calls as large as memory allows.

        Raises:
          RuntimeError: it does not even allow `ROW_MULTIPLE` rows (`nets.devices.is_out_of_memory`).
        """
        while True:
            chunk = self._rows_at_most(size)
            try:
                return self._evaluate_in_calls(inputs, size, self._cut(len(inputs.codes), chunk))
            except RuntimeError as error:
                if not is_out_of_memory(error) or chunk == ROW_MULTIPLE:
                    raise
            # Not in the handler: its exception keeps the tensors of the call that failed.
            self._halve(chunk)

    def _halve(self, chunk: int) -> None:
        """After a call of `chunk` rows has failed; another thread may have done so already."""
        fewer = chunk // 2 // ROW_MULTIPLE * ROW_MULTIPLE
        if self._chunk is None or self._chunk > fewer:
            self._chunk = fewer
            _log.warning("%s: no memory for %d positions in one call, going on with %d", self.device, chunk, fewer)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _evaluate_in_calls(self, inputs: Inputs, size: int, calls: list[int]) -> Evaluation:
        batch = len(inputs.codes)
        network = self._network
        padded = inputs.padded(sum(calls))
        outputs = empty_evaluation(*padded.codes.shape)
        for part in parts(calls):
            answer = self._call(network, padded.rows(part), size)
            for output, tensor in zip(outputs, answer, strict=True):
                output[part] = tensor.cpu().numpy()
        return Evaluation(*(output[:batch] for output in outputs))

    def _taken(self, array: NDArray[Any]) -> Tensor:
        """An array on the device; to CUDA through pinned memory, which it can read while the CPU goes on."""
        tensor = torch.from_numpy(array)
        if self.device.type == "cuda":
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor.to(self.device)

    @torch.inference_mode()
    def _call(self, network: Network, inputs: Inputs, size: int) -> tuple[Tensor, ...]:
        """Priors `[rows, A]`, values `[rows]` and draws `[rows]` of one chunk, in float32 whatever the precision."""
        dtype = PRECISIONS[self.precision]
        codes, features = self._taken(inputs.codes), self._taken(inputs.features)
        lines = None if inputs.lines is None else line_planes_of(self._taken(inputs.lines), size, dtype)
        output = network(planes_of(codes, size, dtype), features, lines)
        logits = output.policy.float().masked_fill(codes < LEGAL_CODES, float("-inf"))
        win_draw_loss = functional.softmax(output.value.float(), dim=1)
        return functional.softmax(logits, dim=1), win_draw_loss[:, 0] - win_draw_loss[:, 2], win_draw_loss[:, 1]


def _draw_symmetries(seeds: NDArray[np.uint64]) -> NDArray[np.intp]:
    """One symmetry per row, the top bits of a mix of its seed: alike seeds draw unlike symmetries."""
    return np.array([int(mix(seed)) >> 61 for seed in seeds + GAMMA], dtype=np.intp)
