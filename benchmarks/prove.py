"""Searches the empty board until its result is proven, and says with how many simulations.

python -m benchmarks.prove models/6x6x4 --rules 6x6x4
"""

import argparse
import sys
import time
from dataclasses import replace

import torch
from tqdm import tqdm

from arena.specs import Contestant, parse_spec
from gomoku.board import Board
from gomoku.notation import point_name
from gomoku.player import Decision, Limit
from gomoku.rules import parse_rules
from mcts.player import PlayerOptions, SearchPlayer
from nets.network import network_of
from nets.torch_evaluator import TorchEvaluator

LEAVES_PER_TREE = 16
MEMORY = 4 * 2**30


def make_prover(contestant: Contestant) -> SearchPlayer:
    """A search without tactics, with a model's network and room for millions of positions."""
    assert contestant.model is not None, f"{contestant.name} is no model"
    search = replace(PlayerOptions().search, leaves_per_tree=LEAVES_PER_TREE)
    evaluator = TorchEvaluator(network_of(contestant.model.config, contestant.model.weights))
    return SearchPlayer(contestant.name, evaluator, PlayerOptions(search=search, memory=MEMORY))


def prove(player: SearchPlayer, board: Board, simulations: int) -> Decision:
    """Thinks until the position is proven or the simulations are used up."""
    with tqdm(total=simulations, unit="simulation", leave=False) as bar:
        for decision in player.analyse(board, Limit(simulations=simulations, seed=1)):
            bar.update(decision.simulations - bar.n)
    return decision


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.prove", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("--rules", help="default: the model's own")
    parser.add_argument("--simulations", type=int, default=3_000_000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    contestant = Contestant.find(parse_spec(options.model))
    rules = parse_rules(options.rules) if options.rules else contestant.rules
    if contestant.model is None or rules is None:
        print(f"prove.py: error: {options.model} is not a model", file=sys.stderr)
        return 2
    player = make_prover(contestant)
    started = time.perf_counter()
    decision = prove(player, Board(rules), options.simulations)
    seconds = time.perf_counter() - started
    best = point_name(decision.move, rules.size)
    if decision.proof is None:
        print(f"{rules.name}: not proven by {decision.simulations} simulations ({seconds:.0f} s); best move {best}")
        return 1
    proven = (
        f"a {decision.proof} for the first player, proven by {decision.simulations} simulations ({seconds:.0f} s)"
    )
    print(f"{rules.name}: {proven}; best move {best}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
