"""Programs that others wrote and published on PyPI, as engines that speak the Gomocup protocol, so that a model
can be measured against players that are none of ours.

pip install --no-deps --target runs/outside/gobang gobang==0.1.0
python evaluate.py models/15x15@0.2s "gomocup:python benchmarks/outside_engine.py gobang runs/outside@10s" --games 100

Each package is loaded in a process of its own, from the folder that it was installed in: two of them call themselves
`gomoku`, as this project does. What they print goes to standard error, for an engine's output is its moves.
"""

import importlib
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TextIO
from unittest.mock import Mock

import numpy as np

Point = tuple[int, int]
"""Column and row, from 0."""
Chooser = Callable[[list[Point], int], Point]
"""Of all stones in the order of play, Black's first, and the board's size: the move."""
OWN, OPPONENT = "1", "2"


def gobang() -> Chooser:
    """Of `gobang`: a policy network, learnt from games and by reinforcement; its most likely move."""
    vars(np)["int"] = int  # The package was written for a NumPy that still had it.
    game: Any = importlib.import_module("gobang.game")
    players: Any = importlib.import_module("gobang.algorithm.ai")
    network: Any = importlib.import_module("gobang.algorithm.policy").CNNPolicy
    weights = Path(game.__file__).parent / "data" / "model.pth"
    player = players.GreedyPolicyPlayer(network.load_model(str(weights), "cpu"))

    def choose(stones: list[Point], size: int) -> Point:
        # On an empty board its network knows nothing; its own rules then leave it the centre alone.
        state = game.GameState(size, black_banned=False, start_banned=not stones)
        for stone in stones:
            state.do_move(stone)
        x, y = player.get_move(state)
        return int(x), int(y)

    return choose


def threat_space() -> Chooser:
    """Of `gomoku`: threat-space search for both sides, and a heuristic where it finds nothing. For 15x15 alone."""
    # Its players' module loads a player over the web as well, who is not asked for here.
    sys.modules["flask_socketio"] = Mock()
    board: Any = importlib.import_module("gomoku.board")
    player_class: Any = importlib.import_module("gomoku.player.threat_space").ThreatSpace

    def choose(stones: list[Point], size: int) -> Point:
        if size != 15:
            raise ValueError("15x15 only")
        position = board.Board()
        for x, y in stones:
            position.move(y, x)
        move = player_class().make_move(position)
        row, column = divmod(move, size) if isinstance(move, int) else move
        return int(column), int(row)

    return choose


def terminal(level: str) -> Chooser:
    """Of `gomoku-terminal`: rules of thumb (easy), points for shapes (medium), two or three plies (hard)."""
    board: Any = importlib.import_module("gomoku.board").Board
    player: Any = importlib.import_module("gomoku.ai").GomokuAI(level)

    def choose(stones: list[Point], size: int) -> Point:
        board.SIZE = size
        position = board()
        for number, (x, y) in enumerate(stones):
            position.place_stone(y, x, board.WHITE if number % 2 else board.BLACK)
        row, column = player.get_move(position, board.WHITE if len(stones) % 2 else board.BLACK)
        return int(column), int(row)

    return choose


def minimax(level: str) -> Chooser:
    """Of `gomokubench`: minimax of one to three plies (easy, standard, hard) over shapes."""
    search: Any = importlib.import_module("libs.ai")
    board: Any = importlib.import_module("libs.board").BoardState
    settings = search.resolve_ai_settings(level)

    def choose(stones: list[Point], size: int) -> Point:
        state = board(size)
        for x, y in stones:
            state = state.next((y, x))
        (row, column), _ = search.get_best_move(
            state, settings["depth"], len(stones) % 2 == 0, settings["candidate_count"], settings["random_top_n"]
        )
        return int(column), int(row)

    return choose


@dataclass(frozen=True)
class Outsider:
    """Who plays, and whose it is."""

    make: Callable[[], Chooser]
    requirements: tuple[str, ...]
    """For pip, the package itself first."""

    @property
    def package(self) -> str:
        return self.requirements[0].partition("==")[0]


TERMINAL, MINIMAX = ("gomoku-terminal==1.0.2",), ("gomokubench==0.1.10",)
OUTSIDERS = {
    "gobang": Outsider(gobang, ("gobang==0.1.0",)),
    "gomoku": Outsider(threat_space, ("gomoku==0.1.0", "gmpy2")),
    **{
        f"gomoku-terminal:{level}": Outsider(partial(terminal, level), TERMINAL)
        for level in ("easy", "medium", "hard")
    },
    **{f"gomokubench:{level}": Outsider(partial(minimax, level), MINIMAX) for level in ("easy", "standard", "hard")},
}


def in_order(block: list[str]) -> list[Point]:
    """The stones of a BOARD, in turn, Black's first; who is to move follows from their numbers."""
    sides: dict[str, list[Point]] = {OWN: [], OPPONENT: []}
    for line in block:
        x, y, whose = line.split(",")
        sides[whose.strip()].append((int(x), int(y)))
    own_is_black = len(sides[OWN]) == len(sides[OPPONENT])
    black, white = (sides[OWN], sides[OPPONENT]) if own_is_black else (sides[OPPONENT], sides[OWN])
    return [side[k] for k in range(len(black)) for side in (black, white) if k < len(side)]


def replies(lines: Iterator[str], choose: Chooser, name: str) -> Iterator[str]:
    """The engine's side of the conversation.

    Args:
      lines: from the manager, until END or the end of input.
      choose: a package's player.
      name: for ABOUT.
    """
    size, stones = 0, list[Point]()

    def move() -> str:
        stones.append(choose(stones, size))
        return "{},{}".format(*stones[-1])

    for line in lines:
        word, _, rest = line.strip().partition(" ")
        match word.upper():
            case "START" | "RESTART":
                size, stones = int(rest or size), []
                yield "OK"
            case "BEGIN":
                yield move()
            case "TURN":
                x, y = rest.split(",")
                stones.append((int(x), int(y)))
                yield move()
            case "BOARD":
                stones = in_order(list(iter(lambda: next(lines).strip(), "DONE")))
                yield move()
            case "ABOUT":
                yield f'name="{name}", version="", author="see PyPI", country=""'
            case "END":
                return
            case "INFO" | "":
                pass
            case _:
                yield f"UNKNOWN {word}"


def converse(name: str, lines: TextIO, answers: TextIO) -> None:
    """Plays as `name` until the manager has had enough."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002  # The one that these packages draw from.
    for answer in replies(iter(lines.readline, ""), OUTSIDERS[name].make(), name):
        print(answer, file=answers, flush=True)


def refuse(why: str) -> NoReturn:
    print(f"outside_engine.py: {why}", file=sys.stderr)
    sys.exit(2)


def main() -> None:
    words = sys.argv[1:]
    if not 1 <= len(words) <= 2 or words[0] not in OUTSIDERS:
        refuse(f"NAME [FOLDER] is wanted, and NAME is one of {', '.join(OUTSIDERS)}")
    outsider = OUTSIDERS[words[0]]
    folder = Path(words[1] if len(words) == 2 else "runs/outside") / outsider.package
    if not folder.is_dir():
        wanted = " ".join(outsider.requirements)
        refuse(f"{folder} is not there: pip install --no-deps --target {folder} {wanted}")
    sys.path.insert(0, str(folder))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr
    converse(words[0], sys.stdin, answers)


if __name__ == "__main__":
    main()
