from __future__ import annotations

import asyncio
import os
import queue
from collections import deque
from typing import Callable, Deque, Tuple

from ._items import Item

Take = Callable[[Item], None]


class LoopPost:
    """What was polled for one event loop, in order.

    Whichever thread polls puts it in; it is taken out on the loop's thread, whether the loop polled itself or was told by
    another thread. So one order holds for everything that belongs to a loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wake_fd: int) -> None:
        self.loop = loop
        # Of its own, so that the number is not used again while the loop still watches it.
        self.descriptor = os.dup(wake_fd)
        self._entries: Deque[Tuple[Take, Item]] = deque()
        self._told = False

    def put(self, take: Take, item: Item) -> None:
        self._entries.append((take, item))

    def tell(self) -> None:
        """Has the loop take what was put in. From any thread."""
        if self._told:
            return
        self._told = True
        try:
            self.loop.call_soon_threadsafe(self.take_all)
        except RuntimeError:
            # The loop is closed, and with it everyone who waited there.
            self._entries.clear()

    def take_all(self) -> None:
        """On the loop's thread."""
        self._told = False
        entries = self._entries
        while entries:
            take, item = entries.popleft()
            take(item)

    def watch(self, readable: Callable[[LoopPost], None]) -> None:
        """On the loop's thread."""
        self.loop.add_reader(self.descriptor, readable, self)

    def detach(self) -> None:
        """Stops watching; on the loop's thread, or once the loop is closed."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor < 0:
            return
        if not self.loop.is_closed():
            self.loop.remove_reader(descriptor)
        os.close(descriptor)


class ThreadPost:
    """What was polled for one thread that waits without an event loop."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()

    def put(self, _: Take, item: Item) -> None:
        self._items.put(item)

    def tell(self) -> None:
        """It waits."""

    def wait(self) -> Item:
        return self._items.get()
