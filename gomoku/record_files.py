"""Game records in files: which suffix means which form, and writing that never loses what was there."""

import os
from pathlib import Path

from gomoku.errors import RecordError
from gomoku.records import GameRecord, json_text, parse_json
from gomoku.sgf import parse_sgf, sgf_text

SUFFIXES = (".sgf", ".json")


def read_record(path: Path) -> GameRecord:
    """Reads the one game in a file.

    Raises:
      RecordError: a suffix that is not known, or a file that holds no legal game.
      OSError: the file cannot be read.
    """
    parse = {".sgf": parse_sgf, ".json": parse_json}[_known_suffix(path)]
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # old files: at worst a name is garbled
    try:
        return parse(text)
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from None


def write_record(record: GameRecord, path: Path) -> None:
    """Writes one game, in the form that the suffix names.

    Raises:
      RecordError: a suffix that is not known.
      FileExistsError: there is such a file already; it stays as it is.
      OSError: the file cannot be written; nothing is left behind.
    """
    text = sgf_text(record) if _known_suffix(path) == ".sgf" else json_text(record) + "\n"
    write_new_file(path, text)


def write_new_file(path: Path, text: str) -> None:
    """Writes a whole file or none, and never over another one.

    Raises:
      FileExistsError: there is such a file already.
      OSError: it cannot be written.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        _give_name(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _give_name(beside: Path, path: Path) -> None:
    """A link fails where the name has been taken meanwhile; a rename would overwrite."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise FileExistsError(f"{path} exists already") from None
    except OSError:  # a file system without links, such as a memory stick's
        beside.rename(path)


def _known_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise RecordError(f"{str(path)!r} does not end in {' or '.join(SUFFIXES)}")
    return suffix
