"""What a page may say over its WebSocket: the door where every message is checked.

A message is a JSON object: `{"kind": "look", "id": 7, "rules": "15x15", "moves": "h8i9"}`. The kinds:

* `look`: what there is to know about a position;
* `move`: a player of `level` chooses; `seconds` is what its clock leaves it;
* `analyse`: thinks aloud until stopped, or until `seconds` or `simulations` are over;
* `stop`: ends the page's thinking.

Each answer carries the message's `id`.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_RULES, LONGEST_START, LONGEST_MOVES, LONGEST_LEVEL = 40, 600, 4000, 60
LARGEST_ID = 2**31
MIN_SECONDS, MAX_SECONDS = 0.01, 3600.0
MAX_SIMULATIONS = 10_000_000


class MessageError(ValueError):
    """A message that is not understood; the text says what is allowed."""


class Kind(StrEnum):
    """What a message asks for."""

    LOOK = "look"
    MOVE = "move"
    ANALYSE = "analyse"
    STOP = "stop"


@dataclass(frozen=True)
class Message:
    """A checked message. The position is text still: setting it up takes time, and is done in a thread."""

    kind: Kind
    id: int
    rules: str = ""
    start: str = ""
    moves: str = ""
    level: str | None = None
    """None: full strength."""
    seconds: float | None = None
    simulations: int | None = None


def message_id(text: str) -> int | None:
    """The id of a message that may be wrong in any other way, so that the complaint finds its asker."""
    try:
        found = json.loads(text).get("id")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if _is_whole(found) else None


def parse_message(text: str) -> Message:
    """Reads one message.

    Raises:
      MessageError: what is wrong, in one line.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError("a message has to be a JSON object") from None
    if not isinstance(data, dict):
        raise MessageError("a message has to be a JSON object")
    known = Message.__dataclass_fields__
    for name in data:
        if name not in known:
            raise MessageError(f"unknown field {name[:40]!r}; known are {', '.join(known)}")
    kind = _text(data, "kind", 20)
    if kind not in list(Kind):
        raise MessageError(f"kind {kind!r} is not one of {', '.join(Kind)}")
    number = _id(data.get("id"))
    if kind == Kind.STOP:
        return Message(Kind.STOP, number)
    return Message(
        Kind(kind),
        number,
        rules=_text(data, "rules", LONGEST_RULES),
        start=_text(data, "start", LONGEST_START, default=""),
        moves=_text(data, "moves", LONGEST_MOVES, default=""),
        level=None if data.get("level") is None else _text(data, "level", LONGEST_LEVEL),
        seconds=_seconds(data.get("seconds")),
        simulations=_simulations(data.get("simulations")),
    )


def _id(value: Any) -> int:
    if not _is_whole(value) or not 0 <= value < LARGEST_ID:
        raise MessageError(f"id has to be a whole number from 0 to {LARGEST_ID - 1}")
    return int(value)


def _text(data: dict[str, Any], name: str, longest: int, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str) or len(value) > longest:
        raise MessageError(f"{name} has to be a text of at most {longest} characters")
    return value


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not MIN_SECONDS <= value <= MAX_SECONDS:
        raise MessageError(f"seconds has to be a number from {MIN_SECONDS:g} to {MAX_SECONDS:g}")
    return float(value)


def _simulations(value: Any) -> int | None:
    if value is None:
        return None
    if not _is_whole(value) or not 1 <= value <= MAX_SIMULATIONS:
        raise MessageError(f"simulations has to be a whole number from 1 to {MAX_SIMULATIONS}")
    return int(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
