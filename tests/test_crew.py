"""Workers of the arena: the same games whoever plays them, deaths, refusals, and that nobody is left behind."""

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest
from test_gomocup_player import BRAIN

import arena.units as units_module
from arena.crew import MODULE, LocalCrew, RemoteCrew, WorkerError, start_worker
from arena.crew_options import CrewOptions
from arena.duel import Duel, duel_units
from arena.openings import balanced_openings
from arena.sequential import count_sequentially, sequential_units
from arena.specs import Contestant, Entrant, parse_spec
from arena.sprt import Hypotheses
from arena.units import Bench, Crew, PlayedGame, Unit, even_parts, make_ready
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.player import SearchPlayer
from nets.calibration import EngineOptions
from nets.config import NetworkConfig
from nets.engine import CompiledNetwork, Engine
from workers.worker_process import WorkerProcess

RULES = Rules(6, 4)
Game = tuple[int, ...]


def entrant(text: str, rules: Rules = RULES) -> Entrant:
    return Contestant.find(parse_spec(text)).entrant(rules, EngineOptions(), 2)


PLAYERS = (entrant("pure@30"), entrant("random"))


def units_of_pairs(count: int, most_pairs: int = 2) -> list[Unit]:
    openings = balanced_openings(RULES, count, seed=3)
    return list(duel_units(openings, 1, most_pairs=most_pairs))


def processes(size: int, alarms: list[str], connect: Callable[[], WorkerProcess] | None = None) -> RemoteCrew:
    return RemoteCrew(size, connect or partial(start_worker, PLAYERS), alarms.append)


def ignore(_unit: Unit, _index: int, _game: PlayedGame) -> None:
    """Whoever is not interested in single games."""


def workers_left() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if MODULE in child.cmdline()]


def courses(units: Sequence[Sequence[PlayedGame]]) -> list[list[Game]]:
    return [[game.moves for game in unit] for unit in units]


def played_here(units: Sequence[Unit]) -> list[list[Game]]:
    with closing(LocalCrew(PLAYERS)) as crew:
        return courses(list(crew.play(units, ignore)))


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 50, 100])
def test_parts_hold_everything_once_and_are_nearly_equal(count: int) -> None:
    items = list(range(count))
    parts = [items[part] for part in even_parts(count, 16)]
    assert [item for part in parts for item in part] == items
    lengths = [len(part) for part in parts]
    assert max(lengths) <= 16
    assert max(lengths) - min(lengths) <= 1
    assert even_parts(0, 16) == []


def test_units_give_each_game_the_seed_that_it_has_in_one_piece() -> None:
    openings = [Board(RULES)] * 40
    (whole,) = duel_units(openings, 5, most_pairs=40)
    cut = [game for unit in duel_units(openings, 5) for game in unit.games]
    timed = [game for unit in duel_units(openings, 5, is_timed=True) for game in unit.games]
    assert cut == timed == list(whole.games)
    assert len({game.seed for game in cut}) == 80


def test_three_processes_play_the_games_of_one_and_each_is_told_of_once() -> None:
    units, alarms, told = units_of_pairs(10), [], []
    with closing(processes(3, alarms)) as crew:
        games = list(crew.play(units, lambda unit, index, game: told.append((unit.name, index, game.moves))))
    assert courses(games) == played_here(units)
    assert sorted(told) == sorted(
        (unit.name, index, game.moves)
        for unit, played in zip(units, games, strict=True)
        for index, game in enumerate(played)
    )
    assert alarms == []


def test_a_killed_worker_is_named_and_its_games_are_played_once_by_another() -> None:
    units, alarms, workers = units_of_pairs(8, most_pairs=4), [], []

    def connect() -> WorkerProcess:
        workers.append(start_worker(PLAYERS))
        return workers[-1]

    told: list[tuple[str, int]] = []

    def kill_one(unit: Unit, index: int, _game: PlayedGame) -> None:
        told.append((unit.name, index))
        if len(told) == 1:
            workers[0].process.kill()

    with closing(processes(1, alarms, connect)) as crew:
        games = list(crew.play(units, kill_one))
    assert alarms == ["worker 1 was killed by SIGKILL, another goes on with its games"]
    assert len(workers) == 2
    assert len(set(told)) == len(told) == 16
    assert courses(games) == played_here(units)


def test_a_unit_that_kills_every_worker_is_given_up_in_one_line_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second unit's players have a network without weights, on which every worker fails; the first one's not."""
    monkeypatch.setattr("arena.crew.MOST_DEATHS", 2)
    broken = replace(PLAYERS[0], network=CompiledNetwork(Engine("openvino"), NetworkConfig(), {}))
    good, bad = units_of_pairs(2, most_pairs=1)
    bad = replace(bad, games=tuple(replace(game, black=2, white=2) for game in bad.games))
    alarms: list[str] = []
    crew = processes(1, alarms, partial(start_worker, (*PLAYERS, broken)))
    told = []
    with pytest.raises(WorkerError) as caught, closing(crew):
        list(crew.play([good, bad], lambda unit, index, _game: told.append((unit.name, index))))
    line = "games 3 to 4: 2 workers in a row were lost without a finished game; worker 1 ended with status 1 ("
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert len(alarms) == 1
    assert told == [("games 1 to 2", 0), ("games 1 to 2", 1)]
    assert workers_left() == []


def test_workers_that_never_start_are_given_up_in_one_line() -> None:
    crew = processes(2, [], lambda: WorkerProcess("arena.none"))
    with (
        pytest.raises(WorkerError, match=r"^no worker can be started, 3 times in a row; worker \d ended with"),
        closing(crew),
    ):
        list(crew.play(units_of_pairs(4), ignore))


def test_what_a_player_cannot_play_is_refused_in_its_own_words() -> None:
    five_only = Entrant(parse_spec("gomocup:sh"), "gomocup:sh")
    crew = processes(1, [], partial(start_worker, (five_only, PLAYERS[1])))
    with pytest.raises(ValueError, match=r"^6x6x4: outside engines play five in a row only$"), closing(crew):
        list(crew.play(units_of_pairs(2), ignore))


def test_a_sequential_test_ends_at_the_same_pair_with_any_crew() -> None:
    def decided(crew: Crew) -> tuple[Duel, dict[str, object]]:
        openings = balanced_openings(RULES, 16, seed=9)
        units = sequential_units(iter([openings[:8], openings[8:]] * 20), seed=2, max_pairs=200)
        with closing(crew):
            duel, test = count_sequentially(crew.play(units, ignore), Hypotheses(0, 100))
        return duel, test.report()

    alone, verdict = decided(LocalCrew(PLAYERS))
    together, same = decided(processes(2, []))
    assert verdict["accepted"] == "H1"
    assert verdict == same
    assert [game.moves for game in alone.games] == [game.moves for game in together.games]


class Brain:
    """An outside engine that can be looked for."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "brain.py"
        self._script.write_text(BRAIN, encoding="utf-8")
        self._log = folder / "log"
        words = [sys.executable, str(self._script), "good", str(self._log)]
        self.entrants = (entrant(f"gomocup:{shlex.join(words)}@0.2s", Rules(7, 5)), entrant("random"))
        self.units = list(duel_units([Board(Rules(7, 5))] * 3, 1, is_timed=True))

    @property
    def starts(self) -> int:
        return self._log.read_text(encoding="utf-8").splitlines().count("ABOUT")

    @property
    def running(self) -> int:
        return sum(
            str(self._script) in process.info["cmdline"]
            for process in psutil.process_iter(["cmdline"])
            if process.info["cmdline"]
        )


def test_an_outside_engine_stays_for_the_next_unit_and_goes_with_its_worker(tmp_path: Path) -> None:
    brain = Brain(tmp_path)
    assert [len(unit.games) for unit in brain.units] == [2, 2, 2]
    bench = Bench(brain.entrants)
    with closing(bench):
        for unit in brain.units:
            bench.play(unit, lambda _index, _game: None)
        assert brain.starts == brain.running == 1
    assert brain.running == 0
    with closing(processes(2, [], partial(start_worker, brain.entrants))) as crew:
        for _ in crew.play(brain.units, ignore):
            assert brain.running > 0
            break  # while others play
    assert brain.running == 0
    assert workers_left() == []


def test_workers_end_with_the_process_that_they_work_for(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parent.parent / "evaluate.py"
    players = ("pure@3000000", "pure@3000000", "--rules", "15x15", "--openings", "empty", "--workers", "2")
    with psutil.Popen([sys.executable, str(script), *players], cwd=tmp_path, stderr=-3) as process:
        workers: list[psutil.Process] = []
        while len(workers) < 2:
            assert process.poll() is None
            time.sleep(0.02)
            workers = process.children()
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert alive == []


def test_clocks_need_a_core_each_and_are_alone_unless_asked_for() -> None:
    cores = os.cpu_count() or 1
    CrewOptions(cores).check_clocks()
    CrewOptions(None).check_clocks()
    CrewOptions(cores + 1, "host:1").check_clocks()
    for address in (None, "local"):
        with pytest.raises(ValueError, match=f"need a core each, and there are {cores} here"):
            CrewOptions(cores + 1, address).check_clocks()
    timed = (entrant("scripted:2@0.1s"), PLAYERS[1])
    assert isinstance(CrewOptions().open_crew(timed, 9, True, print), LocalCrew)
    assert isinstance(CrewOptions(2).open_crew(timed, 9, True, print), RemoteCrew)
    assert isinstance(CrewOptions(8).open_crew(PLAYERS, 1, False, print), LocalCrew), "there is one unit only"


def test_options_of_a_cluster_are_read_as_train_py_reads_them() -> None:
    assert CrewOptions.of(None, None) == CrewOptions(None, None)
    assert CrewOptions.of("3", None) == CrewOptions(3, None)
    with pytest.raises(ValueError, match="--workers : must be N or ray:N"):
        CrewOptions.of("", None)
    assert CrewOptions.of("3", None).device("cuda") == "cuda"
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    assert CrewOptions.of("ray:3", None) == CrewOptions(3, "local")
    assert CrewOptions.of("ray:3", "host:1") == CrewOptions.of("3", "host:1") == CrewOptions(3, "host:1")
    assert CrewOptions.of("ray:3", None).device("auto") == "cpu"
    with pytest.raises(ValueError, match="--device cuda: workers on a cluster evaluate on its CPUs"):
        CrewOptions.of("ray:3", None).device("cuda")


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(
        ValueError, match=r"^workers on Ray need Ray, which is not installed: python -m pip install -e '\.\[ray\]'"
    ):
        CrewOptions.of("ray:2", None)


def test_whoever_has_a_clock_is_made_ready_before_it_runs_and_plays_as_if_nothing_had_been() -> None:
    rules = Rules(7, 5)
    start = Board.from_moves(rules, [24, 17])
    for text in ("models/6x6x4@0.1s", "scripted:2@0.1s", "random"):
        fresh, ready = (entrant(text, rules).make(entrant(text, rules).make_evaluator()) for _ in range(2))
        make_ready(ready, start)
        assert not isinstance(ready, SearchPlayer) or ready._kept is None
        one, other = (player.decide([start], Limit(simulations=40, seed=3))[0] for player in (fresh, ready))
        assert replace(one, seconds=0.0) == replace(other, seconds=0.0)


def test_players_with_clocks_are_made_ready_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made_ready: list[str] = []
    monkeypatch.setattr(units_module, "make_ready", lambda player, _start: made_ready.append(player.name))
    starts = [Board.from_moves(Rules(5, 3), [12, 7])] * 2
    for is_timed in (True, False):
        bench = Bench((entrant("random", Rules(5, 3)), entrant("scripted:1", Rules(5, 3))))
        for unit in duel_units(starts, 1, is_timed=is_timed):
            bench.play(unit, lambda _index, _game: None)
        assert made_ready == ["random", "scripted:1"]
