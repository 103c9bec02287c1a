"""One WebSocket: from an ASGI server to a session of the engine, and back."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Callable, Deque, Optional

from . import _library
from ._engine import Engine
from ._errors import Error
from ._exchange import send_error, send_response
from ._items import Item
from ._log import logger
from ._poller import Poller
from ._scope import Receive, Scope, Send, address_of, flags_of, headers_of

#: The engine is told of a backlog in steps of so many bytes, and when there is none any more.
_BACKLOG_STEP = 16 * 1024

#: How long a client that is being closed may take for what was sent before.
_CLOSING = 10.0

#: Close codes of section 5 of the protocol.
_BINARY = 1003
_TOO_SLOW = 4008


class Socket:
    """Passes texts on in both directions.

    What the server has not taken is counted: a server whose `send` waits for a slow client makes the engine see it. So no more
    waits here than the engine allows a session.
    """

    def __init__(
        self, engine: Engine, poller: Poller, receive: Receive, send: Send, server_pings: bool
    ) -> None:
        self._engine = engine
        self._poller = poller
        self._receive = receive
        self._send = send
        self._server_pings = server_pings
        self._loop = asyncio.get_running_loop()
        self._judged: asyncio.Future[Item] = self._loop.create_future()
        self._session = 0
        self._texts: Deque[bytes] = deque()
        self._unsent = 0
        self._reported = 0
        self._filled = asyncio.Event()
        self._close: Optional[Item] = None
        self._writer: Optional[asyncio.Task[None]] = None

    async def serve(self, scope: Scope, target: bytes) -> None:
        message = await self._receive()
        if message["type"] != "websocket.connect":
            return
        try:
            with self._poller.expecting(self._take) as ticket:
                headers, address, flags = headers_of(scope), address_of(scope), flags_of(scope)
                self._engine.session_open(target, headers, address, flags, ticket)
        except Error as error:
            return await self._refuse(scope, error=error)
        outcome = await self._judged
        if outcome.kind == _library.REFUSED:
            return await self._refuse(scope, response=outcome)
        try:
            await self._send({"type": "websocket.accept", "subprotocol": outcome.data.decode()})
            await self._talk()
        finally:
            self._end_session()

    # ---- From the engine, on the loop's thread ----

    def _take(self, item: Item) -> None:
        kind = item.kind
        if kind == _library.TEXT:
            self._texts.append(item.data)
            self._unsent += len(item.data)
            self._report()
            self._filled.set()
        elif kind == _library.PING:
            self._ping()
        elif kind == _library.CLOSE:
            self._begin_close(item)
        elif not self._judged.done():
            self._session = item.handle
            self._judged.set_result(item)
        elif kind == _library.ADMITTED:
            # The server has ended the task meanwhile.
            self._session = item.handle
            self._end_session()

    def _ping(self) -> None:
        """ASGI has no pings and hides pongs, but a server that pings ends the connection of whoever does not answer: as long as
        it has not done that, the client is alive."""
        if self._server_pings:
            self._tell(self._engine.session_alive, self._session)

    def _begin_close(self, item: Item) -> None:
        self._close = item
        self._filled.set()
        if self._writer is None:
            return
        if item.status == _TOO_SLOW:
            self._texts.clear()
            self._writer.cancel()
        else:
            self._loop.call_later(_CLOSING, self._writer.cancel)

    def _report(self) -> None:
        if abs(self._unsent - self._reported) >= _BACKLOG_STEP or (self._reported and not self._unsent):
            self._reported = self._unsent
            self._tell(self._engine.session_backlog, self._session, self._unsent)

    # ---- From and to the server ----

    async def _talk(self) -> None:
        self._writer = asyncio.ensure_future(self._write())
        reader = asyncio.ensure_future(self._read())
        try:
            await asyncio.wait({self._writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (self._writer, reader):
                task.cancel()
            await asyncio.gather(self._writer, reader, return_exceptions=True)
        if self._close is not None and self._writer.cancelled():
            await self._send_close(self._close.status, self._close.data.decode())

    async def _write(self) -> None:
        try:
            while True:
                while self._texts:
                    text = self._texts.popleft()
                    await self._send({"type": "websocket.send", "text": text.decode()})
                    self._unsent -= len(text)
                    self._report()
                if self._close is not None:
                    return await self._send_close(self._close.status, self._close.data.decode())
                self._filled.clear()
                await self._filled.wait()
        except Exception as failure:
            # Each server has its own way to say that the connection is gone.
            logger.debug("a connection was lost: %r", failure)

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return
            text = message.get("text")
            if text is None:
                return await self._send_close(_BINARY, "binary messages are not accepted")
            await self._pass_on(text.encode())

    async def _pass_on(self, text: bytes) -> None:
        """Waits while more of this client is unread than the engine takes: so the server stops reading, too."""
        while self._close is None:
            try:
                return self._engine.session_receive(self._session, text)
            except Error as error:
                if error.number != _library.UNAVAILABLE or not error.retryable:
                    return
            await self._poller.turn()

    async def _send_close(self, code: int, reason: str) -> None:
        close = self._send({"type": "websocket.close", "code": code, "reason": reason})
        try:
            await asyncio.wait_for(close, _CLOSING)
        except Exception as failure:
            logger.debug("a connection was lost: %r", failure)

    async def _refuse(
        self, scope: Scope, response: Optional[Item] = None, error: Optional[Error] = None
    ) -> None:
        """With a response if the server can send one; else it answers 403."""
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await self._send({"type": "websocket.close", "code": 1000})
        elif response is not None:
            await send_response(self._send, response, kind="websocket.http.response")
        elif error is not None:
            await send_error(self._send, error, kind="websocket.http.response")

    @staticmethod
    def _tell(function: Callable[..., None], *arguments: int) -> None:
        """Calls a function of the engine about the session, which may have ended there."""
        try:
            function(*arguments)
        except Error:
            pass

    def _end_session(self) -> None:
        self._poller.forget_session(self._session)
        self._tell(self._engine.session_closed, self._session)
