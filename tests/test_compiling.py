"""The machine code of kernels that are as they were, and of no others, is taken from the cache."""

import subprocess
import sys
from pathlib import Path

from gomoku.compiling import KERNEL_ROOMS, ROOT, kernel_digest, kernel_files

LOADED_BY_KERNELS = """
import importlib, sys
from gomoku.compiling import kernel_files
texts = {path: text for path, text in kernel_files().items() if b"@kernel" in text}
for path in texts:
    importlib.import_module(f"{path.parent.name}.{path.stem}")
print("\\n".join(module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)))
"""


def test_all_that_kernels_are_made_of_is_watched() -> None:
    """As Python itself imports it."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BY_KERNELS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    loaded = {Path(line) for line in done.stdout.splitlines()}
    of_rooms = {path for path in loaded if path.parent in [ROOT / room for room in KERNEL_ROOMS]}
    watched = set(kernel_files())
    assert {path for path in of_rooms if path.name != "__init__.py"} == watched
    assert {ROOT / "mcts" / "config.py", ROOT / "gomoku" / "rules.py", ROOT / "mcts" / "selection.py"} <= watched


def test_an_edit_far_from_a_kernel_is_an_edit_of_it_and_one_elsewhere_is_not(tmp_path: Path) -> None:
    for room in KERNEL_ROOMS:
        (tmp_path / room).mkdir()
    texts = {
        "mcts/walk.py": "from mcts.shape import (\n    Shape,\n)\n@kernel\ndef walk(): ...\n",
        "mcts/shape.py": "import gomoku.none\nfrom gomoku.size import SIZE\n",
        "gomoku/size.py": "from mcts.walk import walk\nSIZE = 22\n",
        "arena/table.py": "from mcts.walk import walk\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = kernel_digest(tmp_path)
    assert kernel_digest(tmp_path) == before
    (tmp_path / "arena" / "table.py").write_text("from mcts.walk import walk\nWIDTH = 3\n", encoding="utf-8")
    assert kernel_digest(tmp_path) == before, "nothing that a kernel imports"
    for name in ("mcts/walk.py", "mcts/shape.py", "gomoku/size.py"):
        (tmp_path / name).write_text(texts[name] + "# edited\n", encoding="utf-8")
        after = kernel_digest(tmp_path)
        assert after != before, name
        before = after
