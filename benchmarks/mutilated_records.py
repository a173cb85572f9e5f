"""Mutilated game files: how many are refused, and how long the slowest one takes.

    python -m benchmarks.mutilated_records --files 10000 --seed 1

Anything but a `RecordError` ends it.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from random import Random

from gomoku.board import Board
from gomoku.errors import RecordError
from gomoku.game_tree import START, GameTree, TreeMove
from gomoku.record_forms import Form, parse_tree, record_text, tree_text
from gomoku.records import GameRecord, RecordedMove, record_of
from gomoku.rules import Rules, Variant

NUM_MOVES = 60
SPLINTERS = ("", "(", ")", ";", "]", "[", "\\", "\n", "é", "99", ",", "{", '"')


@dataclass
class Mutilation:
    """What became of the files of one form."""

    form: str
    files: int
    refused: int = 0
    longest_complaint: int = 0
    """Characters of the first line."""
    slowest_seconds: float = 0.0


def mutilate(count: int, seed: int) -> list[Mutilation]:
    """Mutilates `count` files of each form and reads them."""
    rng = Random(seed)
    game = _long_game(rng)
    texts = {form: record_text(game, form) for form in (Form.SGF, Form.JSON, Form.PSQ, Form.POSITION)}
    reports = [_read_all(form, text, count, rng) for form, text in texts.items()]
    return [*reports, _read_all(Form.SGF, tree_text(_bushy_tree(rng), Form.SGF), count, rng)]


def _read_all(form: Form, text: str, count: int, rng: Random) -> Mutilation:
    report = Mutilation(form, count)
    for _ in range(count):
        damaged = damaged_text(text, rng)
        started = time.process_time()
        try:
            parse_tree(damaged, form)
        except RecordError as error:
            report.refused += 1
            report.longest_complaint = max(report.longest_complaint, len(str(error).splitlines()[0]))
        report.slowest_seconds = max(report.slowest_seconds, time.process_time() - started)
    return report


def damaged_text(text: str, rng: Random) -> str:
    """The text with splinters in it, and pieces out of it."""
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(SPLINTERS) + text[at + rng.choice((0, 1, 1, 9)) :]
    return text


def _long_game(rng: Random) -> GameRecord:
    board = Board(Rules(15, variant=Variant.STANDARD))
    for _ in range(NUM_MOVES):
        board.push(rng.choice(board.legal_moves()))
    return record_of(board, black="A", white="B")


def _bushy_tree(rng: Random) -> GameTree:
    """The long game with a short variation on every move."""
    game = _long_game(rng)
    moves = [TreeMove(played, index - 1) for index, played in enumerate(game.line)]
    for parent in range(NUM_MOVES - 1, START, -1):
        free = sorted(set(range(game.rules.num_points)) - set(game.moves))
        moves.append(TreeMove(RecordedMove(rng.choice(free)), parent))
    return GameTree(GameRecord(game.rules), tuple(moves))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for report in mutilate(options.files, options.seed):
        print(json.dumps(asdict(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
