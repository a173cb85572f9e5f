"""The search: many games side by side, one network call for all of them.

Under every player, self-play and live analysis lies this one object: add a position, step, read the result at any
time, move the root or remove the position.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.board import Board
from gomoku.rules import EMPTY, Rules
from mcts.backup import backup, weigh_draws
from mcts.config import NO_TACTICS, SearchConfig
from mcts.evaluator import Evaluator, Positions
from mcts.expansion import expand, mix_root_priors
from mcts.halving import considered_visits, perturb_root, read_halving
from mcts.readout import read_line, read_root
from mcts.reroot import move_root, restart_root
from mcts.rollout import RolloutEvaluator, allocate_scratch, run_rollouts
from mcts.root_tactics import defend_root, settle_root
from mcts.selection import c_puct_at, select_leaves
from mcts.spans import Span, no_span
from mcts.threats import allocate_threat_space
from mcts.transpositions import table_size
from mcts.tree import UNPROVEN, allocate_leaves, allocate_tree, reset_slot

ROLLOUTS_PER_STEP = 500
"""Compiled simulations of one game between two looks at the clock: a few milliseconds, a tenth of a second under
renju on the largest board."""


MOST_EDGES = 2**31 - 1
"""Of one game: what `first_edge` can hold."""


class SearchResult(NamedTuple):
    """What the search knows about one root; `A` points; all is 0 where the root has no edge.

    Edges are its legal moves, or those of them that tactics leave; it has none before it is expanded.
    """

    visit_counts: NDArray[np.int32]
    """`[A]`"""
    q_values: NDArray[np.float32]
    """`[A]` mean value of each move, for the side to move; exact where proven, 0 where neither proven nor visited."""
    priors: NDArray[np.float32]
    """`[A]` as the search used them, visited or not: with noise, where there was noise."""
    proofs: NDArray[np.int8]
    """`[A]` what each move is proven to lead to, for the side to move; moves can be proven without a visit."""
    value: float
    """Of the position, for the side to move."""
    proof: int
    """Of the position, for the side to move."""
    simulations: int
    """New ones since the root was set."""
    reused: int
    """Visits that the root's moves had before."""


class Search:
    """Trees for up to `num_slots` games under one set of rules."""

    def __init__(
        self,
        rules: Rules,
        evaluator: Evaluator,
        config: SearchConfig,
        num_slots: int,
        max_nodes: int,
        span: Span = no_span,
    ) -> None:
        """Reserves the arenas.

        Args:
          max_nodes: nodes per game, of which no more are made than edges can be counted for. A search that needs more
            ends early. See `mcts.tree.nodes_within`.
          span: entered around each part of a step: `select`, `evaluate` and `expand`, which backs up as well.
        """
        self.rules = rules
        self.evaluator = evaluator
        self.config = config
        self._span = span
        self._params = config.compiled
        max_nodes = min(max_nodes, MOST_EDGES // rules.num_points)
        spare = rules.num_points if config.tactics.root_defence else 0  # nodes of lost moves that nobody visits
        gone_past = max_nodes if config.tactics.follow_forced else 0  # of one move, beside the leaf of a simulation
        self._tree = allocate_tree(
            num_slots,
            rules.num_points,
            max_nodes + spare + gone_past,
            max_nodes * rules.num_points,
            max_nodes if config.halving_moves else 1,
            table_size(max_nodes) if config.transpositions else 0,
        )
        self._leaves = allocate_leaves(num_slots * config.leaves_per_tree, rules.num_points, config.collisions)
        self._targets = np.zeros(num_slots, dtype=np.int64)
        self._reused = np.zeros(num_slots, dtype=np.int64)
        self._noise: list[np.random.Generator | None] = [None] * num_slots
        self._clean_priors = np.zeros((num_slots, rules.num_points), dtype=np.float32)
        """Of roots that have noise in theirs."""
        self._gumbel = np.zeros((num_slots if config.halving_moves else 0, rules.num_points), dtype=np.float32)
        self._is_bare = np.zeros(num_slots, dtype=np.bool_)
        """Roots that wait for their edges, and with them for noise and for the marks on losing moves."""
        # Turns in halving go by visits, which have to begin at none.
        self._move_root = restart_root if config.halving_moves else move_root
        self._free = list(range(num_slots))[::-1]
        self._scratch = allocate_scratch(rules.size)
        self._space = allocate_threat_space(rules)

    def add(
        self,
        board: Board,
        simulations: int,
        seed: int,
        noise: np.random.Generator | None = None,
        draw_value: float = 0.0,
    ) -> int:
        """Takes a position in and returns its slot: of those given back the one that was freed last, else the lowest
        one that was never in use.

        Args:
          board: an unfinished game.
          simulations: at how many the search is done, ≥ 1.
          seed: of the slot's random stream.
          noise: where the root's noise is drawn from, Dirichlet's, or Gumbel's with `halving_moves`; None: no noise.
          draw_value: of a draw, for the side to move, -1 to 1; it stays that side's opinion when the root moves on.
        """
        assert board.rules == self.rules, f"{board.rules.name} in a search of {self.rules.name}"
        assert board.outcome is None, "a finished game has no moves to search"
        slot = self._free.pop()
        self._tree.cells[slot] = board.cells
        self._tree.slots["to_play"][slot] = board.to_play
        self._tree.slots["draw_value"][slot] = draw_value * board.to_play
        self._tree.rng[slot] = np.uint64(seed % 2**64)
        reset_slot(self._tree, slot)
        self._noise[slot] = noise
        self._set_root(slot, simulations)
        return slot

    def advance(self, slot: int, move: int, simulations: int, noise: np.random.Generator | None = None) -> None:
        """Plays a move at the root and keeps what is known below it, or nothing where roots are searched by halving;
        the game must not be over after it.

        Args:
          simulations, noise: see `add`.
        """
        self._move_root(self._tree, slot, move)
        self._noise[slot] = noise
        self._set_root(slot, simulations)

    def follow(self, slot: int, moves: Sequence[int], simulations: int) -> None:
        """As `advance` with one move, at least, after the other, but only where they lead to is looked at."""
        for move in moves[:-1]:
            self._move_root(self._tree, slot, move)
        self.advance(slot, moves[-1], simulations)

    def restart(self, slot: int, simulations: int) -> None:
        """Asks for that many new simulations of the same root; what is known counts as reused."""
        self._tree.slots["simulations"][slot] = 0
        self._tree.slots["is_full"][slot] = False
        self._set_root(slot, simulations)

    @property
    def is_idle(self) -> bool:
        """Whether no slot is taken."""
        return len(self._free) == len(self._targets)

    def target(self, slot: int) -> int:
        """At how many simulations its search is done."""
        return int(self._targets[slot])

    def remove(self, slot: int) -> None:
        self._targets[slot] = 0
        self._noise[slot] = None
        self._is_bare[slot] = False
        self._free.append(slot)

    def done_slots(self) -> list[int]:
        """The slots in use whose search has come to its end: simulations made, root proven, or arena full."""
        slots = self._tree.slots
        is_done = (slots["simulations"] >= self._targets) | slots["is_full"]
        if self.config.solver:
            is_done |= self._tree.nodes["proof"][:, 0] != UNPROVEN
        return [int(slot) for slot in np.flatnonzero(is_done & (self._targets > 0))]

    def step(self) -> None:
        """Takes every unfinished search one network call further."""
        if isinstance(self.evaluator, RolloutEvaluator) and self.config.tactics == NO_TACTICS:
            self._step_compiled()
            return
        tree, leaves = self._tree, self._leaves
        with self._span("select"):
            count = select_leaves(tree, self.rules.compiled, self._params, self._space, self._targets, leaves)
        if count == 0:
            return
        size = self.rules.size
        positions = Positions(
            rules=self.rules,
            stones=leaves.stones[:count].reshape(count, size, size),
            to_play=leaves.to_play[:count],
            legal=leaves.legal[:count],
            seeds=leaves.seeds[:count],
        )
        with self._span("evaluate"):
            evaluation = self.evaluator.evaluate(positions)
        with self._span("expand"):
            values = weigh_draws(tree, leaves, count, evaluation.values, evaluation.draws)
            expand(tree, leaves, count, evaluation.priors, values)
            backup(tree, leaves, count, values)
        self._finish_roots()

    def run(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Steps until every search is done, or `should_stop` says so; it is asked before every step but the first."""
        num_used = int(np.sum(self._targets > 0))
        while len(self.done_slots()) < num_used:
            self.step()
            if should_stop is not None and should_stop():
                return

    def result(self, slot: int) -> SearchResult:
        """What is known of the slot's root now."""
        tree, points = self._tree, self.rules.num_points
        visit_counts = np.zeros(points, dtype=np.int32)
        q_values = np.zeros(points, dtype=np.float32)
        priors = np.zeros(points, dtype=np.float32)
        proofs = np.zeros(points, dtype=np.int8)
        value, proof = 0.0, UNPROVEN
        if tree.nodes["num_edges"][slot, 0] > 0:
            value, proof = read_root(tree, slot, visit_counts, q_values, priors, proofs)
        simulations = int(tree.slots["simulations"][slot])
        reused = int(self._reused[slot])
        return SearchResult(visit_counts, q_values, priors, proofs, value, proof, simulations, reused)

    def line(self, slot: int, move: int, max_length: int = 12) -> tuple[int, ...]:
        """The expected continuation that starts with `move`: the most visited move at every node."""
        return tuple(int(m) for m in read_line(self._tree, slot, move, max_length))

    def halving(self, slot: int) -> tuple[int, NDArray[np.float64]]:
        """What halving came to at a root that has its edges: the move that won, and `[A]` the improved policy."""
        improved = np.zeros(self.rules.num_points)
        return read_halving(self._tree, slot, self._gumbel[slot], improved), improved

    def exploration(self, slot: int) -> NDArray[np.float64]:
        """`[A]` what PUCT adds to each move's value at the root, times 1 + n, by the priors without noise."""
        visits = int(self.result(slot).visit_counts.sum())
        factor: float = c_puct_at(visits, self._params) * math.sqrt(visits)
        return factor * self.clean_priors(slot).astype(np.float64)

    def clean_priors(self, slot: int) -> NDArray[np.float32]:
        """`[A]` the priors at the root, without noise."""
        return self.result(slot).priors if self._noise[slot] is None else self._clean_priors[slot]

    def _set_root(self, slot: int, simulations: int) -> None:
        self._targets[slot] = simulations
        if self.config.halving_moves:
            self._gumbel[slot] = 0
            num_moves = min(self.config.halving_moves, int(np.count_nonzero(self._tree.cells[slot] == EMPTY)))
            table = self._tree.considered_visits
            order = considered_visits(num_moves, min(simulations, table.shape[1]))
            table[slot, : len(order)] = order
        if self._params.has_tactics:
            settle_root(self._tree, slot, self.rules.compiled, self._params, self._space)
        self._reused[slot] = self.result(slot).visit_counts.sum()
        self._is_bare[slot] = True
        self._finish_roots()

    def _finish_roots(self) -> None:
        """Marks the losing moves of every root that has just got its edges, and draws its noise."""
        for slot in map(int, np.flatnonzero(self._is_bare)):
            if self._tree.nodes["num_edges"][slot, 0] == 0:
                continue
            self._is_bare[slot] = False
            if self.config.tactics.root_defence:
                defend_root(self._tree, slot, self.rules.compiled, self._params, self._space)
            generator = self._noise[slot]
            if generator is not None:
                self._mix_noise(slot, generator)

    def _mix_noise(self, slot: int, generator: np.random.Generator) -> None:
        """Mixes noise into the priors of a root that has its edges: Dirichlet's, or Gumbel's where it is halved."""
        num_edges = int(self._tree.nodes["num_edges"][slot, 0])
        self._clean_priors[slot] = self.result(slot).priors
        if self.config.halving_moves:
            self._gumbel[slot] = generator.gumbel(size=self.rules.num_points)
            perturb_root(self._tree, slot, self._gumbel[slot])
            return
        first = self._tree.nodes["first_edge"][slot, 0]
        moves = np.sort(self._tree.edges["move"][slot, first : first + num_edges])
        noise = np.zeros(self.rules.num_points, dtype=np.float32)
        noise[moves] = generator.dirichlet([self.config.dirichlet_alpha / num_edges] * num_edges)
        mix_root_priors(self._tree, slot, noise, self.config.dirichlet_fraction)

    def _step_compiled(self) -> None:
        for slot in map(int, np.flatnonzero(self._targets)):
            target = min(int(self._targets[slot]), int(self._tree.slots["simulations"][slot]) + ROLLOUTS_PER_STEP)
            run_rollouts(self._tree, slot, self.rules.compiled, self._params, target, self._scratch)
