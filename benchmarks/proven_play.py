"""Whether the first player keeps what is won: each of its moves, against many opponents, has to leave a won game.

  python -m benchmarks.proven_play models/6x6x4@400

It plays from the empty board, where Black can win, the same number of games against each opponent. Where its search
has not itself proven the win when it moves, the position that it leaves is searched afterwards until that is proven,
once for all eight of its forms; with --all every position is. These searches have no tactics, which might err as
those in play did. Ends with status 1 if a move was wrong, or if one could not be proven.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from tqdm import tqdm

from arena.specs import Contestant, parse_spec
from benchmarks.prove import make_prover, prove
from gomoku.board import Board
from gomoku.command_line import BAD_INPUT, DONE, FAILED
from gomoku.match import Pairing, derived_seed, play_games
from gomoku.notation import moves_name
from gomoku.opening_split import canonical_key
from gomoku.player import Decision, Player, Proof
from gomoku.rules import BLACK

OPPONENTS = (
    *("random", "pure@100", "pure@1000", "pure@10000", "scripted:2", "scripted:4", "scripted:5@2000"),
    "models/6x6x4@25",
)


@dataclass
class Ledger:
    """The moves of the first player in all games."""

    moves: int = 0
    proven_at_once: int = 0
    """Its own search had the proof, or the move ended the game with a win."""
    left: dict[bytes, Board] = field(default_factory=dict)
    """Positions that the other moves left, or all moves, by their canonical keys; those that end a game aside."""
    is_full: bool = False
    """Whether all moves' positions are kept."""

    def note(self, _index: int, board: Board, decision: Decision) -> None:
        """A `MoveHook`."""
        if board.ply % 2 == 0:
            return  # the opponent has moved
        self.moves += 1
        is_over = board.outcome is not None and board.outcome.winner == BLACK
        is_proven = is_over or decision.proof is Proof.WIN
        self.proven_at_once += is_proven
        if not is_proven or (self.is_full and not is_over):
            self.left.setdefault(canonical_key(board), board.copy())


@dataclass
class Verdict:
    """What the searches afterwards found of the positions that were left."""

    won: int = 0
    wrong: list[Board] = field(default_factory=list)
    unknown: list[Board] = field(default_factory=list)
    most_simulations: int = 0


def play(ours: Player, opponent: Player, starts: Sequence[Board], seed: int, ledger: Ledger) -> int:
    """Plays as Black, notes its moves, and returns the games that it won."""
    pairings = [Pairing(ours, opponent, start, derived_seed(seed, number)) for number, start in enumerate(starts)]
    return sum(game.outcome.winner == BLACK for game in play_games(pairings, on_move=ledger.note))


def judge(boards: Sequence[Board], contestant: Contestant, simulations: int) -> Verdict:
    """Searches each position, in which the opponent is to move, until its result is proven."""
    prover, verdict = make_prover(contestant), Verdict()
    for board in tqdm(boards, unit="position", desc="proving"):
        decision = prove(prover, board, simulations)
        verdict.most_simulations = max(verdict.most_simulations, decision.simulations)
        if decision.proof is Proof.LOSS:
            verdict.won += 1
        else:
            (verdict.unknown if decision.proof is None else verdict.wrong).append(board)
    return verdict


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.proven_play",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", help="with its simulations, like models/6x6x4@400")
    parser.add_argument("--opponents", nargs="+", default=OPPONENTS, metavar="PLAYER")
    parser.add_argument("--games", type=int, default=2000, help="shared by the opponents (default: 2000)")
    parser.add_argument("--all", action="store_true", help="prove what its own search has proven, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--simulations", type=int, default=3_000_000, help="of one proof, at most (default: 3000000)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    contestant = Contestant.find(parse_spec(options.model))
    if contestant.model is None or (rules := contestant.rules) is None:
        print(f"proven_play: error: {options.model} is not a model", file=sys.stderr)
        return BAD_INPUT
    (ours,) = contestant.players(1, rules)
    ledger = Ledger(is_full=options.all)
    starts = [Board(rules)] * max(1, options.games // len(options.opponents))
    for number, name in enumerate(options.opponents):
        (opponent,) = Contestant.find(parse_spec(name)).players(1, rules)
        won = play(ours, opponent, starts, derived_seed(options.seed, number), ledger)
        print(f"{name:20} {won:5} of {len(starts)} won", flush=True)
    left = sorted(ledger.left.values(), key=lambda board: -board.ply)
    verdict = judge(left, contestant, options.simulations)
    print(
        f"{ledger.moves} moves, {ledger.proven_at_once} of them proven when they were made; {len(left)} different "
        f"positions searched afterwards: {verdict.won} proven won by {verdict.most_simulations} simulations at most, "
        f"{len(verdict.wrong)} not won, {len(verdict.unknown)} not proven"
    )
    for board in [*verdict.wrong, *verdict.unknown]:
        print(moves_name(board.moves, rules.size))
    return DONE if verdict.won == len(left) else FAILED


if __name__ == "__main__":
    sys.exit(main())
