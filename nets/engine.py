"""The seam between a network and whatever evaluates it fast: torch, or OpenVINO on the CPU.

A network is compiled once per generation, by whoever owns the weights; what comes out is plain arrays, which go to
any number of threads and processes and become evaluators there. torch is imported only where it is asked for.
"""

from dataclasses import dataclass
from typing import NamedTuple

from mcts.evaluator import Evaluator, Positions
from nets.config import NetworkConfig, Weights
from nets.openvino_evaluator import OpenVinoEvaluator, check_precision
from nets.openvino_graph import build_model, read_model
from nets.quantize import quantize_network

AUTO = "auto"
PRECISIONS_OF = {
    "torch": ("float32", "bfloat16", "float16"),
    "openvino": ("float32", "bfloat16", "int8"),
}
BACKENDS = tuple(PRECISIONS_OF)
PRECISIONS = ("float32", "bfloat16", "float16", "int8")
ASKED_FOR = {"backend": (AUTO, *BACKENDS), "precision": (AUTO, *PRECISIONS)}
"""What a person may ask for, by the name of the setting."""
OPENVINO_DEVICES = (AUTO, "cpu")


@dataclass(frozen=True)
class Engine:
    """How a network is evaluated here.

    Raises:
      ValueError: an unknown backend, or a precision or device that it does not know.
    """

    backend: str = "torch"
    """`torch` or `openvino`."""
    precision: str = "float32"
    """One of `PRECISIONS_OF[backend]`."""
    device: str = "auto"
    """As `TorchEvaluator` takes it; OpenVINO has the CPU only."""
    rows: int | None = None
    """Most positions in one call of the network, 8 or a multiple of 16; None: what suits the board."""

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ValueError(f"backend {self.backend!r} is not one of {', '.join(BACKENDS)}")
        known = PRECISIONS_OF[self.backend]
        if self.precision not in known:
            raise ValueError(
                f"precision {self.precision!r} is not one of {', '.join(known)} with backend {self.backend!r}"
            )
        if self.backend == "openvino" and self.device not in OPENVINO_DEVICES:
            raise ValueError(f"device {self.device!r} is not one of {', '.join(OPENVINO_DEVICES)} with 'openvino'")

    @property
    def name(self) -> str:
        return f"{self.backend} {self.precision}"


class CompiledNetwork(NamedTuple):
    """A network in the form that its engine needs: picklable, of plain arrays."""

    engine: Engine
    config: NetworkConfig
    tensors: Weights
    """The weights; of an `int8` network what `quantize_network` makes of them."""


def compile_network(
    config: NetworkConfig, weights: Weights, engine: Engine, seen: Positions | None = None
) -> CompiledNetwork:
    """Makes the form that `engine` needs, once per generation.

    Args:
      seen: real positions, by which an 8-bit network's ranges are set; a few hundred. Others do not need them.

    Raises:
      ValueError: `int8` without positions, or an engine that is not to be had here.
    """
    if engine.backend == "openvino":
        check_precision(engine.precision)
    if engine.precision != "int8":
        return CompiledNetwork(engine, config, dict(weights))
    if seen is None:
        raise ValueError("precision 'int8' needs positions to set its ranges by")
    return CompiledNetwork(engine, config, quantize_network(config, weights, seen))


def make_evaluator(compiled: CompiledNetwork, streams: int = 1) -> Evaluator:
    """An evaluator of a compiled network; any number of threads may call it at once.

    Args:
      streams: cores that one call may use, where the backend is `openvino`.

    Raises:
      ValueError: a backend, precision or device that is not to be had here.
    """
    engine, config, tensors = compiled
    if engine.backend == "openvino":
        model = read_model(tensors) if engine.precision == "int8" else build_model(config, tensors)
        return OpenVinoEvaluator(model, engine.precision, streams, engine.rows)
    import torch  # noqa: PLC0415 - takes a second or two

    from nets.network import network_of  # noqa: PLC0415
    from nets.torch_evaluator import TorchEvaluator  # noqa: PLC0415

    # One call on one core: on a busy machine torch's own threads wait for each other a hundred times longer.
    torch.set_num_threads(1)
    return TorchEvaluator(network_of(config, tensors), engine.device, engine.precision, chunk=engine.rows)
