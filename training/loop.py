"""The training loop: self-play → replay → learn → check → checkpoint, until time is up.

    loop = TrainingLoop(folder, config, hooks)     a fresh or resumed run, ready to go on
    loop.run(minutes)                              returns when time is up, iterations are up, or it was asked to stop

With actors in this process everything is decided by the configuration and the positions made and learnt so far; the
clock only ends a run. Actors in processes of their own play on while the learner learns: which of their games end
first, and by which networks they are played, depends on how fast they are. Schedules count positions in either case.
"""

import time
from typing import Any

import numpy as np
import torch

from gomoku.rules import Rules, parse_rules
from mcts.evaluator import Positions
from nets.calibration import scattered_positions
from nets.devices import find_device
from nets.engine import compile_network
from nets.model_file import Model, ModelCard, save_model
from nets.network import build_network, network_of, weights_of
from training.actor_kinds import make_actors
from training.checkpoint import RunState, load_newest, save_checkpoint, save_segment, thin
from training.config import TrainConfig
from training.events import EventWriter
from training.harvest import Harvest
from training.hooks import Hooks, Phase, Progress
from training.learner import Learner, Losses
from training.metrics import IterationMetrics, alarms_of, append_metrics, cut_metrics, figures_of, note_check
from training.replay import ReplayBuffer, segments_of
from training.run_folder import RunFolder
from training.shares import Assignment

POSITIONS_FOR_INT8 = 512


class TrainingLoop:
    """One run, in this process."""

    def __init__(self, folder: RunFolder, config: TrainConfig, hooks: Hooks, start: Model | None = None) -> None:
        """Brings a run to where its newest checkpoint left it, or to its start.

        Args:
          config: with engine and threads fixed.
          start: the model to begin with; None: random weights from the seed.

        Raises:
          CheckpointError: there are checkpoints, and none of them is whole.
          ValueError: a device that is not here, or no such sparring partner.
        """
        self.folder, self.config, self.hooks = folder, config, hooks
        self.rules = parse_rules(config.rules)
        torch.set_num_threads(1)
        torch.manual_seed(config.seed)
        network = network_of(*start[:2]) if start is not None else build_network(config.network)
        self._started_from = start.card.trained_rules if start is not None else ()
        learner = Learner(network, config.learner, find_device(config.device), hooks.span)
        actors = make_actors(config, folder.root, hooks.span, hooks.make_partner)
        self.state = RunState(learner, ReplayBuffer(config.replay), actors, config)
        folder.root.mkdir(parents=True, exist_ok=True)
        folder.remove_leftovers()
        self.complaints = load_newest(folder, self.state)
        """One line for each damaged checkpoint that was passed over."""
        self.past_seconds = cut_metrics(folder, self.state.iteration)
        self._events = EventWriter(folder)
        self._losses: Losses | None = None
        self._last: IterationMetrics | None = None

    def run(self, minutes: float | None) -> str:
        """Trains.

        Args:
          minutes: of training over all resumes; no iteration but this call's first begins that would end well after.

        Returns: why it ended: `time`, `iterations` or `stopped`.

        Raises:
          LossNotFiniteError: the last checkpoint is good, and nothing after it is kept.
          LearnerMemoryError, ActorsError: likewise.
        """
        began_with = self.state.iteration
        try:
            self._make_up_for_check()
            while True:
                if self.hooks.should_stop():
                    return "stopped"
                if self.config.max_iterations and self.state.iteration >= self.config.max_iterations:
                    return "iterations"
                if minutes is not None and self._is_time_up(60 * minutes, self.state.iteration > began_with):
                    return "time"
                if not self._iterate():
                    return "stopped"
        finally:
            self.state.actors.close()
            self._events.close()

    def _is_time_up(self, budget: float, has_trained: bool) -> bool:
        """Whether no further iteration is to begin: one begins where more than half of it fits, judged by the mean so
        far. The first one of a call only needs some time left: whoever gives more minutes than there were wants them
        used.

        Args:
          budget: seconds of training over all resumes.
          has_trained: whether this call has made an iteration.
        """
        mean = self.past_seconds / self.state.iteration if has_trained else 0.0
        return self.past_seconds + mean / 2 >= budget

    def _iterate(self) -> bool:
        """One iteration; False if it was dropped."""
        state, started = self.state, time.perf_counter()
        # Self-play
        self._tell(Phase.SELF_PLAY, started)
        harvest = state.actors.play(
            self._assign(),
            self.config.iteration_positions,
            lambda moves: self._tell(Phase.SELF_PLAY, started, moves),
            self.hooks.should_stop,
        )
        if not harvest.is_whole:
            self._keep_finished_games()
            return False
        self_play_seconds = time.perf_counter() - started

        # Replay
        state.iteration += 1
        state.games += len(harvest.games)
        segments = segments_of(harvest, state.iteration)
        self._tell(Phase.WRITE_REPLAY, started)
        for segment in segments:
            state.replay.add(segment)
            save_segment(self.folder, segment)

        # Learn
        self._tell(Phase.LEARN, started)
        learn_started = time.perf_counter()
        self._losses = losses = self._learn(sum(len(segment) for segment in segments))
        learn_seconds = time.perf_counter() - learn_started

        check = self._check(started)

        # Write
        seconds = time.perf_counter() - started
        self._tell(Phase.WRITE_GENERATION, started)
        self._save_generation()
        metrics = self._metrics(harvest, losses, check, seconds, self_play_seconds, learn_seconds)
        self._tell(Phase.WRITE_METRICS, started)
        append_metrics(self.folder, metrics)
        self._tell(Phase.WRITE_CHECKPOINT, started)
        save_checkpoint(self.folder, state)
        self._tell(Phase.THIN, started)
        keep = self.config.keep
        thin(self.folder, state, keep.checkpoints, keep.generations, keep.every)

        self.past_seconds += seconds
        self._last = metrics
        self._events.write(metrics)
        self._tell_of_check(check)
        self.hooks.on_iteration(metrics)
        return True

    def _check(self, started: float) -> dict[str, Any] | None:
        """Checks the newest generation; None if that is not due, has been done, or was stopped."""
        state = self.state
        is_due = self.config.check.is_due(state.iteration)
        if not is_due or any(rating["iteration"] == state.iteration for rating in state.ratings):
            return None
        self._tell(Phase.CHECK, started)
        if (check := self.hooks.check(state.learner.averaged, state.iteration)) is not None:
            state.ratings.append({"iteration": state.iteration, **check})
        return check

    def _make_up_for_check(self) -> None:
        """What stopped a check must not change what the run comes to: it is made when the run goes on."""
        started = time.perf_counter()
        if (check := self._check(started)) is None:
            return
        self._save_generation()
        self.past_seconds += note_check(self.folder, check, time.perf_counter() - started)
        save_checkpoint(self.folder, self.state)
        self._tell_of_check(check)

    def _tell_of_check(self, check: dict[str, Any] | None) -> None:
        if check is not None:
            self._events.write_check(self.state.iteration, check)
            self.hooks.on_check(self.past_seconds / 60, self.state.iteration, check)

    def _keep_finished_games(self) -> None:
        """Writes the last checkpoint again where actors have played on since; it differs in their games alone."""
        if self.state.actors.plays_on:
            save_checkpoint(self.folder, self.state)

    def _assign(self) -> Assignment:
        """What the actors play next, and with which network."""
        config, state, averaged = self.config, self.state, self.state.learner.averaged
        board, simulations = config.plan.at(state.iteration, state.replay.made)
        engine = config.engine_on(board)
        seen = self._seen_positions(config.plan.boards[board]) if engine.precision == "int8" else None
        compiled = compile_network(averaged.config, weights_of(averaged), engine, seen)
        return Assignment(compiled, state.iteration, board, simulations)

    def _seen_positions(self, rules: Rules) -> Positions:
        """Positions by which an 8-bit network sets its ranges; the same ones if the run is resumed here."""
        state = self.state
        if not state.replay.holds(rules):
            return scattered_positions(rules, POSITIONS_FOR_INT8, seed=0)
        _, batch = state.replay.draw(np.random.default_rng(state.iteration), POSITIONS_FOR_INT8, rules)
        return batch.positions(rules)

    def _learn(self, new_positions: int) -> Losses | None:
        """As many steps as the new positions are worth; a fraction of a step waits for the next iteration."""
        state, config = self.state, self.config.learner
        state.steps_owed += new_positions * config.reuse / config.batch_size
        steps = int(state.steps_owed)
        state.steps_owed -= steps
        return state.learner.learn(state.replay, steps, state.rng) if steps else None

    def _save_generation(self) -> None:
        state, path = self.state, self.folder.generation(self.state.iteration)
        path.parent.mkdir(exist_ok=True)
        save_model(path, self.config.network, state.learner.averaged.state_dict(), self.card())
        self.folder.model.unlink(missing_ok=True)  # of before a resume: no longer the newest

    def card(self) -> ModelCard:
        """The card of the weights as they are, without anything that a clock decides."""
        state, plan = self.state, self.config.plan
        began_with = state.replay.made_before(state.iteration)
        played = (rules.name for rules in plan.boards_until(began_with))
        return ModelCard(
            name=f"{self.rules.name} generation {state.iteration}",
            trained_rules=tuple(dict.fromkeys((*played, *self._started_from))),
            generation=state.iteration,
            games=state.games,
            positions=state.learner.learnt,
            simulations=plan.at(max(state.iteration - 1, 0), began_with)[1],
            results={"checks": state.ratings[-1:]},
        )

    def _metrics(
        self,
        harvest: Harvest,
        losses: Losses | None,
        check: dict[str, Any] | None,
        seconds: float,
        self_play_seconds: float,
        learn_seconds: float,
    ) -> IterationMetrics:
        state, figures = self.state, figures_of(harvest)
        return IterationMetrics(
            iteration=state.iteration,
            seconds=seconds,
            total_seconds=self.past_seconds + seconds,
            self_play_seconds=self_play_seconds,
            learn_seconds=learn_seconds,
            **vars(figures),
            total_games=state.games,
            total_positions=state.replay.made,
            simulations=harvest.simulations,
            window=min(state.replay.window, len(state.replay)),
            learnt=state.learner.learnt,
            cut_short=harvest.cut_short,
            learner_share=learn_seconds / seconds,
            actors_idle_share=min(1.0, max(0.0, 1 - harvest.seconds / seconds)),
            generations_behind=state.iteration - 1 - harvest.mean_generation,
            duplicates=harvest.duplicates,
            policy_loss=losses and losses.policy,
            value_loss=losses and losses.value,
            policy_entropy=losses and losses.policy_entropy,
            gradient_norm=losses and losses.gradient_norm,
            reply_loss=losses and losses.reply,
            learning_rate=self.config.learner.rate_at(state.learner.learnt),
            check=check,
            alarms=[*harvest.alarms, *state.learner.parts.take_alarms(), *alarms_of(figures, losses)],
        )

    def _tell(self, phase: Phase, started: float, moves: int = 0) -> None:
        seconds, last = time.perf_counter() - started, self._last
        self.hooks.on_progress(
            Progress(
                phase=phase,
                iteration=self.state.iteration + (phase is Phase.SELF_PLAY),
                seconds=self.past_seconds + seconds,
                games=self.state.games,
                positions=self.state.replay.made + moves,
                positions_per_second=last.positions / last.seconds if last else moves / max(seconds, 1e-9),
                losses=self._losses,
                learner_share=last.learner_share if last else 0.0,
                actors_idle_share=last.actors_idle_share if last else 0.0,
            )
        )
