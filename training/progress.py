"""Where a run stands, as the loop tells whoever shows it."""

from dataclasses import dataclass

from training.learner import Losses


@dataclass(frozen=True)
class Progress:
    """Where a run stands, for a progress bar."""

    phase: str
    iteration: int
    """The one under way, from 1."""
    seconds: float
    """Of training, over all resumes."""
    games: int
    positions: int
    positions_per_second: float
    """Over the last iteration."""
    losses: Losses | None
    learner_share: float
    """Of the wall clock of the last iteration, 0 to 1."""
    actors_idle_share: float
    """Of the wall clock of the last iteration, in which the actors did not play, 0 to 1."""
