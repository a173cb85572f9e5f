"""The server: what is found under which address, and how it is started.

Owns the routes. `serve` is what a script calls; `make_app` is the same without a socket.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from gomoku.player import PlayerFactory
from gomoku.rules import MAX_SIZE, MAX_WIN_LENGTH, MIN_SIZE, MIN_WIN_LENGTH, Rules, Variant
from ui.web.bounds import Bounds
from ui.web.game_files import read_game, write_game
from ui.web.guard import Guard
from ui.web.page import TOO_MANY, Page
from ui.web.positions import first_line
from ui.web.thinker import Thinker

T = TypeVar("T")

STATIC = Path(__file__).with_name("static")
PORT = 8015
"""Fifteen by fifteen."""


@dataclass(frozen=True)
class WebOptions:
    """Where the page is served and what it shows first."""

    host: str = "127.0.0.1"
    """Address to listen on; anything but the loopback lets other machines in, unencrypted."""
    port: int = PORT
    """0: any free one."""
    rules: Rules = Rules()
    """Of the first game."""
    bounds: Bounds = Bounds()


class _Site:
    """The addresses' answers."""

    def __init__(self, factory: PlayerFactory, options: WebOptions) -> None:
        self._factory = factory
        self._options = options
        self._bounds = options.bounds
        self._thinker = Thinker(factory, options.bounds)
        self._pages = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.index),
                Route("/api/about", self.about),
                Route("/api/read", self.read, methods=["POST"]),
                Route("/api/write", self.write, methods=["POST"]),
                WebSocketRoute("/ws", self.page),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[Middleware(Guard, bound_to=self._options.host)],
            exception_handlers={HTTPException: _refusal, ClientDisconnect: _no_answer},
            lifespan=self.lifespan,
        )

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(self._thinker.warm_up(self._options.rules)) if self._bounds.warm_up else None
        yield
        if warming is not None:
            warming.cancel()
        self._thinker.close()

    async def index(self, _: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "levels": list(self._factory.levels),
                "rules": self._options.rules.name,
                "variants": list(Variant),
                "sizes": [MIN_SIZE, MAX_SIZE],
                "win_lengths": [MIN_WIN_LENGTH, MAX_WIN_LENGTH],
            }
        )

    async def read(self, request: Request) -> Response:
        """A game file's text in, its tree as JSON out."""
        content = await self._body(request)
        name, rules = (request.query_params.get(key, "") for key in ("name", "rules"))
        return JSONResponse(await _converted(lambda: read_game(content, name, rules)))

    async def write(self, request: Request) -> Response:
        """A tree as JSON in, a game file's text out."""
        content = await self._body(request)
        form = request.query_params.get("form", "")
        return PlainTextResponse(await _converted(lambda: write_game(content, form)))

    async def page(self, websocket: WebSocket) -> None:
        if self._pages >= self._bounds.pages:
            reason = f"{self._pages} pages are open already; close one of them first"
            await websocket.send_denial_response(JSONResponse({"reason": reason}, status_code=TOO_MANY))
            return
        self._pages += 1
        try:
            await Page(websocket, self._thinker, self._bounds).run()
        finally:
            self._pages -= 1

    async def _body(self, request: Request) -> bytes:
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self._bounds.file_bytes:
                raise HTTPException(413, f"a game file has to be smaller than {self._bounds.file_bytes} bytes")
        return bytes(content)


async def _converted(convert: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(convert)
    except ValueError as error:
        raise HTTPException(400, first_line(error)) from None


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"reason": error.detail}, status_code=error.status_code, headers=error.headers)


async def _no_answer(_: Request, __: Exception) -> Response:
    """Who went in the middle of an upload hears nothing any more; and there is nothing to report."""
    return Response(status_code=400)


def make_app(factory: PlayerFactory, options: WebOptions | None = None) -> Starlette:
    """The page as an ASGI application."""
    return _Site(factory, options or WebOptions()).app()


def make_server(factory: PlayerFactory, options: WebOptions) -> tuple[uvicorn.Server, socket.socket]:
    """Binds the address; `server.run(sockets=[socket])` serves until `server.should_exit`.

    Raises:
      OSError: the address is taken or not this machine's.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    bound = socket.create_server((options.host, options.port), family=family)
    # Taken up again by its number, the socket knows that it is TCP. Else asyncio leaves Nagle's algorithm on, which
    # holds every second answer back for 40 ms.
    listening = socket.socket(fileno=bound.detach())
    config = uvicorn.Config(
        make_app(factory, options),
        ws="websockets-sansio",
        ws_max_size=options.bounds.message_bytes,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config), listening


def serve(factory: PlayerFactory, options: WebOptions | None = None, say: Callable[[str], None] = print) -> None:
    """Serves the page until Ctrl-C.

    Args:
      say: is told the page's address once it can be opened.

    Raises:
      OSError: the address is taken or not this machine's.
    """
    options = options or WebOptions()
    server, listening = make_server(factory, options)
    port = listening.getsockname()[1]
    host = f"[{options.host}]" if ":" in options.host else options.host
    say(f"Gomoku is at http://{host}:{port}/ (Ctrl-C ends it)")
    server.run(sockets=[listening])
