"""What a training run is made of: every setting, its unit and its range."""

import os
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from gomoku.ranges import check, check_ranges
from mcts.config import SearchConfig
from mcts.pure import MOST_SIMULATIONS
from nets.config import NetworkConfig
from nets.engine import ASKED_FOR, AUTO, Engine
from training.stages import Plan, StageSettings, make_plan
from workers.cluster_address import ADDRESS_FORMS, is_cluster_address

NO_CLUSTER = "none"
SMALLEST_PART = 32
"""Positions of a batch that are worth a thread of the learner's."""


@dataclass(frozen=True)
class SelfPlayConfig:
    """How games are made."""

    simulations: int = 100
    """New simulations per move. 2 to 100000."""
    games: int = 256
    """Games side by side, over all threads or actors. 1 to 1 million."""
    threads: int = 0
    """Threads that share the games in this process, 0 to 256; 0: one per core, fixed when the run starts."""
    actors: int = 0
    """Processes that share the games and play on while the learner learns, 1 to 10000, of this machine or a cluster
    (see `ray`); 0: the threads above instead, in turn with the learner, which resumes bit for bit; -1: one process
    per core, fixed when the run starts (the learner takes its time from all of them, so that no core is idle
    whichever of the two has more to do)."""
    temperature: float = 1.0
    """Moves are drawn in proportion to visits^(1 / temperature). > 0."""
    temperature_plies: int = 10
    """From this ply on the temperature is `late_temperature`. ≥ 0."""
    late_temperature: float = 0.25
    """≥ 0; 0 plays the best move."""
    random_plies: int = 4
    """A game starts with up to this many moves at random (an even draw from 0 on), which are not learnt. ≥ 0."""
    play_out: float = 0.25
    """Share of the games that are played to their last move even though the search has proven the result, 0 to 1. The
    others end there. Where tactics prove, no game would ever show a line being made, or the last defence."""
    full_share: float = 1.0
    """Share of the moves that are searched with all simulations and with noise, and learnt; the others are only
    played, with `quick_simulations`. Above 0, at most 1."""
    quick_simulations: int = 16
    """See `full_share`. 2 to 100000."""
    prune_targets: bool = False
    """Visits that only the root's noise asked for are not learnt. Source: Wu 2019, section 3.2."""
    surprise_share: float = 0.0
    """Of the samples of a game, the share that is spread over its positions by how much the search surprised the
    network there, instead of evenly, 0 to 1. Source: KataGo (policy surprise weighting)."""
    sparring_share: float = 0.0
    """Share of the games, 0 to 1, in which a partner makes one side's moves, until the result is proven."""
    sparring_level: int = 4
    """The partner is `scripted:LEVEL`, 1 to 6, if `sparring_simulations` is 0."""
    sparring_simulations: int = 0
    """Above 0: the partner is `pure@SIMULATIONS`. At most 1 million."""
    cache_positions: int = 0
    """Evaluations remembered by each thread or actor, 180 to 2,084 bytes each, 0 to 10 million; 0: none."""

    def __post_init__(self) -> None:
        check_ranges(self, simulations=(2, 100_000), games=(1, 10**6), threads=(0, 256), actors=(-1, 10_000))
        check_ranges(self, random_plies=(0, 484), quick_simulations=(2, 100_000), cache_positions=(0, 10**7))
        check_ranges(self, play_out=(0, 1), surprise_share=(0, 1), sparring_share=(0, 1))
        check_ranges(self, sparring_level=(1, 6), sparring_simulations=(0, 10**6))
        check(self.actors <= self.games, "actors", self.actors, f"at most games, which is {self.games}")
        check(self.temperature > 0, "temperature", self.temperature, "above 0")
        for name in ("temperature_plies", "late_temperature"):
            check(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        check(0 < self.full_share <= 1, "full_share", self.full_share, "above 0 and at most 1")


@dataclass(frozen=True)
class ReplayConfig:
    """Which positions are learnt from: the newest N(n) of the `n` made so far.

    N(n) = c · (1 + β · ((n / c)^α - 1) / α). Source: Wu 2019, "Accelerating self-play learning in Go", appendix C.
    """

    window_start: int = 20_000
    """c: positions up to which nothing is forgotten. ≥ 1."""
    window_exponent: float = 0.75
    """α, 0 < α ≤ 1."""
    window_slope: float = 0.4
    """β, 0 < β ≤ 1."""

    def __post_init__(self) -> None:
        check(self.window_start >= 1, "window_start", self.window_start, "1 or more")
        check(0 < self.window_exponent <= 1, "window_exponent", self.window_exponent, "above 0 and at most 1")
        check(0 < self.window_slope <= 1, "window_slope", self.window_slope, "above 0 and at most 1")

    def window(self, made: int) -> int:
        """How many of the newest positions are learnt from when `made` have been made."""
        start, alpha = self.window_start, self.window_exponent
        if made <= start:
            return made
        return int(start * (1 + self.window_slope * ((made / start) ** alpha - 1) / alpha))


@dataclass(frozen=True)
class LearnerConfig:
    """How the network learns."""

    optimizer: Literal["adamw", "sgd"] = "adamw"
    """AdamW, or SGD with momentum 0.9."""
    batch_size: int = 256
    """Positions per step. 2 to 65536."""
    reuse: float = 4.0
    """How often a position is learnt from on average. > 0."""
    learning_rate: float = 4e-3
    """Above 0, at most 1000."""
    warmup: int = 20_000
    """Positions learnt while the learning rate rises from 0. ≥ 0."""
    decay_at: tuple[int, ...] = ()
    """Numbers of positions learnt at which the learning rate is multiplied by `decay_factor`."""
    decay_factor: float = 0.3
    """0 < factor ≤ 1."""
    weight_decay: float = 1e-4
    """L2: decoupled in AdamW, in the gradient in SGD. 0 to 1000."""
    clip: float = 1.0
    """Largest global norm of a gradient. > 0."""
    value_weight: float = 1.0
    """Weight of the value loss beside the policy loss. 0 to 1000."""
    value_mix: float = 0.0
    """Share of the search's own value in what the value head learns; the rest is how the game ended. 0 to 1."""
    reply_weight: float = 0.0
    """Weight of a further policy loss, where the opponent will answer: it helps the trunk to learn and has no part in
    play. 0: there is no such head. At most 1000. Source: Wu 2019, section 3.4."""
    averaging: float = 0.998
    """Share of the averaged weights, which play, that is kept at each step. 0 ≤ share < 1."""
    threads: int = 0
    """Parts of a batch that a CPU learns side by side, 0 to 256; 0: one per core, one alone beside actors."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the layers' arithmetic; `auto` is measured once, at the start, and float32 where it was not."""

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(2, 65_536), threads=(0, 256), value_mix=(0, 1))
        check_ranges(self, weight_decay=(0, 1000), value_weight=(0, 1000), reply_weight=(0, 1000))
        check(0 < self.learning_rate <= 1000, "learning_rate", self.learning_rate, "above 0 and at most 1000")
        for name in ("reuse", "clip"):
            check(0 < getattr(self, name) < inf, name, getattr(self, name), "above 0 and finite")
        check(self.warmup >= 0, "warmup", self.warmup, "0 or more")
        check(0 < self.decay_factor <= 1, "decay_factor", self.decay_factor, "above 0 and at most 1")
        check(0 <= self.averaging < 1, "averaging", self.averaging, "at least 0 and below 1")
        precisions = ("auto", "float32", "bfloat16")
        check(self.precision in precisions, "precision", self.precision, ", ".join(precisions))

    def rate_at(self, learnt: int) -> float:
        """The learning rate after `learnt` positions."""
        rise = min(1.0, (learnt + self.batch_size) / self.warmup) if self.warmup else 1.0
        return self.learning_rate * rise * self.decay_factor ** sum(learnt >= at for at in self.decay_at)


@dataclass(frozen=True)
class CheckConfig:
    """The strength check against pure MCTS during the run."""

    every: int = 8
    """Iterations between two checks; 0: none. ≥ 0."""
    games: int = 40
    """From the empty board, colours alternating: an even number, 2 to 100000."""
    simulations: int = 100
    """The network's. 1 to 100000."""
    pure_simulations: int = 1000
    """The opponent's. 1 to 4 million."""
    suite: tuple[int, ...] = (0, 100, 1000)
    """Simulations with which the suite of positions is asked, each without and with tactics, at most 100000; 0: the
    network alone."""

    def __post_init__(self) -> None:
        check(self.every >= 0, "every", self.every, "0 or more")
        is_right = 2 <= self.games <= 100_000 and self.games % 2 == 0
        check(is_right, "games", self.games, "an even number, 2 to 100000")
        check_ranges(self, simulations=(1, 100_000), pure_simulations=(1, MOST_SIMULATIONS))
        check(all(0 <= one <= 100_000 for one in self.suite), "suite", self.suite, "numbers from 0 to 100000")

    def is_due(self, iteration: int) -> bool:
        """Whether the generation that an iteration (≥ 0, 0 being the start) ends with is checked."""
        return self.every > 0 and iteration > 0 and iteration % self.every == 0


@dataclass(frozen=True)
class KeepConfig:
    """Which of the older files are kept."""

    checkpoints: int = 2
    """Newest checkpoints that are kept, each able to go on. ≥ 1."""
    generations: int = 20
    """Newest generations whose weights are kept. ≥ 1."""
    every: int = 10
    """Of older generations those whose number is a multiple of this. ≥ 1."""

    def __post_init__(self) -> None:
        for name in ("checkpoints", "generations", "every"):
            check(getattr(self, name) >= 1, name, getattr(self, name), "1 or more")


@dataclass(frozen=True)
class RayConfig:
    """Where actors play if not on this machine alone: on a cluster that Ray runs (extra `ray`)."""

    address: str = NO_CLUSTER
    """`none`: processes of this machine, without Ray. `local`: a cluster of this machine alone, which ends with the
    run. `HOST:PORT`: a cluster that runs, of which this machine is a node; `auto`: the one on this machine."""
    cpus: float = 1.0
    """Cores that an actor reserves, each of which plays with one thread. ≥ 0."""
    gpus: float = 0.0
    """Share of a GPU that an actor reserves: 0.25 puts four on one. ≥ 0."""
    max_behind: int = 8
    """Games that were finished with a network this many generations or more behind the newest are counted and
    dropped: they come from a node that was cut off. ≥ 1."""

    def __post_init__(self) -> None:
        is_known = self.address == NO_CLUSTER or is_cluster_address(self.address)
        check(is_known, "address", self.address, f"{NO_CLUSTER}, {ADDRESS_FORMS}")
        check(0 <= self.cpus < inf, "cpus", self.cpus, "0 or more, and finite")
        check(self.gpus >= 0, "gpus", self.gpus, "0 or more")
        check(self.max_behind >= 1, "max_behind", self.max_behind, "1 or more")


@dataclass(frozen=True)
class TrainConfig:
    """A training run.

    Raises:
      ValueError: a field outside its range.
    """

    rules: str = "6x6x4"
    """As in `6x6x4`, `15x15`, `standard-15x15`, `renju-15x15`."""
    seed: int = 1
    """Of everything random. 0 to 2^63 - 1."""
    iteration_positions: int = 4096
    """Positions that self-play makes in one iteration; after each follow learning and a checkpoint. ≥ 1."""
    max_iterations: int = 0
    """Iterations after which the run is finished; 0: no end but `--minutes`. ≥ 0."""
    start: str = ""
    """Digest of the weights that the run begins with, written when it begins; empty: random ones."""
    device: str = "auto"
    """`auto`, or torch's name of a device."""
    backend: str = AUTO
    """What evaluates the network in self-play: torch or openvino; `auto` is measured once, at the start."""
    precision: str = AUTO
    """Of self-play's network calls: float32, bfloat16, float16 or int8; `auto` is measured once, at the start."""
    rows: int = 0
    """Most positions in one network call of self-play on the board of `rules`, a multiple of 16; 0: what suits the
    board, or what is measured at the start where backend or precision is `auto`."""
    stages: tuple[StageSettings, ...] = ()
    """What is played from which position on, where a run grows from board to board; empty: `rules` all along. As
    JSON: `--stages '[{"boards": {"9x9": 1}, "simulations": 32}, {"at": 200000, "boards": {"15x15": 1}}]'`."""
    network: NetworkConfig = NetworkConfig()
    search: SearchConfig = SearchConfig()
    self_play: SelfPlayConfig = SelfPlayConfig()
    ray: RayConfig = RayConfig()
    replay: ReplayConfig = ReplayConfig()
    learner: LearnerConfig = LearnerConfig()
    check: CheckConfig = CheckConfig()
    keep: KeepConfig = KeepConfig()

    def __post_init__(self) -> None:
        make_plan(self.rules, self.self_play.simulations, self.stages)
        check(0 <= self.seed < 2**63, "seed", self.seed, "from 0 to 2^63 - 1")
        for name, known in ASKED_FOR.items():
            check(getattr(self, name) in known, name, getattr(self, name), ", ".join(known))
        check(self.rows >= 0 and self.rows % 16 == 0, "rows", self.rows, "0 or a multiple of 16")
        check(self.iteration_positions >= 1, "iteration_positions", self.iteration_positions, "1 or more")
        check(self.max_iterations >= 0, "max_iterations", self.max_iterations, "0 or more")
        has_shares = self.ray.address == NO_CLUSTER or self.self_play.actors != 0
        check(has_shares, "self_play.actors", 0, f"N or ray:N where --ray-address is {self.ray.address}")

    @property
    def plan(self) -> Plan:
        """The stages, with what they leave open filled in."""
        return make_plan(self.rules, self.self_play.simulations, self.stages)

    def engine_on(self, board: int) -> Engine:
        """What self-play computes with on `plan.boards[board]`; backend and precision are no longer `auto`."""
        rows = (self.rows or None) if board == 0 else None
        return Engine(self.backend, self.precision, self.device, rows)

    def with_threads_fixed(self) -> "TrainConfig":
        """The same with the numbers of threads and actors written out, never more than games."""
        ours, cores = self.self_play, os.cpu_count() or 1
        threads = min(ours.threads or cores, ours.games)
        actors = min(cores, ours.games) if ours.actors < 0 else ours.actors
        parts = max(1, min(cores, self.learner.batch_size // SMALLEST_PART)) if actors == 0 else 1
        learner = replace(self.learner, threads=self.learner.threads or parts)
        return replace(self, self_play=replace(ours, threads=threads, actors=actors), learner=learner)
