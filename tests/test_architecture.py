"""The house's arrows: who may import whom, and how large files, functions and signatures may grow."""

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("train.py", "evaluate.py", "human_play.py")
ALLOWED = {
    "gomoku": {"gomoku"},
    "mcts": {"mcts", "gomoku"},
    "nets": {"nets", "mcts", "gomoku"},
    "workers": {"workers", "gomoku"},
    "training": {"training", "workers", "nets", "mcts", "gomoku"},
    "arena": {"arena", "workers", "nets", "mcts", "gomoku"},
    "ui": {"ui", "gomoku"},
}
TORCH_ROOMS = ("nets", "training")
RAY_FILES = {"workers/ray_cluster.py", "training/actors_ray.py", "arena/workers_ray.py"}
"""What all workers on a cluster have in common, and the two kinds of them."""
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_PARAMETERS = 300, 60, 6

ROOM_FILES = sorted(path for room in ALLOWED for path in (ROOT / room).rglob("*.py"))
SCRIPT_FILES = [ROOT / name for name in SCRIPTS if (ROOT / name).exists()]
OTHER_FILES = sorted([*(ROOT / "tests").glob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
EVERY_FILE = [*ROOM_FILES, *SCRIPT_FILES, *OTHER_FILES]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_packages(tree: ast.Module) -> set[str]:
    """First parts of all imported names, wherever the import stands."""
    packages = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            packages |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            packages.add("." if node.level else str(node.module).split(".")[0])
    return packages


def functions(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def num_parameters(function: Function) -> int:
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def complaints(files: list[Path], judge: Callable[[Path], Iterable[str]]) -> list[str]:
    """What a judge has to say of the files, each with the file's name."""
    return [f"{path.relative_to(ROOT).as_posix()}: {complaint}" for path in files for complaint in judge(path)]


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def forbidden_imports(path: Path) -> Iterable[str]:
    used, room = imported_packages(tree_of(path)), room_of(path)
    yield from (f"{room} may not import {other}" for other in sorted(used & ALLOWED.keys() - ALLOWED[room]))
    scripts = {name.removesuffix(".py") for name in SCRIPTS}
    yield from (f"a room may not import the script {script}" for script in sorted(used & scripts))


def relative_imports(path: Path) -> Iterable[str]:
    return ["imports are absolute in this project"] if "." in imported_packages(tree_of(path)) else []


def torch_out_of_place(path: Path) -> Iterable[str]:
    is_out_of_place = room_of(path) not in TORCH_ROOMS and "torch" in imported_packages(tree_of(path))
    return [f"imports torch; of the rooms only {' and '.join(TORCH_ROOMS)} do"] if is_out_of_place else []


def excesses(path: Path) -> Iterable[str]:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if lines > MAX_FILE_LINES:
        yield f"{lines} lines"
    for function in functions(tree_of(path)):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield f"{function.name} has {length} lines"
        if num_parameters(function) > MAX_PARAMETERS:
            yield f"{function.name} has {num_parameters(function)} parameters"


def test_a_room_imports_only_the_rooms_below_it() -> None:
    assert complaints(ROOM_FILES, forbidden_imports) == []


def test_imports_are_absolute() -> None:
    assert complaints(EVERY_FILE, relative_imports) == []


def test_torch_is_imported_in_its_own_rooms_only() -> None:
    assert complaints(ROOM_FILES, torch_out_of_place) == []


def test_ray_is_imported_where_workers_on_a_cluster_are_made_and_nowhere_else() -> None:
    files = [*ROOM_FILES, *SCRIPT_FILES]
    knowing = {path.relative_to(ROOT).as_posix() for path in files if "ray" in imported_packages(tree_of(path))}
    assert knowing == RAY_FILES


def test_files_functions_and_signatures_stay_small() -> None:
    assert complaints(EVERY_FILE, excesses) == []


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches all there is and does not raise it again."""
    if handler.type is None:
        return True
    raises_again = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return ast.unparse(handler.type) in ("Exception", "BaseException") and not raises_again


def blind_handlers(path: Path) -> Iterable[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node):
            yield f"line {node.lineno} swallows every exception"


def test_no_exception_is_swallowed_blindly() -> None:
    assert complaints(EVERY_FILE, blind_handlers) == []


def silence(path: Path) -> Iterable[str]:
    return [] if ast.get_docstring(tree_of(path)) else ["no docstring"]


def test_every_file_says_what_it_owns() -> None:
    assert complaints(EVERY_FILE, silence) == []


def test_the_checks_themselves_notice_what_they_forbid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also inside functions, and all at once on a file that breaks every rule."""
    tree = ast.parse("def f():\n    import torch.nn\n    from mcts.tree import Tree\n")
    assert imported_packages(tree) == {"torch", "mcts"}
    (function,) = functions(ast.parse("def f(self, a, /, b, *, c, **d): ..."))
    assert num_parameters(function) == 3
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "mcts" / "bad.py"
    path.parent.mkdir()
    path.write_text(
        "import torch.nn\nimport train\nfrom arena.duel import play_duel\nfrom . import tree\n"
        "def f(self, a, /, b, *, c, d, e, g, h, **i):\n"
        + "    a = 1\n" * 60
        + "    try: ...\n    except: raise\n    try: ...\n    except Exception: ...\n" * 60
    )
    first_try = 5 + 60 + 1
    assert complaints([path], forbidden_imports) == [
        "mcts/bad.py: mcts may not import arena",
        "mcts/bad.py: a room may not import the script train",
    ]
    assert complaints([path], relative_imports) == ["mcts/bad.py: imports are absolute in this project"]
    assert complaints([path], torch_out_of_place) == [
        "mcts/bad.py: imports torch; of the rooms only nets and training do"
    ]
    assert complaints([path], excesses) == [
        "mcts/bad.py: 305 lines",
        "mcts/bad.py: f has 301 lines",
        "mcts/bad.py: f has 7 parameters",
    ]
    assert complaints([path], blind_handlers)[:2] == [
        f"mcts/bad.py: line {first_try + 1} swallows every exception",
        f"mcts/bad.py: line {first_try + 3} swallows every exception",
    ]
    assert complaints([path], silence) == ["mcts/bad.py: no docstring"]
    assert len(ROOM_FILES) > 20
