"""Player specs: what they say, whom they name, and what is said of bad ones."""

from pathlib import Path

import pytest
import torch

from arena.interactive import interactive_player
from arena.specs import Contestant, parse_spec
from gomoku.board import Board
from gomoku.errors import ModelFileError, PlayerSpecError
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.player import SearchPlayer
from nets.config import NetworkConfig
from nets.model_file import ModelCard, save_model
from nets.network import build_network

SMALL = NetworkConfig(blocks=1, channels=8, policy_channels=4, value_channels=4, value_hidden=8)
RULES = Rules(6, 4)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a model, a run of four generations and a run that has just begun."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(1)
    weights = build_network(SMALL).state_dict()
    card = ModelCard("small", ("6x6x4", "8x8x5"))
    (tmp_path / "models/small").mkdir(parents=True)
    save_model(tmp_path / "models/small/model.safetensors", SMALL, weights, card)
    (tmp_path / "runs/young/generations").mkdir(parents=True)
    (tmp_path / "runs/demo/generations").mkdir(parents=True)
    for generation in (1, 2, 3, 12):
        save_model(tmp_path / f"runs/demo/generations/{generation:06d}.safetensors", SMALL, weights, card)
    return tmp_path


def find(text: str) -> Contestant:
    return Contestant.find(parse_spec(text))


@pytest.mark.parametrize(
    ("text", "source", "generation", "limit"),
    [
        ("models/6x6x4@400", "models/6x6x4", None, Limit(simulations=400)),
        ("runs/demo:120@100", "runs/demo", 120, Limit(simulations=100)),
        ("runs/demo:000120", "runs/demo", 120, Limit(simulations=400)),
        ("runs/demo@0.5s", "runs/demo", None, Limit(seconds=0.5)),
        ("runs/demo@2s", "runs/demo", None, Limit(seconds=2)),
        ("pure", "pure", None, Limit(simulations=1000)),
        ("pure@50", "pure", None, Limit(simulations=50)),
        ("random", "random", None, Limit()),
        ("runs/a@home@7", "runs/a@home", None, Limit(simulations=7)),
        (r"C:\runs\demo@7", r"C:\runs\demo", None, Limit(simulations=7)),
        (r"C:\runs\demo:3@7", r"C:\runs\demo", 3, Limit(simulations=7)),
    ],
)
def test_a_spec_is_split_into_source_generation_and_limit(
    text: str, source: str, generation: int | None, limit: Limit
) -> None:
    spec = parse_spec(text)
    assert (spec.source, spec.generation, spec.limit) == (source, generation, limit)
    assert spec.is_timed == (limit.seconds is not None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no name"),
        ("@100", "has no name"),
        ("pure@", "measured in simulations, 1 to 4000000"),
        ("scripted:9", "level 9 is not one of 1 to"),
        ("scripted:0", "level 0 is not one of 1 to"),
        ("plain:pure@100", "goes before a model or run"),
        ("plain:plain:models/small", "goes before a model or run"),
        ("draw=-0.5:pure@100", "goes before a model or run"),
        ("draw=-0.5:draw=0.5:models/small", "goes before a model or run"),
        ("draw=:models/small", "a draw is worth '', it must be a number from -1 to 1"),
        ("draw=-1.5:models/small", "a draw is worth '-1.5', it must be a number from -1 to 1"),
        ("draw=nan:models/small", "a draw is worth 'nan'"),
        ("draw=0.5", "goes before a model or run, as in draw=-0.5:models/8x8x5@400"),
        ("replies=3:pure@100", "goes before a model or run"),
        ("replies=3:replies=2:models/small", "replies= goes before a model or run"),
        ("replies=0:models/small", "replies are '0', it must be a number from 0.1 to 100"),
        ("replies=3", "goes before a model or run, as in replies=3:models/8x8x5@400"),
        ("pure@0", "measured in simulations, 1 to 4000000"),
        (f"pure@{10**21}", "measured in simulations, 1 to 4000000"),
        (f"runs/demo@{10**9}", "neither simulations per move (@400, at most 999999999) nor seconds"),
        ("pure@-5", "measured in simulations, 1 to 4000000"),
        ("pure@1e3", "measured in simulations, 1 to 4000000"),
        ("runs/demo@0.0s", "limit '0.0s' is neither"),
        ("runs/demo@nans", "limit 'nans' is neither"),
        ("pure@easy", "measured in simulations, 1 to 4000000"),
        ("scripted:x", "level x is not one of 1 to 6"),
        ("pure@0.5s", "measured in simulations, 1 to 4000000"),
        ("pure@4000001", "measured in simulations, 1 to 4000000"),
        ("pure:3", "no generations"),
        ("random@100", "takes no limit"),
        ("runs/demo:new@5", "generation 'new' is not a number"),
    ],
)
def test_a_bad_spec_is_refused_with_the_text_and_what_is_allowed(text: str, reason: str) -> None:
    with pytest.raises(PlayerSpecError) as caught:
        parse_spec(text)
    assert reason in str(caught.value)
    assert repr(text) in str(caught.value)


@pytest.mark.usefixtures("folder")
def test_names_hold_what_the_spec_left_open() -> None:
    texts = ("runs/demo", "runs/demo:2@100", "models/small@0.5s", "models/small/model.safetensors", "pure", "random")
    assert find("draw=-.50:plain:runs/demo").name == "plain:draw=-0.5:runs/demo:12@400"
    assert find("plain:draw=1:runs/demo").name == "plain:draw=1:runs/demo:12@400"
    assert find("draw=0:runs/demo").name == "runs/demo:12@400"
    assert find("replies=2.50:plain:draw=-1:runs/demo").name == "plain:draw=-1:replies=2.5:runs/demo:12@400"
    assert find("draw=-1:replies=3:runs/demo").name == find("replies=3:draw=-1:runs/demo").name
    assert find("replies=1:runs/demo").name == "runs/demo:12@400"
    assert [find(text).name for text in texts] == [
        "runs/demo:12@400",
        "runs/demo:2@100",
        "models/small@0.5s",
        "models/small/model.safetensors@400",
        "pure@1000",
        "random",
    ]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("limit", ["@20", "@0.05s", "@easy"])
def test_what_a_draw_is_worth_and_how_evenly_replies_are_searched_reach_the_player(limit: str) -> None:
    for prefix, worth, replies in (("", 0.0, 1.0), ("draw=-0.25:", -0.25, 1.0), ("replies=3:", 0.0, 3.0)):
        contestant = find(f"{prefix}models/small{limit}")
        players = [*contestant.players(1, RULES, device="cpu"), interactive_player(contestant, RULES, "cpu")]
        for player in players:
            assert isinstance(player, SearchPlayer)
            assert player.options.draw_value == worth
            assert player.options.search.reply_exploration == replies


@pytest.mark.usefixtures("folder")
def test_a_models_own_rules_are_the_first_it_was_trained_on() -> None:
    assert find("models/small").rules == RULES
    assert find("runs/demo").rules == RULES
    assert find("pure").rules is None
    assert find("models/small").warning(Rules(8)) is None
    assert "not on 15x15" in str(find("models/small").warning(Rules(15)))
    assert find("random").warning(Rules(15)) is None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "text",
    [
        "random",
        "pure@20",
        "models/small@20",
        "runs/demo:3@20",
        "plain:runs/demo:3@20",
        "draw=-0.5:runs/demo:3@20",
        "replies=3:runs/demo:3@20",
        "models/small@0.05s",
        "draw=-0.5:models/small@0.05s",
        "scripted:2",
        "scripted:4@0.05s",
    ],
)
def test_every_kind_of_player_plays_a_legal_move(text: str) -> None:
    board = Board.from_moves(RULES, [0, 35])
    for player in find(text).players(2, RULES, device="cpu"):
        decision = player.decide([board], Limit(seed=1))[0]
        assert board.is_legal(decision.move)
        if text.endswith("@20"):
            assert decision.simulations == 20


@pytest.mark.usefixtures("folder")
def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(PlayerSpecError, match="'models/big' is not a model or run; there is models/small, runs/demo"):
        find("models/big@5")
    with pytest.raises(PlayerSpecError, match="run runs/demo has no generation 4; it has 1 to 3, 12"):
        find("runs/demo:4")
    with pytest.raises(PlayerSpecError, match="run runs/young has no generations yet"):
        find("runs/young")
    with pytest.raises(PlayerSpecError, match="models/small is not a run"):
        find("models/small:4")


def test_a_damaged_model_is_refused(folder: Path) -> None:
    path = folder / "models/small/model.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=r"model\.safetensors"):
        find("models/small")


@pytest.mark.usefixtures("folder")
def test_a_precision_or_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="device 'cudax'"):
        find("models/small").players(1, RULES, device="cudax")
    with pytest.raises(ValueError, match="precision 'half'"):
        find("models/small").players(1, RULES, precision="half")


@pytest.mark.usefixtures("folder")
def test_a_model_plays_at_a_level_by_its_name() -> None:
    easy = find("models/small@easy")
    assert (easy.name, easy.spec.level, easy.spec.limit) == ("models/small@easy", "easy", Limit(simulations=24))
    (player,) = easy.players(1, RULES, device="cpu", backend="torch")
    boards = [Board.from_moves(RULES, [14, 21])] * 30
    apart = [player.decide(boards[:1], Limit(seed=seed))[0].move for seed in range(30)]
    together = [one.move for one in player.decide(boards, [Limit(seed=seed) for seed in range(30)])]
    assert apart == together, "what is drawn depends on the game's seed, and not on who plays beside it"
    assert len(set(apart)) > 5
    (firm,) = find("models/small@quick").players(1, RULES, device="cpu", backend="torch")
    assert len({one.move for one in firm.decide(boards, Limit(seed=1))}) == 1
    for text in ("models/small@full", "models/small@Easy"):
        with pytest.raises(PlayerSpecError, match=r"nor a model's level \(@beginner, @easy, .*@strong\)"):
            parse_spec(text)
