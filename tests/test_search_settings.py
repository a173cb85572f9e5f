"""`benchmarks.search_settings`: which setting is changed, and what cannot be."""

import subprocess
import sys
from pathlib import Path

import pytest

from arena.specs import Contestant, Entrant, parse_spec
from benchmarks.search_settings import with_settings
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.config import PLAY_TACTICS
from nets.calibration import EngineOptions

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "6x6x4"
RULES = Rules(6, 4)


def entrant(player: str, rules: Rules = RULES) -> Entrant:
    return Contestant.find(parse_spec(player)).entrant(rules, EngineOptions("torch", "float32", "cpu"), 1)


def test_the_settings_that_are_named_change_and_no_others() -> None:
    usual = entrant(f"{MODEL}@16")
    changed = with_settings(usual, ["c_puct_init=2.5", "tactics.root_vct_nodes=7"])
    assert (changed.options.search.c_puct_init, changed.options.search.tactics.root_vct_nodes) == (2.5, 7)
    assert changed.options.search.tactics.vcf_nodes == PLAY_TACTICS.vcf_nodes
    assert changed.options.limit == usual.options.limit
    assert changed.name == f"{usual.name} c_puct_init=2.5 tactics.root_vct_nodes=7"


def test_a_player_by_the_clock_keeps_its_tree_unless_it_is_told_not_to() -> None:
    rules = Rules(9, 5)  # where nothing is decided soon
    by_simulations, by_the_clock = entrant(f"{MODEL}@16", rules), entrant(f"{MODEL}@0.1s", rules)
    assert (by_simulations.options.reuse, by_the_clock.options.reuse) == (False, True)
    assert not with_settings(by_the_clock, ["reuse=false"]).options.reuse
    board = Board.from_moves(rules, [40])
    player = by_the_clock.make(by_the_clock.make_evaluator())
    first = player.decide([board], Limit(simulations=400))[0]  # however slow the machine
    for move in first.candidates[0].line[:2]:
        board.push(move)
    assert player.decide([board], Limit(simulations=16))[0].reused > 0


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("c_puct=2", "there is no c_puct; there is c_puct_init, c_puct_base"),
        ("tactics=1", "tactics is a group, name one of its settings"),
        ("c_puct_init.more=1", "c_puct_init is no group"),
        ("c_puct_init=much", "'much' is not a value it can have"),
        ("c_puct_init=-1", "c_puct_init is -1, it must be above 0"),
        ("c_puct_init", "'' is not a value it can have"),
        ("reuse=1", "'1' is not a value it can have .true or false"),
        ("solver=0", "'0' is not a value it can have .true or false"),
    ],
)
def test_what_cannot_be_set_is_named(setting: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        with_settings(entrant(f"{MODEL}@16"), [setting])


def test_a_player_without_a_search_has_no_settings() -> None:
    with pytest.raises(ValueError, match=r"pure@50: has no settings"):
        with_settings(entrant("pure@50"), ["c_puct_init=2"])


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.search_settings", f"{MODEL}@8", *arguments]
    command += ["--games", "8", "--backend", "torch", "--precision", "float32", "--workers", "1"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_a_match_is_played_between_the_two_and_a_sequential_test_says_how_far_it_came() -> None:
    done = run("--set", "tactics.vcf_nodes=0", "--sprt", "-20", "20")
    assert done.returncode == 0, done.stderr
    assert f"{MODEL}@8 tactics.vcf_nodes=0 against {MODEL}@8, 6x6x4" in done.stdout
    assert "as White        4" in done.stdout
    assert "SPRT -20 against +20 Elo: undecided after 4 pairs" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--set", "c_puct_init=2", "--sprt", "20", "-20"], "--sprt 20 -20: ELO0 has to be below ELO1"),
        (["--set", "c_pukt=2"], "there is no c_pukt"),
    ],
)
def test_bad_input_is_a_line_before_anything_is_played(arguments: list[str], reason: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
