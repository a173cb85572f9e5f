"""Runs that are killed, or that find the disk full, again and again come out as ones that were left alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KILLS = 12
"""The first eight hit the run while it is made; `python -m benchmarks.kill_campaign` has hundreds."""


def campaign(module: str, *arguments: str) -> Any:
    """What a campaign prints. It forks, which a process that has trained and has threads must not."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_that_is_killed_at_moments_of_every_kind_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    book = campaign("kill_campaign", "--kills", str(KILLS), "--folder", str(tmp_path))
    assert sum(book["phases"].values()) == book["kills"] == KILLS
    assert book["passed_over"] == book["actors_left"] == 0
    assert (book["chapters"], book["bytes_compared"] > 100_000) == (1, True)
    assert "half write command.txt" in book["files"], "a kill in the middle of a file"
    assert json.loads((tmp_path / "campaign.json").read_text())["kills"] == KILLS, "a second call would go on"


def test_a_disk_that_is_full_at_any_write_costs_one_line_and_no_checkpoint() -> None:
    for outcome in campaign("full_disk", "--step", "30").values():
        assert outcome["finished"] == 1
        assert sum(outcome["files"].values()) == outcome["runs"] - 1 >= 1
