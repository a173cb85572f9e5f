"""Named arrays and a JSON header in one file that is whole, or is refused.

Owns the container (safetensors, which cannot run code) and its digest. Knows nothing of models or checkpoints.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from gomoku.files import write_atomically

if TYPE_CHECKING:  # a process that only plays does without torch
    from torch import Tensor

Json = dict[str, Any]
"""What `json` reads and writes: texts, numbers, booleans, None, lists and dictionaries of them."""

# One entry that holds digest and header: safetensors writes several in an order that changes from run to run, and
# equal contents have to give equal files.
_ENTRY = "gomoku-zero"
_LONG_HEADER = "gomoku-zero header"
_LONGEST_ENTRY = 10_000_000
"""Characters. Safetensors reads no header of more than 100 MB; a longer text of ours becomes an array."""
_INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
_DTYPES = ("bool", *_INTEGERS, "float16", "float32", "float64")


class TensorFileError(ValueError):
    """A file that is not a whole and genuine tensor file."""


class TensorFile(NamedTuple):
    """What a tensor file holds."""

    tensors: dict[str, NDArray[Any]]
    header: Json


def write_tensors(path: Path, tensors: Mapping[str, "NDArray[Any] | Tensor"], header: Json) -> None:
    """Writes a tensor file beside `path` and renames it, once it is safely on the disk.

    Args:
      tensors: arrays of booleans, integers of 8 to 64 bits or floats of 16 to 64 bits, any shape and layout.
      header: keys are texts; the floats are finite.

    Raises:
      ValueError: an array of another type, or a header that JSON cannot hold.
      OSError: the file cannot be written; `path` is as it was.
    """
    arrays = {name: _as_array(name, tensor) for name, tensor in tensors.items()}
    text = json.dumps(header, ensure_ascii=False, allow_nan=False)
    digest = _digest(text, arrays)
    if len(text) > _LONGEST_ENTRY:
        arrays[_LONG_HEADER], text = np.frombuffer(text.encode(), dtype=np.uint8), ""
    write_atomically(path, safetensors.numpy.save(arrays, {_ENTRY: f"{digest} {text}"}))


def read_tensors(path: Path) -> TensorFile:
    """Reads a tensor file and checks every bit of it against its digest.

    Raises:
      TensorFileError: a file that is missing, foreign, truncated or altered; the text names it.
    """
    try:
        with safetensors.safe_open(str(path), framework="numpy") as file:
            entry = (file.metadata() or {}).get(_ENTRY)
            if entry is None:
                raise TensorFileError(f"{path}: a safetensors file, but not one of this project's")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    except (OSError, safetensors.SafetensorError, UnicodeDecodeError, TypeError, AttributeError) as error:
        raise TensorFileError(f"{path}: not a readable safetensors file: {_one_line(error)}") from None
    digest, _, text = entry.partition(" ")
    if _LONG_HEADER in arrays:
        text = arrays.pop(_LONG_HEADER).tobytes().decode("utf-8", "replace")
    if digest != _digest(text, arrays):
        raise TensorFileError(f"{path}: damaged: its contents do not match its digest")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):  # whole, but written by somebody else: a digest needs no key
        header = None
    if not isinstance(header, dict):
        raise TensorFileError(f"{path}: its header is not a JSON object")
    return TensorFile(arrays, header)


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over every array's name, type, shape and bytes, as hexadecimal digits."""
    return _digest("", arrays)


def _as_array(name: str, tensor: "NDArray[Any] | Tensor") -> NDArray[Any]:
    # safetensors would silently write the memory of a transposed array in the wrong order.
    contiguous = tensor if isinstance(tensor, np.ndarray) else tensor.detach().cpu().contiguous()
    dtype = str(contiguous.dtype).removeprefix("torch.")
    if dtype not in _DTYPES:
        raise ValueError(f"tensor {name!r} is of {dtype}, which is not one of {', '.join(_DTYPES)}")
    return np.asarray(contiguous, order="C")


def _digest(text: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the header's text and every array's name, type, shape and bytes."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        shape = ",".join(map(str, array.shape))
        digest.update(f"{len(name)}:{name} {array.dtype.str} {shape};".encode())
        digest.update(array.tobytes())
    digest.update(text.encode())
    return digest.hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
