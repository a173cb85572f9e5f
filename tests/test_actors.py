"""The contract of all actors, whether they play in this process or in others, and the book that is kept of games."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from arena.scripted import sparring_partner
from gomoku.board import Board
from gomoku.rules import BLACK, WHITE, Rules
from mcts.config import SearchConfig
from nets.engine import CompiledNetwork, Engine, compile_network
from nets.network import NetworkConfig, build_network
from training.actor_kinds import make_actors
from training.actor_processes import ProcessActors
from training.actors import Actors, InProcessActors
from training.config import RayConfig, SelfPlayConfig, TrainConfig
from training.games import FinishedGame, GameInFlight, Searched
from training.harvest import Harvest, Ledger, Report
from training.self_play import SelfPlay
from training.shares import Assignment

RULES = Rules(6, 4)
SHARES = 2
CONFIG = TrainConfig(
    seed=5, self_play=SelfPlayConfig(simulations=12, games=8, threads=SHARES, actors=SHARES, random_plies=3)
)
SPARRING = replace(CONFIG, self_play=replace(CONFIG.self_play, sparring_share=0.25, sparring_level=2))
POSITIONS = 150
DEADLINE = 120.0


def compiled_network(seed: int = 0) -> CompiledNetwork:
    """For OpenVINO: actors that need no torch start in a fraction of the time."""
    torch.manual_seed(seed)
    config = NetworkConfig(blocks=0, plain_channels=(8,))
    weights = {name: tensor.numpy().copy() for name, tensor in build_network(config).state_dict().items()}
    return compile_network(config, weights, Engine("openvino", "float32"))


def assignment(generation: int) -> Assignment:
    return Assignment(compiled_network(), generation, 0, CONFIG.self_play.simulations)


@contextmanager
def actors_of(kind: str, folder: Path) -> Iterator[Actors]:
    if kind == "threads":
        made: Actors = InProcessActors(SPARRING, make_partner=sparring_partner)
    else:
        address = "none" if kind == "processes" else kind
        made = make_actors(replace(SPARRING, ray=RayConfig(address=address)), folder, make_partner=sparring_partner)
    try:
        yield made
    finally:
        made.close()


def play(
    actors: Actors, generation: int = 0, should_stop: Callable[[], bool] = lambda: False, positions: int = POSITIONS
) -> Harvest:
    give_up = time.monotonic() + DEADLINE

    def stop() -> bool:
        assert time.monotonic() < give_up, "nothing comes"
        return should_stop()

    return actors.play(assignment(generation), positions, lambda _moves: None, stop)


def as_json(owner: Actors | Ledger) -> list[dict[str, Any]]:
    """Its state, as a checkpoint gives it back."""
    state: list[dict[str, Any]] = json.loads(json.dumps(owner.state()))
    return state


def numbers_in_flight(state: list[dict[str, Any]]) -> set[int]:
    return {game["number"] for share in state for game in share["games"]}


def numbers_waiting(state: list[dict[str, Any]]) -> set[int]:
    return {game["number"] for share in state for game in share["finished"]}


@pytest.fixture(params=["threads", "processes", "ray"])
def kind(request: pytest.FixtureRequest) -> str:
    """Of actors; those on Ray are named by the address of a cluster."""
    return request.getfixturevalue("ray_nodes").address if request.param == "ray" else str(request.param)


def test_a_harvest_holds_whole_games_that_depend_on_their_number_and_the_weights_alone(
    kind: str, tmp_path: Path
) -> None:
    moves_seen: list[int] = []
    with actors_of(kind, tmp_path) as actors:
        harvest = actors.play(assignment(7), POSITIONS, moves_seen.append, lambda: False)
    positions = sum(len(game.samples) for game in harvest.games)
    assert harvest.is_whole
    assert positions >= POSITIONS
    assert harvest.simulations > positions
    assert harvest.seconds > 0
    assert harvest.duplicates == 0
    assert harvest.alarms == []
    assert {game.generation for game in harvest.games} == {7}
    assert moves_seen == sorted(moves_seen)
    with actors_of("threads", tmp_path) as twin:
        theirs = {game.number: game for game in play(twin, 7).games}
    shared = [game for game in harvest.games if game.number in theirs]
    assert len(shared) > 5
    assert {game.partner for game in shared} == {BLACK, WHITE, 0}
    for game in shared:
        assert game.state() == theirs[game.number].state()
        for ours, other in zip(game.samples, theirs[game.number].samples, strict=True):
            np.testing.assert_array_equal(ours.cells, other.cells)
            assert (ours.to_play, ours.outcome, ours.game) == (other.to_play, other.outcome, other.game)


def test_play_goes_on_elsewhere_from_its_state_without_losing_or_repeating_a_game(kind: str, tmp_path: Path) -> None:
    with actors_of(kind, tmp_path) as actors:
        asked = iter([False, True])
        # More than actors of so small a network can bring between two questions, however late the second one comes.
        stopped = play(actors, 1, lambda: next(asked), positions=20 * POSITIONS)
        assert not stopped.is_whole
        first: list[FinishedGame] = []
        state: list[dict[str, Any]] = []
        while not state or not all(share["games"] for share in state):  # until the last actor has begun
            first += play(actors, 2).games
            state = as_json(actors)
    assert len(state) == SHARES
    games = {game.number for game in first}
    assert len(games) == len(first)
    in_flight, waiting = numbers_in_flight(state), numbers_waiting(state)
    # An actor plays on after its report: what has ended since waits, and is in flight no more.
    assert len(in_flight | waiting) >= CONFIG.self_play.games
    assert kind != "threads" or len(in_flight) == CONFIG.self_play.games
    assert not games & in_flight
    assert not games & waiting
    assert not waiting & in_flight
    with actors_of(kind, tmp_path) as actors:
        actors.load_state(state)
        assert as_json(actors) == state
        second = play(actors, 3)
        again = actors.state()
    later = {game.number for game in second.games}
    assert waiting <= later, "what was finished is harvested"
    assert not games & later
    assert second.duplicates == 0
    assert len(later) == len(second.games)
    assert in_flight - later <= numbers_in_flight(again) | numbers_waiting(again), "no game in flight is forgotten"


def test_processes_play_on_between_harvests_and_no_further_than_the_next_one(tmp_path: Path) -> None:
    # Many, as actors of so small a network make a hundred or two before they are told to rest.
    wanted = 5 * POSITIONS
    with closing(ProcessActors(CONFIG, tmp_path)) as actors:
        play(actors, 1, positions=wanted)
        assert actors.plays_on
        give_up = time.monotonic() + DEADLINE
        waiting = 0
        while waiting < wanted:
            assert time.monotonic() < give_up
            waiting = sum(len(game["policies"]) for share in actors.state() for game in share["finished"])
        flying = numbers_in_flight(actors.state())
        time.sleep(0.5)
        assert numbers_in_flight(actors.state()) == flying, "they rest while the learner has enough"
        harvest = play(actors, 2, positions=wanted)
        assert sum(len(game.samples) for game in harvest.games) < 2 * wanted
        assert {game.generation for game in harvest.games} == {1}
        while 2 not in {game.generation for game in harvest.games}:
            harvest = play(actors, 2)
        processes = actors.process_ids
        assert len(processes) == SHARES
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert list(tmp_path.iterdir()) == [], "nothing is left"


def finished(number: int) -> FinishedGame:
    searched = Searched(np.array([0, 1]), np.array([1.0, 2.0]), 0.5)
    game = GameInFlight(number, np.random.default_rng(0), Board.from_moves(RULES, (0, 1)), 0, [searched, None], 0)
    return game.finish(1, is_proven=False)


def report(*numbers: int, share: dict[str, Any] | None = None) -> Report:
    return Report([finished(number) for number in numbers], 1, 10, 0, 1.0, share and {numbers[0] % SHARES: share})


def test_the_ledger_counts_a_game_once_however_often_it_comes() -> None:
    ledger = Ledger([RULES] * SHARES, SHARES)
    ledger.note(report(0, 2))
    ledger.note(report(1))
    ledger.note(report(2, 4))
    waiting = ledger.positions
    harvest = ledger.take()
    assert waiting == sum(len(game.samples) for game in harvest.games) > 0
    assert ledger.positions == 0
    assert [game.number for game in harvest.games] == [0, 2, 1, 4]
    assert (harvest.duplicates, harvest.simulations, harvest.seconds) == (1, 30, 1.5)
    ledger.note(report(4))
    again = ledger.take()
    assert (again.games, again.duplicates) == ([], 1), "also when the first was harvested long ago"


def test_games_finished_with_a_network_too_old_are_counted_and_dropped_and_never_played_again() -> None:
    ledger = Ledger([RULES] * SHARES, SHARES)
    old, new = (replace(report(number), generation=number) for number in (2, 4))
    ledger.note(old, oldest=3)
    ledger.note(new, oldest=3)
    assert ledger.share(0)["counted"] == [2, 4]
    harvest = ledger.take()
    assert [game.number for game in harvest.games] == [4]
    assert harvest.outdated == 1
    assert harvest.alarms == ["1 games were dropped: the network that finished them is too old"]
    assert ledger.take().alarms == []


def test_whoever_goes_on_for_a_dead_actor_is_not_given_what_it_had_finished() -> None:
    ledger = Ledger([RULES] * SHARES, SHARES)
    ledger.note(report(0, share={"next_number": 6, "games": [{"number": 2}, {"number": 4}], "counted": []}))
    ledger.note(report(4, 8))
    assert ledger.share(0) == {"next_number": 6, "games": [{"number": 2}], "counted": [8]}
    state = as_json(ledger)
    assert numbers_waiting(state) == {0, 4, 8}
    heir = Ledger([RULES] * SHARES, SHARES)
    heir.load_state(state)
    assert heir.share(0) == ledger.share(0)
    assert heir.positions == ledger.positions > 0
    assert as_json(heir) == state


def test_a_share_passes_over_the_numbers_that_are_counted() -> None:
    share = SelfPlay(RULES, CONFIG.self_play, SearchConfig(), CONFIG.seed, 0, SHARES)
    share.load_state({"next_number": 6, "games": [], "counted": [6, 8, 12]})
    asked = iter([True])
    share.play(NoEvaluator(), 1, lambda: None, lambda: next(asked))
    assert [game.number for game in share.games] == [10, 14, 16, 18]
    assert share.state()["counted"] == []


class NoEvaluator:
    """For a play that is stopped before it asks."""

    def evaluate(self, positions: Any) -> Any:
        raise AssertionError(positions)


def test_more_actors_than_games_are_refused() -> None:
    with pytest.raises(ValueError, match="actors is 9, it must be at most games, which is 8"):
        replace(CONFIG.self_play, actors=9)


def test_a_run_that_leaves_the_number_of_actors_open_gets_one_per_core() -> None:
    config = TrainConfig(self_play=SelfPlayConfig(actors=-1, games=512)).with_threads_fixed()
    assert config.self_play.actors == min(os.cpu_count() or 1, 256)
    assert TrainConfig().with_threads_fixed().self_play.actors == 0, "bit for bit, unless asked otherwise"
