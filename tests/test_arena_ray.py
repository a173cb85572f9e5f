"""Workers of the arena on real Ray nodes: the same games as here, and a worker that is killed on the way."""

from contextlib import closing
from typing import Any

import psutil
import pytest
from test_crew import PLAYERS, courses, played_here, units_of_pairs

pytest.importorskip("ray", reason="the extra `ray` is not installed")

from arena.crew_options import CrewOptions
from arena.units import PlayedGame, Unit


def players_on_nodes() -> list[psutil.Process]:
    running = psutil.process_iter(["cmdline"])
    return [process for process in running if (process.info["cmdline"] or [""])[0].startswith("ray::RemoteBench")]


def test_a_cluster_plays_the_games_of_one_process_though_a_worker_is_killed(ray_nodes: Any) -> None:
    units, alarms = units_of_pairs(12, most_pairs=3), []
    told: list[tuple[str, int]] = []

    def kill_one(unit: Unit, index: int, _game: PlayedGame) -> None:
        told.append((unit.name, index))
        if len(told) == 1:
            players_on_nodes()[0].kill()

    # Three workers, where there is room for two: nothing is given to the one that waits.
    crew = CrewOptions(3, ray_nodes.address).open_crew(PLAYERS, len(units), False, alarms.append)
    with closing(crew):
        games = list(crew.play(units, kill_one))
    assert courses(games) == played_here(units)
    assert len(set(told)) == len(told) == 24
    assert len(alarms) == 1
    assert alarms[0].startswith("worker ")
    assert alarms[0].endswith("another goes on with its games")
    psutil.wait_procs(left := players_on_nodes(), timeout=20)
    assert not any(process.is_running() for process in left)


def test_an_address_where_no_cluster_is_is_told_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"^no Ray cluster at 127.0.0.1:9: .*refused$"):
        CrewOptions(2, "127.0.0.1:9").open_crew(PLAYERS, 2, False, print)
