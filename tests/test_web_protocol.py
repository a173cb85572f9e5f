"""The web server's door: who is let in, what is refused and how, and that nothing that comes in breaks it."""

import asyncio
import json
import logging
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from starlette.applications import Starlette
from web_parts import Talk, http_client, running_server, talk
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from ui.web.bounds import Bounds
from ui.web.guard import Guard
from ui.web.server import STATIC

WITH_VARIATIONS = (
    "(;FF[4]GM[4]SZ[6]RU[6x6x4]PB[Ann];B[cc]C[a [good\\] one];W[dd](;B[cd];W[dc])(;B[dc](;W[aa])(;W[bb])))"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_server(bounds=Bounds(file_bytes=50_000)) as where:
        yield where


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with http_client(address) as client:
        yield client


@pytest.fixture
def page(address: str) -> Iterator[Talk]:
    with talk(address) as client:
        yield client


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_inline_script(http: httpx.Client) -> None:
    answer = http.get("/")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for file in STATIC.iterdir():
        content = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in content, file.name
        assert "https://" not in content, file.name


def test_the_whole_page_weighs_less_than_200_kb(http: httpx.Client) -> None:
    files = [file for file in STATIC.iterdir() if file.is_file()]
    weight = sum(len(http.get(f"/static/{file.name}").raise_for_status().content) for file in files)
    assert 20_000 < weight < 200_000


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "localhost@evil.example"])
def test_another_host_name_is_refused(http: httpx.Client, host: str) -> None:
    answer = http.get("/", headers={"Host": host})
    assert answer.status_code in (400, 403)


def test_a_host_name_is_known_however_it_is_written() -> None:
    guarded = httpx.ASGITransport(app=Guard(Starlette(), bound_to="MyPC"))

    async def statuses() -> list[int]:
        async with httpx.AsyncClient(transport=guarded) as client:
            return [(await client.get(f"http://{name}:8015/")).status_code for name in ("mypc", "MyPC", "other")]

    assert asyncio.run(statuses()) == [404, 404, 403]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://[", ""])
def test_another_site_is_refused(http: httpx.Client, address: str, origin: str) -> None:
    answer = http.post("/api/read", content=WITH_VARIATIONS, headers={"Origin": origin})
    assert (answer.status_code, "Origin" in answer.json()["reason"]) == (403, True)
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{address}/ws", origin=origin)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


def test_a_request_that_changes_something_has_to_say_where_it_comes_from(address: str) -> None:
    assert httpx.post(f"http://{address}/api/read", content=WITH_VARIATIONS).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/games/7", 404),
        ("GET", "/static/none.js", 404),
        ("GET", "/static/..%2f..%2fserver.py", 404),
        ("GET", "/static/%2e%2e/server.py", 404),
        ("GET", "/static/%00", 404),
        ("GET", "/static/" + "a" * 5000, 404),
        ("POST", "/", 405),
        ("GET", "/api/read", 405),
    ],
)
def test_what_is_not_there_is_answered_in_the_400s_with_a_reason(
    http: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["reason"]


GAME: dict[str, Any] = {"rules": "6x6x4", "start": "", "nodes": [{"move": "c3", "parent": -1}]}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/api/read", b""),
        ("/api/read", b"\xff\xfe\x00"),
        ("/api/read", b"(;GM[1]SZ[99])"),
        ("/api/read", b"(;SZ[6];B[cc];W[cc])"),
        ("/api/write?form=sgf", b""),
        ("/api/write?form=sgf", b"[]"),
        ("/api/write?form=sgf", b"[" * 20_000),
        ("/api/write?form=doc", json.dumps(GAME).encode()),
        ("/api/write", json.dumps(GAME).encode()),
        *[
            ("/api/write?form=sgf", json.dumps({**GAME, **change}).encode())
            for change in (
                {"rules": 7},
                {"rules": "99x99"},
                {"start": "X-q"},
                {"nodes": {}},
                {"nodes": [3]},
                {"nodes": [{"move": "z9", "parent": -1}]},
                {"nodes": [{"move": "c3", "parent": 0}]},
                {"nodes": [{"move": "c3", "parent": True}]},
                {"nodes": [{"move": "c3", "parent": -1}, {"move": "c3", "parent": 0}]},
                {"nodes": [{"move": "c3", "parent": -1, "value": 7}]},
                {"nodes": [{"move": "c3", "parent": -1, "value": float("nan")}]},
                {"result": "9-9"},
                {"nodes": [{"move": "c3", "parent": -1, "value": 10**400}]},
                {"black": "x" * 20_000},
                {"comment": 7},
            )
        ],
    ],
)
def test_a_game_that_cannot_be_read_is_refused_with_a_reason(http: httpx.Client, path: str, content: bytes) -> None:
    answer = http.post(path, content=content)
    assert answer.status_code == 400, answer.text
    assert "\n" not in answer.json()["reason"]


def test_a_file_that_is_too_large_is_refused(http: httpx.Client) -> None:
    assert http.post("/api/read", content=b"(;C[" + b"x" * 50_000 + b"])").status_code == 413


def test_a_file_with_variations_comes_back_as_the_same_tree(http: httpx.Client) -> None:
    game = http.post("/api/read", content=WITH_VARIATIONS).json()
    assert [node["move"] for node in game["nodes"]] == ["c4", "d3", "c3", "d4", "d4", "a6", "b5"]
    assert [node["parent"] for node in game["nodes"]] == [-1, 0, 1, 2, 1, 4, 4]
    written = http.post("/api/write?form=sgf", json=game).text
    assert http.post("/api/read", content=written).json() == game


def test_halves_of_characters_and_long_comments_are_saved_as_they_can_be(http: httpx.Client) -> None:
    halved = '{"format": "gomoku-record-1", "rules": "6x6x4", "moves": "c3", "black": "a\\ud800b"}'
    game = http.post("/api/read", content=halved).json()
    assert game["black"] == "a?b"
    game["nodes"][0]["comment"] = "x" * 12_000
    sgf = http.post("/api/write?form=sgf", content=json.dumps(game | {"white": "\ud800"}))
    assert sgf.status_code == 200, sgf.text
    again = http.post("/api/read", content=sgf.text).json()
    assert (again["white"], len(again["nodes"][0]["comment"])) == ("?", 12_000)


def test_the_main_line_goes_out_as_a_picture(http: httpx.Client) -> None:
    game = http.post("/api/read", content=WITH_VARIATIONS).json()
    answer = http.post("/api/write?form=svg", json={**game, "black": "\x00<Ann>"})
    assert answer.status_code == 200
    picture = ElementTree.fromstring(answer.text)
    shown = [stone.get("data-point") for stone in picture.iter() if stone.get("data-point")]
    assert shown == ["c4", "d3", "c3", "d4"]
    assert "&lt;Ann&gt;" in answer.text


def test_a_game_goes_out_as_psq_and_comes_in_again(http: httpx.Client) -> None:
    nodes = [{"move": move, "parent": at - 1} for at, move in enumerate(("h8", "i9", "g7"))]
    written = http.post("/api/write?form=psq", json={"rules": "15x15", "start": "", "nodes": nodes}).text
    assert written.startswith("Piskvorky 15x15")
    read = http.post("/api/read", content=written).json()
    assert [node["move"] for node in read["nodes"]] == ["h8", "i9", "g7"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "7",
        "[" * 10_000,
        "{}",
        '{"kind": "look"}',
        '{"kind": "dance", "id": 1, "rules": "6x6x4"}',
        '{"kind": "look", "id": -1, "rules": "6x6x4"}',
        '{"kind": "look", "id": true, "rules": "6x6x4"}',
        '{"kind": "look", "id": 1.5, "rules": "6x6x4"}',
        '{"kind": "look", "id": 1, "rules": "6x6x4", "extra": 1}',
        '{"kind": "look", "id": 1, "rules": "99x99"}',
        '{"kind": "look", "id": 1, "rules": ["6x6x4"]}',
        '{"kind": "look", "id": 1, "rules": "6x6x4", "moves": "c3c3"}',
        '{"kind": "look", "id": 1, "rules": "6x6x4", "moves": "z9"}',
        '{"kind": "look", "id": 1, "rules": "6x6x4", "moves": "a1a6b1b6c1c6d1d6"}',
        '{"kind": "look", "id": 1, "rules": "6x6x4", "start": "XO/X-b"}',
        '{"kind": "look", "id": 1, "rules": "6x6x4", "start": "no"}',
        '{"kind": "look", "id": 1, "rules": "3x3x3", "start": "XXX/OOO/...-b"}',
        '{"kind": "look", "id": 1, "rules": "3x3x3", "start": "XOX/OXO/OXO-b"}',
        '{"kind": "move", "id": 1, "rules": "6x6x4", "seconds": 0}',
        '{"kind": "move", "id": 1, "rules": "6x6x4", "seconds": NaN}',
        f'{{"kind": "move", "id": 1, "rules": "6x6x4", "seconds": {10**400}}}',
        '{"kind": "move", "id": 1, "rules": "6x6x4", "seconds": "1"}',
        '{"kind": "move", "id": 1, "rules": "6x6x4", "level": "godlike"}',
        '{"kind": "move", "id": 1, "rules": "6x6x4", "moves": "a1a6b1b6c1c6d1"}',
        '{"kind": "analyse", "id": 1, "rules": "6x6x4", "simulations": 0}',
    ],
)
def test_a_message_that_makes_no_sense_is_refused_and_the_page_lives_on(page: Talk, text: str) -> None:
    page.connection.send(text)
    refusal = page.hear()
    assert (refusal["kind"], refusal["status"]) == ("error", 400)
    assert refusal["reason"]
    assert "\n" not in refusal["reason"]
    assert page.ask(kind="look", id=99, rules="6x6x4")["kind"] == "position"


def test_bytes_are_refused_like_any_other_nonsense(page: Talk) -> None:
    page.connection.send(b"\x00\xff")
    assert page.hear()["status"] == 400


def test_an_oversized_message_ends_its_own_page_only(address: str, page: Talk) -> None:
    with talk(address) as other:
        other.connection.send(" " * (Bounds().message_bytes + 1))
        with pytest.raises(ConnectionClosed):
            other.hear()
    assert page.ask(kind="look", id=1, rules="6x6x4")["kind"] == "position"


def test_who_goes_in_the_middle_of_an_upload_leaves_no_trace(address: str, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    host, port = address.split(":")
    head = f"POST /api/read HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection((host, int(port))) as half:
        half.sendall(head.encode() + b"(;GM")
        time.sleep(0.3)  # until the server waits for the rest
    time.sleep(0.5)  # until it has noticed
    log.removeHandler(caplog.handler)
    assert caplog.text == ""


def mutilated(text: str, draw: random.Random) -> str:
    """Cuts, doubles, swaps or replaces a few characters."""
    characters = list(text)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(characters))
        characters[at : at + draw.randint(0, 3)] = draw.choice(
            ["", '"', "}", "[", "-1", "e9", "null", "\\u0000", "h8", "ß"]
        )
    return "".join(characters) or " "


def test_a_storm_of_mutilated_messages_gets_an_answer_each(page: Talk) -> None:
    draw = random.Random(5)
    whole = json.dumps({"kind": "look", "id": 1, "rules": "renju-15x15", "start": "", "moves": "h8i9g7"})
    for _ in range(400):
        page.connection.send(mutilated(whole, draw))
        assert page.hear()["kind"] in ("position", "error")


def test_a_storm_of_mutilated_games_is_read_or_refused(http: httpx.Client) -> None:
    draw = random.Random(6)
    for whole, path in ((WITH_VARIATIONS, "/api/read"), (json.dumps(GAME), "/api/write?form=sgf")):
        for _ in range(60):
            assert http.post(path, content=mutilated(whole, draw)).status_code in (200, 400)


def test_the_static_files_are_declared_to_be_installed() -> None:
    project = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    for suffix in {file.suffix for file in STATIC.iterdir()}:
        assert f'"static/*{suffix}"' in project
