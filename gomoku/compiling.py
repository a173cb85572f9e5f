"""How compiled kernels are made and where their machine code is kept.

Owns the `kernel` decorator and the cache folder. Knows nothing about the game.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba
from numba import types
from numba.np import linalg

P = ParamSpec("P")
R = TypeVar("R")

ROOT = Path(__file__).resolve().parent.parent
KERNEL_ROOMS = ("gomoku", "mcts", "nets", "training", "arena")
CACHES_KEPT = 3
_IMPORT = re.compile(rb"^from (%b)\.(\w+) import " % "|".join(KERNEL_ROOMS).encode(), re.MULTILINE)
_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,  # nobody calls a kernel from C, and each such door takes time to compile
}


def kernel_files(root: Path = ROOT) -> dict[Path, bytes]:
    """Every file that defines a kernel, and all that it imports of the project's, however far away: constants and the
    order of a tuple's fields are part of the machine code. With their content."""
    found: dict[Path, bytes] = {}
    rooms = {room: {path: path.read_bytes() for path in sorted((root / room).glob("*.py"))} for room in KERNEL_ROOMS}
    left = [path for texts in rooms.values() for path, text in texts.items() if b"@kernel" in text]
    while left:
        path = left.pop()
        text = rooms[path.parent.name].get(path)
        if text is None or path in found:
            continue
        found[path] = text
        left += [root / room.decode() / f"{module.decode()}.py" for room, module in _IMPORT.findall(text)]
    return dict(sorted(found.items()))


def kernel_digest(root: Path = ROOT) -> str:
    """Names the state of all that kernels are made of."""
    digest = hashlib.sha256()
    for path, text in kernel_files(root).items():
        digest.update(path.name.encode() + text)
    return digest.hexdigest()[:16]


def _use_cache_folder() -> None:
    """Points numba's cache at a folder that is named by the kernels' own text and that of what they import.

    Numba keys a cached function on the file that holds it, so after an edit of a callee, a constant or a tuple in
    another file the old machine code would silently run on.
    """
    caches = ROOT / ".cache" / "kernels"
    folder = caches / kernel_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        for stale in sorted(caches.iterdir(), key=lambda path: path.stat().st_mtime)[:-CACHES_KEPT]:
            shutil.rmtree(stale, ignore_errors=True)
    except OSError:  # an installation that cannot be written to
        folder = Path(tempfile.gettempdir()) / f"gomoku-zero-kernels-{folder.name}"
        folder.mkdir(exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 - numba has no stubs that know it


_use_cache_folder()


def _refuse_linear_algebra() -> None:
    raise ImportError("kernels have no linear algebra")


# No kernel multiplies matrices. But numba looks whether it could, when it loads the first one, and so loads all of
# scipy's linear algebra: a fifth of a second of every program's and every worker's start.
linalg.ensure_blas = _refuse_linear_algebra


def kernel_cache() -> Path:
    """The folder of the machine code that belongs to the kernels as they are."""
    return Path(getattr(numba.config, "CACHE_DIR"))  # noqa: B009 - numba has no stubs that know it


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles `function` on its first call and keeps the machine code for the next process.

    Kernels do not validate: the caller has. They release the interpreter lock and read no globals but constants.
    """
    compiled: Any = numba.njit(**_OPTIONS)(function)
    _widen_arguments(compiled)
    typed: Callable[P, R] = compiled
    return typed


def _widen_arguments(compiled: Any) -> None:
    """Lets kernels hand each other signed integers and floats at full width only.

    Without this numba compiles a kernel again for every width of a field, and for every constant, that another kernel
    hands to it: twice the work at a cold start. Unsigned integers stay as they are, since they differ in meaning.
    """
    resolve = compiled.get_call_template

    def resolve_widened(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return resolve(tuple(map(_widened, args)), {name: _widened(kind) for name, kind in kws.items()})

    compiled.get_call_template = resolve_widened


def _widened(kind: Any) -> Any:
    plain = getattr(kind, "literal_type", kind)
    if isinstance(plain, types.Integer) and plain in types.signed_domain:
        return types.int64
    return types.float64 if isinstance(plain, types.Float) else kind
