"""A slow, obvious twin of the compiled search: objects for nodes, a board copy per simulation, every child scored.

And positions of random games, and evaluators for tests whose answers are numbers out of a hash: no two moves tie, and
nothing depends on company.
"""

import hashlib
import math
from functools import lru_cache

import numpy as np
import reference_tactics as tactics
from numpy.typing import NDArray

from gomoku.board import Board
from gomoku.rules import Rules
from mcts.config import NO_TACTICS, SearchConfig
from mcts.evaluator import Evaluation, Evaluator, Positions, positions_of
from mcts.search import Search, SearchResult


class HashEvaluator:
    """Priors and values that look random but depend on the position alone."""

    def __init__(self) -> None:
        self.batch_sizes: list[int] = []
        self.stones_seen: list[bytes] = []

    def evaluate(self, positions: Positions) -> Evaluation:
        count = len(positions.stones)
        self.batch_sizes.append(count)
        priors = np.zeros(positions.legal.shape, dtype=np.float32)
        values, draws = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
        for row in range(count):
            stones = positions.stones[row].tobytes()
            self.stones_seen.append(stones)
            answer = answer_to(stones, int(positions.to_play[row]), positions.legal[row].tobytes())
            priors[row], values[row], draws[row] = answer
        return Evaluation(priors, values, draws)


@lru_cache(10_000)
def answer_to(stones: bytes, to_play: int, legal: bytes) -> tuple[NDArray[np.float64], np.float32, float]:
    """Remembered for the next search that asks for it."""
    digest = hashlib.sha256(stones + bytes([to_play & 255])).digest()
    rng = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
    weights = rng.random(len(legal)) ** 3 * np.frombuffer(legal, dtype=np.bool_)
    value = np.float32(rng.uniform(-0.8, 0.8))
    return weights / weights.sum(), value, rng.uniform(0, 1 - abs(value))


def random_board(rules: Rules, seed: int, plies: int) -> Board:
    """An unfinished game after `plies` random moves."""
    rng = np.random.default_rng(seed)
    while True:
        board = Board(rules)
        while board.outcome is None and len(board.moves) < plies:
            board.push(int(rng.choice(board.legal_moves())))
        if board.outcome is None:
            return board


class Node:
    """Values and proofs are seen by the side to move at the node, unlike in the arena."""

    def __init__(self, prior: float, draw_value: float = 0.0, parent: "Node | None" = None) -> None:
        self.board: Board
        """Known from its first visit on, as is its proof."""
        self.is_reply = parent is not None and not parent.is_reply
        """Whether the opponent of the root's side is to move."""
        self.evaluated: dict[bytes, Node] = parent.evaluated if parent else {}
        """By position, the first node of it that the evaluator was asked about; all nodes share it."""
        self.prior = prior
        self.draw_value = draw_value
        self.visits = 0
        self.value_sum = 0.0
        self.first_value = 0.0
        """What the evaluator said."""
        self.children: dict[int, Node] = {}
        self.only: int | None = None
        """The one move that does not lose at once."""
        self.proof: int | None = None

    def stand_on(self, board: Board) -> None:
        self.board = board
        if board.outcome is not None:
            self.proof = board.outcome.winner * board.to_play

    @property
    def mean(self) -> float:
        return self.value_sum / self.visits

    @property
    def exact(self) -> float:
        """What its proof is worth."""
        assert self.proof is not None
        return self.proof or self.draw_value


def search(
    board: Board, evaluator: Evaluator, config: SearchConfig, simulations: int, draw_value: float = 0.0
) -> Node:
    """Grows a tree by one leaf at a time and returns its root."""
    root = Node(1.0, draw_value)
    root.stand_on(board)
    settle_by_tactics(root, config)
    if root.proof is None:
        expand(root, evaluator)
    for _ in range(simulations):
        if config.solver and root.proof is not None:
            break
        simulate(root, evaluator, config, is_root=True)
    return root


def expand(node: Node, evaluator: Evaluator) -> float:
    evaluation = evaluator.evaluate(positions_of([node.board]))
    if len(node.board.legal_moves()) > 1:
        node.evaluated.setdefault(node.board.key, node)
    for move in node.board.legal_moves() if node.only is None else [node.only]:
        prior = float(evaluation.priors[0, move]) if node.only is None else 1.0
        node.children[move] = Node(prior, -node.draw_value, node)
    node.first_value = float(evaluation.values[0] + evaluation.draws[0] * np.float32(node.draw_value))
    node.visits += 1
    node.value_sum += node.first_value
    return node.first_value


def simulate(node: Node, evaluator: Evaluator, config: SearchConfig, is_root: bool = False) -> float:
    """Returns the value for the side to move at `node`."""
    if not node.children and node.proof is None:
        if config.transpositions and node.board.key in node.evaluated:
            node.proof = node.evaluated[node.board.key].proof
        else:
            settle_by_tactics(node, config)
        if node.only is not None and not is_root:  # nobody is asked about a forced reply, but about what comes of it
            node.children[node.only] = Node(1.0, -node.draw_value, node)
    if node.proof is not None and not is_root:
        node.visits += 1
        node.value_sum += node.exact
        return float(node.exact)
    if not node.children:
        return expand(node, evaluator)
    unvisited = value_of_unvisited(node, config)
    move = max(candidates(node, config), key=lambda one: score(node, node.children[one], unvisited, config))
    child = node.children[move]
    if not child.visits:
        child.stand_on(after(node.board, move))
    value = -simulate(child, evaluator, config)
    if config.solver and child.proof is not None:
        settle(node)
        if node.proof is not None:
            value = float(node.exact)
    node.visits += 1
    node.value_sum += value
    return value


def settle_by_tactics(node: Node, config: SearchConfig) -> None:
    """Judges a leaf by the twin of the tactics; knows them all on, or all off."""
    if config.tactics == NO_TACTICS:
        return
    claim, moves = tactics.judge(node.board, config.tactics.vcf_nodes)
    if claim == tactics.UNKNOWN:
        node.only = moves[0] if moves else None
    else:
        node.proof = 1 if claim == tactics.WIN else -1


def after(board: Board, move: int) -> Board:
    played = board.copy()
    played.push(move)
    return played


def candidates(node: Node, config: SearchConfig) -> list[int]:
    """A child that has not been visited has no known proof, even where its move ends the game."""
    return [
        move for move, child in node.children.items() if not (config.solver and child.visits and child.proof == 1)
    ]


def value_of_unvisited(node: Node, config: SearchConfig) -> float:
    if config.fpu_reduction is None:
        return 0.0
    visited = [one for one in node.children.values() if one.visits]
    return parent_value(node, visited) - config.fpu_reduction * math.sqrt(sum(one.prior for one in visited))


def score(node: Node, child: Node, unvisited: float, config: SearchConfig) -> float:
    q = unvisited
    if child.visits:
        if config.solver and child.proof == 0:
            return node.draw_value
        q = -child.mean
    c_puct = config.c_puct_init + math.log1p((node.visits + 1) / config.c_puct_base)
    if node.is_reply:
        c_puct *= config.reply_exploration
    return q + c_puct * child.prior * math.sqrt(node.visits) / (1 + child.visits)


def parent_value(node: Node, visited: list[Node]) -> float:
    """The mean of what is known of the node: the evaluator's word and its children's visits."""
    return (node.first_value - sum(one.value_sum for one in visited)) / (1 + sum(one.visits for one in visited))


def settle(node: Node) -> None:
    proofs = [child.proof if child.visits else None for child in node.children.values()]
    if any(proof == -1 for proof in proofs):
        node.proof = 1
    elif all(proof is not None for proof in proofs):
        node.proof = 0 if 0 in proofs else -1


def run_search(board: Board, config: SearchConfig, simulations: int, **options: object) -> SearchResult:
    """What the compiled search finds, with one slot and an arena that is large enough."""
    tree = Search(board.rules, HashEvaluator(), config, num_slots=1, max_nodes=simulations + 9)
    slot = tree.add(board, simulations, seed=1, **options)
    tree.run()
    return tree.result(slot)
