"""What lies in models/ is whole, small, described, and plays."""

import hashlib
from pathlib import Path

import pytest

from arena.duel import play_duel
from arena.specs import Contestant, parse_spec
from gomoku.board import Board
from gomoku.rules import parse_rules
from mcts.pure import pure_player
from nets.model_file import load_model

MODELS = sorted((Path(__file__).resolve().parent.parent / "models").glob("*/model.safetensors"))
every_model = pytest.mark.parametrize("path", MODELS, ids=[path.parent.name for path in MODELS])


def test_there_is_a_model_for_six_by_six() -> None:
    assert "6x6x4" in [path.parent.name for path in MODELS]


@every_model
def test_a_shipped_model_is_small_and_its_card_tells_its_checksum(path: Path) -> None:
    assert path.stat().st_size < 2_000_000
    card = load_model(path).card
    assert card.trained_rules[0] == path.parent.name
    assert card.command.startswith("python train.py ")
    page = (path.parent / "CARD.md").read_text(encoding="utf-8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in page
    assert card.command in page


@every_model
def test_a_shipped_model_beats_pure_search(path: Path) -> None:
    rules = parse_rules(path.parent.name)
    ours = Contestant.find(parse_spec(f"{path}@50")).players(1, rules)
    report = play_duel(ours, [pure_player(1000)], [Board(rules)] * 10, seed=1).report()
    assert report["as_black"]["wins"] == 10
    assert report["score"] >= 0.8
