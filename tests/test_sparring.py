"""Sparring: which games the partner has a side in, that it alone moves for it, and that all else stays as it was."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from reference_search import HashEvaluator

from arena.scripted import FULL_LEVEL, sparring_partner
from gomoku.board import Board
from gomoku.player import Decision, Limit, Player
from gomoku.rules import BLACK, WHITE, Rules
from mcts.config import SearchConfig
from training.actors import InProcessActors
from training.config import SelfPlayConfig, TrainConfig
from training.games import FinishedGame
from training.harvest import Harvest
from training.metrics import figures_of
from training.self_play import SelfPlay
from training.sparring import no_partner, partner_for, partners_side
from training.stages import evenly_spread

RULES = Rules(6, 4)
CONFIG = SelfPlayConfig(
    simulations=12, games=6, threads=1, temperature_plies=6, random_plies=3, sparring_share=0.5, sparring_level=3
)


class FirstFree:
    """Plays the first legal point, and remembers what it was asked."""

    name = "first free"

    def __init__(self) -> None:
        self.asked: list[Board] = []

    def decide(self, boards: Sequence[Board], _limit: Limit | Sequence[Limit]) -> list[Decision]:
        self.asked += [board.copy() for board in boards]
        return [Decision(int(board.legal_moves()[0])) for board in boards]


def self_play(partner: Player | None, config: SelfPlayConfig = CONFIG) -> SelfPlay:
    made = SelfPlay(RULES, config, SearchConfig(), 5)
    made.partner = partner
    return made


def play(made: SelfPlay, positions: int = 500) -> list[FinishedGame]:
    return made.play(HashEvaluator(), positions, lambda: None, lambda: False)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("step", [1, 2, 7])
def test_the_share_holds_for_every_worker_and_both_colours_and_whatever_is_played_out(
    share: float, step: int
) -> None:
    numbers = range(3, 3 + 4000 * step, step)
    counts = Counter(partners_side(number, share) for number in numbers)
    assert counts[0] == pytest.approx(4000 * (1 - share), abs=40)
    assert counts[BLACK] == pytest.approx(2000 * share, abs=40)
    assert counts[WHITE] == pytest.approx(2000 * share, abs=40)
    played_out = [number for number in numbers if evenly_spread(number) < 0.25]
    both = [number for number in played_out if partners_side(number, share)]
    assert len(both) == pytest.approx(1000 * share, abs=60)


def test_the_partner_makes_the_moves_of_its_side_and_of_no_other() -> None:
    partner = FirstFree()
    made = self_play(partner, replace(CONFIG, play_out=0.0))  # games end where the search takes over with a proof
    games = play(made)
    assert {game.partner for game in games} == {BLACK, WHITE, 0}
    theirs, ours = [], []
    for game in [*games, *(flying.finish(0, is_proven=False) for flying in made.games)]:
        board = Board.from_moves(RULES, game.moves[: game.first_ply])
        for move in game.moves[game.first_ply :]:
            (theirs if board.to_play == game.partner else ours).append(move == board.legal_moves()[0])
            board.push(move)
    assert all(theirs)
    assert len(theirs) == len(partner.asked) > 50
    assert sum(ours) < len(ours) / 4


def test_positions_of_both_sides_are_learnt_from_and_the_partners_moves_are_not_copied() -> None:
    partner = FirstFree()
    games = [game for game in play(self_play(partner)) if game.partner]
    movers = Counter(sample.to_play == game.partner for game in games for sample in game.samples)
    assert min(movers.values()) > 0.3 * movers.total()
    asked = {board.key: board for board in partner.asked}
    copied = learnt = 0
    for game in games:
        for sample in game.samples:
            assert sample.outcome == game.winner * sample.to_play
            board = Board.from_cells(RULES, sample.cells, sample.to_play)
            if board.key in asked:
                learnt += 1
                best = sample.policy_moves[sample.policy_weights.argmax()]
                copied += best == asked[board.key].legal_moves()[0]
    assert learnt > 50
    assert copied < learnt / 2


def test_a_stop_is_seen_between_two_moves_of_the_partner() -> None:
    partner = FirstFree()
    made = self_play(partner, replace(CONFIG, games=64, sparring_share=1.0))
    made.play(HashEvaluator(), 500, lambda: None, lambda: bool(partner.asked))
    assert len(partner.asked) == 1
    assert len(play(made)) > 0, "all games go on"


def test_games_without_the_partner_are_those_of_a_run_that_never_spars() -> None:
    alone = {game.number: game.moves for game in play(self_play(None, replace(CONFIG, sparring_share=0.0)))}
    beside = {game.number: game.moves for game in play(self_play(FirstFree())) if not game.partner}
    shared = alone.keys() & beside.keys()
    assert len(shared) > 5
    assert all(alone[number] == beside[number] for number in shared)


@pytest.mark.parametrize("pure", [0, 30])
def test_games_with_a_real_partner_go_on_from_a_checkpoint_as_if_there_had_been_none(pure: int) -> None:
    config = replace(CONFIG, sparring_simulations=pure)
    first = self_play(partner_for(config, sparring_partner))
    halves = play(first, 150)
    state = json.loads(json.dumps(first.state()))
    assert any(game["partner"] and len(game["moves"]) > game["first_ply"] for game in state["games"])
    second = self_play(partner_for(config, sparring_partner))
    second.load_state(state)
    later = play(second, 300)
    assert [game.state() for game in later] == [game.state() for game in play(first, 300)]
    assert {game.partner for game in later} == {BLACK, WHITE, 0}
    for game in halves + later:
        again = FinishedGame.from_state(RULES, json.loads(json.dumps(game.state())))
        assert again.state() == game.state()


def test_the_networks_score_against_the_partner_is_told() -> None:
    games = play(self_play(FirstFree()))
    figures = figures_of(Harvest(games, 0, 0, 0.0, 0))
    sparred = [game for game in games if game.partner]
    won = sum(game.winner == -game.partner for game in sparred)
    drawn = sum(game.winner == 0 for game in sparred)
    assert figures.sparring_games == len(sparred) > 5
    assert figures.sparring_score == pytest.approx((won + drawn / 2) / len(sparred))
    none = figures_of(Harvest([game for game in games if not game.partner], 0, 0, 0.0, 0))
    assert (none.sparring_games, none.sparring_score) == (0, None)


def test_a_run_that_is_to_spar_without_a_partner_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no sparring partner of level 3"):
        InProcessActors(TrainConfig(self_play=CONFIG))


def test_every_level_can_be_asked_for_and_no_other() -> None:
    for level in range(1, FULL_LEVEL + 1):
        assert sparring_partner(replace(CONFIG, sparring_level=level).sparring_level).name == f"scripted:{level}"
    with pytest.raises(ValueError, match=r"sparring_level is 7, it must be 1 to 6"):
        replace(CONFIG, sparring_level=FULL_LEVEL + 1)
    with pytest.raises(ValueError, match=r"sparring_share is 1.5, it must be 0 to 1"):
        replace(CONFIG, sparring_share=1.5)


def test_pure_mcts_is_the_partner_where_its_simulations_are_given() -> None:
    config = replace(CONFIG, sparring_simulations=50)
    partner = partner_for(config, no_partner)
    assert partner is not None
    assert partner.name == "pure@50"
    assert partner_for(replace(config, sparring_share=0.0), no_partner) is None
    with pytest.raises(ValueError, match=r"sparring_simulations is -1, it must be 0 to 1000000"):
        replace(CONFIG, sparring_simulations=-1)


@pytest.mark.parametrize("pure", [0, 30])
def test_the_partners_moves_hang_on_the_seed_alone(pure: int) -> None:
    board = Board.from_moves(RULES, [14, 15, 20])
    config = replace(CONFIG, sparring_simulations=pure)
    one, other = partner_for(config, sparring_partner), partner_for(config, sparring_partner)
    assert one is not None
    assert other is not None
    other.decide([Board(RULES)], Limit(seed=9))
    answers = [player.decide([board], Limit(seed=3))[0] for player in (one, other)]
    assert answers[0].move == answers[1].move
    assert np.isclose(answers[0].value, answers[1].value)
