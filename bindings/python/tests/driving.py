"""Drives an ASGI application without a server: requests and WebSockets as a server hands them over."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import unquote

#: Only ends a test that would hang.
PATIENCE = 180.0

Headers = List[Tuple[bytes, bytes]]


def exact(text: "str | bytes") -> Any:
    """The value of a JSON text that is written as the engine writes it: nothing on the way has written it anew."""
    value = json.loads(text)
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert written == (text.decode() if isinstance(text, bytes) else text)
    return value


def scope_of(kind: str, target: str, headers: Headers, **more: Any) -> Dict[str, Any]:
    path, _, query = target.partition("?")
    scope = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"chat.example"), *headers],
        "client": ("192.0.2.1", 5000),
        "server": ("127.0.0.1", 80),
        "extensions": {"websocket.http.response": {}} if kind == "websocket" else {},
    }
    return {**scope, **more}


class Response:
    def __init__(self, status: int, headers: Headers, body: bytes, parts: int) -> None:
        self.status = status
        self.headers = {name.decode(): value.decode() for name, value in headers}
        self.body = body
        self.parts = parts

    def json(self) -> Any:
        return json.loads(self.body)


class Request:
    """A request under way: its body comes in parts, its client may go."""

    def __init__(self, app: Any, method: str, target: str, headers: Headers, **more: Any) -> None:
        self.asked = 0
        self.gone = False
        self._to_app: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        self._sent: List[Dict[str, Any]] = []
        scope = scope_of("http", target, headers, method=method, **more)
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> Dict[str, Any]:
        self.asked += 1
        return await self._to_app.get()

    async def _send(self, message: Dict[str, Any]) -> None:
        self._sent.append(message)

    def part(self, body: bytes, more: bool = False) -> None:
        self._to_app.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def leave(self) -> None:
        self._to_app.put_nowait({"type": "http.disconnect"})

    async def response(self) -> Response:
        await asyncio.wait_for(self.task, PATIENCE)
        start, *parts = self._sent
        assert start["type"] == "http.response.start"
        assert all(part["type"] == "http.response.body" for part in parts)
        assert [part.get("more_body", False) for part in parts] == [True] * (len(parts) - 1) + [False]
        body = b"".join(part["body"] for part in parts)
        return Response(start["status"], start["headers"], body, len(parts))


async def request(
    app: Any, method: str, target: str, token: str = "", body: Optional[bytes] = None, headers: Headers = [], **more: Any
) -> Response:
    fields = list(headers)
    if token:
        fields.append((b"authorization", b"Bearer " + token.encode()))
    if body is not None:
        fields += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    asked = Request(app, method, target, fields, **more)
    asked.part(body or b"")
    return await asked.response()


class Socket:
    """A WebSocket that a server has taken. `stuck` makes `send` wait, as for a client that does not read."""

    def __init__(self, app: Any, target: str, protocols: str, headers: Headers = [], **more: Any) -> None:
        self.accepted: Optional[Dict[str, Any]] = None
        self.closed: Optional[Dict[str, Any]] = None
        self.refusal: List[Dict[str, Any]] = []
        self.frames: asyncio.Queue[Optional[Dict[str, Any]]] = asyncio.Queue()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._to_app: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        self._to_app.put_nowait({"type": "websocket.connect"})
        offered = [(b"sec-websocket-protocol", protocols.encode()), *headers]
        scope = scope_of("websocket", target, offered, subprotocols=protocols.split(", "), **more)
        self.task = asyncio.ensure_future(app(scope, self._to_app.get, self._send))
        self.task.add_done_callback(lambda _: self.frames.put_nowait(None))

    async def _send(self, message: Dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self.accepted = message
        elif kind == "websocket.close":
            self.closed = message
        elif kind == "websocket.send":
            await self.flowing.wait()
            self.frames.put_nowait(exact(message["text"]))
        else:
            self.refusal.append(message)

    def send(self, frame: Dict[str, Any]) -> None:
        self.send_text(json.dumps(frame))

    def send_text(self, text: str) -> None:
        self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    def send_bytes(self, data: bytes) -> None:
        self._to_app.put_nowait({"type": "websocket.receive", "bytes": data})

    async def next(self, patience: float = PATIENCE) -> Dict[str, Any]:
        frame = await asyncio.wait_for(self.frames.get(), patience)
        assert frame is not None, f"the connection ended: {self.closed} {self.refusal}"
        return frame

    async def expect(self, kind: str) -> Dict[str, Any]:
        """The next frame of this type; others before it are skipped."""
        while True:
            frame = await self.next()
            if frame["type"] == kind:
                return frame

    async def end(self) -> int:
        """The code with which the application closed, once it has; 0 if it did not."""
        await asyncio.wait_for(self.task, PATIENCE)
        return int(self.closed["code"]) if self.closed else 0

    async def leave(self) -> None:
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, PATIENCE)
