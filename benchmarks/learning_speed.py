"""How fast the learner learns, and how small the replay buffer keeps what it learns from."""

import os
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measuring import Effort, Figure, by_turns, per_second, ratios
from benchmarks.subjects import M, TableEvaluator, reference_network
from gomoku.rules import Rules
from mcts.config import SearchConfig
from training.config import LearnerConfig, ReplayConfig, SelfPlayConfig
from training.learner import PRECISIONS, Learner
from training.replay import ReplayBuffer, Segment
from training.samples import pack_samples
from training.self_play import SelfPlay

SIX, FIFTEEN = Rules(6, 4), Rules(15, 5)


def learner_and_replay(effort: Effort) -> list[Figure]:
    """Samples learnt per second, and bytes per position, on a small and a large board."""
    small, large = (_filled_replay(rules, effort) for rules in (SIX, FIFTEEN))
    steps, size = effort.learner_steps, effort.learner_batch
    configs = [LearnerConfig(batch_size=size, precision=precision) for precision in PRECISIONS]
    takers = [_learner_turn("tiny", small, steps, config) for config in configs]
    takers += [_learner_turn(M, large, max(1, steps // 10), config) for config in configs]
    small_full, small_half, large_full, large_half = by_turns(takers, effort.rounds_15x15)
    note = (
        f"{len(small):,} and {len(large):,} positions of games with {effort.replay_simulations} simulations per move"
    )
    speed, batch, space = "samples/s", f"batch {size}", "bytes/position"
    limit = f"{note}; 400 are 400 MB for 1,000,000 positions, in memory and on the disk alike"
    return [
        Figure("learner_6x6", "learner, tiny on 6x6", speed, small_full, note=f"{batch}, float32"),
        Figure("learner_6x6_bf16", "the same in bfloat16", speed, small_half, note=f"{batch}, tiny on 6x6"),
        Figure("learner_15x15", "learner, M on 15x15", speed, large_full, note=f"{batch}, float32"),
        Figure("learner_15x15_bf16", "the same in bfloat16", speed, large_half, note=f"{batch}, M on 15x15"),
        Figure("replay_6x6", "replay, 6x6x4", space, (small.num_bytes / len(small),), note=note),
        Figure("replay_15x15", "replay, 15x15", space, (large.num_bytes / len(large),), at_most=400, note=limit),
    ]


def learner_on_all_cores(effort: Effort) -> list[Figure]:
    """What a run's learner gains by a thread per core. In wall clock: to be run on an idle machine."""
    cores, size, figures = os.cpu_count() or 1, effort.learner_batch, []
    for title, preset, rules, share in (("tiny on 6x6", "tiny", SIX, 1), ("M on 15x15", M, FIFTEEN, 10)):
        replay, steps = _filled_replay(rules, effort), max(1, effort.learner_steps // share)
        takers = [
            _learner_turn(preset, replay, steps, LearnerConfig(batch_size=size, threads=threads), time.perf_counter)
            for threads in (1, cores)
        ]
        alone, together = by_turns(takers, effort.rounds_15x15)
        key, note = f"learner_cores_{rules.size}", f"float32, batch {size}, {title}, over one thread"
        name = f"learner, {cores} threads, {rules.size}x{rules.size}"
        figures.append(Figure(key, name, "times", ratios(together, alone), note=note))
    return figures


def _filled_replay(rules: Rules, effort: Effort) -> ReplayBuffer:
    """Positions of whole games in which a random table stands for the network."""
    config = SelfPlayConfig(simulations=effort.replay_simulations, games=effort.replay_games)
    self_play = SelfPlay(rules, config, SearchConfig(), seed=1)
    games = self_play.play(TableEvaluator(rules.num_points), effort.replay_positions, lambda: None, lambda: False)
    replay = ReplayBuffer(ReplayConfig())
    replay.add(
        Segment(1, rules, pack_samples([sample for game in games for sample in game.samples], rules.num_points))
    )
    return replay


def _learner_turn(
    preset: str,
    replay: ReplayBuffer,
    steps: int,
    config: LearnerConfig,
    clock: Callable[[], float] = time.process_time,
) -> Callable[[], float]:
    learner = Learner(reference_network(preset), config, torch.device("cpu"))
    rng = np.random.default_rng(1)
    return lambda: per_second(steps * config.batch_size, lambda: learner.learn(replay, steps, rng), clock)
