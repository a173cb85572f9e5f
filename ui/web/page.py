"""One page: its WebSocket, and the one thing that it thinks about at a time.

The server keeps no games. A page sends the whole position with every question, so that nothing is lost when either
side starts again, and there is nothing to expire but the connection.
"""

import asyncio
import json
import threading
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gomoku.board import Board
from gomoku.player import Decision, Limit
from ui.web.bounds import Bounds
from ui.web.messages import Kind, Message, message_id, parse_message
from ui.web.positions import board_facts, decision_facts, first_line, read_board
from ui.web.thinker import BusyError, Thinker

CLOSED_IDLE, CLOSED_BY_ERROR = 4000, 1011
BAD_REQUEST, TOO_MANY = 400, 429


class Page:
    """A connected page, from its first message to its last."""

    def __init__(self, socket: WebSocket, thinker: Thinker, bounds: Bounds) -> None:
        self._socket = socket
        self._thinker = thinker
        self._bounds = bounds
        self._thinking: asyncio.Task[None] | None = None
        self._stop = threading.Event()
        self._closing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Answers the page until it goes or says nothing for too long."""
        await self._socket.accept()
        try:
            while (text := await self._next_text()) is not None:
                await self._handle(text)
        except TimeoutError:
            await self._socket.close(CLOSED_IDLE, "idle for too long")
        finally:
            await self._stop_thinking()

    async def _next_text(self) -> str | None:
        """The next message, empty where it was bytes; None: the page has gone."""
        event = await asyncio.wait_for(self._socket.receive(), self._bounds.idle_seconds)
        return None if event["type"] == "websocket.disconnect" else event.get("text") or ""

    async def _handle(self, text: str) -> None:
        try:
            message = parse_message(text)
            if message.kind is Kind.STOP:
                await self._stop_thinking()
                await self._send({"kind": "stopped", "id": message.id})
                return
            board = await asyncio.to_thread(read_board, message.rules, message.start, message.moves)
            if message.kind is Kind.LOOK:
                facts = await asyncio.to_thread(board_facts, board)
                await self._send({"kind": "position", "id": message.id, **facts})
                return
            if board.outcome is not None:
                raise ValueError("the game is over")
        except ValueError as error:
            await self._refuse(message_id(text), error)
            return
        await self._stop_thinking()
        self._start_thinking(message, board)

    def _start_thinking(self, message: Message, board: Board) -> None:
        self._stop = threading.Event()
        self._thinking = asyncio.create_task(self._think(message, board, self._stop))
        self._thinking.add_done_callback(self._notice_failure)

    async def _think(self, message: Message, board: Board, stop: threading.Event) -> None:
        async def report(decision: Decision, is_final: bool = False) -> None:
            facts = decision_facts(decision, board.size)
            await self._send({"kind": "thought", "id": message.id, "final": is_final, **facts})

        try:
            if message.kind is Kind.MOVE:
                await report(await self._thinker.decide(board, message.level, stop, message.seconds), is_final=True)
            else:
                limit = Limit(simulations=message.simulations, seconds=message.seconds, stop=stop.is_set)
                await self._thinker.analyse(board, limit, report)
                await self._send({"kind": "done", "id": message.id})
        except ValueError as error:
            await self._refuse(message.id, error)

    def _notice_failure(self, thinking: asyncio.Task[None]) -> None:
        """Closes the page where a player broke down, so that it need not wait for an answer for ever."""
        if not thinking.cancelled() and thinking.exception() is not None:
            self._closing = asyncio.create_task(self._socket.close(CLOSED_BY_ERROR, "the player broke down"))

    async def _stop_thinking(self) -> None:
        thinking, self._thinking = self._thinking, None
        if thinking is None:
            return
        self._stop.set()
        thinking.cancel()
        with suppress(asyncio.CancelledError):
            await thinking

    async def _refuse(self, asked: int | None, error: ValueError) -> None:
        status = TOO_MANY if isinstance(error, BusyError) else BAD_REQUEST
        await self._send({"kind": "error", "id": asked, "status": status, "reason": first_line(error)})

    async def _send(self, answer: dict[str, Any]) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):  # the page has gone, which `_next_text` will hear
                await self._socket.send_text(json.dumps(answer))
