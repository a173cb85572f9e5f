"""The seam between a network and whatever evaluates it fast: torch, or a CPU inference engine.

A network is compiled once per generation, by whoever owns the weights; what comes out is plain arrays, which go to
any number of threads and processes and become evaluators there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray

from mcts.evaluator import Evaluator
from nets.network import NetworkConfig, build_network
from nets.torch_evaluator import TorchEvaluator

Weights = Mapping[str, NDArray[Any]]
"""A network's parameters by name, float32."""


@dataclass(frozen=True)
class Engine:
    """How a network is evaluated here."""

    backend: str = "torch"
    precision: str = "float32"
    device: str = "auto"


class CompiledNetwork(NamedTuple):
    """A network in the form that its engine needs: picklable, of plain arrays."""

    engine: Engine
    config: NetworkConfig
    tensors: Weights


def compile_network(config: NetworkConfig, weights: Weights, engine: Engine) -> CompiledNetwork:
    """Makes the form that `engine` needs, once per generation."""
    return CompiledNetwork(engine, config, dict(weights))


def make_evaluator(compiled: CompiledNetwork) -> Evaluator:
    """An evaluator of a compiled network; any number of threads may call it at once."""
    with torch.random.fork_rng(devices=[]):
        network = build_network(compiled.config)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in compiled.tensors.items()})
    return TorchEvaluator(network, compiled.engine.device, compiled.engine.precision)
