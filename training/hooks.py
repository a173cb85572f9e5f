"""What the training loop tells the world, and asks of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mcts.spans import Span, no_span
from nets.network import Network
from training.learner import Losses
from training.metrics import IterationMetrics
from training.sparring import MakePartner, no_partner


class Phase(StrEnum):
    """What an iteration is at, in this order; the texts are shown."""

    SELF_PLAY = "self-play"
    """With actors in this process, the phase in which other threads compute."""
    WRITE_REPLAY = "write replay"
    LEARN = "learn"
    CHECK = "check"
    WRITE_GENERATION = "write generation"
    WRITE_METRICS = "write metrics"
    WRITE_CHECKPOINT = "write checkpoint"
    THIN = "thin"


@dataclass(frozen=True)
class Progress:
    """Where a run stands, for a progress bar."""

    phase: Phase
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


@dataclass(frozen=True)
class Hooks:
    """What the loop tells the world, and asks of it."""

    check: Callable[[Network, int], dict[str, Any] | None]
    """Measures the strength of the network that plays; JSON with at least `score`, or None if it was stopped."""
    on_progress: Callable[[Progress], None] = lambda _progress: None
    """Several times a second."""
    on_iteration: Callable[[IterationMetrics], None] = lambda _metrics: None
    on_check: Callable[[float, int, dict[str, Any]], None] = lambda _minutes, _iteration, _check: None
    """After how many minutes of training, of which generation, what `check` gave."""
    should_stop: Callable[[], bool] = lambda: False
    """True drops what self-play has under way, or ends the run after what else is under way."""
    span: Span = no_span
    """Entered around the parts of search steps and around the learner's, where they run in this process."""
    make_partner: MakePartner = no_partner
    """Makes the sparring partner, where the settings ask for one."""
