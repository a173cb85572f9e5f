"""`benchmarks.spared_evaluations`: each way of asking less asks less."""

import subprocess
import sys
from pathlib import Path

from arena.specs import Contestant, parse_spec
from benchmarks.search_settings import with_settings
from benchmarks.spared_evaluations import STEPS, watched
from gomoku.board import Board
from gomoku.rules import Rules
from nets.calibration import EngineOptions

ROOT = Path(__file__).resolve().parent.parent
RULES = Rules(9, 5)


def test_what_is_spared_is_not_asked_any_more() -> None:
    contestant = Contestant.find(parse_spec(f"{ROOT / 'models' / '9x9x5'}@60"))
    entrant = contestant.entrant(RULES, EngineOptions("torch", "float32", "cpu"), 1)
    opening = Board.from_moves(RULES, [40, 31, 49])
    watches = {}
    for name, settings in STEPS.items():
        watches[name], simulations = watched(with_settings(entrant, settings), [opening], 4)
        assert max(simulations) <= 60
        assert watches[name].rows > 0
    nothing, met_again, forced, _ = watches.values()
    assert nothing.again > met_again.again
    assert nothing.rows > met_again.rows
    assert forced.forced <= 4  # of roots
    assert nothing.forced > forced.forced


def test_a_player_without_a_network_is_refused_in_one_line() -> None:
    command = [sys.executable, "-m", "benchmarks.spared_evaluations", "pure@10", "--rules", "6x6x4"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "name a model or run" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
