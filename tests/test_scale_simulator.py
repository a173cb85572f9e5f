"""The simulator of large runs against what can be worked out by hand: nothing lost, linear, and its bottlenecks."""

from dataclasses import replace

import pytest

from benchmarks.scale_simulator import AS_IT_IS, LONGER, Constants, Outcome, Run, Setup

CONSTANTS = Constants()
FREE = replace(CONSTANTS, message_seconds=0.0, flight_seconds=0.0, network_seconds=0.0)
"""Where only playing, taking in and learning cost time."""
SWIFT = Setup(iteration_positions=65_536, games_per_actor=8, learner_speed=1e6)
"""A learner that is never the limit."""


def outcome(actors: int, constants: Constants = CONSTANTS, setup: Setup = AS_IT_IS) -> Outcome:
    return Run(actors, constants, setup).measure()


@pytest.mark.parametrize("actors", [1, 4, 50, 1000])
def test_every_position_that_was_played_is_harvested_or_on_its_way(actors: int) -> None:
    run = Run(actors, CONSTANTS, AS_IT_IS)
    for _ in range(8):
        run.iterate()
        assert run.ended == pytest.approx(run.harvested + run.under_way, rel=1e-9)
    assert run.harvested >= 8 * AS_IT_IS.iteration_positions
    assert run.under_way >= 0


@pytest.mark.parametrize("actors", [1, 2, 8, 50])
def test_below_the_first_bottleneck_twice_the_actors_make_twice_the_games(actors: int) -> None:
    one, two = (outcome(count, setup=LONGER) for count in (actors, 2 * actors))
    assert one.limit == two.limit == "actors"
    assert one.positions_per_second == pytest.approx(actors * CONSTANTS.actor_positions, rel=0.03)
    assert two.positions_per_second == pytest.approx(2 * one.positions_per_second, rel=0.03)


@pytest.mark.parametrize("speed", [1.0, 5.0])
def test_learning_is_the_bottleneck_from_the_number_of_actors_on_that_it_keeps_up_with(speed: float) -> None:
    setup = replace(AS_IT_IS, learner_speed=speed)
    capacity = CONSTANTS.learner_samples * speed / setup.reuse
    predicted = capacity / CONSTANTS.actor_positions
    below, above = (outcome(round(predicted * share), FREE, setup) for share in (0.5, 1.5))
    assert below.limit == "actors"
    assert below.positions_per_second == pytest.approx(below.actors * CONSTANTS.actor_positions, rel=0.05)
    assert above.limit == "learning"
    assert above.positions_per_second == pytest.approx(capacity, rel=0.05)


@pytest.mark.parametrize("takers", [1.0, 4.0])
def test_taking_in_is_the_bottleneck_where_learning_is_none(takers: float) -> None:
    setup = replace(SWIFT, intake_speed=takers)
    capacity = takers * CONSTANTS.positions_per_game / CONSTANTS.intake_seconds
    predicted = capacity / CONSTANTS.actor_positions
    below, above = (outcome(round(predicted * share), FREE, setup) for share in (0.6, 2.0))
    assert below.limit == "actors"
    assert above.limit == "taking in"
    assert above.positions_per_second == pytest.approx(capacity, rel=0.05)


def test_what_each_message_costs_falls_on_large_clusters() -> None:
    actors = 2000
    cheap, dear = (outcome(actors, replace(CONSTANTS, message_seconds=seconds), SWIFT) for seconds in (1e-6, 570e-6))
    assert dear.positions_per_second < 0.8 * cheap.positions_per_second
    assert dear.loads["commands"] > 10 * cheap.loads["commands"]


def test_a_game_is_as_many_generations_behind_as_iterations_fit_into_it() -> None:
    actors, setup = 8, LONGER
    found = outcome(actors, FREE, setup)
    game_seconds = CONSTANTS.positions_per_game * setup.games_per_actor / CONSTANTS.actor_positions
    iteration_seconds = setup.iteration_positions / found.positions_per_second
    assert found.behind == pytest.approx(game_seconds / iteration_seconds, abs=0.1)
    slow = outcome(2, FREE, AS_IT_IS)
    game_iterations = game_seconds * slow.positions_per_second / AS_IT_IS.iteration_positions
    assert slow.behind == pytest.approx(game_iterations, abs=0.15)


def test_bytes_are_those_of_the_games_and_of_a_network_to_each_node() -> None:
    found = outcome(40, FREE, LONGER)
    games = found.positions_per_second / CONSTANTS.positions_per_game * CONSTANTS.bytes_per_game
    networks = 3 * CONSTANTS.network_bytes * found.positions_per_second / LONGER.iteration_positions
    assert found.megabytes_per_second == pytest.approx((games + networks) / 1e6, rel=0.01)
