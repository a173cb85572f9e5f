"""Players for user interfaces: levels, limits and memory."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from arena.levels import FULL, LEVELS, find_level
from arena.player_factory import LEAST_TREE_BYTES, USUAL_TREE_BYTES, BoundedPlayer, ModelFactory, tree_bytes
from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.player import Analyst, Decision, Limit, PlayerFactory, Proof, limits_for
from gomoku.rules import Rules, parse_rules
from mcts.player import SearchPlayer

MODEL = str(Path(__file__).resolve().parent.parent / "models" / "6x6x4")
RULES = parse_rules("6x6x4")


@pytest.fixture(scope="module")
def factory() -> ModelFactory:
    return ModelFactory(MODEL, device="cpu", precision="float32", backend="torch", seed=1)


def test_levels_go_from_little_thought_to_no_bound(factory: PlayerFactory) -> None:
    assert list(factory.levels) == [level.name for level in LEVELS]
    assert (factory.levels[0], factory.levels[-1]) == ("beginner", "full")
    simulations = [level.simulations for level in LEVELS[:-1]]
    assert simulations == sorted(simulations)
    assert FULL.simulations is None
    temperatures = [level.temperature for level in LEVELS]
    assert temperatures == sorted(temperatures, reverse=True)


def test_a_level_that_there_is_not_is_refused_with_those_that_there_are(factory: ModelFactory) -> None:
    with pytest.raises(ValueError, match=r"level 'godlike' is not one of beginner, .*, full"):
        factory(RULES, "godlike", Limit())
    assert find_level(None) is FULL
    assert find_level("Easy").name == "easy"


@pytest.mark.parametrize(("chosen", "temperature"), [(None, 1.5), ("easy", find_level("easy").temperature)])
def test_a_level_in_the_players_name_errs_as_the_level_does_until_another_is_chosen(
    chosen: str | None, temperature: float
) -> None:
    named = ModelFactory(f"{MODEL}@beginner", device="cpu", precision="float32", backend="torch", seed=1)
    player = named(RULES, chosen, Limit())
    inner = player if isinstance(player, SearchPlayer) else player._player
    assert inner.options.temperature == temperature


@pytest.mark.parametrize(
    ("told", "chosen", "most"),
    [
        ("@20", None, 20),
        ("@20", "easy", 20),
        ("@40", "easy", find_level("easy").simulations),
        ("@easy", None, find_level("easy").simulations),
        ("@easy", "full", find_level("easy").simulations),
        ("@beginner", "easy", find_level("easy").simulations),
        ("@9s", "easy", find_level("easy").simulations),
    ],
)
@pytest.mark.parametrize("limit", [Limit(), Limit(seconds=60), Limit(simulations=5000)], ids=["own", "time", "more"])
def test_what_a_players_name_allows_it_is_the_most_it_thinks_of_a_move(
    told: str, chosen: str | None, most: int, limit: Limit
) -> None:
    named = ModelFactory(f"{MODEL}{told}", device="cpu", precision="float32", backend="torch", seed=1)
    player = named(RULES, chosen, Limit())
    board = Board.from_moves(RULES, parse_moves("a1f6", 6))
    assert most <= player.decide([board], limit)[0].simulations <= most + 8
    assert isinstance(player, Analyst)
    if limit != Limit():
        assert list(player.analyse(board, limit))[-1].simulations <= most + 8


@pytest.mark.parametrize("spec", [f"{MODEL}@0.25s", "scripted:3@0.25s"])
def test_of_the_seconds_in_a_players_name_and_the_callers_the_fewer_hold(spec: str) -> None:
    player = ModelFactory(spec, device="cpu", precision="float32", backend="torch")(RULES, None, Limit())
    assert isinstance(player, BoundedPlayer)
    given: list[Limit] = []
    player._player = Heard(given)
    for seconds in (5.0, 0.1):
        player.decide([Board(RULES)], Limit(seconds=seconds))
    player.decide([Board(RULES)], Limit(simulations=7))
    assert given == [Limit(seconds=0.25), Limit(seconds=0.1), Limit(simulations=7, seconds=0.25)]


class Heard:
    """Keeps the limits that it is given."""

    name = "heard"

    def __init__(self, given: list[Limit]) -> None:
        self._given = given

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        self._given += limits_for(boards, limit)
        return []


def test_an_analysis_without_an_end_goes_on_whatever_the_players_name_says() -> None:
    named = ModelFactory(f"{MODEL}@8", device="cpu", precision="float32", backend="torch", seed=1)
    stops = iter([False] * 12)
    thoughts = named(RULES, None, Limit()).analyse(  # type: ignore[attr-defined] - a model can
        Board.from_moves(RULES, parse_moves("a1f6", 6)), Limit(stop=lambda: next(stops, True))
    )
    assert list(thoughts)[-1].simulations > 16


@pytest.mark.parametrize("level", LEVELS[:-1], ids=lambda level: level.name)
@pytest.mark.parametrize("limit", [Limit(), Limit(simulations=5000), Limit(seconds=60)], ids=["own", "more", "time"])
def test_a_level_never_thinks_more_than_it_may(factory: ModelFactory, level, limit: Limit) -> None:
    player = factory(RULES, level.name, Limit())
    board = Board.from_moves(RULES, parse_moves("c3d4", 6))
    (decision,) = player.decide([board], limit)
    assert 1 <= decision.simulations <= level.simulations + 8
    assert board.is_legal(decision.move)
    assert isinstance(player, Analyst)
    assert list(player.analyse(board, Limit()))[-1].simulations <= level.simulations + 8


def test_only_full_strength_sees_wins_by_threes_at_once(factory: ModelFactory) -> None:
    board = Board.from_moves(RULES, parse_moves("c3d4", 6))
    (held_back,) = factory(RULES, "easy", Limit()).decide([board], Limit())
    (full,) = factory(RULES, None, Limit()).decide([board], Limit(simulations=24))
    assert (held_back.proof, full.proof) == (None, Proof.WIN)


def test_a_smaller_limit_than_the_levels_holds(factory: ModelFactory) -> None:
    board = Board.from_moves(RULES, parse_moves("c3d4", 6))
    (decision,) = factory(RULES, "strong", Limit()).decide([board], Limit(simulations=10))
    assert decision.simulations <= 18


def test_full_strength_takes_the_limit_of_the_caller_or_of_the_factory(factory: ModelFactory) -> None:
    board = Board.from_moves(RULES, parse_moves("a1f6", 6))
    player = factory(RULES, None, Limit(simulations=50))
    assert 50 <= player.decide([board], Limit())[0].simulations <= 58
    assert 90 <= player.decide([board], Limit(simulations=90))[0].simulations <= 98


def test_a_beginner_varies_and_the_strong_do_not(factory: ModelFactory) -> None:
    board = Board(RULES)

    def moves(level: str, seed: int | None) -> set[int]:
        return {factory(RULES, level, Limit()).decide([board], Limit(seed=seed))[0].move for _ in range(12)}

    assert len(moves("beginner", None)) > 1
    assert len(moves("quick", None)) == 1
    assert len(moves("beginner", 1)) == 1, "with a seed, games can be repeated"


def test_a_beginner_still_sees_a_win_in_one(factory: ModelFactory) -> None:
    board = Board.from_drawing(RULES, "XXX...\n......\n......\n......\nOOO...\n......", 1)
    for _ in range(10):
        assert factory(RULES, "beginner", Limit()).decide([board], Limit())[0].move in (3,)


@pytest.mark.parametrize(
    ("memory", "tree"),
    [(0, USUAL_TREE_BYTES), (-5, USUAL_TREE_BYTES), (1, LEAST_TREE_BYTES), (2**40, USUAL_TREE_BYTES)],
)
def test_a_tree_gets_what_the_process_leaves(memory: int, tree: int) -> None:
    assert tree_bytes(memory) == tree
    assert LEAST_TREE_BYTES <= tree_bytes(350 * 10**6) < 100 * 2**20


def test_little_memory_means_a_small_tree(factory: ModelFactory) -> None:
    player = factory(Rules(20), None, Limit(), memory=80 * 2**20)
    assert isinstance(player, SearchPlayer)
    assert player.options.memory == LEAST_TREE_BYTES


def test_rules_of_one_size_share_an_evaluator(factory: ModelFactory) -> None:
    players = [factory(parse_rules(name), None, Limit()) for name in ("15x15", "renju-15x15")]
    assert players[0].evaluator is players[1].evaluator
    board = Board(parse_rules("renju-15x15"))
    assert board.is_legal(players[1].decide([board], Limit(simulations=8))[0].move)


@pytest.mark.parametrize("name", ["15x15", "standard-15x15", "renju-15x15", "20x20", "5x5x5", "22x22"])
def test_the_best_shipped_model_plays_all_that_gomocup_asks_for(name: str) -> None:
    rules = parse_rules(name)
    (decision,) = ModelFactory(backend="torch", precision="float32")(rules, None, Limit()).decide(
        [Board(rules)], Limit(simulations=8)
    )
    assert Board(rules).is_legal(decision.move)


def test_players_that_are_no_models_have_no_levels() -> None:
    assert ModelFactory("random")(RULES, "beginner", Limit()).name == "random"
    for spec in ("pure@90", "scripted:3"):
        assert ModelFactory(spec)(RULES, "beginner", Limit()).name == spec
    (decision,) = ModelFactory("pure@90")(RULES, "beginner", Limit()).decide([Board(RULES)], Limit())
    assert decision.simulations == 90
    with pytest.raises(ValueError, match="is not a model or run"):
        ModelFactory("models/none")(RULES, None, Limit())
