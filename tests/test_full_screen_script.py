"""The script on a full screen at a real pseudo-terminal: a game, resizing, every way out, and when there is none."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from full_screen_parts import MODEL

from benchmarks.pseudo_terminal import CTRL_C, DEADLINE, END_OF_INPUT, ROOT, SCRIPT, Terminal
from gomoku.game_tree import GameTree
from gomoku.record_files import read_record, read_tree
from gomoku.records import RecordedMove
from ui.capability import SIGNS

UP, RIGHT, LEFT, HOME, ENTER = "\x1b[A", "\x1b[C", "\x1b[D", "\x1b[H", "\r"
INTO, OUT_OF = "\x1b[?1049h", "\x1b[?1049l"
"""What switches to the screen that leaves the lines above alone, and back."""
PEOPLE = ("--black", "human", "--white", "human", "--rules", "3x3x3")


def at_screen(*arguments: object, size: tuple[int, int] = (24, 80)) -> Terminal:
    terminal = Terminal(*arguments, size=size)
    terminal.expect_exact(INTO)
    terminal.expect_exact("Hint")  # among the keys at the foot
    return terminal


def leave(terminal: Terminal, key: str) -> str:
    """Presses a key that leaves, and returns what stands in the lines afterwards."""
    terminal.send(key)
    terminal.expect_exact(OUT_OF)
    terminal.expect_exact("Goodbye.")
    assert terminal.before is not None
    assert terminal.is_as_before()
    return str(terminal.before)


def test_a_whole_game_with_undo_redo_and_saving(tmp_path: Path) -> None:
    path = tmp_path / "game.psq"
    terminal = at_screen("--black", "human", "--white", "human", "--rules", "5x5", "--moves", "c3a1c2a2c1a3")
    terminal.send(f"{UP}{ENTER}")
    terminal.expect_exact("c4")
    terminal.send("u")
    terminal.expect_exact("Black to move")
    terminal.send("u")
    terminal.expect_exact("White to move")
    terminal.send(f"rr{LEFT}{ENTER}{UP}{RIGHT}{ENTER}")
    terminal.expect_exact("Black wins: line c5 c4 c3 c2 c1 (1-0)")
    terminal.send("s")
    terminal.expect_exact("Save the game")
    terminal.send(f"{path}{ENTER}")
    terminal.expect_exact("Saved to ")
    assert "not saved" not in leave(terminal, "q")
    assert terminal.status_at_end() == 0
    assert read_record(path).result == "1-0"


def test_a_saved_game_is_gone_on_with_and_the_end_of_input_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "game.sgf"
    path.write_text("(;GM[4]SZ[6];B[cc];W[dd])")
    terminal = at_screen("--model", f"{MODEL}@20", "--load", path)
    terminal.send("h")
    terminal.expect_exact("Hint: ")
    assert "not saved" not in leave(terminal, END_OF_INPUT)
    assert terminal.status_at_end() == 0


def test_variations_of_a_game_that_is_opened_are_saved_again(tmp_path: Path) -> None:
    path, saved = tmp_path / "game.sgf", tmp_path / "saved.sgf"
    path.write_text("(;GM[4]SZ[6];B[cc](;W[dd]C[best];B[cd])(;W[ee]))")
    terminal = at_screen("--black", "human", "--white", "human", "--load", path)
    terminal.send("u")
    terminal.expect_exact("Black to move")
    terminal.send(f"{HOME}{ENTER}")
    terminal.expect_exact("White to move")
    terminal.send("s")
    terminal.expect_exact("Save the game")
    terminal.send(f"{saved}{ENTER}")
    terminal.expect_exact("Saved to ")
    leave(terminal, "q")
    assert terminal.status_at_end() == 0
    before, after = lines_of(read_tree(path)), lines_of(read_tree(saved))
    assert before < after
    assert len(after) == 5


def lines_of(tree: GameTree) -> set[tuple[RecordedMove, ...]]:
    """All that was or could be played, from the first move on, comments included."""
    return {tuple(tree.moves[index].played for index in tree.path(end)) for end in range(len(tree.moves))}


def test_resizing_draws_the_board_anew_and_a_termination_puts_the_terminal_back() -> None:
    terminal = at_screen("--black", "human", "--white", "human", "--rules", "22x22", size=(12, 40))
    terminal.resize(40, 120)
    terminal.expect_exact("Quit")  # which had no room among the keys before
    terminal.resize(4, 12)
    terminal.expect_exact("Too sm")
    terminal.resize(24, 80)
    terminal.expect_exact("Black to move")
    os.kill(terminal.process.pid, signal.SIGTERM)
    terminal.expect_exact("Goodbye.")
    assert OUT_OF in str(terminal.before)
    assert terminal.is_as_before()
    assert terminal.status_at_end() == 143


def test_ctrl_c_while_the_ai_thinks_is_clean_and_shows_the_moves() -> None:
    terminal = at_screen("--model", f"{MODEL}@1000s", "--rules", "15x15")
    terminal.send(ENTER)
    terminal.expect_exact("White is thinking")
    terminal.expect_exact("Estimate: ")
    assert "--rules 15x15 --moves h8" in leave(terminal, CTRL_C)
    assert terminal.status_at_end() == 130


def test_a_terminal_that_goes_away_ends_the_game() -> None:
    terminal = at_screen(*PEOPLE)
    terminal.close()
    assert terminal.process.wait(DEADLINE) != 0


def test_a_refusal_at_a_terminal_is_a_line_and_not_a_screen() -> None:
    terminal = Terminal("--model", "models/nobody")
    terminal.expect_exact("human_play.py: error: ")
    assert terminal.status_at_end() == 2
    assert INTO not in (terminal.before or "")


def test_a_dumb_terminal_gets_lines() -> None:
    terminal = Terminal(*PEOPLE, kind="dumb")
    terminal.expect_exact("move 1> ")
    terminal.sendline("quit")
    terminal.expect_exact("Goodbye.")
    assert terminal.status_at_end() == 0


def test_a_terminal_that_cannot_write_the_signs_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    terminal = Terminal(*PEOPLE)
    terminal.expect_exact("move 1> ")
    terminal.sendline("quit")
    terminal.expect_exact("Goodbye.")
    assert terminal.status_at_end() == 0


def test_all_signs_of_the_screen_are_known_to_whoever_asks_whether_they_can_be_written() -> None:
    texts = [
        node.value
        for file in (ROOT / "ui" / "full_screen").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    signs = {sign for text in texts for sign in text if not sign.isascii()}
    assert "●" in signs
    assert signs <= set(SIGNS)


def test_without_textual_lines_follow_after_one_that_says_so(tmp_path: Path) -> None:
    hider = tmp_path / "without_textual.py"
    hider.write_text(
        "import importlib.util, runpy, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'textual' else find(name, *more)\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"sys.argv = [{SCRIPT!r}, *sys.argv[1:]]\n"
        f"runpy.run_path({SCRIPT!r}, run_name='__main__')\n"
    )
    terminal = Terminal(*PEOPLE, script=hider)
    terminal.expect_exact("needs the package textual; install this project with its extra, .[terminal]")
    terminal.expect_exact("move 1> ")
    terminal.sendline("quit")
    assert terminal.status_at_end() == 0


def test_the_plain_way_does_not_wait_for_textual() -> None:
    code = f"import sys; sys.argv = [{SCRIPT!r}]; import human_play; assert 'textual' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=DEADLINE, check=False).returncode == 0
