from __future__ import annotations

from typing import Optional

from ._chat import Chat
from ._exchange import Exchange
from ._scope import App, Message, Receive, Scope, Send, target_of
from ._socket import Socket


class Asgi:
    """An ASGI application that serves a chat: REST and WebSocket, as the protocol has them. Made by `asgi`."""

    def __init__(
        self, chat: Chat, at: str, beside: Optional[App], server_pings: bool, body_timeout: float
    ) -> None:
        self._chat = chat
        self._at = at
        self._beside = beside
        self._server_pings = server_pings
        self._body_timeout = body_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._serve_lifespan(scope, receive, send)
        target = target_of(scope, self._at)
        if target is None:
            if self._beside is not None:
                return await self._beside(scope, receive, send)
            # The engine answers what is not found.
            target = target_of(scope) or b"/"
        engine, poller = self._chat._engine, self._chat._poller
        if scope["type"] == "http":
            exchange = Exchange(engine, poller, receive, send)
            await exchange.serve(scope, target, self._body_timeout)
        else:
            socket = Socket(engine, poller, receive, send, self._server_pings)
            await socket.serve(scope, target)

    async def _serve_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The server talks to its outermost application only: then it is up to this one to close the chat."""
        said = 0

        async def send_on(message: Message) -> None:
            nonlocal said
            said += 1
            if message["type"].startswith("lifespan.shutdown."):
                await self._chat.aclose()
            await send(message)

        if self._beside is not None:
            try:
                return await self._beside(scope, receive, send_on)
            except Exception:
                # What raises before it has said anything knows nothing of this, as Django.
                if said > 0:
                    raise
        while True:
            message = await receive()
            await send_on({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return


def asgi(
    chat: Chat,
    *,
    at: str = "",
    beside: Optional[App] = None,
    server_pings: bool = True,
    body_timeout: float = 60.0,
) -> Asgi:
    """An ASGI application that serves the chat at the paths of the protocol, `/v1/…`.

    With FastAPI and Starlette: `app.mount("/chat", cariosan.asgi(chat))`. Where there is nothing that mounts, as in Django:
    `cariosan.asgi(chat, at="/chat", beside=get_asgi_application())`: what is not below `at` goes to `beside`.

    `server_pings`: the ASGI server pings WebSockets and ends those that do not answer, as uvicorn does unless told
    otherwise. If it does not, say False: then a client must send something at least every 90 seconds, as our SDKs do.
    `body_timeout`: how many seconds a client may take to send the body of a request.

    Mounted, the chat stays its opener's to close. As the server's outermost application it closes the chat when the server ends.
    """
    return Asgi(chat, at, beside, server_pings, body_timeout)
