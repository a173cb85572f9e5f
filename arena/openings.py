"""Openings: the positions from which a match's games start.

Owns `--openings empty|balanced|model:PATH[@SIMULATIONS]|FILE`. Each opening is meant to be played with both colours.
Openings that are drawn here are never those from which self-play starts: see `gomoku/opening_split.py`.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from tqdm import tqdm

from arena.specs import Contestant, parse_spec
from gomoku.board import Board
from gomoku.errors import IllegalMoveError, NotationError, PlayerSpecError
from gomoku.first_moves import central_points
from gomoku.match import SIDE_BY_SIDE, derived_seed
from gomoku.notation import moves_name
from gomoku.opening_lines import parse_opening_line
from gomoku.opening_split import canonical_key, may_evaluate
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.config import SearchConfig
from mcts.rollout import RolloutEvaluator
from mcts.search import Search
from mcts.tree import UNPROVEN

EMPTY, BALANCED, MODEL = "empty", "balanced", "model:"
FEWEST_STONES, MOST_STONES = 2, 5
NEIGHBOURHOOD = 5
"""Stones of an opening lie within a square of this many points a side, in the middle of the board."""
ROLLOUT_CANDIDATES, MODEL_CANDIDATES = 2, 12
"""Drawn for each opening that is wanted. A model tells even from uneven (docs/methods.md) and is worth the choice;
rollouts hardly do more than to drop what is won."""
SIMULATIONS = 3000
"""Of the pure MCTS that judges a candidate: enough to see short forced wins, 0.1 s at most."""
MODEL_SIMULATIONS = 50
"""Of a model that judges candidates, where nothing else is said."""
JUDGED_AT_ONCE = SIDE_BY_SIDE
SECONDS_WITHOUT_BAR = 2
PATIENCE = 300
"""Draws in a row without a new candidate after which there are taken to be no more."""


class Judge(Protocol):
    """Tells which openings are even."""

    @property
    def candidates(self) -> int:
        """How many are to be drawn for each opening that is wanted."""
        ...

    def judge(self, boards: Sequence[Board], seeds: Sequence[int]) -> list[float | None]:
        """What positions, each with a seed, are worth, in [-1, 1] for the side to move; None where that is proven."""
        ...


def choose_openings(name: str, rules: Rules, count: int, seed: int) -> list[Board]:
    """The openings of a match.

    Args:
      name: `empty`, `balanced`, `model:PATH[@SIMULATIONS]` (balanced in that model's opinion), or a file of openings,
        which begins again from its top where it is too short.
      count: how many (≥ 1).
      seed: of those that are drawn (≥ 0).

    Raises:
      ValueError: too few balanced openings on this board, no such file or model, or a line that is no opening.
      OSError: a file that cannot be read.
    """
    if name == EMPTY:
        return [Board(rules) for _ in range(count)]
    if (judge := find_judge(name, rules)) is not None:
        return balanced_openings(rules, count, seed, judge)
    return list(itertools.islice(_repeated_file(name, rules), count))


def opening_blocks(name: str, rules: Rules, per_block: int, seed: int) -> Iterator[list[Board]]:
    """As `choose_openings`, without end and `per_block` (≥ 1) at a time; ends where a board has no more of them.

    Raises:
      ValueError, OSError: as `choose_openings`.
    """
    judge = find_judge(name, rules)
    if judge is not None:
        return _balanced_blocks(rules, per_block, seed, judge)
    endless = itertools.repeat(Board(rules)) if name == EMPTY else _repeated_file(name, rules)
    return (list(itertools.islice(endless, per_block)) for _ in itertools.count())


def _balanced_blocks(rules: Rules, per_block: int, seed: int, judge: Judge) -> Iterator[list[Board]]:
    seen: set[bytes] = set()
    for number in itertools.count():
        block = _evenest(rules, per_block, derived_seed(seed, number), judge, seen)
        if not block and number == 0:
            raise ValueError(f"{rules.name} has no balanced opening; play from the {EMPTY} board")
        if block:
            yield block
        if len(block) < per_block:
            return


def find_judge(name: str, rules: Rules) -> Judge | None:
    """Whoever judges the candidates of `balanced` or `model:PATH[@SIMULATIONS]`; None for openings of another kind.

    Raises:
      ValueError: no such model, or a limit in seconds, after which nothing could be repeated.
    """
    if name == BALANCED:
        return _RolloutJudge(rules)
    if not name.startswith(MODEL):
        return None
    text = name.removeprefix(MODEL)
    contestant = Contestant.find(parse_spec(text))
    if "@" not in text and contestant.model is not None:
        contestant = Contestant.find(parse_spec(f"{text}@{MODEL_SIMULATIONS}"))
    if contestant.model is None or contestant.spec.is_timed:
        raise PlayerSpecError(
            f"openings {name!r}: a judge is a model with simulations, like {MODEL}models/6x6x4@{MODEL_SIMULATIONS}"
        )
    return _ModelJudge(contestant, rules)


def balanced_openings(rules: Rules, count: int, seed: int, judge: Judge | None = None) -> list[Board]:
    """Random short openings that neither side has clearly won, no two alike up to symmetry.

    A multiple of what is wanted is drawn; what the judge proves decided is dropped and replaced, and of the rest the
    evenest are kept, in the order of the draw.

    Args:
      judge: None: a search by random rollouts.

    Raises:
      ValueError: the board has too few.
    """
    found = _evenest(rules, count, seed, _RolloutJudge(rules) if judge is None else judge, set())
    if len(found) < count:
        raise ValueError(
            f"{rules.name} has only {len(found)} balanced openings, enough for {2 * len(found)} games; {count} are "
            f"wanted, and from the {EMPTY} board there can be any number of games"
        )
    return found


def _evenest(rules: Rules, count: int, seed: int, judge: Judge, seen: set[bytes]) -> list[Board]:
    """As `balanced_openings`, or as many as the board has.

    Args:
      seen: canonical keys that are not to be drawn again; those of all candidates are added.
    """
    rng = np.random.default_rng(seed)
    candidates: list[tuple[float, Board]] = []
    while missing := count * judge.candidates - len(candidates):
        drawn = list(itertools.islice(new_candidates(rules, rng, seen), missing))
        if not drawn:
            break
        candidates += _judged(drawn, judge)
    evenest = sorted(range(len(candidates)), key=lambda k: candidates[k][0])[:count]
    return [candidates[k][1] for k in sorted(evenest)]


def _judged(drawn: Sequence[tuple[Board, int]], judge: Judge) -> list[tuple[float, Board]]:
    """How uneven each opening is, without those that are decided. Whoever waits long for it sees a bar."""
    judged: list[tuple[float, Board]] = []
    with tqdm(total=len(drawn), desc="judging", unit="opening", delay=SECONDS_WITHOUT_BAR, leave=False) as bar:
        for first in range(0, len(drawn), JUDGED_AT_ONCE):
            boards, seeds = zip(*drawn[first : first + JUDGED_AT_ONCE], strict=True)
            values = judge.judge(boards, seeds)
            judged += [(abs(value), board) for value, board in zip(values, boards, strict=True) if value is not None]
            bar.update(len(boards))
    return judged


def new_candidates(rules: Rules, rng: np.random.Generator, seen: set[bytes]) -> Iterator[tuple[Board, int]]:
    """Openings unlike those seen, each with a seed for its judge, until there seem to be no more of them."""
    misses = 0
    while misses < PATIENCE:
        misses += 1
        board = _draw(rules, rng)
        if (key := canonical_key(board)) not in seen and may_evaluate(board):
            seen.add(key)
            misses = 0
            yield board, int(rng.integers(2**32))


def read_openings(path: Path, rules: Rules) -> list[Board]:
    """Reads a file of openings, one a line: `h8i9g7`, or offsets from the centre as Gomocup has them,
    `8,-3, 6,-4, 5,-4` (column, row; Black first). Empty lines are skipped.

    Raises:
      ValueError: with file, line and what is allowed.
      OSError: the file cannot be read.
    """
    boards = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        if line.strip():
            try:
                boards.append(parse_opening(line, rules))
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from None
    if not boards:
        raise ValueError(f"{path} holds no openings; write one a line, like h8i9g7 or 0,0, 1,-1, -1,1")
    return boards


def parse_opening(text: str, rules: Rules) -> Board:
    """Reads one opening in either form.

    Raises:
      ValueError: with the text and what is allowed.
    """
    try:
        board = Board.from_moves(rules, parse_opening_line(text, rules.size))
    except (NotationError, IllegalMoveError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{text.strip()[:60]!r} is no opening on {rules.name}: {reason}; "
            "write points like h8i9g7, or offsets from the centre like 0,0, 1,-1, -1,1"
        ) from None
    if board.outcome is not None:
        raise ValueError(f"{text.strip()[:60]!r} is no opening on {rules.name}: the game is over after it")
    return board


def opening_name(board: Board) -> str:
    """The moves of an opening that was played, or `empty`."""
    return moves_name(board.moves, board.size) or EMPTY


class _RolloutJudge:
    """Pure MCTS with proofs."""

    candidates = ROLLOUT_CANDIDATES

    def __init__(self, rules: Rules) -> None:
        config = SearchConfig(fpu_reduction=None)
        self._search = Search(rules, RolloutEvaluator(), config, num_slots=1, max_nodes=SIMULATIONS + 2)

    def judge(self, boards: Sequence[Board], seeds: Sequence[int]) -> list[float | None]:
        return [self._judge_one(board, seed) for board, seed in zip(boards, seeds, strict=True)]

    def _judge_one(self, board: Board, seed: int) -> float | None:
        slot = self._search.add(board, SIMULATIONS, seed)
        self._search.run()
        result = self._search.result(slot)
        self._search.remove(slot)
        return float(result.q_values[result.visit_counts.argmax()]) if result.proof == UNPROVEN else None


class _ModelJudge:
    """A model's search, of many boards at once."""

    candidates = MODEL_CANDIDATES

    def __init__(self, contestant: Contestant, rules: Rules) -> None:
        # Of all backends this one is everywhere, so that a seed draws the same openings.
        (self._player,) = contestant.players(1, rules, device="cpu", precision="float32", backend="torch")

    def judge(self, boards: Sequence[Board], seeds: Sequence[int]) -> list[float | None]:
        decisions = self._player.decide(boards, [Limit(seed=seed) for seed in seeds])
        return [decision.value if decision.proof is None else None for decision in decisions]


def _repeated_file(name: str, rules: Rules) -> Iterator[Board]:
    path = Path(name)
    if not path.is_file():
        raise ValueError(f"openings {name!r} are not {EMPTY}, {BALANCED}, {MODEL}PATH or a file")
    return itertools.cycle(read_openings(path, rules))


def _draw(rules: Rules, rng: np.random.Generator) -> Board:
    """A few stones in turn, anywhere in the middle; too few for a line."""
    points = central_points(rules.size, NEIGHBOURHOOD)
    num_stones = int(rng.integers(FEWEST_STONES, min(MOST_STONES, 2 * rules.win_length - 2), endpoint=True))
    return Board.from_moves(rules, [points[place] for place in rng.permutation(len(points))[:num_stones]])
