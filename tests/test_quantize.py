"""8-bit networks: made of weights and positions, kept in a file that belongs to its weights."""

import pickle
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from reference_weights import random_weights

from gomoku.errors import ModelFileError
from gomoku.rules import Rules
from nets import agreement, quantize
from nets.agreement import Errors, differences
from nets.calibration import EngineOptions, scattered_positions
from nets.config import NetworkConfig, Weights
from nets.engine import Engine, compile_network, make_evaluator
from nets.engine_memory import model_evaluator
from nets.model_file import ModelCard, load_model, save_model
from nets.openvino_graph import read_model
from nets.quantize import quantize_model, quantize_network, quantized_file, read_quantized, write_quantized

SHIPPED = Path(__file__).resolve().parent.parent / "models/6x6x4"
CONFIG = NetworkConfig(blocks=2, channels=8, policy_channels=4, value_channels=4, value_hidden=8)
RULES = Rules(6, 4)
INT8 = EngineOptions(precision="int8")


def model_in(folder: Path, seed: int = 3, trained_rules: tuple[str, ...] = ("6x6x4",)) -> Path:
    path = folder / "model.safetensors"
    save_model(path, CONFIG, random_weights(CONFIG, seed), ModelCard("small", trained_rules))
    return path


def test_an_eight_bit_network_is_plain_arrays_that_nearly_say_what_the_weights_say() -> None:
    weights = random_weights(CONFIG)
    seen = scattered_positions(RULES, 130, seed=1)
    compiled = compile_network(CONFIG, weights, Engine("openvino", "int8"), seen)
    assert all(array.dtype == np.uint8 for array in compiled.tensors.values())
    exact = make_evaluator(compile_network(CONFIG, weights, Engine("torch", device="cpu")))
    for rules in (RULES, Rules(15)):
        positions = scattered_positions(rules, 64, seed=2)
        rough = make_evaluator(pickle.loads(pickle.dumps(compiled))).evaluate(positions)
        policy, value = differences(rough, exact.evaluate(positions))
        assert 0 < policy.mean() < 0.02
        assert 0 < value.mean() < 0.02


def layers_of(tensors: Weights) -> list[tuple[bool, tuple[int, ...]]]:
    """Of each convolution and product in turn: whether it computes in 8 bits, and its kernel's size."""
    return [
        (
            node.input_value(0).get_node().get_type_name() == "FakeQuantize",
            tuple(node.input_value(1).get_shape())[2:],
        )
        for node in read_model(tensors).get_ordered_ops()
        if node.get_type_name() in ("Convolution", "MatMul")
    ]


def test_the_layer_that_sees_open_lines_stays_exact_and_is_worth_its_input() -> None:
    config = replace(CONFIG, line_planes=True)
    weights, seen = random_weights(config), scattered_positions(RULES, 130, seed=1)
    weights["lines.weight"] *= 4
    tensors = quantize_network(config, weights, seen)
    assert [is_quantized for is_quantized, kernel in layers_of(tensors) if kernel == (3, 3)] == [False] + [True] * 4
    positions = scattered_positions(RULES, 64, seed=2)
    exact = make_evaluator(compile_network(config, weights, Engine("torch", device="cpu"))).evaluate(positions)
    compiled = compile_network(config, weights, Engine("openvino", "int8"), seen)
    rough = make_evaluator(compiled).evaluate(positions)
    blind = weights | {"lines.weight": np.zeros_like(weights["lines.weight"])}
    other = make_evaluator(compile_network(config, blind, Engine("torch", device="cpu"))).evaluate(positions)
    assert 4 * differences(rough, exact)[0].mean() < differences(other, exact)[0].mean()


@pytest.mark.parametrize(
    ("num_exact", "in_8_bits"), [(0, [True] * 4), (1, [False, True, True, True]), (2, [False, True, False, True])]
)
def test_three_by_three_convolutions_compute_in_eight_bits_and_nothing_else_does(
    num_exact: int, in_8_bits: list[bool]
) -> None:
    seen = scattered_positions(RULES, 64, 1)
    layers = layers_of(quantize_network(CONFIG, random_weights(CONFIG), seen, num_exact))
    assert [is_quantized for is_quantized, kernel in layers if kernel == (3, 3)] == in_8_bits
    assert {kernel for is_quantized, kernel in layers if not is_quantized} - {(3, 3)} == {(5, 5), (1, 1), ()}


@pytest.mark.parametrize(("tolerance", "quantized"), [(Errors(1, 1), 4), (Errors(0, 0), 2)])
def test_convolutions_stay_exact_only_where_the_answers_would_err_by_too_much(
    tolerance: Errors, quantized: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(agreement, "INT8_TOLERANCE", tolerance)
    made = quantize_model(load_model(model_in(tmp_path)), RULES, count=40)
    assert [is_quantized for is_quantized, _ in layers_of(made.tensors)].count(True) == quantized
    assert ("more than is tolerated" in made.verdict) == (tolerance == Errors(0, 0))


def test_the_command_writes_the_file_beside_the_model_and_players_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = model_in(tmp_path)
    monkeypatch.setattr(sys, "argv", ["quantize", str(tmp_path), "--positions", "40"])
    assert quantize.main() == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{tmp_path / 'int8.safetensors'}: policy off by 0.0")
    assert told.endswith(", as tolerated\n")
    model = load_model(path)
    tensors = read_quantized(quantized_file(path), model.weights)
    positions = scattered_positions(RULES, 5, seed=1)
    ours, report = model_evaluator(model, INT8, RULES, batch=8)
    expected = make_evaluator(
        compile_network(CONFIG, model.weights, Engine("openvino", "int8"), positions)._replace(tensors=tensors)
    )
    assert np.array_equal(ours.evaluate(positions).priors, expected.evaluate(positions).priors)
    assert report == "openvino int8, as told"


def test_a_model_that_names_no_rules_needs_them_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = model_in(tmp_path, trained_rules=())
    monkeypatch.setattr(sys, "argv", ["quantize", str(tmp_path)])
    assert quantize.main() == 2
    expected = f"quantize.py: error: {path} does not say for which rules it was trained; name them with --rules\n"
    assert capsys.readouterr().err == expected


def test_a_file_that_is_damaged_stale_or_foreign_is_refused_in_one_line(tmp_path: Path) -> None:
    path = model_in(tmp_path)
    file = quantized_file(path)
    shutil.copy(SHIPPED / "int8.safetensors", file)
    model = load_model(path)
    whole = file.read_bytes()

    def refusal() -> str:
        with pytest.raises(ModelFileError) as caught:
            model_evaluator(model, INT8, RULES, batch=8)
        assert str(caught.value).startswith(f"{file}: ")
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert f"made of other weights than the model's; make it again: python -m nets.quantize {tmp_path}" in refusal()
    file.write_bytes(whole[:-7] + b"1234567")
    assert "damaged" in refusal()
    file.write_bytes(whole[:1000])
    assert "not a readable safetensors file" in refusal()
    shutil.copy(path, file)
    assert "not an 8-bit network" in refusal()


def test_the_shipped_file_belongs_to_the_shipped_weights() -> None:
    model = load_model(SHIPPED / "model.safetensors")
    tensors = read_quantized(SHIPPED / "int8.safetensors", model.weights)
    assert tensors.keys() == {"xml", "bin"}
    assert (SHIPPED / "int8.safetensors").stat().st_size < 1_000_000


def test_writing_it_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    weights = random_weights(CONFIG)
    tensors = {"xml": np.arange(9, dtype=np.uint8), "bin": np.zeros(3, dtype=np.uint8)}
    for name in ("one", "two"):
        write_quantized(tmp_path / name, weights, tensors)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
