"""Tournaments: who meets whom, interruption and resumption, what is left out, what is recorded."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from arena.crew_options import CrewOptions
from arena.journal import COLLECTION, GAMES, GameKey, Journal, SavedGame
from arena.openings import balanced_openings
from arena.specs import Contestant, Entrant, parse_spec
from arena.standings import Standings, markdown, one_sided_openings, report, standings
from arena.tournament import Plan, gauntlet, play_tournament, round_robin
from arena.units import Crew, Unit
from gomoku.board import Board
from gomoku.errors import RecordError
from gomoku.notation import parse_moves
from gomoku.records import GameRecord, RecordedMove, Start, checked
from gomoku.rules import Rules
from gomoku.sgf import parse_sgf
from nets.calibration import EngineOptions

RULES = Rules(6, 4)
SETTINGS = {"rules": RULES.name, "seed": 1}


class StoppedError(Exception):
    """Ends a tournament in the middle, as a crash would."""


def entrant(simulations: int) -> Entrant:
    contestant = Contestant.find(parse_spec(f"pure@{simulations}" if simulations else "random"))
    return contestant.entrant(RULES, EngineOptions(), 1)


def play(
    plan: Plan, journal: Journal, workers: int = 1, on_finished: Callable[[SavedGame], None] = lambda _game: None
) -> None:
    def open_crew(units: Sequence[Unit]) -> Crew:
        return CrewOptions(workers).open_crew(plan.entrants, len(units), units[0].is_timed, alarms.append)

    alarms: list[str] = []
    play_tournament(plan, journal, open_crew, on_finished)
    assert alarms == []


def plan_of(*simulations: int, pairs: int = 4, seed: int = 1) -> Plan:
    openings = tuple(balanced_openings(RULES, pairs, seed=3))
    return Plan(tuple(map(entrant, simulations)), round_robin(len(simulations)), openings, seed)


def course(journal: Journal) -> dict[GameKey, tuple[int, ...]]:
    return {key: game.record.moves for key, game in journal.games.items()}


def test_a_round_robin_plays_every_opening_with_both_colours_between_all(tmp_path: Path) -> None:
    plan = plan_of(0, 20, 60)
    journal = Journal(tmp_path, SETTINGS)
    play(plan, journal)
    assert len(journal.games) == plan.num_games == 24
    assert {(key.black, key.white) for key in journal.games} == {
        (a.name, b.name) for a in plan.entrants for b in plan.entrants if a is not b
    }
    assert round_robin(4) == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    assert gauntlet(3) == ((0, 1), (0, 2))
    for game in journal.games.values():
        assert len(game.seconds) == len(game.record.moves) - len(parse_moves(game.key.opening, 6))


def test_an_interrupted_tournament_goes_on_and_ends_in_the_same_files_with_any_number_of_workers(
    tmp_path: Path,
) -> None:
    plan = plan_of(0, 20, 60)
    whole = Journal(tmp_path / "whole", SETTINGS)
    play(plan, whole)

    def stop(_game: SavedGame) -> None:
        if len(journal.games) >= 7:
            raise StoppedError

    journal = Journal(tmp_path / "parts", SETTINGS)
    with pytest.raises(StoppedError):
        play(plan, journal, 1, stop)
    assert 7 <= len(journal.games) < plan.num_games
    with (tmp_path / "parts" / GAMES).open("a", encoding="utf-8") as file:
        file.write('{"opening": "c3d4", "rep')  # as a kill in the middle of a line leaves it
    again = Journal(tmp_path / "parts", SETTINGS)
    assert course(again) == course(journal)
    played: list[GameKey] = []
    play(plan, again, 2, lambda game: played.append(game.key))
    assert len(played) == plan.num_games - len(journal.games), "nothing is played twice"
    assert course(again) == course(whole)
    tables = [standings(plan, games.games, "pure@60") for games in (whole, again)]
    assert [(line.name, line.rating, line.wins) for line in tables[0].lines] == [
        (line.name, line.rating, line.wins) for line in tables[1].lines
    ]
    assert course(Journal(tmp_path / "parts", SETTINGS)) == course(whole)
    for games in (whole, again):
        games.write_collection()
    first, second = ((tmp_path / part / COLLECTION).read_bytes() for part in ("whole", "parts"))
    assert first == second


def test_more_players_take_over_the_games_that_were_played(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SETTINGS)
    play(plan_of(0, 20), journal)
    before = course(journal)
    play(plan_of(0, 20, 30), journal)
    assert len(journal.games) == 24
    assert before.items() <= course(journal).items()


def test_a_folder_of_another_tournament_and_a_bad_line_are_refused_with_what_differs(tmp_path: Path) -> None:
    Journal(tmp_path, SETTINGS)
    with pytest.raises(ValueError, match="holds games with seed 1, not 2"):
        Journal(tmp_path, {**SETTINGS, "seed": 2})
    Journal(tmp_path, SETTINGS, {"a": "1"})
    Journal(tmp_path, SETTINGS, {"b": "2"})
    Journal(tmp_path, SETTINGS, {"a": "1", "b": "2"})
    with pytest.raises(ValueError, match="holds games of a with other weights"):
        Journal(tmp_path, SETTINGS, {"a": "2"})
    (tmp_path / GAMES).write_text('{"opening": 3}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 1: not a finished game"):
        Journal(tmp_path, SETTINGS)
    with pytest.raises(ValueError, match="is not a folder"):
        Journal(tmp_path / GAMES, SETTINGS)
    (tmp_path / "settings.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ValueError, match=r"settings\.json is not JSON; choose another folder"):
        Journal(tmp_path, SETTINGS)


def test_numbers_without_end_and_brackets_without_end_are_no_finished_game(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SETTINGS)
    play(plan_of(0, 20, pairs=1), journal)
    data = json.loads((tmp_path / GAMES).read_text(encoding="utf-8").splitlines()[0])
    for line in (json.dumps(data | {"repeat": math.inf}), json.dumps(data | {"seconds": [10**400]}), "[" * 100_000):
        with pytest.raises(RecordError, match="not a finished game"):
            SavedGame.parse(line)


def test_the_collection_holds_every_game_as_sgf(tmp_path: Path) -> None:
    journal = Journal(tmp_path, SETTINGS)
    play(plan_of(0, 20, pairs=2), journal)
    journal.write_collection()
    trees = (tmp_path / "games.sgf").read_text(encoding="utf-8").split("\n(")
    assert len(trees) == 4
    first = parse_sgf("(" + trees[0].removeprefix("("))
    assert first == journal.records[0]


def test_two_players_of_one_name_or_one_alone_are_no_tournament() -> None:
    with pytest.raises(ValueError, match="'pure@20' takes part twice"):
        plan_of(20, 20)
    with pytest.raises(ValueError, match="at least two"):
        plan_of(20)


def decided(black: str, white: str, opening: str, winner: str, repeat: int = 0) -> SavedGame:
    """A game that the named colour won without the board showing it."""
    line = tuple(RecordedMove(move) for move in parse_moves(opening, 6))
    result = {"black": "1-0", "white": "0-1", "none": "1/2-1/2"}[winner]
    record = GameRecord(RULES, line, result=result, reason="time", black=black, white=white)
    return SavedGame(GameKey(black, white, opening, repeat), record, (0.5,))


def decided_apart(key: GameKey, winner: str) -> SavedGame:
    """One whose moves no other two players made."""
    game = decided(*key[:3], winner)
    own = parse_moves(f"{'abcdef'[int(key.black[5:])]}5{'abcdef'[int(key.white[5:])]}6", 6)
    line = (*game.record.line, *map(RecordedMove, own))
    return replace(game, record=replace(game.record, line=line))


@pytest.mark.parametrize(("num_players", "is_left_out"), [(3, False), (5, True)])
def test_openings_that_one_colour_always_wins_are_named_and_do_not_count(num_players: int, is_left_out: bool) -> None:
    names = tuple(f"pure@{number}" for number in range(1, num_players + 1))
    openings = tuple(Board.from_moves(RULES, parse_moves(name, 6)) for name in ("c3d4", "a1b2"))
    plan = Plan(tuple(entrant(int(name[5:])) for name in names), round_robin(num_players), openings)
    games = {}
    for meeting in plan.meetings:
        (as_black, as_white), fair = plan.pairs(meeting)
        for key in (as_black, as_white):
            games[key] = decided_apart(key, "black")
        for key in fair:
            better = "black" if key.black == names[meeting[0]] else "white"
            games[key] = decided_apart(key, better)
    result = standings(plan, games, names[-1])
    assert result.left_out == ({"c3d4": "Black"} if is_left_out else {})
    assert [line.name for line in result.lines] == list(names)
    text = markdown(result)
    assert ("Opening c3d4 is left out of the ratings: Black won every game." in text) == is_left_out
    assert f"{names[-1]} lost {3 * (num_players - 1)} games without a move" in text
    figures = report(result, plan)
    assert figures["games"] == 2 * num_players * (num_players - 1)
    assert json.loads(json.dumps(figures))["players"][0]["seconds_per_move"] == 0.5
    (as_black, as_white), _ = plan.pairs((0, 1))
    repeated = [(games[as_black], games[as_white])] * 20
    assert one_sided_openings(repeated) == {}, "a pair that is repeated says nothing new"


def test_where_one_colour_wins_everywhere_all_games_count() -> None:
    openings = (Board.from_moves(RULES, parse_moves("c3d4", 6)),)
    plan = Plan(tuple(entrant(number) for number in range(1, 6)), round_robin(5), openings)
    keys = [key for meeting in plan.meetings for pair in plan.pairs(meeting) for key in pair]
    result = standings(plan, {key: decided_apart(key, "black") for key in keys}, "pure@1")
    assert (result.left_out, [line.rating.elo for line in result.lines]) == ({}, pytest.approx([0] * 5, abs=1e-6))


def test_too_few_games_to_rate_all_are_a_clear_error() -> None:
    with pytest.raises(ValueError, match="too few games have been played"):
        standings(plan_of(0, 20), {}, "random")


def test_time_is_counted_for_the_player_who_used_it() -> None:
    """From an empty board, from an opening, and where the last decision led to no move."""
    plan = plan_of(1, 2)
    won = checked(GameRecord(RULES, tuple(map(RecordedMove, parse_moves("a1a6b1b6c1c6d1", 6))), black="pure@1"))
    opening = plan.pairs((0, 1))[0]
    full = SavedGame(opening[0], replace(won, white="pure@2"), (9.0, 1.0, 3.0))
    stopped = decided("pure@2", "pure@1", "c3d4", "black")
    lost = SavedGame(opening[1], replace(stopped.record, line=stopped.record.line[:1]), (2.0,))
    result: Standings = standings(plan, {opening[0]: full, opening[1]: lost}, "pure@2")
    seconds = {line.name: line.spent for line in result.lines}
    assert seconds["pure@2"] == (1.0, 1.0), "Black's three moves were 9 and 3 seconds, White's one"
    assert seconds["pure@1"] == (pytest.approx(14 / 3), 9.0), "White lost on time after two"


def test_a_journal_keeps_games_that_began_from_a_set_up_position(tmp_path: Path) -> None:
    start = Start((1, *[0] * 35), -1)
    record = checked(GameRecord(RULES, (RecordedMove(7),), start, result="0-1", reason="time", black="a", white="b"))
    game = SavedGame(GameKey("a", "b", "empty", 0), record, (0.1, 0.2))
    Journal(tmp_path, SETTINGS).add(game)
    assert Journal(tmp_path, SETTINGS).games == {game.key: game}
