"""Outside engines over the Gomocup protocol: good ones, and every way in which one can fail. Real processes."""

import os
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import gomocup_player
from arena.gomocup_player import EngineClosedError, GomocupPlayer, board_lines, parse_gomocup_spec
from gomoku.board import Board
from gomoku.errors import PlayerSpecError
from gomoku.match import Pairing, PlayedPairing, play_games
from gomoku.player import Limit
from gomoku.random_player import RandomPlayer
from gomoku.rules import WHITE, Rules, Variant

RULES = Rules(7, 5)
BRAIN = """
import os, sys, time
kind, log = sys.argv[1], open(sys.argv[2], "a")
size, taken, moves = 0, set(), 0

def say(text):
    print(text, flush=True)

def move():
    global moves
    moves += 1
    if kind == "steady": time.sleep(0.05)
    if kind == "crashing" and moves == 2: os._exit(3)
    if kind == "closing" and moves == 2: os.close(1); time.sleep(60)
    if kind == "silent": return
    if kind == "slow": time.sleep(60)
    if kind == "chatty":
        say("MESSAGE thinking"); say("DEBUG 1,1"); say("ERROR input was lost"); say("UNKNOWN command")
    if kind == "outside": return say("%d,0" % size)
    if kind == "occupied" and taken: return say("%d,%d" % min(taken))
    while kind == "flooding": sys.stdout.write("MESSAGE " + "x" * 1000 + "\\n")
    x, y = next((x, y) for y in range(size) for x in range(size) if (x, y) not in taken)
    taken.add((x, y))
    say("%d,%d" % (x, y))

for line in sys.stdin:
    print(line.strip(), file=log, flush=True)
    words = line.upper().replace(",", " ").split()
    if words[0] == "START":
        size, taken, moves = int(words[1]), set(), 0
        if kind == "asleep": continue
        if kind == "steady": time.sleep(1)
        say("ERROR size" if kind == "picky" else "OK")
        if kind == "liar": os._exit(0)
    elif words[0] == "ABOUT" and kind != "shy": say('name="brain", version="1"')
    elif words[0] == "BEGIN": move()
    elif words[0] == "TURN": taken.add((int(words[1]), int(words[2]))); move()
    elif words[0] == "BOARD":
        while (line := sys.stdin.readline().strip()) != "DONE":
            print(line, file=log, flush=True)
            taken.add(tuple(int(part) for part in line.split(",")[:2]))
        move()
    elif words[0] == "END" and kind != "deaf": break
"""


class Brains:
    """Makes players whose engine behaves as asked, and reads what each engine was told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.players: list[GomocupPlayer] = []
        (folder / "brain.py").write_text(BRAIN, encoding="utf-8")

    def __call__(self, kind: str, seconds: float = 0.2) -> GomocupPlayer:
        words = [sys.executable, str(self._folder / "brain.py"), kind, str(self._folder / kind)]
        self.players.append(GomocupPlayer(kind, parse_gomocup_spec(f"gomocup:{shlex.join(words)}@{seconds}s")))
        return self.players[-1]

    def told(self, kind: str) -> list[str]:
        return (self._folder / kind).read_text(encoding="utf-8").splitlines()


@pytest.fixture
def brains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Brains]:
    # An engine that answers at once must not lose on a machine that is busy with something else for a moment.
    monkeypatch.setattr(gomocup_player, "TOLERANCE", 10.0)
    made = Brains(tmp_path)
    yield made
    for player in made.players:
        player.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the engines that let the manager wait: they are given up soon."""
    monkeypatch.setattr(gomocup_player, "TOLERANCE", 0.2)
    monkeypatch.setattr(gomocup_player, "SECONDS_TO_START", 0.5)
    monkeypatch.setattr(gomocup_player, "SECONDS_FOR_FIRST_START", 0.5)
    monkeypatch.setattr(gomocup_player, "SECONDS_FOR_ABOUT", 0.3)


def play(player: GomocupPlayer, num_games: int = 1, start: Board | None = None) -> list[PlayedPairing]:
    start = start or Board(RULES)
    pairings = [Pairing(player, RandomPlayer(), start, seed) for seed in range(num_games)]
    return play_games(pairings, side_by_side=1)


def test_a_good_engine_plays_whole_games_in_one_process_with_the_managers_sequence(brains: Brains) -> None:
    player = brains("good")
    first, _ = play(player, 2)
    assert first.outcome.reason == "line"
    assert first.detail == ""
    assert player.about.startswith('name="brain"')
    told = brains.told("good")
    assert told[:9] == [
        "START 7",
        "INFO max_memory 350000000",
        "INFO timeout_match 0",
        "INFO game_type 1",
        "INFO rule 0",
        "INFO timeout_turn 200",
        "INFO time_left 2147483647",
        "ABOUT",
        "BEGIN",
    ]
    assert told[9] == "INFO time_left 2147483647", "before every move"
    assert told[10].startswith("TURN ")
    assert told.count("START 7") == 2, "the second game begins anew"
    assert told.count("ABOUT") == 1, "in the same process"


def test_the_time_of_every_move_is_recorded_and_the_engines_start_is_not_in_it(brains: Brains) -> None:
    began = time.monotonic()
    game = play(brains("steady"))[0]
    lasted = time.monotonic() - began
    assert len(game.seconds) == len(game.moves)
    assert all(spent >= 0.05 for spent in game.seconds[::2]), "the engine's, each of which takes it that long"
    assert all(spent > 0 for spent in game.seconds[1::2])
    assert lasted - sum(game.seconds) >= 1, "the second that it takes to start is no move's"


def test_an_opening_is_told_as_a_board_seen_by_the_side_to_move(brains: Brains) -> None:
    start = Board.from_moves(RULES, [24, 25, 31])
    assert board_lines(start) == ["BOARD", "3,3,2", "4,3,1", "3,4,2", "DONE"]
    blocked = Board.from_drawing(Rules(5), "#....\n.X...\n.....\n.....\n.....")
    assert board_lines(blocked) == ["BOARD", "0,0,3", "1,1,2", "DONE"]
    play(brains("good"), start=Board.from_moves(RULES, [24, 25]))
    told = brains.told("good")
    assert told[8:11] == ["BOARD", "3,3,1", "4,3,2"]
    assert told[11].startswith("INFO time_left"), "from then on move by move"
    assert told[12].startswith("TURN ")


def test_blocked_points_and_what_was_set_up_reach_the_engine(brains: Brains) -> None:
    start = Board.from_drawing(Rules(5), "##XO#\n.....\n.....\n.....\n.....")
    game = play(brains("good"), start=start)[0]
    assert game.moves[0] == 5, "the first free point"
    assert "2,0,1" in brains.told("good")


def test_chatter_errors_and_an_unanswered_about_do_not_lose_a_game(brains: Brains) -> None:
    assert play(brains("chatty"))[0].detail == ""
    shy = brains("shy")
    assert play(shy)[0].detail == ""
    assert shy.about == ""


@pytest.mark.parametrize(
    ("kind", "reason", "detail"),
    [
        ("silent", "time", "it said nothing in time, 0.4"),
        ("slow", "time", "it said nothing in time, 0.4"),
        ("crashing", "forfeit", "it ended with status 3"),
        ("closing", "forfeit", "it closed its output"),
        ("outside", "forfeit", "it made an illegal move: '7,0' is not a point between 0,0 and 6,6"),
        ("occupied", "forfeit", "it made an illegal move: "),
        ("flooding", "forfeit", "it flooded its output with more than 4 MB"),
        ("liar", "forfeit", "it did not start: it ended with status 0"),
        ("picky", "forfeit", "it did not start: it refused START 7: ERROR size"),
        ("asleep", "forfeit", "it did not start: it said nothing in time"),
    ],
)
def test_a_failing_engine_loses_its_game_with_its_last_lines_and_the_match_goes_on(
    brains: Brains, kind: str, reason: str, detail: str, request: pytest.FixtureRequest
) -> None:
    if kind in ("silent", "slow", "asleep"):
        request.getfixturevalue("impatient")
    games = play(brains(kind, seconds=0.2 if kind != "flooding" else 5), 2)
    assert len(games) == 2
    for game in games:
        assert game.outcome.winner == WHITE
        assert game.outcome.reason == reason
        assert (game.seconds[-1] == 0) == ("did not start" in detail), "to start is not to think"
        said, *last_lines = game.detail.splitlines()
        assert said.startswith(f"{kind}: {detail}")
        assert 0 < len(last_lines) <= 12
        assert all(line[:2] in ("> ", "< ", "! ") and len(line) <= 202 for line in last_lines)
    if kind == "crashing":
        assert len(games[0].moves) == 2, "its first move and the answer stay on the record"
        assert brains.told(kind).count("ABOUT") == 2, "it was started again"


def test_an_engine_that_never_starts_is_given_up_after_three_times(brains: Brains) -> None:
    games = play(brains("picky"), 5)
    assert [game.outcome.winner for game in games] == [WHITE] * 5
    assert "it failed to start 3 times" in games[4].detail
    assert brains.told("picky").count("START 7") == 3


def test_an_engine_that_ignores_end_is_killed(brains: Brains) -> None:
    player = brains("deaf")
    play(player)
    began = time.monotonic()
    player.close()
    assert time.monotonic() - began < 5
    with pytest.raises(EngineClosedError):
        player.decide([Board(RULES)], Limit())


def test_closing_a_player_wakes_the_thread_that_waits_for_it_and_loses_no_game(brains: Brains) -> None:
    player = brains("slow", seconds=60)
    caught: list[type[Exception]] = []

    def wait() -> None:
        try:
            player.decide([Board(RULES)], Limit())
        except EngineClosedError as error:
            caught.append(type(error))

    thread = threading.Thread(target=wait)
    thread.start()
    while not (brains._folder / "slow").exists() or "BEGIN" not in brains.told("slow"):
        time.sleep(0.01)
    player.close()
    thread.join(timeout=10)
    assert caught == [EngineClosedError]


def test_the_engines_time_may_be_set_by_the_caller(brains: Brains) -> None:
    player = brains("good", seconds=0.2)
    player.decide([Board(RULES)], Limit(seconds=0.5))
    assert "INFO timeout_turn 500" in brains.told("good")


def test_rules_other_than_five_in_a_row_are_refused_and_variants_have_their_numbers(brains: Brains) -> None:
    player = brains("good")
    with pytest.raises(ValueError, match="6x6x4: outside engines play five in a row only"):
        player.decide([Board(Rules(6, 4))], Limit())
    assert player.decide([Board(Rules(15, 5, Variant.RENJU))], Limit())[0].move == 0
    assert "INFO rule 4" in brains.told("good")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gomocup:", "has no command"),
        ("gomocup:@0.2s", "has no command"),
        ("gomocup:no-such-engine@0.2s", "'no-such-engine' is not a program"),
        ("gomocup:sh@400", "limit '400' is not seconds per move"),
        ("gomocup:sh@0s", "limit '0s' is not seconds"),
        ("gomocup:sh 'open@1s", "cannot be split"),
    ],
)
def test_a_bad_engine_spec_is_named_with_what_is_allowed(text: str, reason: str) -> None:
    with pytest.raises(PlayerSpecError, match=reason) as caught:
        parse_gomocup_spec(text)
    assert text in str(caught.value)


def test_a_spec_is_split_into_words_and_runs_no_shell(tmp_path: Path) -> None:
    spec = parse_gomocup_spec("gomocup:sh -c 'echo; $HOME' x@0.25s")
    assert spec.command == ("sh", "-c", "echo; $HOME", "x")
    assert spec.seconds == 0.25
    program = tmp_path / "engine@2" / "run"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    os.chmod(program, 0o755)
    assert parse_gomocup_spec(f"gomocup:{program}").command == (str(program),)
    assert parse_gomocup_spec(f"gomocup:{program}").seconds == gomocup_player.DEFAULT_SECONDS
