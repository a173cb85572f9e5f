"""The bar over a run of training."""

import re

import pytest

from training.config import TrainConfig
from training.console import ProgressBar
from training.loop import Progress


@pytest.mark.parametrize(
    ("minutes", "seconds", "told"),
    [(1.0, 0.2, "1:00"), (1.0, 0.6, "0:59"), (2.0, 0.4, "2:00"), (1.0, 0.0, "1:00"), (1.0, 61.0, "0:00")],
)
def test_the_time_that_is_left_is_minutes_and_seconds_below_sixty(
    capsys: pytest.CaptureFixture[str], minutes: float, seconds: float, told: str
) -> None:
    bar = ProgressBar(minutes, TrainConfig())
    bar.show(Progress("self-play", 1, seconds, 0, 0, 0.0, None, 0.0, 0.0))
    bar.close()
    assert re.findall(r"(\d+:\d+) left", capsys.readouterr().err)[-1] == told
