"""How fast the learner learns, and how small the replay buffer keeps what it learns from."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measuring import Effort, Figure, by_turns, per_second
from benchmarks.subjects import M, TableEvaluator, reference_network
from gomoku.rules import Rules
from mcts.config import SearchConfig
from training.config import LearnerConfig, ReplayConfig, SelfPlayConfig
from training.learner import Learner
from training.replay import ReplayBuffer
from training.samples import pack_samples
from training.self_play import SelfPlay

SIX, FIFTEEN = Rules(6, 4), Rules(15, 5)
GAMES, SIMULATIONS = 64, 100


def learner_and_replay(effort: Effort) -> list[Figure]:
    """Samples learnt per second, and bytes per position, on a small and a large board."""
    small, large = (_filled_replay(rules, effort.replay_positions) for rules in (SIX, FIFTEEN))
    steps = effort.learner_steps
    small_rates, large_rates = by_turns(
        [_learner_turn("tiny", small, steps), _learner_turn(M, large, max(1, steps // 10))],
        effort.rounds_15x15,
    )
    note = f"{len(small):,} and {len(large):,} positions of games with {SIMULATIONS} simulations per move"
    batch = LearnerConfig().batch_size
    return [
        Figure("learner_6x6", "learner, tiny on 6x6", "samples/s", small_rates, note=f"batch {batch}, float32"),
        Figure("learner_15x15", "learner, M on 15x15", "samples/s", large_rates, note=f"batch {batch}, float32"),
        Figure("replay_6x6", "replay, 6x6x4", "bytes/position", (small.num_bytes / len(small),), note=note),
        Figure("replay_15x15", "replay, 15x15", "bytes/position", (large.num_bytes / len(large),), note=note),
    ]


def _filled_replay(rules: Rules, num_positions: int) -> ReplayBuffer:
    """Positions of whole games in which a random table stands for the network."""
    self_play = SelfPlay(rules, SelfPlayConfig(simulations=SIMULATIONS, games=GAMES), SearchConfig(), seed=1)
    games = self_play.play(TableEvaluator(rules.num_points), num_positions, lambda: None, lambda: False)
    replay = ReplayBuffer(rules, ReplayConfig())
    replay.add(1, pack_samples([sample for game in games for sample in game.samples], rules.num_points))
    return replay


def _learner_turn(preset: str, replay: ReplayBuffer, steps: int) -> Callable[[], float]:
    config = LearnerConfig()
    learner = Learner(reference_network(preset), replay.rules, config, torch.device("cpu"))
    rng = np.random.default_rng(1)
    return lambda: per_second(steps * config.batch_size, lambda: learner.learn(replay, steps, rng))
