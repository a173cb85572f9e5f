"""The figures of a run as TensorBoard reads them."""

import os
import time
from dataclasses import asdict
from typing import Any

from gomoku.files import named_in_errors
from training.metrics import IterationMetrics
from training.run_folder import RunFolder


class EventWriter:
    """TensorBoard events, where tensorboard is installed; nothing where it is not.

    In the caller's thread and at once: the usual writer has a thread of its own, whose errors nobody can catch, and
    keeps what it was given for minutes.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.root / "events" / f"events.out.tfevents.{time.time_ns()}.{os.getpid()}"
        self._records: Any = None
        """Made with the first line, so that a run that does not come so far leaves no file."""

    def write(self, metrics: IterationMetrics) -> None:
        """
        Raises:
          OSError: the file cannot be written.
        """
        figures = {name: value for name, value in asdict(metrics).items() if isinstance(value, int | float)}
        self._write(metrics.iteration, figures)

    def write_check(self, iteration: int, check: dict[str, Any]) -> None:
        """
        Raises:
          OSError: the file cannot be written.
        """
        self._write(iteration, {"check_score": check["score"]})

    def _write(self, step: int, figures: dict[str, float]) -> None:
        try:
            from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - an optional package
            from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415
            from tensorboard.summary.writer.record_writer import RecordWriter  # noqa: PLC0415
        except ImportError:
            return
        values = [Summary.Value(tag=name, simple_value=value) for name, value in figures.items()]
        events = [Event(wall_time=time.time(), step=step, summary=Summary(value=values))]
        with named_in_errors(self._path):
            if self._records is None:
                self._path.parent.mkdir(exist_ok=True)
                self._records = RecordWriter(self._path.open("wb"))
                events.insert(0, Event(wall_time=time.time(), file_version="brain.Event:2"))
            for event in events:
                self._records.write(event.SerializeToString())
            self._records.flush()

    def close(self) -> None:
        """
        Raises:
          OSError: as `write`.
        """
        if self._records is not None:
            with named_in_errors(self._path):
                self._records.close()
