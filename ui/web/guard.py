"""Who is let in: the checks of Host and Origin, and the headers that every answer carries.

A server on 127.0.0.1 can be reached by any web page in the same browser. The Host check keeps out names that were
made to point here (DNS rebinding), the Origin check other sites' scripts.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

LOOPBACK = ("127.0.0.1", "localhost", "::1")
WILDCARDS = ("0.0.0.0", "::")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


class Guard:
    """ASGI middleware in front of everything."""

    def __init__(self, app: ASGIApp, bound_to: str) -> None:
        """Args:
        bound_to: the address that the server listens on; its name and the loopback's are let in, and on a wildcard
          address any numeric one.
        """
        self._app = app
        self._bound_to = bound_to.lower()  # as `urlsplit` gives names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        reason = self._complaint(scope)
        if reason is None:
            await self._app(scope, receive, _with_headers(send))
            return
        refusal = JSONResponse({"reason": reason}, status_code=403, headers=HEADERS)
        if scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await WebSocket(scope, receive, send).send_denial_response(refusal)

    def _complaint(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_known(host):
            return f"Host {host[:80]!r} is not this server"
        origin = headers.get("origin")
        changes_something = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if origin is None:
            return "Origin is missing" if changes_something else None
        return None if _authority(origin) == host else f"Origin {origin[:80]!r} is not this server"

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if self._bound_to in WILDCARDS and _is_numeric(name):
            return True
        return name in (*LOOPBACK, self._bound_to)


def _authority(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc if parts.scheme in ("http", "https") else None


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send, headers: Mapping[str, str] = HEADERS) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_with_headers
