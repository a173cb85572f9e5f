"""`human_play.py web` as people start it: an address on the first line, errors in one line, an end by Ctrl-C."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from web_parts import MODEL, PATIENCE

import human_play

ROOT = Path(__file__).resolve().parent.parent


def test_the_script_serves_the_page_and_ends_quietly_on_ctrl_c() -> None:
    command = [sys.executable, "human_play.py", "web", "--port", "0", "--model", str(MODEL), "--backend", "torch"]
    with subprocess.Popen(
        [*command, "--precision", "float32"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:[0-9]+/", first_line)
        assert found is not None, first_line
        assert httpx.get(found[0] + "api/about", timeout=PATIENCE).json()["rules"] == "6x6x4"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (130, "")


def test_a_port_that_is_taken_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert human_play.main(["web", "--port", port, "--rules", "6x6x4"]) == 2
    assert capsys.readouterr().err == f"human_play.py: error: 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--port", "99999", "'99999' is not a port"),
        ("--host", "", "'' is not an address to listen on"),
        ("--port", "-1", "'-1' is not a port"),
        ("--rules", "99x99", "'99x99'"),
        ("--backend", "abacus", "'abacus'"),
    ],
)
def test_wrong_options_are_told_in_one_line(
    capsys: pytest.CaptureFixture[str], option: str, value: str, complaint: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        human_play.main(["web", f"{option}={value}"])
    assert ended.value.code == 2
    errors = capsys.readouterr().err
    assert complaint in errors
    assert errors.count("\n") == 1


def test_a_model_that_is_not_there_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert human_play.main(["web", "--model", "models/none"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
