"""How fast all cores are together: the network's ceilings by engine, self-play in processes, and a single tree.

In wall clock, since CPU time cannot show cores that wait: to be run on an idle machine.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.measuring import Effort, Figure, by_turns, per_second, ratios
from benchmarks.subjects import EVERY_LEAF_ASKED, EVERY_LEAF_NOTE, CountingEvaluator, M, S, reference_network
from benchmarks.textbook import TextbookSelfPlay
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.config import SearchConfig
from mcts.evaluator import Evaluator
from mcts.player import PlayerOptions, SearchPlayer
from nets.calibration import scattered_positions
from nets.config import PRESETS, macs
from nets.engine import CompiledNetwork, Engine, compile_network, make_evaluator
from nets.network import weights_of
from nets.openvino_evaluator import HINTS, half_precision
from nets.openvino_graph import load_openvino, openvino_core
from training.config import SelfPlayConfig
from training.self_play import SelfPlay

EIGHT, FIFTEEN = Rules(8, 5), Rules(15, 5)
FAST, EXACT_ENOUGH = Engine("openvino", "int8"), Engine("openvino", half_precision())
ENGINES = tuple(
    dict.fromkeys(
        (
            Engine("torch", "float32", "cpu"),
            Engine("torch", "bfloat16", "cpu"),
            Engine("openvino", "float32"),
            EXACT_ENOUGH,
            FAST,
        )
    )
)
TREE_LEAVES = 32
PEAK_CHANNELS, PEAK_LAYERS, PEAK_BATCH = 256, 8, 64
LIMIT_NOTE = f"operations of the network over those of {PEAK_LAYERS} 3x3 convolutions of {PEAK_CHANNELS} channels"


class Task(NamedTuple):
    """What one process does for a while."""

    compiled: CompiledNetwork
    rules: Rules
    seconds: float
    games: int
    """Side by side; rows of the bare evaluator."""
    simulations: int
    """Per move of self-play; 0: the bare evaluator."""
    share: int = 0
    search: SearchConfig = EVERY_LEAF_ASKED
    counts_simulations: bool = False
    """Instead of evaluations."""


def compiled_reference(preset: str, rules: Rules, engine: Engine) -> CompiledNetwork:
    """A reference network for an engine; 8 bits take their ranges from made-up positions."""
    seen = scattered_positions(rules, 256, seed=3)
    return compile_network(PRESETS[preset], weights_of(reference_network(preset)), engine, seen)


def ceilings(effort: Effort) -> list[Figure]:
    """Evaluations per second of one core, by engine, and how near they come to what the core can do."""
    (peak,) = by_turns([_peak_turn()], effort.rounds_15x15)
    title = f"{EXACT_ENOUGH.precision} limit of one core"
    figures = [Figure("limit", title, "GFLOP/s", tuple(top / 1e9 for top in peak))]
    return figures + _ceilings_of(S, EIGHT, peak, effort) + _ceilings_of(M, FIFTEEN, peak, effort)


def _ceilings_of(preset: str, rules: Rules, peak: tuple[float, ...], effort: Effort) -> list[Figure]:
    rows = effort.actor_games
    positions = scattered_positions(rules, rows, seed=1)
    calls = 1 if effort.is_quick else 32 if rules == EIGHT else 4

    def turn(engine: Engine) -> Callable[[], float]:
        evaluator = make_evaluator(compiled_reference(preset, rules, engine))
        return lambda: per_second(calls * rows, lambda: [evaluator.evaluate(positions) for _ in range(calls)])

    rates = by_turns([turn(engine) for engine in ENGINES], effort.rounds_15x15)
    where, is_m = f"{rules.size}x{rules.size}", preset == M
    operations = 2 * macs(PRESETS[preset], rules.size)
    exact, eight_bits = rates[ENGINES.index(EXACT_ENOUGH)], rates[ENGINES.index(FAST)]
    share = tuple(rate * operations / top for rate, top in zip(exact, peak, strict=True))
    return [
        *(
            Figure(
                f"ceiling_{where}_{engine.backend}_{engine.precision}",
                f"{preset} {where}, {engine.name}",
                "evaluations/s",
                values,
            )
            for engine, values in zip(ENGINES, rates, strict=True)
        ),
        Figure(
            f"arithmetic_{where}",
            f"{preset} {where}, of the limit",
            "of 1",
            share,
            0.9 if is_m else None,
            note=LIMIT_NOTE,
        ),
        Figure(
            f"int8_{where}",
            f"{preset} {where}, 8 bits over {EXACT_ENOUGH.precision}",
            "times",
            ratios(eight_bits, exact),
            1.7 if is_m else None,
        ),
    ]


def self_play_on_all_cores(effort: Effort) -> list[Figure]:
    """Self-play in one process and in one per core, beside the bare evaluator in as many, and the textbook."""
    seconds = 0.02 if effort.is_quick else 8.0
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        crew = Crew(pool, cores, seconds, effort.actor_games)
        return [
            *_beside_bare(crew, M, FIFTEEN, effort, at_least=0.95),
            *_beside_bare(crew, S, EIGHT, effort, at_least=0.90),
            *_beside_textbook(crew, effort),
        ]


class Crew(NamedTuple):
    """Processes that do the same side by side."""

    pool: ProcessPoolExecutor
    cores: int
    seconds: float
    games: int
    """Of each."""

    def rate(self, task: Task, count: int) -> float:
        """What `count` of them do together, each with a share of its own."""
        return sum(self.pool.map(work, [task._replace(share=share) for share in range(count)]))


def _beside_bare(crew: Crew, preset: str, rules: Rules, effort: Effort, at_least: float) -> list[Figure]:
    compiled = compiled_reference(preset, rules, EXACT_ENOUGH)
    simulations = effort.simulations_15x15 if rules == FIFTEEN else effort.simulations

    def turn(per_move: int, count: int) -> Callable[[], float]:
        return lambda: crew.rate(Task(compiled, rules, crew.seconds, crew.games, per_move), count)

    bare, one, together = by_turns(
        [turn(0, crew.cores), turn(simulations, 1), turn(simulations, crew.cores)], effort.rounds_15x15
    )
    where, cores = f"{rules.size}x{rules.size}", crew.cores
    note = f"{preset}, {EXACT_ENOUGH.name}, {crew.games} games each, {simulations} simulations, {EVERY_LEAF_NOTE}"
    scaling = 1.95 if cores == 2 else None
    return [
        Figure(f"all_bare_{where}", f"{cores} evaluators alone, {where}", "evaluations/s", bare, note=note),
        Figure(f"all_{where}", f"{cores} actors, {where}", "evaluations/s", together, note=note),
        Figure(f"all_over_bare_{where}", f"actors over alone, {where}", "times", ratios(together, bare), at_least),
        Figure(f"all_over_one_{where}", f"{cores} actors over one, {where}", "times", ratios(together, one), scaling),
    ]


def _beside_textbook(crew: Crew, effort: Effort) -> list[Figure]:
    compiled = compiled_reference(S, EIGHT, FAST)
    task = Task(
        compiled, EIGHT, crew.seconds, crew.games, effort.simulations, search=SearchConfig(), counts_simulations=True
    )
    textbook = TextbookSelfPlay(reference_network(S), EIGHT, effort.simulations, seed=1)
    one, together, theirs = by_turns(
        [
            lambda: crew.rate(task, 1),
            lambda: crew.rate(task, crew.cores),
            lambda: _wall_rate(effort.simulations, textbook),
        ],
        effort.rounds_15x15,
    )
    note = f"S, 8x8x5, {effort.simulations} simulations per move, {FAST.name}, {crew.games} games each"
    return [
        Figure("one_int8", "1 actor, 8 bits", "simulations/s", one, note=note),
        Figure("one_over_textbook", "one core over textbook", "times", ratios(one, theirs), 10),
        Figure("all_int8", f"{crew.cores} actors, 8 bits", "simulations/s", together, note=note),
        Figure("all_over_textbook", "all cores over textbook", "times", ratios(together, theirs), 40),
    ]


def single_tree(effort: Effort) -> list[Figure]:
    """One position searched by all cores: simulations per second, and the time to an answer."""
    cores = os.cpu_count() or 1
    textbook = TextbookSelfPlay(reference_network(S), EIGHT, effort.answer, seed=1)
    evaluator = make_evaluator(compiled_reference(S, EIGHT, FAST), streams=cores)
    options = PlayerOptions(search=SearchConfig(leaves_per_tree=TREE_LEAVES))
    player = SearchPlayer("tree", evaluator, options)
    board = Board(EIGHT)

    def answer(simulations: int) -> float:
        started = time.perf_counter()
        player.decide([board], Limit(simulations=simulations, seed=1))
        return time.perf_counter() - started

    many = 400 if effort.is_quick else 8_000
    rates, theirs, answers = by_turns(
        [
            lambda: many / answer(many),
            lambda: _wall_rate(effort.answer, textbook),
            lambda: 1000 * answer(effort.answer),
        ],
        effort.rounds,
    )
    note = f"S, empty 8x8 board, {FAST.name}, {cores} streams, {TREE_LEAVES} leaves a step"
    return [
        Figure("tree_rate", "one tree, all cores", "simulations/s", rates, note=note),
        Figure("tree_over_textbook", "one tree over textbook", "times", ratios(rates, theirs), 15),
        Figure("answer", f"answer of {effort.answer} simulations", "ms", answers, at_most=60, note=note),
    ]


def work(task: Task) -> float:
    """Runs in a process of its own: evaluates or plays for a while, and says how much a second of wall clock."""
    torch.set_num_threads(1)
    evaluator = CountingEvaluator(make_evaluator(task.compiled))
    if task.simulations == 0:
        positions = scattered_positions(task.rules, task.games, seed=task.share)
        evaluator.evaluate(positions)
        evaluator.count, started = 0, time.perf_counter()
        while time.perf_counter() - started < task.seconds:
            evaluator.evaluate(positions)
        return evaluator.count / (time.perf_counter() - started)
    config = SelfPlayConfig(simulations=task.simulations, games=task.games, threads=1)
    self_play = SelfPlay(task.rules, config, task.search, seed=1 + task.share)
    # The first moves compile the kernels and the network's shapes.
    _play_for(self_play, evaluator, min(1.0, task.seconds))
    evaluator.count, started = 0, time.perf_counter()
    _play_for(self_play, evaluator, task.seconds)
    done = self_play.simulations + self_play.under_way if task.counts_simulations else evaluator.count
    return done / (time.perf_counter() - started)


def _play_for(self_play: SelfPlay, evaluator: Evaluator, seconds: float) -> None:
    end = time.perf_counter() + seconds
    self_play.play(evaluator, 2**62, lambda: None, lambda: time.perf_counter() > end)


def _wall_rate(simulations: int, textbook: TextbookSelfPlay) -> float:
    started = time.perf_counter()
    for _ in range(4):
        textbook.play_move()
    return 4 * simulations / (time.perf_counter() - started)


def _peak_turn() -> Callable[[], float]:
    """Operations per second of one core: wide convolutions one after the other, and nothing else."""
    openvino = load_openvino()
    opset = openvino.opset13
    rng = np.random.default_rng(1)
    board = opset.parameter([PEAK_BATCH, PEAK_CHANNELS, FIFTEEN.size, FIFTEEN.size], np.float32)
    kernel = opset.constant(rng.standard_normal((PEAK_CHANNELS, PEAK_CHANNELS, 3, 3)).astype(np.float32))
    layer = board
    for _ in range(PEAK_LAYERS):
        layer = opset.relu(opset.convolution(layer, kernel, [1, 1], [1, 1], [1, 1], [1, 1]))
    model = openvino.Model([opset.reduce_sum(layer, np.array([0, 1, 2, 3]), False)], [board])
    hint = HINTS[EXACT_ENOUGH.precision]
    options = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": hint}
    request = openvino_core().compile_model(model, "CPU", options).create_infer_request()
    values = np.ones([PEAK_BATCH, PEAK_CHANNELS, FIFTEEN.size, FIFTEEN.size], dtype=np.float32)
    operations = 2 * 9 * PEAK_CHANNELS**2 * FIFTEEN.num_points * PEAK_BATCH * PEAK_LAYERS
    return lambda: per_second(operations, lambda: request.infer([values], share_outputs=True))
