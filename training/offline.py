"""A network of any shape learns from the positions that a run has kept: which shape is worth its time, in minutes.

  python -m training.offline runs/big runs/narrow --channels 32 --blocks 3 --line-planes --positions 1000000
  python -m training.offline runs/big runs/deeper --channels 64 --blocks 6 --value-mix 0.5 --held-out 2

No games are played. The newest iterations are held out, and what the network says of them is told beside what it has
learnt. The model that comes of it plays (`evaluate.py runs/narrow@0.2s ...`), and a run may go on from it
(`train.py --from runs/narrow`).
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from gomoku.command_line import OneLineParser
from gomoku.errors import CheckpointError
from nets.config import NetworkConfig
from nets.devices import find_device
from nets.model_file import MODEL_FILE_NAME, ModelCard, save_model
from nets.network import build_network
from training.checkpoint import kept_segments
from training.config import LearnerConfig, ReplayConfig
from training.learner import Learner, Losses, choose_learner_precision
from training.replay import ReplayBuffer, Segment
from training.run_folder import RunFolder, read_config

FALLS_AT = (0.6, 0.85)
"""Shares of the positions after which the learning rate is multiplied by `LearnerConfig.decay_factor`."""
EVERYTHING = ReplayConfig(window_start=2**62)
JUDGED_BATCHES = 16
STEPS_PER_REPORT = 20


def learn_offline(
    segments: list[Segment], network: NetworkConfig, config: LearnerConfig, positions: int, seed: int
) -> Learner:
    """Learns `positions` positions, repetitions counted, from random weights; Ctrl-C ends it with what it has learnt.

    Args:
      segments: at least one position; all are drawn from alike.

    Raises:
      LossNotFiniteError, LearnerMemoryError: see `Learner.learn`.
    """
    torch.set_num_threads(1)  # the learner has threads of its own
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    learner = Learner(build_network(network), config, find_device("auto"))
    replay = replay_of(segments)
    with tqdm(total=positions, unit="position", unit_scale=True) as bar:
        while learner.learnt < positions:
            steps = min(STEPS_PER_REPORT, -(-(positions - learner.learnt) // config.batch_size))
            try:
                losses = learner.learn(replay, steps, rng)
            except KeyboardInterrupt:
                if learner.learnt == 0:
                    raise
                break
            bar.set_postfix_str(f"policy {losses.policy:.3f} value {losses.value:.3f}")
            bar.update(steps * config.batch_size)
    return learner


def replay_of(segments: list[Segment]) -> ReplayBuffer:
    """A buffer from which nothing falls out."""
    replay = ReplayBuffer(EVERYTHING)
    for segment in segments:
        replay.add(segment)
    return replay


def judged(learner: Learner, segments: list[Segment], seed: int) -> Losses:
    """The averaged network's losses on positions that are not learnt."""
    rng, replay = np.random.default_rng(seed), replay_of(segments)
    return learner.judge([replay.draw(rng, learner.config.batch_size) for _ in range(JUDGED_BATCHES)])


def _options() -> argparse.Namespace:
    what, _, usage = (__doc__ or "").partition("\n\n")
    parser = OneLineParser(
        prog="python -m training.offline",
        description=what,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add, usual = parser.add_argument, LearnerConfig()
    add("run", type=Path, help="whose positions are learnt")
    add("target", type=Path, help="a new folder for the model")
    add("--blocks", type=int, default=NetworkConfig.blocks, help="residual blocks (default: %(default)s)")
    add("--channels", type=int, default=NetworkConfig.channels, help="of each (default: %(default)s)")
    add("--line-planes", action="store_true", help="the network sees open lines")
    add("--positions", type=int, default=1_000_000, metavar="N", help="to learn, repetitions counted (%(default)s)")
    add("--held-out", type=int, default=1, metavar="N", help="newest iterations that are not learnt (%(default)s)")
    add("--learning-rate", type=float, default=usual.learning_rate, metavar="R", help="(default: %(default)s)")
    add(
        "--value-mix",
        type=float,
        default=usual.value_mix,
        metavar="S",
        help="share of the search's value (%(default)s)",
    )
    add("--threads", type=int, default=1, help="parts of a batch learnt side by side (%(default)s)")
    add("--seed", type=int, default=1)
    return parser.parse_args()


def _run(options: argparse.Namespace) -> None:
    if options.target.exists():
        raise ValueError(f"{options.target} exists; name a new folder")
    if options.positions < 1 or options.held_out < 1 or options.seed < 0:
        raise ValueError("--positions and --held-out must be 1 or more, --seed 0 or more")
    network = NetworkConfig(blocks=options.blocks, channels=options.channels, line_planes=options.line_planes)
    config = LearnerConfig(
        learning_rate=options.learning_rate,
        value_mix=options.value_mix,
        threads=options.threads,
        decay_at=tuple(int(share * options.positions) for share in FALLS_AT),
    )
    folder = RunFolder(options.run)
    segments = kept_segments(folder)
    newest = sorted({segment.iteration for segment in segments})[-options.held_out :]
    learnt = [segment for segment in segments if segment.iteration not in newest]
    if not learnt:
        raise CheckpointError(
            f"{options.run} has positions of {len(newest)} of its iterations; to hold {options.held_out} out, "
            f"{options.held_out + 1} are needed"
        )
    rules = learnt[-1].rules
    own, names = read_config(folder).rules, [segment.rules.name for segment in learnt]
    precision, _ = choose_learner_precision(build_network(network), rules, config, find_device("auto"))
    options.target.mkdir(parents=True)  # now, not after hours
    try:
        learner = learn_offline(
            learnt, network, replace(config, precision=precision), options.positions, options.seed
        )
    except BaseException:
        options.target.rmdir()
        raise
    losses = judged(learner, [segment for segment in segments if segment.iteration in newest], options.seed)
    path = options.target / MODEL_FILE_NAME
    save_model(
        path,
        network,
        learner.averaged.state_dict(),
        ModelCard(
            name=options.target.name,
            trained_rules=tuple(dict.fromkeys([*([own] if own in names else []), *names])),
            positions=learner.learnt,
            command=" ".join(["python -m training.offline", *sys.argv[1:]]),
        ),
    )
    print(
        f"{path}: {sum(map(len, learnt)):,} positions, {learner.learnt:,} learnt; "
        f"held out: policy {losses.policy:.3f}, value {losses.value:.3f}"
    )


def main() -> int:
    try:
        _run(_options())
    except (ValueError, OSError, ArithmeticError, MemoryError) as error:
        print(f"offline.py: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("offline.py: stopped; nothing was saved", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
