from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Deque, Optional

from . import _library
from ._engine import Engine
from ._errors import Error


class Export:
    """What is stored, as lines of JSON: `for` on a thread, `async for` in an event loop. Made by `Chat.export`.

    Each is bytes with its line end, an object with a "kind". Ends with `close`, which reading to the end and leaving a `with` block
    call. After an `Error` it may be read on. A reader that is cancelled loses no line. At most 64 are open at a time.
    """

    def __init__(self, engine: Engine, workspace: bytes, user: Optional[bytes]) -> None:
        self._engine = engine
        self._number = engine.export_open(workspace, user)
        self._reading = threading.Lock()
        self._lines: Deque[bytes] = deque()
        self._ended = False

    def close(self) -> None:
        """What was not read yet is dropped. A second call does nothing."""
        self._ended = True
        self._lines.clear()
        try:
            self._engine.export_close(self._number)
        except Error as error:
            if error.number not in (_library.NOT_FOUND, _library.UNAVAILABLE):
                raise

    def __iter__(self) -> Export:
        return self

    def __next__(self) -> bytes:
        self._read()
        if not self._lines:
            raise StopIteration
        return self._lines.popleft()

    def __aiter__(self) -> Export:
        return self

    async def __anext__(self) -> bytes:
        if not self._lines:
            await asyncio.get_running_loop().run_in_executor(None, self._read)
        if not self._lines:
            raise StopAsyncIteration
        return self._lines.popleft()

    def __enter__(self) -> Export:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Export:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        """Gets the next lines, unless there are some, or no more."""
        with self._reading:
            if self._lines or self._ended:
                return
            piece = self._engine.export_next(self._number)
            if self._ended:
                return  # closed meanwhile
            if piece is None:
                self.close()
            else:
                self._lines.extend(piece.splitlines(keepends=True))
