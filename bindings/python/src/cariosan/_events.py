from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, Dict, List, Tuple

from ._items import Item
from ._posts import LoopPost, Take

if TYPE_CHECKING:
    from ._chat import Chat

#: Bounds of what was polled for a subscription and is not taken yet. The engine's own are the same.
MOST_EVENTS = 10_000
MOST_BYTES = 16 << 20

_LOST = b'{"type":"events.lost","data":{"channels":[],"all":true}}'


class EventQueue:
    """The events of one subscription between the thread that polls and those that take them. Thread-safe.

    Beyond the bounds events are dropped, and one `events.lost` stands in their place.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: Deque[bytes] = deque()
        self._bytes = 0
        self._losing = False
        self._ended = False
        self._waiting: List[Tuple[LoopPost, Take]] = []

    def put(self, event: bytes) -> List[Tuple[LoopPost, Take]]:
        """Returns whom to tell on event loops."""
        with self._changed:
            if len(self._events) >= MOST_EVENTS or self._bytes + len(event) > MOST_BYTES:
                if self._losing:
                    return []
                self._losing = True
                event = _LOST
            else:
                self._losing = False
            self._events.append(event)
            self._bytes += len(event)
            return self._tell()

    def end(self, drop: bool) -> List[Tuple[LoopPost, Take]]:
        """`drop`: what was not taken yet, too."""
        with self._changed:
            self._ended = True
            if drop:
                self._events.clear()
            return self._tell()

    def take(self, wait: bool) -> bytes:
        """The next event; empty if there is none yet and `wait` is false. LookupError after the last."""
        with self._changed:
            while not self._events:
                if self._ended:
                    raise LookupError
                if not wait:
                    return b""
                self._changed.wait()
            event = self._events.popleft()
            self._bytes -= len(event)
            return event

    async def wait(self, post: LoopPost) -> None:
        """Until there is something to take, or it has ended."""
        filled: asyncio.Future[None] = post.loop.create_future()

        def tell(_: Item) -> None:
            if not filled.done():
                filled.set_result(None)

        with self._changed:
            if self._events or self._ended:
                return
            self._waiting.append((post, tell))
        await filled

    def _tell(self) -> List[Tuple[LoopPost, Take]]:
        self._changed.notify_all()
        waiting, self._waiting = self._waiting, []
        return waiting


class Events:
    """The events of a workspace from now on: `for` on a thread, `async for` in an event loop.

    Each is {"type", "data"} as others than its author get it, per channel in the order of "rev". On "events.lost" events are
    missing: read the channels it lists (all of them, if it says so) with the command `channel.changes`.

    Ends when the chat is closed, or with `close`, which leaving a `with` block calls.
    """

    def __init__(self, chat: Chat, number: int, queue: EventQueue) -> None:
        self._chat = chat
        self._number = number
        self._queue = queue

    def close(self) -> None:
        """Ends the subscription; what was not taken yet is dropped."""
        self._chat._poller.unsubscribe(self._number)

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> Dict[str, Any]:
        self._chat._poller.start_thread()
        try:
            return _decode(self._queue.take(wait=True))
        except LookupError:
            raise StopIteration from None

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Dict[str, Any]:
        post = self._chat._poller.post()
        while True:
            try:
                event = self._queue.take(wait=False)
            except LookupError:
                raise StopAsyncIteration from None
            if event:
                return _decode(event)
            await self._queue.wait(post)

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Events:
        self._chat._poller.post()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


def _decode(event: bytes) -> Dict[str, Any]:
    decoded: Dict[str, Any] = json.loads(event)
    return decoded
