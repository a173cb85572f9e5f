"""Model files: what is written is read back, and anything else is refused in one line."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from torch import Tensor

from gomoku.errors import ModelFileError
from gomoku.rules import Rules, parse_rules
from nets.config import NetworkConfig
from nets.model_file import ModelCard, find_model_file, load_model, save_model, warn_if_untrained
from nets.network import build_network, network_of
from nets.tensor_file import TensorFileError, read_tensors, write_tensors

CONFIG = NetworkConfig(blocks=1, channels=4, stem_kernel=3, policy_channels=2, value_channels=2, value_hidden=4)
CARD = ModelCard(
    name="demo",
    trained_rules=("6x6x4", "renju-15x15"),
    generation=12,
    games=3400,
    positions=1_000_000,
    minutes=5.25,
    simulations=64,
    command="python train.py --run 'runs/démo\\n\"x\"'",
    results={"score": 0.97, "against": ["pure@1000"], "elo_high": None},
)


def saved(folder: Path) -> tuple[Path, dict[str, Tensor]]:
    torch.manual_seed(1)
    weights = build_network(CONFIG).state_dict()
    path = folder / "model.safetensors"
    save_model(path, CONFIG, weights, CARD)
    return path, weights


def assert_refused(path: Path, reason: str | None = None) -> None:
    with pytest.raises(ModelFileError, match=reason) as caught:
        load_model(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_model_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path, weights = saved(tmp_path)
    config, arrays, card, where = load_model(path)
    assert config == CONFIG
    assert card == CARD
    assert where == path
    network = network_of(config, arrays)
    assert not network.training
    assert network.stem.weight.is_contiguous(memory_format=torch.channels_last)
    read = network.state_dict()
    assert read.keys() == weights.keys()
    assert all(torch.equal(read[name], weights[name]) for name in weights)


def test_a_network_of_a_model_draws_nothing_from_the_random_stream(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    before = torch.get_rng_state()
    model = load_model(path)
    network_of(model.config, model.weights)
    assert torch.equal(torch.get_rng_state(), before)


def test_saving_the_same_model_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    path, weights = saved(tmp_path)
    save_model(tmp_path / "again", CONFIG, weights, CARD)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_truncated_and_altered_files_are_never_loaded(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    genuine = path.read_bytes()
    header_end = 8 + int.from_bytes(genuine[:8], "little")
    rng = np.random.default_rng(11)
    lengths = [0, 1, 7, 8, 9, header_end - 1, header_end, len(genuine) - 1, *rng.integers(0, len(genuine), 60)]
    damaged = [genuine[:length] for length in lengths]
    for position in [*range(64), *rng.integers(0, header_end, 400), *rng.integers(header_end, len(genuine), 200)]:
        flipped = bytearray(genuine)
        flipped[position] ^= 1 << int(rng.integers(8))
        damaged.append(bytes(flipped))
    damaged += [genuine + b"\0", genuine[:header_end] + bytes(len(genuine) - header_end), b"PK\3\4" + genuine]
    broken = tmp_path / "broken.safetensors"
    for data in damaged:
        broken.write_bytes(data)
        assert_refused(broken)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert_refused(tmp_path / "nothing", "not a readable safetensors file")
    assert_refused(tmp_path, "not a readable safetensors file")


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(safetensors.torch.save({"x": torch.zeros(3, dtype=torch.bfloat16)}))
    assert_refused(path, "not one of this project's")
    path.write_bytes(safetensors.numpy.save({"x": np.zeros(3)}, {"format": "pt"}))
    assert_refused(path, "not one of this project's")
    write_tensors(path, {"x": np.zeros(3)}, {"format": "gomoku-zero checkpoint"})
    assert_refused(path, "not a model but 'gomoku-zero checkpoint'")
    torch.save({"x": torch.zeros(3)}, path)
    assert_refused(path, "not a readable safetensors file")


def test_a_metadata_that_is_genuine_but_whose_tensors_are_not_is_damaged(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    with safetensors.safe_open(str(path), framework="numpy") as file:
        metadata = file.metadata()
    path.write_bytes(safetensors.torch.save({"x": torch.zeros(3, dtype=torch.bfloat16)}, metadata))
    assert_refused(path)
    path.write_bytes(safetensors.numpy.save({"x": np.zeros(3)}, metadata))
    assert_refused(path, "damaged")


def rewritten(path: Path, **changes: Any) -> None:
    """Writes a whole, undamaged file again whose header says something else."""
    tensors, header = read_tensors(path)
    write_tensors(path, tensors, {**header, **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 2}, "format version 2; this program reads version 1"),
        ({"version": None}, "format version None"),
        ({"network": None}, "the header has no NetworkConfig"),
        ({"network": {**asdict(CONFIG), "extra": 1}}, "fields missing or unknown: extra"),
        ({"network": {"blocks": 1}}, "fields missing or unknown: channels"),
        ({"network": {**asdict(CONFIG), "blocks": 41}}, "blocks 41 is not a whole number from 0 to 40"),
        ({"network": {**asdict(CONFIG), "blocks": "1"}}, "blocks '1' is not"),
        ({"network": {**asdict(CONFIG), "stem_kernel": [3]}}, "stem_kernel"),
        ({"network": {**asdict(CONFIG), "plain_channels": 3}}, "plain_channels 3"),
        ({"network": {**asdict(CONFIG), "blocks": 2}}, r"tensor 'blocks\.1\.\w+\.\w+' is missing"),
        ({"network": {**asdict(CONFIG), "blocks": 0}}, r"tensor 'blocks\.0\.\w+\.\w+' does not belong"),
        ({"network": {**asdict(CONFIG), "channels": 8}}, r"is float32 \(4,.*\), not float32 \(8,.*\)"),
        ({"card": []}, "the header has no ModelCard"),
        ({"card": {**asdict(CARD), "games": -1}}, "games -1 is not"),
        ({"card": {**asdict(CARD), "trained_rules": ["7x8"]}}, "board must be square"),
        ({"card": {**asdict(CARD), "trained_rules": [7]}}, "trained_rules"),
        ({"card": {**asdict(CARD), "trained_rules": "6x6x4"}}, "trained_rules"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    path, _ = saved(tmp_path)
    rewritten(path, **changes)
    assert_refused(path, reason)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_neither_written_nor_loaded(tmp_path: Path, bad: float) -> None:
    path, weights = saved(tmp_path)
    genuine = path.read_bytes()
    weights["stem.bias"][2] = bad
    with pytest.raises(ModelFileError, match=r"'stem\.bias' holds numbers that are not finite"):
        save_model(path, CONFIG, weights, CARD)
    assert path.read_bytes() == genuine
    tensors, header = read_tensors(path)
    tensors["stem.bias"][2] = bad
    write_tensors(path, tensors, header)
    assert_refused(path, r"'stem\.bias' holds numbers that are not finite")


def test_weights_of_another_type_are_refused(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    tensors, header = read_tensors(path)
    write_tensors(path, {**tensors, "stem.bias": tensors["stem.bias"].astype(np.float64)}, header)
    assert_refused(path, r"'stem\.bias' is float64 \(4,\), not float32 \(4,\)")


def test_a_header_with_altered_text_does_not_match_its_digest(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"3400", b"9400"))
    with pytest.raises(TensorFileError, match="damaged: its contents do not match its digest"):
        read_tensors(path)


def test_a_model_is_found_by_its_file_its_folder_and_an_unfinished_run(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    assert find_model_file(path) == find_model_file(tmp_path) == path
    (tmp_path / "generations").mkdir()
    for number in ("000009", "000010"):
        newest = saved(tmp_path)[0].rename(tmp_path / "generations" / f"{number}.safetensors")
    assert find_model_file(tmp_path) == newest


def test_where_there_is_no_model_the_shipped_ones_are_listed(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such file or folder; shipped models: none"):
        find_model_file(tmp_path / "x", models=tmp_path)
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        saved(tmp_path / name)
    with pytest.raises(ModelFileError, match="x: no such file or folder; shipped models: models/a, models/b"):
        find_model_file(tmp_path / "x", models=tmp_path)
    with pytest.raises(ModelFileError, match=r"no model\.safetensors in this folder; shipped models: models/a"):
        find_model_file(tmp_path, models=tmp_path)


def test_rules_that_the_model_never_saw_are_warned_of() -> None:
    assert warn_if_untrained(CARD, parse_rules("renju-15x15")) is None
    warning = warn_if_untrained(CARD, Rules(15))
    assert warning is not None
    assert "'demo' was trained on 6x6x4, renju-15x15, not on 15x15" in warning


def test_a_card_is_json_and_its_fields_are_checked() -> None:
    assert json.loads(json.dumps(asdict(CARD)))["games"] == 3400
    wrong: dict[str, Any] = {"minutes": -1, "generation": 1.5, "name": None, "results": [], "positions": True}
    for field, value in wrong.items():
        with pytest.raises(ValueError, match=field):
            replace(CARD, **{field: value})
