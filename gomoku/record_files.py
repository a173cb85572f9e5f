"""Game records in files: which suffix means which form."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from gomoku.errors import RecordError
from gomoku.files import write_new_file
from gomoku.game_tree import GameTree, tree_of
from gomoku.psq import taken_for, unsaid_rules
from gomoku.record_forms import Form, decoded, parse_record, parse_tree, tree_text
from gomoku.records import GameRecord
from gomoku.rules import Rules

FORMS = {f".{form}": form for form in (Form.SGF, Form.JSON, Form.PSQ)}
SUFFIXES = tuple(FORMS)
WITH_VARIATIONS = (f".{Form.SGF}",)
LONGEST_FILE = 16_000_000
"""Bytes; no game needs them."""
Parsed = TypeVar("Parsed")


def read_record(path: Path, rules: Rules | None = None) -> GameRecord:
    """Reads the one game in a file, its main line only.

    Args:
      rules: of PSQ, which does not tell them; see `parse_record`.

    Raises:
      RecordError: a suffix that is not known, or a file that holds no legal game.
      OSError: the file cannot be read.
    """
    return _read(path, parse_record, rules)


def read_tree(path: Path, rules: Rules | None = None) -> GameTree:
    """Reads the one game in a file with its variations, which only SGF has; else as `read_record`."""
    return _read(path, parse_tree, rules)


def read_tree_or_line(path: Path, rules: Rules | None = None) -> tuple[GameTree, str]:
    """As `read_tree`, but a fault in a variation does not cost the game: its main line is read alone.

    Returns: the game, and why its variations are left out, in one line; or an empty text.
    """
    try:
        return read_tree(path, rules), ""
    except RecordError as error:
        return tree_of(read_record(path, rules)), str(error).partition("\n")[0]


def read_likely_tree(path: Path, likely: Rules) -> tuple[GameTree, str]:
    """Reads what a person opens during a game by the rules `likely`, which PSQ is taken for where it can be.

    Returns: the game, and what is to be said after its name in one line; or an empty text.
    """
    try:
        tree, complaint = read_tree_or_line(path, likely)
    except RecordError:
        tree, complaint = read_tree_or_line(path)
    if _form_of(path) is Form.PSQ:
        return tree, taken_for(tree.game.rules)
    return tree, f"without its variations: {complaint}" if complaint else ""


def write_tree(tree: GameTree, path: Path) -> None:
    """Writes one game in the form that the suffix names; only SGF holds its variations.

    Raises:
      RecordError: a suffix that is not known, or a game that this form cannot hold.
      FileExistsError: there is such a file already; it stays as it is.
      OSError: the file cannot be written; nothing is left behind.
    """
    write_new_file(path, tree_text(tree, _form_of(path)))


def form_named(name: str) -> Form | None:
    """The form that a file's suffix stands for; None where it stands for none."""
    return FORMS.get(Path(name).suffix.lower())


def unsaid_in(path: Path, game: GameRecord) -> str:
    """What a file of this name cannot tell of the game but has to, in one sentence; or an empty text."""
    return unsaid_rules(game.rules) if _form_of(path) is Form.PSQ else ""


def check_suffix(path: Path, allowed: Sequence[str]) -> None:
    """Refuses a file that is not named as one of a kind.

    Raises:
      RecordError: its suffix is not allowed, or it is all of its name, as in `.sgf`.
    """
    if path.suffix.lower() in allowed:
        return
    if path.name.lower() in allowed:
        raise RecordError(f"{str(path)!r} has no name before its {path.name}")
    raise RecordError(f"{str(path)!r} does not end in {' or '.join(allowed)}")


def _read(path: Path, parse: Callable[[str, Form, Rules | None], Parsed], rules: Rules | None) -> Parsed:
    form = _form_of(path)
    with path.open("rb") as file:
        content = file.read(LONGEST_FILE + 1)
    if len(content) > LONGEST_FILE:
        raise RecordError(f"{path}: the file is too long for a game, more than {LONGEST_FILE} bytes")
    try:
        return parse(decoded(content), form, rules)
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from None


def _form_of(path: Path) -> Form:
    check_suffix(path, SUFFIXES)
    return FORMS[path.suffix.lower()]
