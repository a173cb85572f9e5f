"""The syntax of SGF: a text to a tree of nodes with properties and values, escapes.

Knows nothing about what a property means.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gomoku.errors import RecordError

MOST_NODES = 20_000
"""More than that is no game that anybody played or analysed by hand; it is refused before it takes long."""
MOST_CHARACTERS = 4_000_000
ROOT = -1
_TOKEN = re.compile(r"\s+|([();])|([A-Za-z]+)|\[([^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)


@dataclass
class Node:
    """One node: mostly a move, or the facts of the game."""

    line: int
    """Of the text, from 1."""
    properties: dict[str, list[str]]
    """By name, capital letters only; the values in the order of the text, escapes undone."""
    parent: int = ROOT
    """Index of the node before it; ROOT for the first."""

    def first(self, name: str, default: str = "") -> str:
        return self.properties.get(name, [default])[0]

    def has_any(self, names: Iterable[str]) -> bool:
        return not self.properties.keys().isdisjoint(names)


def parse_nodes(text: str) -> list[Node]:
    """All nodes of the only game, in the order of the text: what follows on a node comes behind it.

    Raises:
      RecordError: with the line, and what is wrong there.
    """
    opening = re.search(r"\(\s*;", text)
    if opening is None:
        raise RecordError("line 1: not SGF: no game begins with '(;'")
    if len(text) > MOST_CHARACTERS:
        raise RecordError(f"the text is too long for a game: {len(text)} characters, at most {MOST_CHARACTERS}")
    nodes: list[Node] = []
    branchings: list[int] = []
    at, name = ROOT, ""
    for line, mark, identifier, value in _tokens(text, opening.start()):
        if not branchings and nodes:
            raise RecordError(f"line {line}: something follows the end of the game; a file may hold one game")
        if mark is not None:
            name = ""
        if mark == "(":
            branchings.append(at)
        elif mark == ")":
            at = branchings.pop()
        elif mark == ";":
            if len(nodes) == MOST_NODES:
                raise RecordError(f"line {line}: more than {MOST_NODES} moves")
            nodes.append(Node(line, {}, at))
            at = len(nodes) - 1
        elif identifier is not None:
            name = "".join(letter for letter in identifier if letter.isupper())
        elif not name or at == ROOT:
            raise RecordError(f"line {line}: [{short(value or '')}] belongs to no property")
        else:
            nodes[at].properties.setdefault(name, []).append(_unescaped(value or ""))
    if branchings:
        raise RecordError(f"the file ends in the middle of the game: {len(branchings)} ')' are missing")
    return nodes


def main_line(nodes: list[Node]) -> list[Node]:
    """The nodes of the first variation, one behind the other."""
    line: list[Node] = []
    last = ROOT
    for index, node in enumerate(nodes):
        if node.parent == last:
            line.append(replace(node, parent=len(line) - 1))
            last = index
    return line


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
