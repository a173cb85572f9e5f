"""Plain lines: what they say of files, hints and waiting."""

from pathlib import Path

import pytest
from human_play_parts import TWO_PEOPLE, refusal, run

import human_play
from arena import interactive
from gomoku.record_files import read_record
from gomoku.rules import parse_rules
from ui.session import SessionError

RENJU = "renju-15x15"


@pytest.mark.parametrize("rules", ["15x15", "standard-15x15", RENJU])
def test_a_psq_file_is_said_not_to_hold_the_rules_and_loads_with_those_it_was_played_by(
    tmp_path: Path, rules: str
) -> None:
    path = tmp_path / "game.psq"
    saved = run(*TWO_PEOPLE, "--rules", rules, typed=f"h8\nsave {path}\nsave {path.with_suffix('.sgf')}\nquit\n")
    assert (saved.returncode, saved.stderr) == (0, "")
    note = f"Saved to {path}\nNote: PSQ keeps no rules; load it with --rules {rules}\n"
    assert saved.stdout.count("Note: ") == (rules != "15x15"), "an SGF does, and freestyle is what PSQ is taken for"
    assert (note in saved.stdout) == (rules != "15x15")
    loaded = run(*TWO_PEOPLE, "--load", path, "--rules", rules, typed="quit\n")
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert f"{rules}: Black (X) human, White (O) human." in loaded.stdout
    assert "White (O), move 2> " in loaded.stdout


def test_rules_that_a_psq_game_cannot_be_of_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "game.psq"
    path.write_text("Piskvorky 15x15, 0:0, 0\n8,8,0\n")
    for rules, told in (("9x9", "15x15"), ("renju-9x9", RENJU), ("15x15x4", "15x15")):
        line = refusal(capsys, "--load", path, "--rules", rules)
        assert f"--rules {parse_rules(rules).name}: {path} is a game of {told}" in line
    twice_three = "h9 a1 h10 c1 g8 e1 i8 g1 h8"
    lines = [f"{ord(point[0]) - 96},{16 - int(point[1:])},0\n" for point in twice_three.split()]
    path.write_text("Piskvorky 15x15, 0:0, 0\n" + "".join(lines))
    assert len(read_record(path).moves) == 9
    assert f"{path}: move 9: h8 is a double three" in refusal(capsys, "--load", path, "--rules", RENJU)


def test_two_people_get_hints_from_a_model_that_nobody_loads_before(monkeypatch: pytest.MonkeyPatch) -> None:
    game = (*TWO_PEOPLE, "--rules", "6x6x4", "--simulations", "20")
    played = run(*game, typed="c3\nhint\nd4\nquit\n")
    assert (played.returncode, played.stderr) == (0, "")
    assert "Hint: " in played.stdout
    assert "Black (X), move 3> " in played.stdout

    def nobody(*_: object) -> str:
        raise ValueError("no model is shipped")

    monkeypatch.setattr(interactive, "default_model", nobody)
    session = human_play.make_session(human_play.make_parser().parse_args(game))
    session.play(14)
    with pytest.raises(SessionError, match="there is no hint: no model is shipped"):
        session.hint()
