"""The evaluator in OpenVINO: that a row's answer is its own, in whatever company, thread or stream."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hardware import needs_bfloat16
from numpy.typing import NDArray
from reference_weights import random_weights

from gomoku.rules import Rules, Variant
from mcts.evaluator import Evaluation, Positions
from nets import openvino_evaluator
from nets.calibration import scattered_positions
from nets.config import PRESETS, NetworkConfig, weight_shapes
from nets.engine import CompiledNetwork, Engine, compile_network, make_evaluator
from nets.network import build_network
from nets.openvino_evaluator import OpenVinoEvaluator
from nets.openvino_graph import build_model

CONFIG = NetworkConfig(blocks=2, channels=16, policy_channels=8, value_channels=8, value_hidden=16)
WITH_LINES = replace(CONFIG, line_planes=True)
PRECISIONS = ("float32", pytest.param("bfloat16", marks=needs_bfloat16), "int8")
every_precision = pytest.mark.parametrize("precision", PRECISIONS)


@cache
def compiled(config: NetworkConfig, precision: str) -> CompiledNetwork:
    seen = scattered_positions(Rules(8, 5), 64, seed=9)
    return compile_network(config, random_weights(config), Engine("openvino", precision), seen)


def evaluator(config: NetworkConfig, precision: str, streams: int = 1, rows: int | None = None) -> OpenVinoEvaluator:
    network = compiled(config, precision)
    made = make_evaluator(network._replace(engine=replace(network.engine, rows=rows)), streams)
    assert isinstance(made, OpenVinoEvaluator)
    return made


def pick(positions: Positions, rows: NDArray[np.intp]) -> Positions:
    rules, stones, to_play, legal, seeds = positions
    return Positions(rules, stones[rows], to_play[rows], legal[rows], seeds[rows])


def assert_same_bits(one: Evaluation, other: Evaluation) -> None:
    assert one.priors.tobytes() == other.priors.tobytes()
    assert one.values.tobytes() == other.values.tobytes()
    assert one.draws.tobytes() == other.draws.tobytes()


@pytest.mark.parametrize(
    "config", [*PRESETS.values(), CONFIG, WITH_LINES, NetworkConfig(blocks=2, channels=4, pool_every=0)]
)
def test_the_table_of_weights_is_the_torch_network_s(config: NetworkConfig) -> None:
    state = build_network(config).state_dict()
    assert list(weight_shapes(config).items()) == [(name, tuple(tensor.shape)) for name, tensor in state.items()]


@pytest.mark.parametrize("config", [PRESETS["tiny"], PRESETS["plain"], WITH_LINES], ids=["tiny", "plain", "lines"])
@pytest.mark.parametrize("rules", [Rules(3, 3), Rules(6, 4), Rules(15, 5, Variant.RENJU), Rules(22, 5)])
def test_float32_gives_torch_s_answers_on_every_board(rules: Rules, config: NetworkConfig) -> None:
    positions = scattered_positions(rules, 20, seed=1)
    expected = make_evaluator(
        compile_network(config, random_weights(config), Engine("torch", device="cpu"))
    ).evaluate(positions)
    for ours, theirs in zip(evaluator(config, "float32").evaluate(positions), expected, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


@every_precision
@pytest.mark.parametrize("rules", [Rules(6, 4), Rules(15, 5, Variant.RENJU)])
def test_priors_are_probabilities_of_legal_moves_and_values_lie_in_range(rules: Rules, precision: str) -> None:
    positions = scattered_positions(rules, 20, seed=1)
    priors, values, draws = evaluator(CONFIG, precision).evaluate(positions)
    assert priors.shape == (20, rules.num_points)
    assert values.shape == (20,)
    assert priors.dtype == values.dtype == draws.dtype == np.float32
    assert (priors[~positions.legal] == 0).all()
    assert (priors[positions.legal] > 0).all()
    assert priors.sum(axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    assert draws.shape == (20,)
    assert (draws >= 0).all()
    assert (np.abs(values) <= 1).all()
    assert (np.abs(values) + draws <= 1 + 1e-5).all()
    assert np.ptp(values) > 0.01


@every_precision
@pytest.mark.parametrize(
    ("config", "size"),
    [(PRESETS["tiny"], 3), (PRESETS["tiny"], 6), (PRESETS["plain"], 8), (PRESETS["medium"], 15), (WITH_LINES, 9)],
)
def test_a_row_s_answer_does_not_depend_on_its_company(size: int, config: NetworkConfig, precision: str) -> None:
    everyone = scattered_positions(Rules(size, min(size, 4)), 70, seed=2)
    ours = evaluator(config, precision)
    together = ours.evaluate(everyone)
    rng = np.random.default_rng(5)
    companies = [np.arange(1), np.array([69]), np.arange(16), rng.permutation(70)]
    companies += [rng.permutation(70)[:count] for count in (3, 8, 17, 33, 48)]
    for rows in companies:
        assert_same_bits(ours.evaluate(pick(everyone, rows)), Evaluation(*(part[rows] for part in together)))


@every_precision
def test_neither_the_chunk_nor_the_number_of_streams_changes_a_bit(precision: str) -> None:
    positions = scattered_positions(Rules(6, 4), 100, seed=2)
    whole = evaluator(CONFIG, precision).evaluate(positions)
    for streams, rows in ((1, 8), (1, 48), (2, None), (3, 16), (2, 8)):
        assert_same_bits(evaluator(CONFIG, precision, streams, rows).evaluate(positions), whole)


DROPPED_ELSEWHERE = """
import gc, signal, sys, threading
from nets.calibration import scattered_positions
from nets.openvino_evaluator import OpenVinoEvaluator
from nets.openvino_graph import build_model
from reference_weights import random_weights
from gomoku.rules import Rules
from nets.config import PRESETS

signal.signal(signal.SIGTERM, lambda *_: print("taken", flush=True))
held = [OpenVinoEvaluator(build_model(PRESETS["tiny"], random_weights(PRESETS["tiny"])))]
held[0].evaluate(scattered_positions(Rules(6, 4), 8, seed=1))
thread = threading.Thread(target=lambda: (held.clear(), gc.collect()))
thread.start()
thread.join()
signal.raise_signal(signal.SIGTERM)
"""


def test_a_signal_is_taken_after_another_thread_has_dropped_the_engine() -> None:
    """Ctrl-C killed training runs: OpenVINO had left the main thread a stack for signals that was gone."""
    tests = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    command = [sys.executable, "-c", DROPPED_ELSEWHERE]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert (ended.returncode, ended.stdout) == (0, "taken\n"), ended.stderr


def test_threads_get_the_answers_that_they_would_get_alone() -> None:
    everyone = scattered_positions(Rules(8, 5), 64, seed=2)
    for streams in (1, 2):
        ours = evaluator(CONFIG, "float32", streams)
        expected = ours.evaluate(everyone)
        wrong: list[int] = []

        def work(
            seed: int, ours: OpenVinoEvaluator = ours, expected: Evaluation = expected, wrong: list[int] = wrong
        ) -> None:
            rng = np.random.default_rng(seed)
            for _ in range(20):
                rows = rng.permutation(64)[: rng.integers(1, 64)]
                if not np.array_equal(ours.evaluate(pick(everyone, rows)).priors, expected.priors[rows]):
                    wrong.append(seed)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


def test_calls_have_few_shapes_and_as_many_parts_as_there_are_streams() -> None:
    model = build_model(CONFIG, random_weights(CONFIG))
    one, two = OpenVinoEvaluator(model), OpenVinoEvaluator(model, streams=2)
    assert one.rows_per_call(1, 15) == [8]
    assert one.rows_per_call(9, 15) == [16]
    assert one.rows_per_call(100, 15) == [32, 32, 32, 16]
    assert one.rows_per_call(100, 6) == [64, 48]
    assert two.rows_per_call(16, 6) == [8, 8]
    assert two.rows_per_call(64, 6) == [32, 32]
    assert OpenVinoEvaluator(model, chunk=8).rows_per_call(20, 6) == [8, 8, 8]


def test_bfloat16_is_refused_by_name_where_the_cpu_has_none_and_8_bits_do_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, positions = compiled(CONFIG, "int8"), scattered_positions(Rules(6, 4), 20, seed=1)
    monkeypatch.setattr(openvino_evaluator, "has_bfloat16", lambda: False)
    with pytest.raises(ValueError, match="'bfloat16' is not to be had with backend 'openvino': this CPU does not"):
        OpenVinoEvaluator(build_model(CONFIG, random_weights(CONFIG)), "bfloat16")
    assert openvino_evaluator.half_precision() == "float32"
    answers = make_evaluator(network).evaluate(positions)
    assert answers.priors.sum(axis=1) == pytest.approx(np.ones(20), abs=1e-5)


def test_settings_that_make_no_sense_are_refused() -> None:
    model = build_model(CONFIG, random_weights(CONFIG))
    with pytest.raises(ValueError, match="'float16' is not one of float32, bfloat16, int8 with backend 'openvino'"):
        OpenVinoEvaluator(model, "float16")
    for chunk in (0, -16, 24):
        with pytest.raises(ValueError, match=f"chunk {chunk} is not 8 or a positive multiple of 16"):
            OpenVinoEvaluator(model, chunk=chunk)
    with pytest.raises(ValueError, match="streams 0 is not 1 or more"):
        OpenVinoEvaluator(model, streams=0)
    with pytest.raises(ValueError, match="backend 'abacus' is not one of torch, openvino"):
        Engine("abacus")
    with pytest.raises(ValueError, match="device 'cuda' is not one of auto, cpu"):
        Engine("openvino", device="cuda")
    with pytest.raises(ValueError, match="'int8' needs positions"):
        compile_network(CONFIG, random_weights(CONFIG), Engine("openvino", "int8"))
