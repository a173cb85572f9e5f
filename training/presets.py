"""The settings that runs of the usual boards start from, by name."""

from dataclasses import replace

from nets.config import PRESETS as NETWORKS
from training.config import CheckConfig, LearnerConfig, ReplayConfig, SelfPlayConfig, TrainConfig

PRESETS = {
    # Few simulations and many games: measured, that is twice as fast to the same strength as 100 and 256.
    "6x6x4": TrainConfig(
        rules="6x6x4",
        network=NETWORKS["tiny"],
        self_play=SelfPlayConfig(simulations=50, games=512, play_out=0.0, surprise_share=0.5, cache_positions=65_536),
        learner=LearnerConfig(reuse=8.0, decay_at=(600_000, 1_000_000)),
        check=CheckConfig(suite=(0, 100)),
    ),
    "8x8x5": TrainConfig(
        rules="8x8x5",
        network=replace(NETWORKS["small"], line_planes=True),
        replay=ReplayConfig(window_start=50_000),
        self_play=SelfPlayConfig(temperature_plies=16, random_plies=6, surprise_share=0.5),
    ),
    "9x9x5": TrainConfig(
        rules="9x9x5",
        network=replace(NETWORKS["small"], line_planes=True),
        replay=ReplayConfig(window_start=50_000),
        self_play=SelfPlayConfig(temperature_plies=20, random_plies=6, surprise_share=0.5),
    ),
    "15x15": TrainConfig(
        rules="15x15",
        # At equal time a narrow network that sees open lines made +53 Elo (-4 to +110) over 4 blocks of 48 that do.
        network=replace(NETWORKS["tiny"], blocks=3, line_planes=True),
        replay=ReplayConfig(window_start=100_000),
        self_play=SelfPlayConfig(temperature_plies=30, random_plies=8, surprise_share=0.5),
    ),
}
