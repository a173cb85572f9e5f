"""No file, page or protocol can bring code in: what could run it is only where the project talks to itself."""

import ast
from pathlib import Path

import pytest

from arena.game_pictures import picture_name
from gomoku.records import GameRecord
from gomoku.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gomoku", "mcts", "nets", "workers", "training", "arena", "ui")
FILES = [*(file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))), *sorted(ROOT.glob("*.py"))]
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml", "code"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
UNSAFE_METHODS = {("torch", "load"), ("np", "load"), ("numpy", "load"), ("os", "system"), ("os", "popen")}
OWN_PIPES = {"workers/messages.py"}
"""Where a process talks to those that it has started itself, through pipes that nobody else has."""


def unsafe_parts(tree: ast.AST) -> set[str]:
    """What in a file could run what it has read."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names} & UNSAFE_MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} & UNSAFE_MODULES
        elif isinstance(node, ast.Call):
            named = {keyword.arg for keyword in node.keywords if not _is_false(keyword.value)}
            found |= named & {"shell", "allow_pickle"}
            if isinstance(node.func, ast.Name):
                found |= {node.func.id} & UNSAFE_CALLS
            elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                pair = (node.func.value.id, node.func.attr)
                found |= {".".join(pair)} if pair in UNSAFE_METHODS else set()
    return found


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def test_nothing_that_is_read_can_be_run() -> None:
    found = {file.relative_to(ROOT).as_posix(): unsafe_parts(ast.parse(file.read_text("utf-8"))) for file in FILES}
    assert {name: parts for name, parts in found.items() if parts} == {name: {"pickle"} for name in OWN_PIPES}


def test_the_check_finds_what_it_is_there_for() -> None:
    text = "import pickle\nfrom marshal import loads\neval('1')\ntorch.load(f)\nnp.load(f, allow_pickle=True)"
    text += "\nrun('x', shell=True)"
    assert unsafe_parts(ast.parse(text)) == {
        "pickle",
        "marshal",
        "eval",
        "torch.load",
        "np.load",
        "allow_pickle",
        "shell",
    }


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "a\0b", "C:\\x", "", "con\n"]
)
def test_a_players_name_never_takes_a_picture_out_of_its_folder(name: str) -> None:
    picture = picture_name(1, GameRecord(Rules(), (), black=name, white=name))
    assert Path(picture).name == picture
    assert not set(picture) & set("/\\:\0\n")
