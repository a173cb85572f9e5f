"""The yardstick: AlphaZero's search as small public projects write it.

Plain Python: an object per node, its children in a dictionary, a board copy and a network call on a single row in
every simulation. It is written with care, so that it is no straw man: its board tests the last stone only, finished
positions never reach the network, the tree is kept from move to move. With `mcts/` it shares nothing but the
constants of PUCT and of the noise.
"""

import math
import random

import numpy as np
import torch
from torch.nn import functional

from gomoku.rules import BLACK, Rules
from nets.inputs import EMPTY_LEGAL_CODE, global_features
from nets.network import Network
from nets.planes import planes_of

C_PUCT = 1.5
NOISE_CONCENTRATION, NOISE_FRACTION = 8.0, 0.25
"""The root's Dirichlet noise, as in `mcts.config.SearchConfig`."""
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))


class TextbookBoard:
    """A freestyle game: the stones in a dictionary, moves added one by one."""

    __slots__ = ("moves_left", "size", "stones", "to_play", "win_length", "winner")

    def __init__(self, rules: Rules) -> None:
        self.size, self.win_length = rules.size, rules.win_length
        self.stones: dict[int, int] = {}
        self.moves_left = rules.num_points
        self.to_play = BLACK
        self.winner = 0

    @property
    def is_over(self) -> bool:
        return self.winner != 0 or self.moves_left == 0

    def copy(self) -> "TextbookBoard":
        twin = TextbookBoard.__new__(TextbookBoard)
        twin.size, twin.win_length = self.size, self.win_length
        twin.stones = self.stones.copy()
        twin.moves_left, twin.to_play, twin.winner = self.moves_left, self.to_play, self.winner
        return twin

    def legal_moves(self) -> list[int]:
        stones = self.stones
        return [move for move in range(self.size * self.size) if move not in stones]

    def push(self, move: int) -> None:
        self.stones[move] = self.to_play
        self.moves_left -= 1
        if self._makes_line(move):
            self.winner = self.to_play
        self.to_play = -self.to_play

    def _makes_line(self, move: int) -> bool:
        stones, size, colour = self.stones, self.size, self.to_play
        row, col = divmod(move, size)
        for down, right in DIRECTIONS:
            count = 1
            for sign in (1, -1):
                r, c = row + sign * down, col + sign * right
                while 0 <= r < size and 0 <= c < size and stones.get(r * size + c) == colour:
                    count += 1
                    r, c = r + sign * down, c + sign * right
            if count >= self.win_length:
                return True
        return False


class Node:
    """A position in the tree. Its value is seen by the player who moved into it."""

    __slots__ = ("children", "parent", "prior", "value_sum", "visits")

    def __init__(self, parent: "Node | None", prior: float) -> None:
        self.parent = parent
        self.children: dict[int, Node] = {}
        self.prior = prior
        self.visits = 0
        self.value_sum = 0.0

    def select(self) -> tuple[int, "Node"]:
        """The child with the highest Q + c · P · √N(s) / (1 + n); an unvisited Q counts 0."""
        exploration = C_PUCT * math.sqrt(self.visits)
        best_score, best_move, best = -math.inf, -1, self
        for move, child in self.children.items():
            visits = child.visits
            score = exploration * child.prior / (1 + visits)
            if visits:
                score += child.value_sum / visits
            if score > best_score:
                best_score, best_move, best = score, move, child
        return best_move, best

    def expand(self, moves: list[int], priors: list[float]) -> None:
        self.children = {move: Node(self, prior) for move, prior in zip(moves, priors, strict=True)}

    def backup(self, value: float) -> None:
        """Adds a value, seen by the player who moved into this node, to every node up to the root."""
        node: Node | None = self
        while node is not None:
            node.visits += 1
            node.value_sum += value
            value = -value
            node = node.parent


class TextbookSearch:
    """One game's search with a float32 network in torch."""

    def __init__(self, network: Network, rules: Rules) -> None:
        self.network = network.eval()
        self.rules = rules
        self.features = {
            colour: torch.from_numpy(global_features(rules, np.array([colour], dtype=np.int8))) for colour in (1, -1)
        }

    def evaluate(self, board: TextbookBoard) -> tuple[list[int], list[float], float]:
        """The legal moves, their priors, and the value for the side to move."""
        moves = board.legal_moves()
        codes = np.full((1, self.rules.num_points), EMPTY_LEGAL_CODE, dtype=np.uint8)
        # A point's code is 0 for an opponent's stone and 2 for an own one.
        codes[0, list(board.stones)] = [1 + stone * board.to_play for stone in board.stones.values()]
        with torch.inference_mode():
            planes = planes_of(torch.from_numpy(codes), self.rules.size)
            output = self.network(planes, self.features[board.to_play])
            priors = functional.softmax(output.policy[0, moves], dim=0)
            win, _, loss = functional.softmax(output.value[0], dim=0).tolist()
            return moves, priors.tolist(), win - loss

    def simulate(self, root: Node, board: TextbookBoard) -> None:
        """One simulation from `root`, which stands for `board`."""
        board, node = board.copy(), root
        while node.children:
            move, node = node.select()
            board.push(move)
        if board.winner:
            node.backup(1.0)
        elif board.is_over:
            node.backup(0.0)
        else:
            moves, priors, value = self.evaluate(board)
            node.expand(moves, priors)
            node.backup(-value)

    def run(self, root: Node, board: TextbookBoard, simulations: int, rng: np.random.Generator) -> None:
        """Searches with noise in the root's priors."""
        if not root.children:
            self.simulate(root, board)
        noise = rng.dirichlet([NOISE_CONCENTRATION / len(root.children)] * len(root.children)).tolist()
        for child, share in zip(root.children.values(), noise, strict=True):
            child.prior = (1 - NOISE_FRACTION) * child.prior + NOISE_FRACTION * share
        for _ in range(simulations):
            self.simulate(root, board)


class TextbookSelfPlay:
    """Plays games against itself, one after the other, and keeps the tree from move to move."""

    def __init__(self, network: Network, rules: Rules, simulations: int, seed: int) -> None:
        self.rules = rules
        self.simulations = simulations
        self._search = TextbookSearch(network, rules)
        self._rng = np.random.default_rng(seed)
        self._choice = random.Random(seed)
        self._board, self._root = TextbookBoard(rules), Node(None, 1.0)

    def play_move(self) -> int:
        """Searches one position and plays a move drawn by visits.

        Returns: how many simulations were made.
        """
        self._search.run(self._root, self._board, self.simulations, self._rng)
        moves = list(self._root.children)
        visits = [child.visits for child in self._root.children.values()]
        (move,) = self._choice.choices(moves, visits)
        self._board.push(move)
        self._root = self._root.children[move]
        self._root.parent = None
        if self._board.is_over:
            self._board, self._root = TextbookBoard(self.rules), Node(None, 1.0)
        return self.simulations
