"""A game as a picture: SVG, still or moving, made of nothing but shapes, so that every browser and README shows it.

Owns what such a picture looks like. The moving one plays a move a second and begins again for ever; it is made of
SMIL's `animate` and holds no script. Where nothing moves, it shows the last position.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from gomoku.board import Board
from gomoku.errors import RecordError
from gomoku.files import write_new_file
from gomoku.game_tree import GameTree, tree_of
from gomoku.notation import column_name, point_name
from gomoku.record_files import SUFFIXES, WITH_VARIATIONS, check_suffix, unsaid_in, write_tree
from gomoku.records import UNKNOWN, GameRecord
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE

SUFFIX = ".svg"
UNIT = 40
"""Pixels between two lines of the board. All other lengths are in pixels, too."""
NEAR, FAR = 28, 46
"""Wood beyond the outermost line: at the top and on the right, and where the coordinates stand."""
STONE = 18.2
"""Radius."""
PAUSE = 3
"""Seconds for which a moving picture shows its last position."""
ACCENT = "#d2562a"
COLOURS = {BLACK: "black", WHITE: "white"}
NUMBER_COLOURS = {BLACK: "#f4efe6", WHITE: "#25221f"}
GLOSS = {BLACK: ("#66605a", "#2b2825", "#131110"), WHITE: ("#ffffff", "#f6f1e7", "#d9d0bf")}
"""A stone from its brightest spot to its edge."""
LONGEST_NAME = 80
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Wood:
    """The colours of a board, the same as those of the page in the browser (`ui/web/static/board.css`)."""

    surface: str
    line: str
    coordinate: str


LIGHT = Wood(surface="#e3be82", line="#6f5230", coordinate="#7a5d38")
DARK = Wood(surface="#a17a4b", line="#33251a", coordinate="#2e2116")


@dataclass(frozen=True)
class Look:
    """What a picture shows beside stones, coordinates, the last move and the line that won."""

    numbers: bool = False
    """On every stone the number of its move, from 1; stones that were set up have none."""
    animated: bool = False
    """Move after move instead of the last position alone."""
    dark: bool = False
    """Darker wood, for dark pages."""


def save_game(record: GameRecord, path: Path, tree: GameTree) -> str:
    """Writes a game as what the suffix names: a picture with the moves' numbers, or a record.

    Args:
      tree: the same game with its variations, for the form that has them.

    Returns: what whoever saves it has to know of that file, in one sentence; or an empty text.

    Raises:
      RecordError, FileExistsError, OSError: as `gomoku.record_files.write_tree`.
    """
    check_suffix(path, (*SUFFIXES, SUFFIX))
    if path.suffix.lower() == SUFFIX:
        write_picture(record, path, Look(numbers=True))
        return ""
    write_tree(tree if path.suffix.lower() in WITH_VARIATIONS else tree_of(record), path)
    return unsaid_in(path, record)


def write_picture(record: GameRecord, path: Path, look: Look | None = None, ply: int | None = None) -> None:
    """Writes a game's picture into a new file; see `picture_text`.

    Raises:
      RecordError: the name does not end in .svg, or as `picture_text`.
      FileExistsError: there is such a file already; it stays as it is.
      OSError: the file cannot be written.
    """
    check_suffix(path, (SUFFIX,))
    write_new_file(path, picture_text(record, look, ply))


def picture_text(record: GameRecord, look: Look | None = None, ply: int | None = None) -> str:
    """Draws a game as SVG.

    Args:
      ply: show the position after so many moves, or where it moves the game up to there; None: all of them.

    Raises:
      RecordError: moves that are not legal, or a `ply` that the game does not have.
    """
    board = record.replay()
    num_moves = len(board.moves)
    if ply is not None and not 0 <= ply <= num_moves:
        raise RecordError(f"ply {ply} is not between 0 and {num_moves}, the moves of this game")
    while ply is not None and len(board.moves) > ply:
        board.pop()
    look = look or Look()
    picture = _canvas(board.size)
    _add(picture, "title").text = _title(record, board, num_moves)
    picture.append(_gloss())
    picture.append(_wood(board.size, DARK if look.dark else LIGHT))
    picture.append(_stones(board, look))
    picture.append(_last_marks(board, look))
    picture.append(_winning_line(board, look))
    ET.indent(picture)
    return ET.tostring(picture, encoding="unicode") + "\n"


def _title(record: GameRecord, board: Board, num_moves: int) -> str:
    names = " against ".join(
        name[:LONGEST_NAME] or default for name, default in ((record.black, "Black"), (record.white, "White"))
    )
    shown = len(board.moves)
    moves = f"{shown} of {num_moves} moves" if shown < num_moves else f"{num_moves} moves"
    ended = "" if shown < num_moves or record.result == UNKNOWN else f", {record.result}"
    return _NOT_IN_XML.sub("\ufffd", f"{names}, {record.rules.name}, {moves}{ended}")


def _canvas(size: int) -> ET.Element:
    side = (size - 1) * UNIT + NEAR + FAR
    return ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"{-FAR} {-NEAR} {side} {side}",
            "width": str(side),
            "height": str(side),
            "role": "img",
            "font-family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
            "text-anchor": "middle",
        },
    )


def _gloss() -> ET.Element:
    definitions = ET.Element("defs")
    for colour, shades in GLOSS.items():
        gradient = _add(definitions, "radialGradient", id=f"{COLOURS[colour]}-stone", cx="36%", cy="30%", r="75%")
        for offset, shade in zip(("0%", "60%", "100%"), shades, strict=True):
            _add(gradient, "stop", offset=offset, stop_color=shade)
    return definitions


def _wood(size: int, wood: Wood) -> ET.Element:
    """The board without stones."""
    last = (size - 1) * UNIT
    side = last + NEAR + FAR
    group = ET.Element("g", {"class": "wood"})
    _add(group, "rect", x=-FAR, y=-NEAR, width=side, height=side, rx=10, fill=wood.surface)
    lines = "".join(f"M0 {at}H{last}M{at} 0V{last}" for at in range(0, last + 1, UNIT))
    _add(group, "path", d=lines, stroke=wood.line, stroke_width=1.1, stroke_linecap="square")
    for row, col in _stars(size):
        _add(group, "circle", cx=col * UNIT, cy=row * UNIT, r=3.6, fill=wood.line)
    names = _add(group, "g", fill=wood.coordinate, font_size=13.5)
    for at in range(size):
        _text(names, at * UNIT, last + 31, column_name(at))
        _text(names, -31, at * UNIT, str(size - at))
    return group


def _stars(size: int) -> list[tuple[int, int]]:
    """Rows and columns of the dots: the centre of an odd board, and from 9x9 on four towards its corners."""
    if size % 2 == 0:
        return []
    middle, inset = size // 2, 2 if size < 13 else 3
    corners = (inset, size - 1 - inset) if size >= 9 else ()
    return [(middle, middle), *((row, col) for row in corners for col in corners)]


def _stones(board: Board, look: Look) -> ET.Element:
    group = ET.Element("g", {"class": "stones"})
    played = set(board.moves)
    for move, content in enumerate(board.cells.tolist()):
        if content == BLOCKED:
            x, y = _place(move, board.size)
            _add(group, "rect", class_="blocked", x=x - 16, y=y - 16, width=32, height=32, rx=4, fill_opacity=0.5)
        elif content != EMPTY and move not in played:
            _stone(group, move, board)
    for number, move in enumerate(board.moves, 1):
        stone = _stone(group, move, board)
        if look.numbers:
            x, y = _place(move, board.size)
            number_colour = NUMBER_COLOURS[int(board.cells[move])]
            height = 17.5 if number < 100 else 14.5
            _text(stone, x, y, str(number), fill=number_colour, font_size=height, font_weight=600)
        if look.animated:
            _show_from(stone, number, len(board.moves))
    return group


def _stone(group: ET.Element, move: int, board: Board) -> ET.Element:
    x, y = _place(move, board.size)
    colour = COLOURS[int(board.cells[move])]
    stone = _add(group, "g", class_=f"stone {colour}", data_point=point_name(move, board.size))
    _add(stone, "circle", cx=x + 0.8, cy=y + 1.8, r=STONE, fill="#281905", fill_opacity=0.28)
    _add(stone, "circle", cx=x, cy=y, r=STONE, fill=f"url(#{colour}-stone)")
    return stone


def _last_marks(board: Board, look: Look) -> ET.Element:
    """A dot on the last stone, or a ring round its number; where the picture moves, one for each move's second."""
    group = ET.Element("g", {"class": "last"})
    num_moves = len(board.moves)
    for number, move in enumerate(board.moves, 1):
        if number < num_moves and not look.animated:
            continue
        x, y = _place(move, board.size)
        if look.numbers:
            mark = _add(group, "circle", cx=x, cy=y, r=STONE - 1.5, fill="none", stroke=ACCENT, stroke_width=3)
        else:
            mark = _add(group, "circle", cx=x, cy=y, r=5.2, fill=ACCENT)
        if look.animated:
            _show_from(mark, number, num_moves, until_next=number < num_moves)
    return group


def _winning_line(board: Board, look: Look) -> ET.Element:
    group = ET.Element("g", {"class": "win", "fill": "none", "stroke": ACCENT, "stroke-linecap": "round"})
    line = board.winning_line()
    if not line:
        return group
    if not look.numbers:  # it would strike them through
        (x1, y1), (x2, y2) = _place(line[0], board.size), _place(line[-1], board.size)
        _add(group, "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke_width=3.6, stroke_opacity=0.85)
    for move in line:
        x, y = _place(move, board.size)
        _add(group, "circle", cx=x, cy=y, r=STONE, stroke_width=3.6)
    if look.animated and board.moves:
        _show_from(group, len(board.moves), len(board.moves))
    return group


def _show_from(element: ET.Element, number: int, num_moves: int, *, until_next: bool = False) -> None:
    """Hides an element until the second in which move `number` is played, and after it where that is wanted."""
    if until_next:
        element.set("visibility", "hidden")  # for viewers in which nothing moves
    duration = num_moves + PAUSE
    turns = (0, number, number + 1) if until_next else (0, number)
    _add(
        element,
        "animate",
        attributeName="visibility",
        values=";".join(("hidden", "visible", "hidden")[: len(turns)]),
        keyTimes=";".join(f"{turn / duration:.6f}" for turn in turns),
        calcMode="discrete",
        dur=f"{duration}s",
        repeatCount="indefinite",
    )


def _place(move: int, size: int) -> tuple[int, int]:
    row, col = divmod(move, size)
    return col * UNIT, row * UNIT


def _text(parent: ET.Element, x: float, y: float, content: str, **attributes: str | float) -> None:
    # Not dominant-baseline, which not every viewer knows.
    _add(parent, "text", x=x, y=y, dy="0.35em", **attributes).text = content


def _add(parent: ET.Element, tag: str, **attributes: str | float) -> ET.Element:
    """Appends an element. Underscores in names stand for hyphens; `class_` is `class`."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    texts = {name: value if isinstance(value, str) else f"{value:g}" for name, value in named.items()}
    return ET.SubElement(parent, tag, texts)
