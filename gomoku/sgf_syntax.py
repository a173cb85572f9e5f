"""The syntax of SGF: a text to nodes of properties and values, escapes.

Knows nothing about what a property means.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gomoku.errors import RecordError

_TOKEN = re.compile(r"\s+|([();])|([A-Za-z]+)|\[([^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)


@dataclass
class Node:
    """One node: mostly a move, or the facts of the game."""

    line: int
    """Of the text, from 1."""
    properties: dict[str, list[str]]
    """By name, capital letters only; the values in the order of the text, escapes undone."""

    def first(self, name: str, default: str = "") -> str:
        return self.properties.get(name, [default])[0]

    def has_any(self, names: Iterable[str]) -> bool:
        return not self.properties.keys().isdisjoint(names)


def main_line(text: str) -> list[Node]:
    """The nodes of the first variation of the only game."""
    opening = re.search(r"\(\s*;", text)
    if opening is None:
        raise RecordError("line 1: not SGF: no game begins with '(;'")
    nodes: list[Node] = []
    depth, ended, name = 0, False, ""
    for line, mark, identifier, value in _tokens(text, opening.start()):
        if depth == 0 and nodes:
            raise RecordError(f"line {line}: something follows the end of the game; a file may hold one game")
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth, ended = depth - 1, True
        elif ended:
            continue
        elif mark == ";":
            nodes.append(Node(line, {}))
            name = ""
        elif identifier is not None:
            name = "".join(letter for letter in identifier if letter.isupper())
        elif not name or not nodes:
            raise RecordError(f"line {line}: [{short(value or '')}] belongs to no property")
        else:
            nodes[-1].properties.setdefault(name, []).append(_unescaped(value or ""))
    if depth > 0:
        raise RecordError(f"the file ends in the middle of the game: {depth} ')' are missing")
    return nodes


def _tokens(text: str, begin: int) -> Iterator[tuple[int, str | None, str | None, str | None]]:
    """Yields the line's number and one of: a mark `( ) ;`, an identifier, a value between brackets."""
    at, line = begin, 1 + text.count("\n", 0, begin)
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise RecordError(f"line {line}: {short(text[at:])!r} is not SGF")
        if match.lastindex is not None:
            yield line, match[1], match[2], match[3]
        line += match[0].count("\n")
        at = match.end()


def escaped(text: str) -> str:
    """What may stand between brackets for `text`."""
    return re.sub(r"([\\\]])", r"\\\1", text)


def _unescaped(text: str) -> str:
    """Undoes the escapes; a line break behind a backslash vanishes."""
    text = re.sub(r"\r\n?", "\n", text)
    return re.sub(r"\\(.)", lambda match: "" if match[1] == "\n" else match[1], text, flags=re.DOTALL)


def short(text: str) -> str:
    """As much of a text as fits into an error's line."""
    return text if len(text) <= 20 else text[:17] + "..."
