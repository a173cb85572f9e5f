"""Where models and generations of runs lie on the disk, and what there is instead of one that does not exist."""

import re
from pathlib import Path

from gomoku.errors import ModelFileError, PlayerSpecError
from nets.model_file import GENERATIONS, MODEL_FILE_NAME, find_model_file

OTHERS = ("pure", "scripted", "random")
"""Players without a file."""


def find_player_file(source: str, generation: int | None) -> Path:
    """The file of a model, or of a generation of a run.

    Args:
      source: the path of a model or run.
      generation: of a run; None: its newest.

    Raises:
      PlayerSpecError: there is none, with those that there are.
    """
    path = Path(source)
    if (path / GENERATIONS).is_dir():
        return _find_generation(path, generation)
    if generation is not None:
        raise PlayerSpecError(f"player {source}:{generation}: {path} is not a run; {_what_there_is()}")
    try:
        return find_model_file(path)
    except ModelFileError:
        raise PlayerSpecError(f"player {source!r} is not a model or run; {_what_there_is()}") from None


def _find_generation(run: Path, generation: int | None) -> Path:
    files = {
        int(file.stem): file for file in (run / GENERATIONS).glob("*.safetensors") if re.fullmatch(r"\d+", file.stem)
    }
    if not files:
        raise PlayerSpecError(f"run {run} has no generations yet")
    if generation is None:
        generation = max(files)
    if generation not in files:
        raise PlayerSpecError(f"run {run} has no generation {generation}; it has {_spans(sorted(files))}")
    return files[generation]


def _spans(numbers: list[int]) -> str:
    """Writes ascending numbers shortly, `1 to 4, 8, 12`; of many, the last ones."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    shown = [" to ".join(str(number) for number in span) for span in spans]
    return ", ".join(["…", *shown[-12:]] if len(shown) > 12 else shown)


def _what_there_is() -> str:
    models = sorted(file.parent.as_posix() for file in Path("models").glob(f"*/{MODEL_FILE_NAME}"))
    runs = sorted(folder.parent.as_posix() for folder in Path("runs").glob(f"*/{GENERATIONS}"))
    return f"there is {', '.join([*models, *runs, *OTHERS])}"
