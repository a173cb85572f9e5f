"""The player that searches: boards in, decisions out, over one `Search` for all of them."""

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gomoku.board import Board
from gomoku.player import Candidate, Decision, Limit, Proof, limits_for
from gomoku.rules import Rules
from mcts.choice import best_move, ranked_moves, sample_move
from mcts.config import NO_TACTICS, SearchConfig
from mcts.evaluator import Evaluator
from mcts.search import Search, SearchResult
from mcts.tactics import is_threatened
from mcts.tree import PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, nodes_within

PROOFS = {PROVEN_WIN: Proof.WIN, PROVEN_DRAW: Proof.DRAW, PROVEN_LOSS: Proof.LOSS}
MAX_CANDIDATES = 10
SECONDS_PER_REPORT = 0.1
ENDLESS = 2**62
"""Simulations of a search that only a clock or a person ends."""


@dataclass(frozen=True)
class PlayerOptions:
    """How a `SearchPlayer` behaves around its search."""

    limit: Limit = Limit(simulations=400)
    """Where the caller's limit says nothing."""
    search: SearchConfig = SearchConfig()
    choose: Callable[[SearchResult], int] = best_move
    temperature: float = 0.0
    """Above 0, moves are drawn as `sample_move` does, by the decision's seed, in place of `choose`. ≥ 0."""
    draw_value: float = 0.0
    """Of a draw to the player, -1 to 1: below 0 it risks something to win, above 0 to save itself. Values that it
    tells count draws so."""
    reuse: bool = False
    """Keep the tree for the next move of the same game. Decisions then depend on what was asked before: for
    interactive play and for matches by the clock, not for those that have to be repeated."""
    memory: int = 256 * 2**20
    """Bytes that one board's tree may take; a search that would need more ends early."""
    side_by_side: int = 128
    """Boards that share network calls; more of them are decided in turns."""
    seed: int = 0
    """Of the decisions whose limit has no seed."""


@dataclass
class _Kept:
    """The tree that was left over from the last decision."""

    search: Search
    slot: int
    root: Board


class SearchPlayer:
    """Chooses moves by tree search with any evaluator."""

    def __init__(self, name: str, evaluator: Evaluator, options: PlayerOptions | None = None) -> None:
        self.name = name
        self.evaluator = evaluator
        self.options = options or PlayerOptions()
        self._seeds = np.random.default_rng(self.options.seed)
        self._search: Search | None = None
        self._capacity = (0, 0)
        self._kept: _Kept | None = None
        self._without_proofs: SearchPlayer | None = None
        if self.options.search.tactics != NO_TACTICS:
            search = replace(self.options.search, tactics=NO_TACTICS, solver=False)
            self._without_proofs = SearchPlayer(name, evaluator, replace(self.options, search=search, reuse=False))

    @property
    def usual_limit(self) -> Limit:
        """See `gomoku.player.Bounded`."""
        return self.options.limit

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`. Boards with a time limit are searched one after the other."""
        limits = [one.or_usual(self.options.limit) for one in limits_for(boards, limit)]
        if self.options.reuse or any(one.seconds is not None or one.stop is not None for one in limits):
            decisions = [self._decide_one(board, one) for board, one in zip(boards, limits, strict=True)]
        else:
            width = self.options.side_by_side
            parts = [slice(k, k + width) for k in range(0, len(boards), width)]
            decisions = [found for part in parts for found in self._decide_together(boards[part], limits[part])]
        return self._resist(boards, limits, decisions)

    def analyse(self, board: Board, limit: Limit) -> Iterator[Decision]:
        """See `gomoku.player.Analyst`. A limit without simulations and seconds goes on until it is stopped."""
        yield from self._think(board, limit)

    def forget(self) -> None:
        """Gives back the memory of the trees."""
        self._search, self._capacity, self._kept = None, (0, 0), None

    def _resist(self, boards: Sequence[Board], limits: Sequence[Limit], decisions: list[Decision]) -> list[Decision]:
        """Puts other moves in place of those in lost positions: a proof says that every move loses, but not which of
        them an opponent finds hardest to refute. A search that believes in no proofs does. Where the opponent would
        make a line at once, the move that stops it stays."""
        if self._without_proofs is None:
            return decisions
        lost = [k for k, known in enumerate(decisions) if known.proof is Proof.LOSS and not is_threatened(boards[k])]
        if not lost:
            return decisions
        left = [_time_left(limits[k], decisions[k].seconds) for k in lost]
        others = self._without_proofs.decide([boards[k] for k in lost], left)
        if self.options.reuse:  # the kept tree and this one would be more than the memory that there is
            self._without_proofs.forget()
        for k, other in zip(lost, others, strict=True):
            known = decisions[k]
            decisions[k] = replace(other, value=known.value, proof=known.proof, seconds=known.seconds + other.seconds)
        return decisions

    def _decide_together(self, boards: Sequence[Board], limits: Sequence[Limit]) -> list[Decision]:
        started = time.perf_counter()
        simulations = [one.simulations or 1 for one in limits]
        search = self._search_for(boards[0].rules, len(boards), max(simulations))
        seeds = [self._seed(one) for one in limits]
        slots = [
            search.add(board, count, seed, draw_value=self.options.draw_value)
            for board, count, seed in zip(boards, simulations, seeds, strict=True)
        ]
        search.run()
        seconds = time.perf_counter() - started
        decisions = [self._decision(search, slot, seconds, seed) for slot, seed in zip(slots, seeds, strict=True)]
        for slot in slots:
            search.remove(slot)
        return decisions

    def _decide_one(self, board: Board, limit: Limit) -> Decision:
        return deque(self._think(board, limit), maxlen=1).pop()

    def _think(self, board: Board, limit: Limit) -> Iterator[Decision]:
        """Yields a decision every now and then, and the last one at the limit."""
        started = time.perf_counter()
        simulations, seed = limit.simulations or ENDLESS, self._seed(limit)
        search, slot = self._take_in(board, simulations, seed)
        next_report = started + SECONDS_PER_REPORT
        is_sound = True
        try:
            for step in itertools.count():
                now = time.perf_counter()
                is_late = limit.seconds is not None and now - started >= limit.seconds
                is_stopped = limit.stop is not None and limit.stop()
                # The first step gives priors, without which there is no answer at all.
                if search.done_slots() or (step > 0 and (is_late or is_stopped)):
                    break
                if step > 0 and now >= next_report:
                    next_report = now + SECONDS_PER_REPORT
                    yield self._decision(search, slot, now - started, seed)
                search.step()
            yield self._decision(search, slot, time.perf_counter() - started, seed)
        except GeneratorExit:
            raise
        except BaseException:
            is_sound = False  # leaves of this tree wait for an answer that will not come
            raise
        finally:
            if self.options.reuse and is_sound:
                self._kept = _Kept(search, slot, board.copy())
            else:
                search.remove(slot)

    def _take_in(self, board: Board, simulations: int, seed: int) -> tuple[Search, int]:
        """Finds the position in the kept tree, or starts a new one."""
        kept, self._kept = self._kept, None
        if kept is not None:
            moves = board.moves[len(kept.root.moves) :]
            # Whose opinion a draw's worth is, and whose replies were searched more evenly, the tree cannot unlearn.
            is_of_one_side = self.options.draw_value != 0 or self.options.search.reply_exploration != 1
            has_changed_sides = is_of_one_side and board.to_play != kept.root.to_play
            if not has_changed_sides and _continues(kept.root, board, moves):
                if moves:
                    kept.search.follow(kept.slot, moves, simulations)
                else:
                    kept.search.restart(kept.slot, simulations)
                return kept.search, kept.slot
            kept.search.remove(kept.slot)
        search = self._search_for(board.rules, 1, simulations)
        return search, search.add(board, simulations, seed, draw_value=self.options.draw_value)

    def _search_for(self, rules: Rules, num_slots: int, simulations: int) -> Search:
        """The search of the last call where it is large enough and nobody thinks in it any more, else a new one."""
        affordable = nodes_within(self.options.memory, rules.num_points)
        wanted = simulations + self.options.search.leaves_per_tree + 1
        max_nodes = affordable if self.options.reuse else min(wanted, affordable)
        slots_had, nodes_had = self._capacity
        is_small = slots_had < num_slots or nodes_had < max_nodes
        if self._search is None or self._search.rules != rules or is_small or not self._search.is_idle:
            self._search = Search(rules, self.evaluator, self.options.search, num_slots, max_nodes)
            self._capacity = (num_slots, max_nodes)
        return self._search

    def _seed(self, limit: Limit) -> int:
        return int(self._seeds.integers(2**63)) if limit.seed is None else limit.seed

    def _choose(self, result: SearchResult, seed: int) -> int:
        temperature = self.options.temperature
        if temperature == 0:
            return self.options.choose(result)
        return sample_move(result, temperature, np.random.default_rng(seed))

    def _decision(self, search: Search, slot: int, seconds: float, seed: int) -> Decision:
        result = search.result(slot)
        candidates = tuple(
            Candidate(
                move=move,
                visits=int(result.visit_counts[move]),
                value=float(result.q_values[move]),
                prior=float(result.priors[move]),
                line=search.line(slot, move),
                proof=PROOFS.get(int(result.proofs[move])),
            )
            for move in ranked_moves(result)[:MAX_CANDIDATES]
        )
        return Decision(
            move=self._choose(result, seed),
            value=result.value,
            candidates=candidates,
            simulations=result.simulations,
            reused=result.reused,
            proof=PROOFS.get(result.proof),
            seconds=seconds,
        )


def _time_left(limit: Limit, spent: float) -> Limit:
    """The same limit for one who begins `spent` seconds later."""
    return limit if limit.seconds is None else replace(limit, seconds=max(limit.seconds - spent, 0.0))


def _continues(root: Board, board: Board, moves: list[int]) -> bool:
    """Whether `moves` lead from `root` to `board`."""
    if board.rules != root.rules or len(board.moves) < len(root.moves):
        return False
    reached = root.copy()
    for move in moves:
        if not reached.is_legal(move):
            return False
        reached.push(move)
    return reached.outcome is None and reached.key == board.key
