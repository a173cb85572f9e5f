"""Which engine is the fastest that still gives the network's answers, on this machine, for this network and board.

Owns the measurement. What is chosen for a run is stored with the run, so that a resume does not
choose again; what is chosen for a player is remembered by `nets/engine_memory.py`.
"""

import time
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.rules import Rules
from mcts.evaluator import Evaluator, Positions, rows_of
from nets.agreement import Errors, tolerance_of
from nets.config import NetworkConfig, Weights
from nets.engine import (
    ASKED_FOR,
    AUTO,
    BACKENDS,
    OPENVINO_DEVICES,
    PRECISIONS,
    PRECISIONS_OF,
    CompiledNetwork,
    Engine,
    compile_network,
    make_evaluator,
)
from nets.openvino_evaluator import check_precision, has_bfloat16
from nets.openvino_graph import MISSING, BackendMissingError, is_openvino_installed
from nets.played_positions import drawn_positions

COMPARED = 64
"""Positions that answers are compared on, at least."""
WORTHWHILE = 1.05
"""An engine has to be this many times faster than a more exact one to be chosen."""
SECONDS = 0.3
"""For each engine that is timed."""
_ROWS = (16, 32, 64, 128)
_LEAST_BATCH_TO_CUT = 32
_TORCH_PRECISIONS = {"cpu": ("bfloat16",), "mps": ("float16",), "cuda": ("bfloat16", "float16")}


@dataclass(frozen=True)
class EngineOptions:
    """What a person asks for.

    Raises:
      ValueError: an unknown name.
    """

    backend: str = AUTO
    """`auto`, `torch` or `openvino`."""
    precision: str = AUTO
    """`auto`, or one of `PRECISIONS`."""
    device: str = AUTO
    """`auto`, or torch's name of a device."""

    def __post_init__(self) -> None:
        for name, known in ASKED_FOR.items():
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"{name} {value!r} is not one of {', '.join(known)}")


class Choice(NamedTuple):
    """What was found."""

    engine: Engine
    report: str
    """One line that says what was measured."""
    is_measured: bool = True
    """False where there was nothing to choose from."""


class Forms(NamedTuple):
    """A network in the forms that its engines take."""

    config: NetworkConfig
    weights: Weights
    quantized: Weights | None = None
    """Its 8-bit form; `auto` chooses 8 bits only where there is one already: it was made of real positions, and
    matches at equal time have shown what it is worth (docs/results.md)."""


class Comparison(NamedTuple):
    """What was found, and what it was found by."""

    choice: Choice
    speeds: dict[str, float]
    """Positions per second, by the engines' names; empty where nothing was timed."""


class Timing(NamedTuple):
    """How fast an engine is, and how far from float32."""

    speed: float
    """Positions per second."""
    errors: Errors

    def agrees(self, engine: Engine) -> bool:
        return self.errors.are_within(tolerance_of(engine.precision))


def candidates(options: EngineOptions, *, has_int8: bool = False) -> list[Engine]:
    """The engines that fit what is asked for, the more exact ones first; not empty.

    Args:
      has_int8: whether `auto` may choose 8 bits.

    Raises:
      BackendMissingError: OpenVINO is asked for and is not installed, or a precision that it has not with this CPU.
      ValueError: a backend, precision and device that do not go together or are not to be had.
    """
    backends = BACKENDS if options.backend == AUTO else (options.backend,)
    if "openvino" in backends and not is_openvino_installed():
        if options.backend == "openvino" or options.precision == "int8":
            raise BackendMissingError(MISSING)
        backends = ("torch",)
    if options.backend == AUTO and options.device not in OPENVINO_DEVICES:
        backends = ("torch",)
    if options.precision != AUTO:
        known = [name for name in backends if options.precision in PRECISIONS_OF[name]]
        if options.precision == "bfloat16" and len(known) > 1 and not has_bfloat16():
            known.remove("openvino")  # which takes it from the CPU alone
        engines = [Engine(name, options.precision, options.device) for name in known or backends]
        if engines[0].backend == "openvino":
            check_precision(options.precision)
        return engines
    precisions = {name: _precisions(name, options, has_int8) for name in backends}
    return [
        Engine(name, precision, options.device)
        for precision in PRECISIONS
        for name in backends
        if precision in precisions[name]
    ]


def _warning(engine: Engine) -> str:
    """What to say of an engine that was asked for and is a poor choice here."""
    if (engine.backend, engine.precision) != ("torch", "bfloat16") or not is_openvino_installed() or has_bfloat16():
        return ""
    from nets.devices import find_device  # noqa: PLC0415 - brings torch, which this engine needs anyway

    is_emulated = find_device(engine.device).type == "cpu"
    return " (this CPU has no bfloat16 and emulates it, far slower than float32)" if is_emulated else ""


def choose_engine(
    config: NetworkConfig,
    weights: Weights,
    options: EngineOptions,
    rules: Rules,
    batch: int,
    quantized: Weights | None = None,
) -> Choice:
    """As `compare_engines`, for a network that was never compared.

    Args:
      quantized: see `Forms`.

    Raises:
      ValueError: what is asked for is not to be had.
    """
    return compare_engines(Forms(config, weights, quantized), options, rules, batch).choice


def compare_engines(
    forms: Forms, options: EngineOptions, rules: Rules, batch: int, known: Comparison | None = None
) -> Comparison:
    """Times the engines that fit `options`, on positions that the network plays for it, and compares their answers.

    Takes a few seconds, and none where only one engine fits.

    Args:
      batch: positions per call, as many as the search will ask for.
      known: what was found for other weights of this shape, on a board of this size. Speeds are the same then, and
        only the answers are compared, in a fraction of a second.

    Raises:
      ValueError: what is asked for is not to be had.
    """
    engines = candidates(options, has_int8=forms.quantized is not None)
    if len(engines) == 1:
        told = f"{engines[0].name}, as told{_warning(engines[0])}"
        return Comparison(Choice(engines[0], told, is_measured=False), {})
    if known is not None and not {engine.name for engine in engines} <= known.speeds.keys():
        known = None
    exact = make_evaluator(compile_network(forms.config, forms.weights, engines[0]))
    positions = drawn_positions(exact, rules, max(batch, COMPARED), seed=0)
    compiled = {engine: _compiled(forms, engine, positions) for engine in engines}
    timings = _measure(compiled, positions, batch, None if known is None else known.speeds)
    best = engines[0]
    for engine in engines[1:]:
        is_faster = timings[engine].speed > timings[best].speed * (
            1.0 if engine.precision == best.precision else WORTHWHILE
        )
        if timings[engine].agrees(engine) and is_faster:
            best = engine
    if known is not None and best == replace(known.choice.engine, rows=None):
        best = known.choice.engine
    else:
        best = _with_best_rows(compiled[best], _first(positions, batch))
    figures = "; ".join(_figures(engine, timing) for engine, timing in timings.items())
    rows = "" if best.rows is None else f" in calls of {best.rows}"
    choice = Choice(best, f"{rules.name}, {batch} rows: {figures}: {best.name}{rows}")
    return Comparison(choice, {engine.name: timing.speed for engine, timing in timings.items()})


def scattered_positions(rules: Rules, batch: int, seed: int) -> Positions:
    """Positions that look like games to a network: stones of both colours, near the middle, at every stage.

    They are not played by the rules: lines may be complete, and every empty point counts as legal.
    """
    rng = np.random.default_rng(seed)
    points = rules.num_points
    row, column = np.divmod(np.arange(points), rules.size)
    middle = (rules.size - 1) / 2
    distance = np.hypot(row - middle, column - middle) / rules.size
    plies = rng.integers(0, points // 2, size=batch)
    order = np.argsort(3 * distance + rng.random((batch, points)), axis=1)
    stones = np.zeros((batch, points), dtype=np.int8)
    for board, points_in_turn, num_stones in zip(stones, order, plies, strict=True):
        taken = points_in_turn[:num_stones]
        board[rng.permutation(taken)] = _alternating(num_stones)
    to_play = np.where(plies % 2 == 0, 1, -1).astype(np.int8)
    seeds = rng.integers(0, 2**63, size=batch, dtype=np.uint64)
    return Positions(rules, stones.reshape(batch, rules.size, rules.size), to_play, stones == 0, seeds)


def _alternating(num_stones: int) -> NDArray[np.int8]:
    """`[num_stones]` -1, 1, -1 and so on: both sides have equally many, or the opponent, who moved last, one more."""
    return np.where(np.arange(num_stones) % 2 == 0, -1, 1).astype(np.int8)


def _precisions(backend: str, options: EngineOptions, has_int8: bool) -> tuple[str, ...]:
    """What `auto` may choose from."""
    if backend == "openvino":
        in_half = ("bfloat16",) if has_bfloat16() else ()
        return ("float32", *in_half, "int8") if has_int8 else ("float32", *in_half)
    from nets.devices import find_device  # noqa: PLC0415 - torch takes a second or two

    return ("float32", *_TORCH_PRECISIONS.get(find_device(options.device).type, ()))


def _compiled(forms: Forms, engine: Engine, positions: Positions) -> CompiledNetwork:
    if engine.precision == "int8" and forms.quantized is not None:
        return CompiledNetwork(engine, forms.config, forms.quantized)
    return compile_network(forms.config, forms.weights, engine, seen=positions)


def _first(positions: Positions, count: int) -> Positions:
    return rows_of(positions, np.arange(count))


def _measure(
    compiled: dict[Engine, CompiledNetwork], positions: Positions, batch: int, known: dict[str, float] | None
) -> dict[Engine, Timing]:
    """Speed on `batch` rows, unless it is known, and errors of each; by turns, so that a busy machine is fair to
    all."""
    evaluators = [make_evaluator(network) for network in compiled.values()]
    answers = [evaluator.evaluate(positions) for evaluator in evaluators]
    errors = [Errors.of(answer, answers[0]) for answer in answers]
    speeds = [known[one.name] for one in compiled] if known else _speeds(evaluators, _first(positions, batch))
    return {engine: Timing(speed, error) for engine, speed, error in zip(compiled, speeds, errors, strict=True)}


def _with_best_rows(network: CompiledNetwork, positions: Positions) -> Engine:
    """The same engine with the rows per call that are fastest, where that is worthwhile."""
    batch, engine = len(positions.stones), network.engine
    if batch < _LEAST_BATCH_TO_CUT:
        return engine
    engines = [engine, *(replace(engine, rows=rows) for rows in _ROWS if rows <= batch)]
    speeds = _speeds([make_evaluator(network._replace(engine=one)) for one in engines], positions)
    best = int(np.argmax(speeds))
    return engines[best] if speeds[best] > WORTHWHILE * speeds[0] else engine


def _speeds(evaluators: list[Evaluator], positions: Positions) -> list[float]:
    """Evaluations per second of each at its best."""
    best = [float("inf")] * len(evaluators)
    for evaluator in evaluators:  # compiles
        evaluator.evaluate(positions)
    end = time.perf_counter() + SECONDS * len(evaluators)
    while time.perf_counter() < end or min(best) == float("inf"):
        for index, evaluator in enumerate(evaluators):
            start = time.perf_counter()
            evaluator.evaluate(positions)
            best[index] = min(best[index], time.perf_counter() - start)
    return [len(positions.stones) / seconds for seconds in best]


def _figures(engine: Engine, timing: Timing) -> str:
    if engine.precision == "float32":
        return f"{engine.name} {timing.speed:.0f}/s"
    return f"{engine.name} {timing.speed:.0f}/s ({timing.errors}{'' if timing.agrees(engine) else ', too much'})"
