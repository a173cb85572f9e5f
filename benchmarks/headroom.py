"""Could a player have done better by other moves? Follows the games that White loses down their moves and tries every
other answer at each of White's decisions, so that a score can be told from the best score there is.

python -m benchmarks.headroom models/6x6x4@400 pure@10000 --rules 6x6x4 --games 400 --each 40
"""

import argparse
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

from arena.openings import opening_name
from arena.specs import Contestant, parse_spec
from gomoku.board import Board
from gomoku.match import Pairing, derived_seed, play_games
from gomoku.notation import point_name
from gomoku.rules import WHITE, Rules, parse_rules
from gomoku.symmetry import symmetry_tables

Line = tuple[int, ...]
SHOWN = 3
"""Best alternatives per decision in the report."""


class Table:
    """White and Black at as many boards as there are cores."""

    def __init__(self, white: str, black: str, rules: Rules) -> None:
        self.rules = rules
        threads = os.cpu_count() or 1
        self._whites, self._blacks = (
            Contestant.find(parse_spec(spec)).players(threads, rules) for spec in (white, black)
        )

    def play(self, starts: Sequence[Line], seed: int) -> list[tuple[Line, bool]]:
        """Plays on from each start: all moves, turned so that alike games are equal, and whether White won."""
        threads = len(self._whites)

        def share(thread: int) -> list[tuple[Line, bool]]:
            pairings = [
                Pairing(
                    self._blacks[thread],
                    self._whites[thread],
                    Board.from_moves(self.rules, starts[k]),
                    derived_seed(seed, k),
                )
                for k in range(thread, len(starts), threads)
            ]
            return [(game.moves, game.outcome.winner == WHITE) for game in play_games(pairings)]

        with ThreadPoolExecutor(threads) as pool:
            return [game for games in pool.map(share, range(threads)) for game in games]


def upright(line: Line, size: int) -> Line:
    """The least of a line's eight symmetric twins."""
    return min(tuple(int(table[move]) for move in line) for table in symmetry_tables(size))


def costly_decisions(
    games: Sequence[tuple[Line, bool]], size: int, at_least: float, plies: int
) -> list[tuple[Line, Counter[int], int, int]]:
    """White's decisions within `plies` that lie on at least this share of its lost games, by ply.

    Returns: moves so far, White's answers, games, games not won.
    """
    turned = [(upright(moves, size), is_won) for moves, is_won in games]
    lost = sum(not is_won for _, is_won in turned)
    answers: dict[Line, Counter[int]] = defaultdict(Counter)
    failed: Counter[Line] = Counter()
    for moves, is_won in turned:
        for ply in range(1, min(plies, len(moves)), 2):
            answers[moves[:ply]][moves[ply]] += 1
            failed[moves[:ply]] += not is_won
    chosen = [line for line, count in failed.items() if count >= max(1, at_least * lost)]
    return [(line, answers[line], answers[line].total(), failed[line]) for line in sorted(chosen, key=len)]


def shares_won(table: Table, line: Line, each: int, seed: int) -> dict[int, float]:
    """How often White wins after each of its moves, symmetric ones once."""
    size = table.rules.size
    board = Board.from_moves(table.rules, line)
    moves = list({upright((*line, int(move)), size): int(move) for move in reversed(board.legal_moves())}.values())
    played = table.play([(*line, move) for move in moves for _ in range(each)], seed)
    won: Counter[int] = Counter(moves_played[len(line)] for moves_played, is_won in played if is_won)
    return {move: won[move] / each for move in moves}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.headroom",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("white")
    parser.add_argument("black")
    parser.add_argument("--rules", default="6x6x4")
    parser.add_argument("--games", type=int, default=400, help="from the empty board, to find the decisions")
    parser.add_argument("--each", type=int, default=40, help="games for each move that is tried")
    parser.add_argument("--share", type=float, default=0.05, help="of the lost games a decision must lie on")
    parser.add_argument("--plies", type=int, default=8, help="how far down the games are followed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rules = parse_rules(options.rules)
    table = Table(options.white, options.black, rules)
    games = table.play([()] * options.games, options.seed)
    won = sum(is_won for _, is_won in games)
    print(f"{options.white} as White against {options.black}: {won} of {len(games)} won", flush=True)
    for line, answers, count, failed in costly_decisions(games, rules.size, options.share, options.plies):
        shares = shares_won(table, line, options.each, options.seed + 1)
        best = sorted(shares, key=lambda move: -shares[move])[:SHOWN]
        print(
            f"{opening_name(Board.from_moves(rules, line)):>16}: {failed:3} of {count:3} not won; played "
            + ", ".join(f"{point_name(move, rules.size)} {n}" for move, n in answers.most_common(2))
            + "; tried "
            + ", ".join(f"{point_name(move, rules.size)} {shares[move]:.2f}" for move in best),
            flush=True,
        )


if __name__ == "__main__":
    main()
