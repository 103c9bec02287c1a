"""One HTTP request: from an ASGI server to the engine, and back."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List, Optional, Tuple

from . import _library
from ._engine import Engine
from ._errors import Error
from ._items import Item
from ._log import logger
from ._poller import Poller
from ._scope import Receive, Scope, Send, address_of, flags_of, headers_of

#: Of a body at a time: so that a server holds no more of a large answer than its client takes.
_PART = 64 * 1024

_NO_BODY = (204, 304)


class Exchange:
    """The engine judges the head before the body is read, and says when the body is more than it takes."""

    def __init__(self, engine: Engine, poller: Poller, receive: Receive, send: Send) -> None:
        self._engine = engine
        self._poller = poller
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._judged: asyncio.Future[Item] = self._loop.create_future()
        self._answered: asyncio.Future[Item] = self._loop.create_future()
        self._request = 0

    async def serve(self, scope: Scope, target: bytes, body_timeout: float) -> None:
        method = scope["method"].encode()
        try:
            with self._poller.expecting(self._take) as ticket:
                headers, address, flags = headers_of(scope), address_of(scope), flags_of(scope)
                self._engine.http_begin(method, target, headers, address, flags, ticket)
        except Error as error:
            return await send_error(self._send, error)
        reader: Optional[asyncio.Task[None]] = None
        try:
            if (await self._judged).kind == _library.BODY:
                reader = asyncio.ensure_future(self._bring_body(body_timeout))
            response = await self._answered
        finally:
            if reader is not None:
                reader.cancel()
            if not self._answered.done():
                # The server ends the task: nobody is there any more.
                self._give_up()
        await send_response(self._send, response, head_only=method == b"HEAD")

    def _take(self, item: Item) -> None:
        if item.kind == _library.BODY:
            self._request = item.handle
        elif not self._answered.done():
            self._answered.set_result(item)
        if not self._judged.done():
            self._judged.set_result(item)
        elif self._judged.cancelled():
            self._give_up()

    async def _bring_body(self, timeout: float) -> None:
        """Then waits until the client is gone, which ends a request that waits for news."""
        too_late = self._loop.call_later(timeout, self._give_up)
        try:
            more = True
            while True:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    break
                if not more:
                    continue
                more = message.get("more_body", False)
                if not await self._pass_on(message.get("body", b""), not more):
                    return
                if not more:
                    too_late.cancel()
        except Exception as failure:
            # Each server, and each middleware, has its own way to say that the connection is gone.
            logger.debug("a request was lost: %r", failure)
        finally:
            too_late.cancel()
        self._give_up()

    async def _pass_on(self, part: bytes, last: bool) -> bool:
        """False if the request needs no more: it is answered."""
        while True:
            try:
                self._engine.http_body(self._request, part, last)
                return True
            except Error as error:
                if error.number != _library.UNAVAILABLE or not error.retryable:
                    return False
            await self._poller.turn()

    def _give_up(self) -> None:
        if self._request == 0:
            return
        try:
            self._engine.http_give_up(self._request)
        except Error:
            pass  # it is answered


async def send_response(send: Send, item: Item, head_only: bool = False, kind: str = "http.response") -> None:
    """`kind`: that of ASGI's messages. Servers add the length themselves to what refuses a WebSocket, some of them a second time."""
    headers: List[Tuple[bytes, bytes]] = [(name.lower(), value) for name, value in item.headers]
    if item.status not in _NO_BODY and kind == "http.response":
        headers.append((b"content-length", str(len(item.data)).encode()))
    body = b"" if head_only or item.status in _NO_BODY else item.data
    await send({"type": kind + ".start", "status": item.status, "headers": headers})
    for start in range(0, len(body) or 1, _PART):
        end = start + _PART
        more = end < len(body)
        await send({"type": kind + ".body", "body": body[start:end], "more_body": more})


async def send_error(send: Send, error: Error, kind: str = "http.response") -> None:
    """What never reached the engine: too much waits there, or it is closed."""
    envelope: Dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "retryable": error.retryable,
        "details": error.details,
    }
    item = Item(_library.RESPONSE)
    item.status = 503
    item.headers = [(b"content-type", b"application/json"), (b"retry-after", b"1")]
    item.data = json.dumps({"error": envelope}).encode()
    await send_response(send, item, kind=kind)
