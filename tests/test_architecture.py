"""The house's arrows: who may import whom, and how large files, functions and signatures may grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("train.py", "evaluate.py", "human_play.py")
ALLOWED = {
    "gomoku": {"gomoku"},
    "mcts": {"mcts", "gomoku"},
    "nets": {"nets", "mcts", "gomoku"},
    "training": {"training", "nets", "mcts", "gomoku"},
    "arena": {"arena", "nets", "mcts", "gomoku"},
    "ui": {"ui", "gomoku"},
}
TORCH_ROOMS = ("nets", "training")
RAY_FILES = {"nets/ray_cluster.py", "training/actors_ray.py", "arena/workers_ray.py"}
"""What all workers on a cluster have in common, and the two kinds of them."""
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_PARAMETERS = 300, 60, 6

ROOM_FILES = sorted(path for room in ALLOWED for path in (ROOT / room).rglob("*.py"))
SCRIPT_FILES = [ROOT / name for name in SCRIPTS if (ROOT / name).exists()]
OTHER_FILES = sorted([*(ROOT / "tests").glob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
every_file = pytest.mark.parametrize(
    "path", [*ROOM_FILES, *SCRIPT_FILES, *OTHER_FILES], ids=lambda path: str(path.relative_to(ROOT))
)
every_room_file = pytest.mark.parametrize("path", ROOM_FILES, ids=lambda path: str(path.relative_to(ROOT)))

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_packages(tree: ast.Module) -> set[str]:
    """First parts of all imported names, wherever the import stands."""
    packages = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            packages |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute in this project"
            packages.add(str(node.module).split(".")[0])
    return packages


def functions(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def num_parameters(function: Function) -> int:
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


@every_room_file
def test_a_room_imports_only_the_rooms_below_it(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    rooms_used = imported_packages(tree_of(path)) & ALLOWED.keys()
    assert rooms_used <= ALLOWED[room], f"{room} may not import {sorted(rooms_used - ALLOWED[room])}"
    scripts_used = imported_packages(tree_of(path)) & {name.removesuffix(".py") for name in SCRIPTS}
    assert not scripts_used, f"{room} may not import scripts"


@every_room_file
def test_torch_is_imported_in_its_own_rooms_only(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] not in TORCH_ROOMS:
        assert "torch" not in imported_packages(tree_of(path))


def test_ray_is_imported_where_workers_on_a_cluster_are_made_and_nowhere_else() -> None:
    files = [*ROOM_FILES, *SCRIPT_FILES]
    knowing = {path.relative_to(ROOT).as_posix() for path in files if "ray" in imported_packages(tree_of(path))}
    assert knowing == RAY_FILES


@every_file
def test_files_functions_and_signatures_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_FILE_LINES, f"{lines} lines"
    for function in functions(tree_of(path)):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        assert length <= MAX_FUNCTION_LINES, f"{function.name} has {length} lines"
        count = num_parameters(function)
        assert count <= MAX_PARAMETERS, f"{function.name} has {count} parameters"


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches all there is and does not raise it again."""
    caught = ast.unparse(handler.type) if handler.type else "everything"
    raises_again = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return caught in ("everything", "Exception", "BaseException") and not raises_again


@every_file
def test_no_exception_is_swallowed_blindly(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno} is a bare except"
            assert not swallows_everything(node), f"line {node.lineno} swallows every exception"


@every_file
def test_every_file_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "no docstring"


def test_the_checks_themselves_notice_what_they_forbid() -> None:
    tree = ast.parse("def f():\n    import torch.nn\n    from mcts.tree import Tree\n")
    assert imported_packages(tree) == {"torch", "mcts"}
    (function,) = functions(ast.parse("def f(self, a, /, b, *, c, **d): ..."))
    assert num_parameters(function) == 3
    assert len(ROOM_FILES) > 20
