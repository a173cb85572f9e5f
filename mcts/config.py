"""The search's settings."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from gomoku.ranges import check, check_ranges

MOST_POSITIONS = 10**9
"""Of a search for threats: more than anybody would wait for, and a count that kernels can hold many times over."""
MOST_LEAVES = 1024
"""Of one tree in one network call: more would be scattered at random."""
MAX_HALVING_MOVES = 484
"""Points of the largest board."""


@dataclass(frozen=True)
class TacticsConfig:
    """What is read off the board before the evaluator is asked: each part is exact, and spares evaluations.

    "Four" stands for a move after which one more stone makes the line, whatever the win length.

    Raises:
      ValueError: a field outside its range.
    """

    win_now: bool = False
    """A side that can make its line has won."""
    must_block: bool = False
    """A side whose opponent can make a line has no other move than there; with two such points it has lost."""
    follow_forced: bool = False
    """A leaf with one move for the sake of `must_block` is not evaluated, but what comes of that move."""
    open_four: bool = False
    """A side that can make a four with two ends, or two fours at once, has won."""
    vcf_nodes: int = 0
    """Positions within which a win by nothing but fours is looked for at a leaf; 0: none. Holds open fours. At most
    1 billion."""
    root_vcf_nodes: int = 0
    """The same at the root, where `vcf_nodes` is less. 0 to 1 billion."""
    root_vct_nodes: int = 0
    """Positions within which a win by fours and open threes is looked for at the root; 0: none. At most
    1 billion."""
    root_defence: bool = False
    """Moves at the root that leave the opponent a win by threats, found within `root_vcf_nodes` and `root_vct_nodes`,
    are proven losses."""

    def __post_init__(self) -> None:
        most = MOST_POSITIONS
        check_ranges(self, vcf_nodes=(0, most), root_vcf_nodes=(0, most), root_vct_nodes=(0, most))
        if self.root_defence and not self.root_vcf_nodes:
            raise ValueError("root_defence is on and root_vcf_nodes is 0, it must be 1 or more")


NO_TACTICS = TacticsConfig()
"""Search as in AlphaZero."""
PLAY_TACTICS = TacticsConfig(
    win_now=True,
    must_block=True,
    follow_forced=True,
    open_four=True,
    vcf_nodes=100,
    root_vcf_nodes=20_000,
    root_vct_nodes=5_000,
    root_defence=True,
)
"""Everything there is: for play."""
LEVEL_TACTICS = replace(PLAY_TACTICS, root_vct_nodes=0)
"""For players who are held back: wins by threes would let the weakest of them play a won opening without a fault."""


class SearchParams(NamedTuple):
    """The settings as kernels read them."""

    c_puct_init: float
    c_puct_base: float
    reply_exploration: float
    fpu_from_parent: bool
    fpu_reduction: float
    virtual_loss: float
    collisions: int
    solver: bool
    leaves_per_tree: int
    has_tactics: bool
    win_now: bool
    must_block: bool
    follow_forced: bool
    open_four: bool
    vcf_nodes: int
    root_vcf_nodes: int
    root_vct_nodes: int
    halving_moves: int


@dataclass(frozen=True)
class SearchConfig:
    """How a tree is grown.

    Raises:
      ValueError: a field outside its range.
    """

    c_puct_init: float = 1.5
    """Weight of exploration at small visit counts. > 0. AlphaZero: 1.25."""
    c_puct_base: float = 19652.0
    """Visits at which exploration starts to grow; 1e18 keeps it constant. > 0. Source: AlphaZero."""
    reply_exploration: float = 1.0
    """Factor of the exploration where the opponent of the root's side is to move. Above 1 his replies are searched
    more evenly, and a move counts for what it promises against all of them: a bet that he errs. > 0."""
    fpu_reduction: float | None = 0.25
    """An unvisited move is valued at its parent's value less this times the root of the prior already visited
    (source: KataGo). None, `null` on a command line: at 0."""
    dirichlet_alpha: float = 8.0
    """Total concentration of the root's noise; each of `L` legal moves gets alpha / L. > 0."""
    dirichlet_fraction: float = 0.25
    """Share of noise in the root's priors, where noise is asked for. 0 to 1. Source: AlphaZero."""
    leaves_per_tree: int = 1
    """Leaves that one tree sends to one network call. More fill the batch of a single game and search a little
    less well per simulation. 1 to 1024."""
    virtual_loss: float = 0.3
    """Loss that a move is charged with while a leaf below it waits for the network. ≥ 0. A whole one, as is usual,
    scatters the leaves of one step so far that the search gets weaker: see docs/methods.md."""
    collisions: int = 4
    """How often one step may come to a leaf of its tree that waits already and look for another one. Each leaves a
    virtual loss until the step ends. 0 to 1024; without effect at a root that is halved."""
    solver: bool = True
    """Back up proven wins, draws and losses, and end the search at a proven root. Source: Winands et al. 2008,
    "Monte-Carlo Tree Search Solver"."""
    transpositions: bool = True
    """A position that the tree meets again by another order of moves is not evaluated again. Off where the evaluator
    draws lots, which are to be drawn anew."""
    halving_moves: int = 0
    """So many moves share the root's simulations by sequential halving, drawn by Gumbel noise where there is noise;
    0: the root is searched by PUCT like every other node. What was known below a move is then not kept. ≥ 0. Source:
    Danihelka et al. 2022, "Policy improvement by planning with Gumbel"."""
    tactics: TacticsConfig = NO_TACTICS
    """What is looked for on the board itself, before the evaluator is asked."""

    def __post_init__(self) -> None:
        for name in ("c_puct_init", "c_puct_base", "reply_exploration", "dirichlet_alpha"):
            check(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        check_ranges(self, dirichlet_fraction=(0, 1), halving_moves=(0, MAX_HALVING_MOVES))
        check_ranges(self, leaves_per_tree=(1, MOST_LEAVES), collisions=(0, MOST_LEAVES))
        check(0 <= self.virtual_loss < math.inf, "virtual_loss", self.virtual_loss, "0 or more, and finite")

    @property
    def compiled(self) -> SearchParams:
        return SearchParams(
            c_puct_init=self.c_puct_init,
            c_puct_base=self.c_puct_base,
            reply_exploration=self.reply_exploration,
            fpu_from_parent=self.fpu_reduction is not None,
            fpu_reduction=self.fpu_reduction or 0.0,
            virtual_loss=self.virtual_loss,
            collisions=0 if self.halving_moves else self.collisions,  # whose turns go by visits and losses
            solver=self.solver,
            leaves_per_tree=self.leaves_per_tree,
            has_tactics=self.tactics != NO_TACTICS,
            win_now=self.tactics.win_now,
            must_block=self.tactics.must_block,
            follow_forced=self.tactics.follow_forced,
            open_four=self.tactics.open_four,
            vcf_nodes=self.tactics.vcf_nodes,
            root_vcf_nodes=max(self.tactics.vcf_nodes, self.tactics.root_vcf_nodes),
            root_vct_nodes=self.tactics.root_vct_nodes,
            halving_moves=self.halving_moves,
        )
