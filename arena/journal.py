"""The games of a tournament on disk: one JSON line each, written as they end, and one SGF collection of all.

Owns the folder's files. A game is known by who plays it from where, so that a tournament that was interrupted goes
on, and one with more players or games takes over what it has in common with the last one.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gomoku.errors import RecordError
from gomoku.files import take_lock, write_atomically
from gomoku.records import GameRecord, json_text, parse_json
from gomoku.rules import BLACK, WHITE
from gomoku.sgf import sgf_text

GAMES, COLLECTION, SETTINGS, LOCK = "games.jsonl", "games.sgf", "settings.json", "lock"
MODELS = "models"
WINNERS = {"1-0": BLACK, "0-1": WHITE, "1/2-1/2": 0}


class GameKey(NamedTuple):
    """Which game it is."""

    black: str
    """The player's name."""
    white: str
    opening: str
    """As `arena.openings.opening_name` writes it."""
    repeat: int
    """Earlier games of the same players and colours from the same opening."""


@dataclass(frozen=True)
class SavedGame:
    """A finished game."""

    key: GameKey
    record: GameRecord
    """With both names, the result, and in its comment what happened where a player lost without a move."""
    seconds: tuple[float, ...]
    """Of each decision since the opening, a last one that led to no move included."""

    @property
    def winner(self) -> int:
        """BLACK, WHITE, or 0 for a draw."""
        return WINNERS[self.record.result]

    def line(self) -> str:
        game = json.loads(json_text(self.record))
        data = {"opening": self.key.opening, "repeat": self.key.repeat, "seconds": self.seconds, "game": game}
        return json.dumps(data) + "\n"

    @classmethod
    def parse(cls, line: str) -> "SavedGame":
        """Reads what `line` writes.

        Raises:
          RecordError: it is no line of a journal.
        """
        try:
            data = json.loads(line)
            record = parse_json(json.dumps(data["game"]))
            key = GameKey(record.black, record.white, str(data["opening"]), int(data["repeat"]))
            seconds = tuple(float(spent) for spent in data["seconds"])
        except RecordError:
            raise
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise RecordError(f"not a finished game: {error!r}") from None
        if record.result not in WINNERS:
            raise RecordError(f"the game's result is {record.result}")
        return cls(key, record, seconds)


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Makes the folder this process's own.

    Raises:
      ValueError: it is another process's, or no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    if (lock := take_lock(folder / LOCK)) is None:
        raise ValueError(f"{folder} is being played in by another process; wait for it, stop it, or choose another")
    try:
        yield
    finally:
        lock.release()


class Journal:
    """The finished games in a folder."""

    def __init__(self, folder: Path, settings: dict[str, Any], models: Mapping[str, str] | None = None) -> None:
        """Reads what is there; the folder is made where it is not. A last line that was cut off is dropped.

        Args:
          settings: what all games in the folder have in common: JSON.
          models: of the players that are models, by name, a digest of the weights. A folder takes further players.

        Raises:
          ValueError: the folder holds games with other settings, or of other weights under the same name, or a file
            that is no journal.
          OSError: it cannot be read or written.
        """
        self.folder = folder
        self.games: dict[GameKey, SavedGame] = {}
        self._path = folder / GAMES
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"{folder} is not a folder")
        folder.mkdir(parents=True, exist_ok=True)
        self._check_settings(settings, dict(models or {}))
        self._read()

    def add(self, game: SavedGame) -> None:
        """Writes a game down."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(game.line())
        self.games[game.key] = game

    @property
    def records(self) -> list[GameRecord]:
        """Of all games, in an order that does not depend on who played them when."""
        return [self.games[key].record for key in sorted(self.games)]

    def write_collection(self) -> None:
        """Writes all games as SGF, one after another in one file."""
        text = "".join(map(sgf_text, self.records))
        write_atomically(self.folder / COLLECTION, text.encode("utf-8", "replace"))

    def _check_settings(self, settings: dict[str, Any], models: dict[str, str]) -> None:
        path = self.folder / SETTINGS
        if not path.exists():
            if self._path.exists():
                raise ValueError(f"{self.folder} holds {GAMES} but no {SETTINGS}; choose another folder")
            self._write_settings(settings | {MODELS: models})
            return
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            raise ValueError(f"{path} is not JSON; choose another folder") from None
        if not isinstance(found, dict):
            raise ValueError(f"{path} holds no settings; choose another folder")
        for name, value in settings.items():
            if (had := found.get(name)) != value:
                raise ValueError(
                    f"{self.folder} holds games with {name} {had!r}, not {value!r}; choose another folder"
                )
        known = found.get(MODELS, {})  # versions before kept none
        if not isinstance(known, dict):
            raise ValueError(f"{path} holds no models; choose another folder")
        for name, digest in models.items():
            if known.setdefault(name, digest) != digest:
                raise ValueError(f"{self.folder} holds games of {name} with other weights; choose another folder")
        self._write_settings(found | {MODELS: known})

    def _write_settings(self, settings: dict[str, Any]) -> None:
        write_atomically(self.folder / SETTINGS, json.dumps(settings, indent=2).encode() + b"\n")

    def _read(self) -> None:
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self._path.open("r+b") as file:
                file.truncate(whole)
        for number, line in enumerate(content[:whole].decode("utf-8", "replace").splitlines(), 1):
            try:
                game = SavedGame.parse(line)
            except RecordError as error:
                reason = str(error).splitlines()[0]
                raise ValueError(f"{self._path}, line {number}: {reason}; repair the line or delete it") from None
            self.games[game.key] = game
