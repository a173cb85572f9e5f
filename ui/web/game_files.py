"""Game files for the page: a file's bytes in, a tree as JSON out, and back.

The JSON is a `gomoku.game_tree.GameTree` with points by name: `{"rules", "start", "nodes", "black", "white",
"result", "reason", "date", "comment"}`, a node being `{"move", "parent", "comment", "value"}`; values are those of
the player who made the move.
"""

import json
from dataclasses import replace
from typing import Any

from gomoku.errors import RecordError
from gomoku.game_picture import Look, picture_text
from gomoku.game_tree import START, GameTree, TreeMove, checked_tree
from gomoku.notation import parse_point, point_name
from gomoku.psq import taken_for
from gomoku.record_files import form_named
from gomoku.record_forms import Form, decoded, form_of, parse_likely_tree, tree_text
from gomoku.records import RESULTS, UNKNOWN, RecordedMove, is_value, record_of, writable
from gomoku.rules import Rules, parse_rules
from ui.web.positions import read_board, start_text

FACTS = ("black", "white", "result", "reason", "date", "comment")
LONGEST_FACT = 10_000
FILE_FORMS = (Form.SGF, Form.PSQ)
PICTURE = "svg"


def read_game(content: bytes, name: str = "", rules: str = "") -> dict[str, Any]:
    """Reads a game file of any form that `gomoku.record_forms` knows.

    Args:
      name: the file's; where its suffix stands for no form, the form is the one that the text looks like.
      rules: name of those on the page, which PSQ is taken for where it can be.

    Returns: see above, and `remark`, what is to be said after "Opened", or nothing.

    Raises:
      RecordError: with the place, and what is wrong there.
    """
    text = decoded(content)
    if not text.strip():
        raise RecordError("the file is empty")
    form = form_named(name) or form_of(text)
    tree = parse_likely_tree(text, form, parse_rules(rules or Rules().name))
    game, size = tree.game, tree.game.rules.size
    return {
        "remark": taken_for(game.rules) if form is Form.PSQ else "",
        "rules": game.rules.name,
        "start": "" if game.start is None else start_text(game.start.cells, game.start.to_play, size),
        "nodes": [_node_facts(move, size) for move in tree.moves],
        **{name: getattr(game, name) for name in FACTS},
    }


def write_game(content: bytes, form: str) -> str:
    """Writes the tree that a page sends as JSON; as a picture its main line.

    Raises:
      RecordError: an unknown form, a tree that is none, or a move that is not legal; and what is allowed.
    """
    if form == PICTURE:
        return picture_text(parse_game(content).main_line(), Look(numbers=True))
    if form not in FILE_FORMS:
        raise RecordError(f"form {form[:20]!r} is not one of {', '.join((*FILE_FORMS, PICTURE))}")
    return tree_text(parse_game(content), Form(form))


def parse_game(content: bytes) -> GameTree:
    """Reads what `read_game` returns, as JSON; every line of it is legal.

    Raises:
      RecordError: as `write_game`.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise RecordError("the game has to be a JSON object") from None
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        raise RecordError("the game has to be a JSON object with a list of nodes")
    board = read_board(_text(data, "rules"), _text(data, "start"), "")
    game = replace(
        record_of(board),
        black=_text(data, "black"),
        white=_text(data, "white"),
        result=_text(data, "result") or UNKNOWN,
        reason=_text(data, "reason"),
        date=_text(data, "date"),
        comment=_text(data, "comment", longest=None),
    )
    if game.result not in RESULTS:
        raise RecordError(f"result {game.result[:40]!r} is not one of {', '.join(RESULTS)}")
    moves = tuple(_parse_node(node, index, board.size) for index, node in enumerate(data["nodes"]))
    return checked_tree(GameTree(game, moves))


def _node_facts(move: TreeMove, size: int) -> dict[str, Any]:
    played = move.played
    name = point_name(played.move, size)
    return {"move": name, "parent": move.parent, "comment": played.comment, "value": played.value}


def _parse_node(node: Any, index: int, size: int) -> TreeMove:
    if not isinstance(node, dict):
        raise RecordError(f"node {index} is no JSON object")
    parent, value = node.get("parent"), node.get("value")
    if not isinstance(parent, int) or isinstance(parent, bool) or not START <= parent < index:
        raise RecordError(f"node {index}: parent has to be a whole number from {START} to {index - 1}")
    if not is_value(value):
        raise RecordError(f"node {index}: value has to be a number from -1 to 1, or null")
    played = RecordedMove(parse_point(_text(node, "move"), size), _text(node, "comment", longest=None), value)
    return TreeMove(played, parent)


def _text(data: dict[str, Any], name: str, longest: int | None = LONGEST_FACT) -> str:
    """`longest` None: nothing but the size of the whole file bounds it."""
    value = data.get(name, "")
    if not isinstance(value, str):
        raise RecordError(f"{name} has to be a text")
    if longest is not None and len(value) > longest:
        raise RecordError(f"{name} has to be a text of at most {longest} characters")
    return writable(value)
