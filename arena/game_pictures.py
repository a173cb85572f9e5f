"""The games of a match as pictures in a folder: how many, and under which names."""

import re
from collections.abc import Sequence
from pathlib import Path

from gomoku.files import check_folder_takes_files, write_atomically
from gomoku.game_picture import SUFFIX, Look, picture_text
from gomoku.records import GameRecord

MOST_PICTURES = 200
"""In one folder; of longer matches the first games are drawn."""
LONGEST_NAME = 40
"""Characters of a player's name in a file's name."""
_RESULTS = {"1-0": "black-wins", "0-1": "white-wins", "1/2-1/2": "draw"}


def check_folder(folder: Path) -> None:
    """Refuses before the match what could not be written after it.

    Raises:
      ValueError: there is something of that name, or of one above it, which is no folder, or takes no files.
    """
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise ValueError(f"--pictures {folder}: {nearest} is not a folder")
    try:
        check_folder_takes_files(nearest)
    except OSError as error:
        raise ValueError(f"--pictures {folder}: nothing can be written in {nearest}: {error.strerror}") from None


def write_pictures(games: Sequence[GameRecord], folder: Path) -> str:
    """Draws the first `MOST_PICTURES` games with their moves' numbers; pictures of the same names are replaced.

    Returns: one line that says what was written.

    Raises:
      OSError: the folder or a picture cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = games[:MOST_PICTURES]
    for number, game in enumerate(drawn, 1):
        write_atomically(folder / picture_name(number, game), picture_text(game, Look(numbers=True)).encode())
    of_all = "" if len(drawn) == len(games) else f" of the first {len(drawn)} of {len(games)} games"
    return f"{len(drawn)} pictures{of_all} are in {folder}"


def picture_name(number: int, game: GameRecord) -> str:
    """A file's name that every file system takes, whatever the players are called."""
    return f"{number:04d}-{_safe(game.black)}-{_safe(game.white)}-{_RESULTS.get(game.result, 'unfinished')}{SUFFIX}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9@]+", "_", name)[-LONGEST_NAME:].strip("_") or "player"
