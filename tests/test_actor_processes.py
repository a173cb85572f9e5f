"""Actor processes and sudden ends: of an actor, of the run that started them, and by Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from process_parts import is_alive
from test_actors import CONFIG, SHARES, as_json, compiled_network, numbers_in_flight, numbers_waiting, play

from nets.network import NetworkConfig
from training import remote_actors
from training.actor_processes import ProcessActors
from training.actors import ActorsError
from training.hooks import Hooks
from training.loop import TrainingLoop
from training.metrics import read_metrics
from training.run_folder import RunFolder
from training.shares import Assignment

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 120.0
SETTINGS = [
    *("--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu", "--precision=float32"),
    # Actors that need no torch start in a fraction of the time, and nothing is measured before.
    *("--backend=openvino", "--learner.precision=float32"),
    *("--iteration_positions=40", "--self_play.simulations=4", "--self_play.games=8"),
    *(f"--self_play.actors={SHARES}", "--learner.batch_size=32", "--replay.window_start=100", "--seed=3"),
    "--check.every=0",
]


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < give_up, f"it never happened that {what}"
        time.sleep(0.05)


def children_of(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, parent in pairs if int(parent) == process]


def test_a_killed_actor_is_named_and_replaced_and_no_game_is_lost_or_counted_twice(tmp_path: Path) -> None:
    with closing(ProcessActors(CONFIG, tmp_path)) as actors:
        harvests = [play(actors, 0)]
        victim = actors.process_ids[0]
        for generation in (1, 2):  # the second kill finds games in flight that were reported
            os.kill(actors.process_ids[0], signal.SIGKILL)
            harvests += [play(actors, generation) for _ in range(3)]
            state = as_json(actors)
        assert victim not in actors.process_ids
    alarms = [alarm for harvest in harvests for alarm in harvest.alarms]
    assert alarms == ["actor 1 was killed by SIGKILL, another goes on with its games"] * 2
    numbers = [game.number for harvest in harvests for game in harvest.games]
    assert len(set(numbers)) == len(numbers)
    assert sum(harvest.duplicates for harvest in harvests) == 0
    known = set(numbers) | numbers_in_flight(state) | numbers_waiting(state)
    for k, share in enumerate(state):
        assert known >= set(range(k, share["next_number"], SHARES)) - set(share["counted"])


def test_an_actor_that_cannot_start_ends_the_run_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_actors, "MAX_FRUITLESS_STARTS", 1)
    broken = compiled_network()._replace(tensors={})
    with (
        closing(ProcessActors(CONFIG, tmp_path)) as actors,
        pytest.raises(
            ActorsError, match=r"actor \d cannot play: started 1 times, each time it ended with status 1 \("
        ),
    ):
        actors.play(Assignment(broken, 0, 0, 8), 100, lambda _moves: None, lambda: False)


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "train.py", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_ctrl_c_and_a_kill_leave_no_actor_behind_and_the_run_goes_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    process = start("--run", str(folder.root), *SETTINGS)
    wait_until(lambda: 2 in folder.numbers("checkpoints") or process.poll() is not None, "a run came to generation 2")
    assert process.poll() is None, process.communicate()
    actors = children_of(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, err
    assert b"stopped after generation" in out
    assert b"Traceback" not in err
    assert len(actors) == SHARES
    assert not any(is_alive(actor) for actor in actors), "they are gone before the run is"
    finished = len(read_metrics(folder.metrics))

    process = start("--resume", str(folder.root))
    wait_until(lambda: len(read_metrics(folder.metrics)) > finished, "the run went on")
    actors = children_of(process.pid)
    process.kill()
    process.communicate(timeout=DEADLINE)
    assert len(actors) == SHARES
    wait_until(lambda: not any(is_alive(actor) for actor in actors), "actors without a run ended")


def test_games_that_were_finished_survive_a_stop_in_the_midst_of_the_first_iteration(tmp_path: Path) -> None:
    config = replace(
        CONFIG,
        network=NetworkConfig(blocks=1, channels=8),
        iteration_positions=10**6,
        backend="openvino",
        precision="float32",
    )

    def is_any_finished() -> bool:
        return len(numbers_waiting(as_json(loop.state.actors))) > 3

    loop = TrainingLoop(RunFolder(tmp_path), config, Hooks(check=lambda *_: {}, should_stop=is_any_finished))
    assert loop.run(None) == "stopped"
    again = TrainingLoop(RunFolder(tmp_path), config, Hooks(check=lambda *_: {}))
    assert again.state.iteration == 0
    state = as_json(again.state.actors)
    assert len(numbers_waiting(state)) > 3
    # A game may end between one actor's answer and the other's: then its successor is not yet known, and none lost.
    known = numbers_waiting(state) | numbers_in_flight(state)
    for k, share in enumerate(state):
        assert known >= set(range(k, share["next_number"], SHARES))
    again.state.actors.close()
