"""Harm done to actors on several real Ray nodes of this machine; the long form is `benchmarks/ray_faults.py`."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="the extra `ray` is not installed")

from benchmarks import ray_faults
from benchmarks.ray_driver import kill_driver
from benchmarks.ray_faults import Trial


@pytest.fixture(scope="module")
def trial(ray_nodes: Any) -> Iterator[Trial]:
    """Two actors on two nodes, one run for all the harm that is done here."""
    ours = Trial(ray_nodes)
    with closing(ours.actors):
        ours.harvest()
        yield ours


def test_an_actor_that_is_killed_is_named_and_another_goes_on_with_its_games(trial: Trial) -> None:
    ray_faults.kill_actor(trial)
    trial.check()


def test_the_games_of_a_node_that_is_killed_go_on_where_a_node_joins_late(trial: Trial) -> None:
    ray_faults.kill_node(trial)
    trial.check()


def test_an_actor_that_is_held_up_holds_up_no_other(trial: Trial) -> None:
    ray_faults.hold_up_actor(trial)
    trial.check()


def test_networks_and_games_get_through_a_full_object_store(trial: Trial) -> None:
    ray_faults.fill_store(trial)
    trial.check()


def test_a_driver_that_is_killed_goes_on_from_its_checkpoint(ray_nodes: Any, tmp_path: Path) -> None:
    kill_driver(ray_nodes, tmp_path)
