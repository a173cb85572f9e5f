"""Tensor files: what is written is read back bit for bit, and a crash or a full disk leaves nothing half done."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from nets import tensor_file
from nets.tensor_file import TensorFileError, read_tensors, write_tensors


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "uint8", "int16", "uint16", "int32", "int64", "uint64", "float16", "float64"]
)
def test_arrays_of_every_type_and_shape_are_read_back_bit_for_bit(tmp_path: Path, dtype: str) -> None:
    rng = np.random.default_rng(3)
    square = rng.integers(0, 250, size=(4, 6)).astype(dtype)
    arrays = {
        "plain": square,
        "transposed": square.T,
        "strided": square[::2, ::3],
        "scalar": np.asarray(square[0, 0]),
        "empty": square[:0],
    }
    write_tensors(tmp_path / "file", arrays, {"about": dtype})
    tensors, header = read_tensors(tmp_path / "file")
    assert header == {"about": dtype}
    assert tensors.keys() == arrays.keys()
    for name, array in arrays.items():
        assert tensors[name].dtype == np.dtype(dtype)
        assert tensors[name].shape == array.shape
        assert tensors[name].tobytes() == array.tobytes()


def test_torch_tensors_of_any_layout_are_written_in_their_logical_order(tmp_path: Path) -> None:
    tensor = torch.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    write_tensors(tmp_path / "file", {"tensor": tensor}, {})
    assert np.array_equal(read_tensors(tmp_path / "file").tensors["tensor"], tensor.numpy())


def test_the_header_holds_any_json(tmp_path: Path) -> None:
    header = {"text": 'ä "quoted"\n\u2028\x00', "nested": {"list": [1, 2.5, None, True, []]}, "big": 2**200}
    write_tensors(tmp_path / "file", {}, header)
    assert read_tensors(tmp_path / "file") == ({}, header)


def test_a_header_longer_than_safetensors_reads_is_kept(tmp_path: Path) -> None:
    header = {"text": "ä" * 60_000_000}
    write_tensors(tmp_path / "file", {"x": np.ones(2)}, header)
    tensors, read = read_tensors(tmp_path / "file")
    assert (list(tensors), read == header) == (["x"], True)


def test_what_cannot_be_kept_exactly_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'x' is of bfloat16"):
        write_tensors(tmp_path / "file", {"x": torch.zeros(1, dtype=torch.bfloat16)}, {})
    with pytest.raises(ValueError, match="'x' is of object"):
        write_tensors(tmp_path / "file", {"x": np.array([{}])}, {})
    with pytest.raises(ValueError, match="JSON"):
        write_tensors(tmp_path / "file", {}, {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[1]", '"x"', "[" * 100_000, "nonsense", "", "9" * 5000])
def test_a_header_of_somebody_elses_is_refused_though_its_digest_is_right(tmp_path: Path, text: str) -> None:
    path = tmp_path / "crafted"
    arrays = {"a": np.zeros(3, dtype=np.float32)}
    save_file(arrays, path, metadata={tensor_file._ENTRY: f"{tensor_file._digest(text, arrays)} {text}"})
    with pytest.raises(TensorFileError, match=f"{path}: its header is not a JSON object"):
        read_tensors(path)
