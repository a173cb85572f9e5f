"""Which engine is chosen, what is remembered of it, and what happens where one is missing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reference_weights import random_weights

from gomoku.rules import Rules, Variant
from nets import agreement, calibration, engine_memory, quantize
from nets.agreement import Errors
from nets.calibration import EngineOptions, candidates, choose_engine, compare_engines
from nets.config import NetworkConfig
from nets.engine import Engine
from nets.engine_memory import remembered_engine
from nets.model_file import Model, ModelCard, find_model_file, load_model

ROOT = Path(__file__).resolve().parent.parent
CONFIG = NetworkConfig(blocks=2, channels=16, policy_channels=8, value_channels=8, value_hidden=16)
RULES = Rules(6, 4)
MODEL = Model(CONFIG, random_weights(CONFIG), ModelCard("small", ("6x6x4",)), Path("nowhere"))
CPU = EngineOptions(device="cpu")
TORCH = EngineOptions("torch", device="cpu")


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "SECONDS", 0.02)


def test_one_of_the_engines_that_agree_is_chosen_and_one_line_says_why() -> None:
    engine, report, is_measured = choose_engine(CONFIG, MODEL.weights, CPU, RULES, batch=32)
    assert is_measured
    assert engine.precision in ("float32", "bfloat16")
    assert report.startswith("6x6x4, 32 rows: torch float32 ")
    assert "openvino float32 " in report
    assert f": {engine.name}" in report
    assert "\n" not in report


def test_an_engine_that_changes_the_answers_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "REAL_TOLERANCE", Errors(1e-5, 1e-5))
    monkeypatch.setattr(calibration, "_speeds", lambda evaluators, _: [float(k + 1) for k in range(len(evaluators))])
    options = EngineOptions(device="cpu", backend="torch")
    engine, report, _ = choose_engine(CONFIG, MODEL.weights, options, RULES, batch=8)
    assert engine.precision == "float32"
    assert "too much" in report


def test_eight_bits_are_chosen_only_where_they_are_asked_for_or_were_made_before() -> None:
    assert "int8" not in {engine.precision for engine in candidates(CPU)}
    assert Engine("openvino", "int8", "cpu") in candidates(CPU, has_int8=True)
    assert candidates(EngineOptions(precision="int8")) == [Engine("openvino", "int8")]
    assert "int8" not in {engine.precision for engine in candidates(EngineOptions("torch"), has_int8=True)}


def unremembered(model: Model, *asked: Any, quantized: Any) -> calibration.Choice:
    return choose_engine(model.config, model.weights, *asked, quantized)


@pytest.mark.parametrize(("size", "is_timed"), [(6, False), (9, False), (15, True), (19, True)])
def test_the_eight_bit_form_beside_a_model_is_timed_where_it_won_its_matches_and_no_other_is_made(
    size: int, is_timed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(find_model_file(ROOT / "models" / "15x15"))
    monkeypatch.setattr(quantize, "quantize_network", None)
    monkeypatch.setattr(calibration, "_speeds", lambda evaluators, _: [float(k + 1) for k in range(len(evaluators))])
    monkeypatch.setattr(engine_memory, "remembered_engine", unremembered)
    for tolerance, is_chosen in ((Errors(0, 0), False), (Errors(1, 1), is_timed)):
        monkeypatch.setattr(agreement, "INT8_TOLERANCE", tolerance)
        network, report = engine_memory.model_network(model, EngineOptions("openvino"), Rules(size, 5), batch=8)
        assert ("openvino int8" in report) == is_timed
        assert (network.engine.precision == "int8") == is_chosen


def test_bfloat16_is_torchs_where_the_cpu_has_none_for_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "has_bfloat16", lambda: False)
    assert candidates(EngineOptions(precision="bfloat16")) == [Engine("torch", "bfloat16")]


@pytest.mark.parametrize("is_native", [True, False])
def test_bfloat16_that_is_emulated_is_said_to_be_slow(is_native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "has_bfloat16", lambda: is_native)
    report = choose_engine(CONFIG, MODEL.weights, EngineOptions("torch", "bfloat16", "cpu"), RULES, batch=8).report
    slow = " (this CPU has no bfloat16 and emulates it, far slower than float32)"
    assert report == f"torch bfloat16, as told{'' if is_native else slow}"


def test_what_is_told_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "has_bfloat16", lambda: True)
    for backend, precision in (("torch", "bfloat16"), ("openvino", "float32")):
        choice = choose_engine(CONFIG, MODEL.weights, EngineOptions(backend, precision, "cpu"), RULES, batch=8)
        assert choice == (Engine(backend, precision, "cpu"), f"{backend} {precision}, as told", False)
    assert candidates(EngineOptions(precision="float16")) == [Engine("torch", "float16")]
    assert [engine.backend for engine in candidates(EngineOptions(precision="float32", device="cuda"))] == ["torch"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"backend": "abacus"}, "backend 'abacus' is not one of auto, torch, openvino"),
        ({"precision": "half"}, "precision 'half' is not one of auto, float32"),
        ({"backend": "torch", "precision": "int8"}, "'int8' is not one of float32, bfloat16, float16 with backend"),
        ({"backend": "openvino", "precision": "float16"}, "'float16' is not one of float32, bfloat16, int8"),
        ({"backend": "openvino", "device": "cuda"}, "device 'cuda' is not one of auto, cpu"),
        ({"device": "warp"}, "device 'warp' is not here"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        choose_engine(CONFIG, MODEL.weights, EngineOptions(**fields), RULES, batch=8)
    assert "\n" not in str(caught.value)


def test_cpus_of_one_name_and_unlike_vectors_are_two_machines(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    told = []
    for flags in ("fpu sse2 avx2 avx", "fpu avx2 avx sse2 smt", "fpu sse2 avx2 avx avx512_bf16"):
        info.write_text(f"processor\t: 0\nmodel name\t: EPYC\nflags\t\t: {flags}\n\n" * 2)
        told.append(engine_memory.cpu_of(info))
    assert told == [["EPYC", "avx", "avx2"]] * 2 + [["EPYC", "avx", "avx2", "avx512_bf16"]]
    assert engine_memory.cpu_of(tmp_path / "none")[0].strip()


def test_a_choice_is_remembered_for_the_same_question_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[Rules] = []

    def counted(*arguments: Any) -> calibration.Comparison:
        measured.append(arguments[2])
        return compare_engines(*arguments)

    monkeypatch.setattr(engine_memory, "compare_engines", counted)
    first = remembered_engine(MODEL, CPU, RULES, 8, tmp_path)
    assert remembered_engine(MODEL, CPU, RULES, 8, tmp_path) == first
    assert measured == [RULES]
    for options, rules, batch in ((CPU, Rules(8, 5), 8), (CPU, RULES, 16), (TORCH, RULES, 8)):
        remembered_engine(MODEL, options, rules, batch, tmp_path)
    other = {name: weight + 1 for name, weight in MODEL.weights.items()}  # how far off it is nobody knows
    remembered_engine(MODEL._replace(weights=other), CPU, RULES, 8, tmp_path)
    assert len(measured) == len(list(tmp_path.iterdir())) == 5


def test_speeds_are_measured_once_for_a_shape_and_answers_for_all_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed: list[int] = []

    def speeds(evaluators: list[Any], _: Any) -> list[float]:
        timed.append(len(evaluators))
        return [float(k + 1) for k in range(len(evaluators))]

    monkeypatch.setattr(calibration, "_speeds", speeds)
    monkeypatch.setattr(agreement, "REAL_TOLERANCE", Errors(1, 1))
    first = remembered_engine(MODEL, CPU, RULES, 8, tmp_path).engine
    assert (first, len(timed)) == (candidates(CPU)[-1], 1)
    other = MODEL._replace(weights={name: 2 * weight for name, weight in MODEL.weights.items()})
    standard = Rules(6, 4, Variant.STANDARD)
    assert remembered_engine(other, CPU, standard, 8, tmp_path).engine == first
    monkeypatch.setattr(agreement, "REAL_TOLERANCE", Errors(-1, -1))
    third = MODEL._replace(weights={name: 3 * weight for name, weight in MODEL.weights.items()})
    assert remembered_engine(third, CPU, standard, 8, tmp_path).engine == candidates(CPU)[0]
    assert len(timed) == 1
    for rules, batch in ((Rules(7, 4), 8), (RULES, 16)):
        remembered_engine(other, CPU, rules, batch, tmp_path)
    assert len(timed) == 3


def test_the_rows_of_a_call_are_taken_over_with_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "_speeds", lambda evaluators, _: [float(k + 1) for k in range(len(evaluators))])
    monkeypatch.setattr(agreement, "REAL_TOLERANCE", Errors(1, 1))
    first = remembered_engine(MODEL, CPU, RULES, 32, tmp_path).engine
    assert first.rows == 32
    monkeypatch.setattr(calibration, "_speeds", None)
    other = MODEL._replace(weights={name: 2 * weight for name, weight in MODEL.weights.items()})
    assert remembered_engine(other, CPU, RULES, 32, tmp_path).engine == first


def test_a_damaged_note_is_taken_again(tmp_path: Path) -> None:
    remembered_engine(MODEL, CPU, RULES, 8, tmp_path)
    (note,) = tmp_path.iterdir()
    told = json.loads(note.read_text())
    wrong_engine = json.dumps({**told, "engine": {"backend": "abacus"}}).encode()
    for damage in (b"", b"{", b"[]", b"\xff", note.read_bytes()[:-9], wrong_engine):
        note.write_bytes(damage)
        assert isinstance(remembered_engine(MODEL, CPU, RULES, 8, tmp_path).engine, Engine)
        assert json.loads(note.read_text())["question"] == told["question"]


def test_notes_that_cannot_be_written_are_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert remembered_engine(MODEL, CPU, RULES, 8, tmp_path / "file" / "notes").is_measured


WITHOUT_OPENVINO = """
import sys
sys.modules["openvino"] = sys.modules["nncf"] = None  # Python's own way to say that there is none
sys.argv = ["human_play.py", *sys.argv[1:]]
import human_play
sys.exit(human_play.main())
"""


def play_without_openvino(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_OPENVINO, "--model", "models/6x6x4", "--simulations", "8", *arguments]
    return subprocess.run(
        command, input="c3\nquit\n", cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_without_openvino_torch_plays_and_asking_for_it_gets_one_line() -> None:
    done = play_without_openvino("--precision", "float32")
    assert (done.returncode, done.stderr) == (0, "")
    assert "White, models/6x6x4@8: " in done.stdout
    for arguments in (("--backend", "openvino"), ("--precision", "int8")):
        done = play_without_openvino(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("human_play.py: error: ")
        assert done.stderr.count("\n") == 1
    assert "pip install -e '.[fast]'" in done.stderr


PLAYS_A_MOVE = """
import pathlib, re, sys
sys.argv = ["human_play.py", *sys.argv[1:]]
import human_play
status = human_play.main()
heavy = [name for name in ("torch", "nncf", "onnx", "openvino_telemetry") if sys.modules.get(name)]
# Not getrusage: its peak is taken over from the process that started this one.
peak = re.search(r"VmHWM:\\s*([0-9]+)", pathlib.Path("/proc/self/status").read_text())
print("imported:", heavy, "MB:", int(peak[1]) // 1024)
sys.exit(status)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads its memory from /proc")
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_playing_process_has_no_torch_and_leaves_nothing_at_home(precision: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PLAYS_A_MOVE, "--model", "models/6x6x4", "--simulations", "8"]
    command += ["--backend", "openvino", "--precision", precision]
    done = subprocess.run(
        command,
        input="c3\nquit\n",
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "White, models/6x6x4@8: " in done.stdout
    assert "imported: []" in done.stdout
    assert int(done.stdout.split()[-1]) < 300
    assert list(tmp_path.iterdir()) == []


def test_nan_answers_do_not_agree() -> None:
    assert not calibration.Timing(1.0, Errors(float("nan"), 0.0)).agrees(Engine("torch", "bfloat16"))
    assert calibration.Timing(1.0, Errors(0.01, 0.0)).agrees(Engine("torch", "bfloat16"))
