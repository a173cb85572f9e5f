"""The search's settings."""

import math
from dataclasses import dataclass
from typing import NamedTuple


class SearchParams(NamedTuple):
    """The settings as kernels read them."""

    c_puct_init: float
    c_puct_base: float
    fpu_from_parent: bool
    fpu_reduction: float
    virtual_loss: float
    solver: bool


@dataclass(frozen=True)
class SearchConfig:
    """How a tree is grown.

    Raises:
      ValueError: a field outside its range.
    """

    c_puct_init: float = 1.5
    """Weight of exploration at small visit counts. > 0. AlphaZero: 1.25."""
    c_puct_base: float = 19652.0
    """Visits at which exploration starts to grow; `math.inf` keeps it constant. > 0. Source: AlphaZero."""
    fpu_reduction: float | None = 0.25
    """An unvisited move is valued at its parent's value less this times the root of the prior already visited
    (source: KataGo). None: at 0."""
    dirichlet_alpha: float = 8.0
    """Total concentration of the root's noise; each of `L` legal moves gets alpha / L. > 0."""
    dirichlet_fraction: float = 0.25
    """Share of noise in the root's priors, where noise is asked for. 0 to 1. Source: AlphaZero."""
    leaves_per_tree: int = 1
    """Leaves that one tree sends to one network call. More fill the batch of a single game and search a little
    less well per simulation. ≥ 1."""
    virtual_loss: float = 1.0
    """Loss that a move is charged with while a leaf below it waits for the network. ≥ 0."""
    solver: bool = True
    """Back up proven wins, draws and losses, and end the search at a proven root. Source: Winands et al. 2008,
    "Monte-Carlo Tree Search Solver"."""

    def __post_init__(self) -> None:
        for name in ("c_puct_init", "c_puct_base", "dirichlet_alpha"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}, it must be above 0")
        if not 0 <= self.dirichlet_fraction <= 1:
            raise ValueError(f"dirichlet_fraction is {self.dirichlet_fraction}, it must be between 0 and 1")
        if self.leaves_per_tree < 1:
            raise ValueError(f"leaves_per_tree is {self.leaves_per_tree}, it must be 1 or more")
        if not 0 <= self.virtual_loss < math.inf:
            raise ValueError(f"virtual_loss is {self.virtual_loss}, it must be 0 or more")

    @property
    def compiled(self) -> SearchParams:
        return SearchParams(
            c_puct_init=self.c_puct_init,
            c_puct_base=self.c_puct_base,
            fpu_from_parent=self.fpu_reduction is not None,
            fpu_reduction=self.fpu_reduction or 0.0,
            virtual_loss=self.virtual_loss,
            solver=self.solver,
        )
