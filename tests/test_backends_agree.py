"""Every backend and precision against torch's float32 on a thousand positions that a shipped model played."""

from pathlib import Path

import numpy as np
import pytest
from hardware import needs_bfloat16

from gomoku.rules import Rules
from mcts.evaluator import Evaluation, Positions
from nets.agreement import REAL_TOLERANCE, differences, tolerance_of
from nets.engine import PRECISIONS_OF, CompiledNetwork, Engine, compile_network, make_evaluator
from nets.model_file import Model, load_model
from nets.played_positions import drawn_positions, played_positions
from nets.quantize import quantized_file, read_quantized

MODEL = load_model(Path(__file__).resolve().parent.parent / "models/6x6x4/model.safetensors")
ENGINES = [
    pytest.param(Engine(backend, precision, "cpu"), id=f"{backend} {precision}", marks=marks)
    for backend, known in PRECISIONS_OF.items()
    for precision in known
    for marks in ([needs_bfloat16] if (backend, precision) == ("openvino", "bfloat16") else [],)
]
LARGEST_FLOAT32_ERROR = 1e-5


def evaluator_answers(model: Model, engine: Engine, positions: Positions) -> Evaluation:
    if engine.precision == "int8":
        compiled = CompiledNetwork(engine, model.config, read_quantized(quantized_file(model.path), model.weights))
    else:
        compiled = compile_network(model.config, model.weights, engine)
    return make_evaluator(compiled).evaluate(positions)


@pytest.fixture(scope="module")
def played() -> tuple[Positions, Evaluation]:
    exact = make_evaluator(compile_network(MODEL.config, MODEL.weights, Engine("torch", "float32", "cpu")))
    # Of another seed than those that the 8-bit network was made by.
    fast = make_evaluator(compile_network(MODEL.config, MODEL.weights, Engine("openvino")))
    positions = played_positions(fast, Rules(6, 4), 1000, seed=20)
    assert len(positions.stones) == 1000
    return positions, exact.evaluate(positions)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_gives_torch_s_answers_on_real_positions(
    engine: Engine, played: tuple[Positions, Evaluation]
) -> None:
    positions, exact = played
    policy, value = differences(evaluator_answers(MODEL, engine, positions), exact)
    if engine.precision == "float32":
        assert max(policy.max(), value.max()) <= LARGEST_FLOAT32_ERROR
    else:
        tolerance = tolerance_of(engine.precision)
        assert 0 < policy.mean() <= tolerance.policy
        assert 0 < value.mean() <= tolerance.value


@needs_bfloat16
def test_the_15x15_model_in_bfloat16_gives_its_answers_on_positions_drawn_by_its_policy() -> None:
    model, rules = load_model(MODEL.path.parent.parent / "15x15/model.safetensors"), Rules(15, 5)
    exact = make_evaluator(compile_network(model.config, model.weights, Engine("openvino")))
    positions = drawn_positions(exact, rules, 1000, seed=20)
    assert len(positions.stones) == 1000
    assert np.ptp((positions.stones != 0).sum(axis=(1, 2))) > 20
    rough = evaluator_answers(model, Engine("openvino", "bfloat16"), positions)
    policy, value = differences(rough, exact.evaluate(positions))
    assert 0 < policy.mean() <= REAL_TOLERANCE.policy
    assert 0 < value.mean() <= REAL_TOLERANCE.value


def test_played_positions_are_distinct_unfinished_and_come_again_with_their_seed() -> None:
    ours = make_evaluator(compile_network(MODEL.config, MODEL.weights, Engine("openvino")))
    one, two, other = (played_positions(ours, Rules(6, 4), 100, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.stones, two.stones)
    assert not np.array_equal(one.stones, other.stones)
    assert len({board.tobytes() for board in one.stones}) == 100
    assert one.legal.any(axis=1).all()
    counts = (one.stones != 0).sum(axis=(1, 2))
    assert np.ptp(counts) > 5
