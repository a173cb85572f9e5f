"""Pictures as people ask for them: `human_play.py picture`, and `--pictures` beside a match."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import evaluate
import human_play
from arena import game_pictures
from arena.game_pictures import picture_name, write_pictures
from gomoku.game_picture import Look, picture_text
from gomoku.game_tree import tree_of
from gomoku.record_files import write_tree
from gomoku.record_forms import parse_position
from gomoku.records import GameRecord
from gomoku.rules import Rules, parse_rules

WON = "a1a2b1b2c1c2d1"
"""Black wins on 6x6x4."""


def game(moves: str, rules: str = "6x6x4") -> GameRecord:
    return parse_position(moves, parse_rules(rules))


def numbers(picture: ET.Element) -> dict[str, str]:
    stones = [stone for stone in picture.iter() if stone.get("data-point")]
    return {str(stone.get("data-point")): str(stone[-1].text) for stone in stones}


@pytest.mark.parametrize("suffix", [".sgf", ".psq", ".json"])
def test_the_command_draws_any_form_of_record(tmp_path: Path, suffix: str) -> None:
    record = parse_position("h8i9g7", parse_rules("15x15"))
    source, out = tmp_path / f"game{suffix}", tmp_path / "game.svg"
    write_tree(tree_of(record), source)
    assert human_play.main(["picture", str(source), str(out), "--numbers", "--ply", "2"]) == 0
    picture = ET.fromstring(out.read_text(encoding="utf-8"))
    assert numbers(picture) == {"h8": "1", "i9": "2"}


def test_the_command_draws_a_position_string(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "game.svg"
    assert human_play.main(["picture", WON, str(out), "--rules", "6x6x4", "--animated", "--dark"]) == 0
    assert capsys.readouterr().out == f"picture  {out}\n"
    assert out.read_text(encoding="utf-8") == picture_text(game(WON), Look(animated=True, dark=True))


def test_the_command_draws_psq_by_the_rules_that_are_named(tmp_path: Path) -> None:
    overline = parse_position("a1a9b1b9c1c9e1e9f1f9d1", parse_rules("standard-15x15"))
    source, pictures = tmp_path / "game.psq", {}
    write_tree(tree_of(overline), source)
    for rules in ("15x15", "standard-15x15"):
        out = tmp_path / f"{rules}.svg"
        assert human_play.main(["picture", str(source), str(out), "--rules", rules]) == 0
        pictures[rules] = out.read_text(encoding="utf-8")
    assert pictures["standard-15x15"] == picture_text(overline)
    assert pictures["15x15"] != picture_text(overline), "six in a row have won"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["zz9", "new.svg"], "is not a point between a1 and o15"),
        (["none.sgf", "new.svg"], "none.sgf: No such file or directory"),
        (["bad.sgf", "new.svg"], "bad.sgf: "),
        (["h8h8", "new.svg"], "'h8' comes twice"),
        (["h8", "new.png"], "'new.png' does not end in .svg"),
        (["h8", "no/new.svg"], "no/new.svg: No such file or directory"),
        (["h8", "old.svg"], "old.svg exists already"),
        (["h8", "new.svg", "--ply", "2"], "ply 2 is not between 0 and 1"),
        (["h8", "new.svg", "--ply", "two"], "invalid int value: 'two'"),
        (["h8", "new.svg", "--rules", "9x8"], "the board must be square"),
        (["good.psq", "new.svg", "--rules", "6x6x4"], "--rules 6x6x4: good.psq is a game of 15x15"),
        (["h8"], "required: OUT.svg"),
    ],
)
def test_what_cannot_be_drawn_gets_one_line_and_status_2(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.sgf").write_text("(;SZ[99])", encoding="utf-8")
    Path("old.svg").touch()
    write_tree(tree_of(parse_position("h8", Rules())), Path("good.psq"))
    with pytest.raises(SystemExit) as ended:
        human_play.main(["picture", *arguments])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert reason in told
    assert told.count("\n") == 1
    assert not Path("new.svg").exists()


def evaluated(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments])
    return evaluate.main()


def test_a_duel_leaves_a_picture_of_each_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new/pictures"
    asked = ["random", "random", "--rules", "3x3x3", "--games", "4", "--pictures", str(folder)]
    assert evaluated(asked, monkeypatch) == 0
    names = sorted(file.name for file in folder.iterdir())
    assert [name[:18] for name in names] == [f"{number:04d}-random-random" for number in range(1, 5)]
    for name in names:
        picture = ET.fromstring((folder / name).read_text(encoding="utf-8"))
        assert 3 <= len(numbers(picture)) <= 9
        assert re.search("(black|white)-wins|draw", name)
    assert evaluated(asked, monkeypatch) == 0, "the same command again writes the same pictures"
    assert sorted(file.name for file in folder.iterdir()) == names


def test_a_tournament_leaves_pictures_too_and_goes_on_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "pictures", tmp_path / "games"
    asked = ["tournament", "random", "pure@5", "--rules", "3x3x3", "--games", "2", "--out", str(out), "--pictures"]
    for _ in range(2):
        assert evaluated([*asked, str(folder)], monkeypatch) == 0
        assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("command", [[], ["tournament"]])
def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_played(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.touch()
    monkeypatch.chdir(tmp_path)
    for wanted in (path, path / "below"):
        arguments = [*command, "random", "pure@5", "--rules", "3x3x3", "--pictures", str(wanted)]
        assert evaluated(arguments, monkeypatch) == 2
        assert capsys.readouterr().err == f"evaluate.py: error: --pictures {wanted}: {path} is not a folder\n"
    assert not (tmp_path / "runs").exists()


def test_of_a_long_match_only_the_first_games_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(game_pictures, "MOST_PICTURES", 3)
    told = write_pictures([game(WON)] * 5, tmp_path)
    assert told == f"3 pictures of the first 3 of 5 games are in {tmp_path}"
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a\x00b", 'gomocup:"C:\\x.exe"@0.2s', "CON", "é" * 500, "x" * 500, "-rf"]
)
def test_any_players_name_makes_a_safe_name_of_a_file(name: str) -> None:
    made = picture_name(7, GameRecord(Rules(), black=name, white="random"))
    assert re.fullmatch(r"0007-[A-Za-z0-9@_]{1,40}-random-unfinished\.svg", made)
