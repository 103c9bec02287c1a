from __future__ import annotations

import asyncio
import json
from typing import Any, Callable, Dict, Optional

from . import _library
from ._engine import Engine
from ._errors import Error
from ._items import Item
from ._poller import Poller
from ._posts import ThreadPost

#: Gets how far an import is: {"stage", "imported", "position", "size", …}.
Progress = Callable[[Dict[str, Any]], None]


class Import:
    """Messages of another system on their way into a workspace. Made by `Chat.importer`.

    Without a file, hand in the lines with `push` first. Then `run` it. Leaving a `with` block closes it.
    """

    def __init__(self, engine: Engine, poller: Poller, options: bytes) -> None:
        self._engine = engine
        self._poller = poller
        self._number = engine.import_open(options)

    def push(self, part: bytes) -> None:
        """Hands in the next bytes of the lines, in pieces of any size. Waits for the disk.

        Raises `Error`: UNAVAILABLE if that is full; then nothing of the piece is kept, and it may be handed in again.
        """
        self._engine.import_push(self._number, part)

    async def apush(self, part: bytes) -> None:
        """Like `push`, on another thread: the event loop goes on. If the task is cancelled, the piece is handed in all the same."""
        await asyncio.get_running_loop().run_in_executor(None, self.push, part)

    def run(self, progress: Optional[Progress] = None) -> Dict[str, Any]:
        """Imports, and returns what came of it: {"complete", "imported", "bad_lines", "problems", …}. Blocks; not for event loops.

        `progress` is called on this thread. What it raises, or a KeyboardInterrupt, stops the import; what was imported stays.
        Raises `Error` if the import had to stop, whose details have "imported".
        """
        post = ThreadPost()
        self._poller.start_thread()
        with self._poller.expecting(lambda item: None, post) as ticket:
            self._engine.import_run(self._number, ticket)
        try:
            while True:
                item = post.wait()
                if item.kind != _library.PROGRESS:
                    break
                _tell(progress, item)
        except BaseException:
            self.close()
            raise
        if item.error is not None:
            raise item.error
        return _decode(item)

    async def arun(self, progress: Optional[Progress] = None) -> Dict[str, Any]:
        """Like `run`, without blocking the event loop, in which `progress` is called. Cancelling the task stops the import."""
        ended: asyncio.Future[Dict[str, Any]] = asyncio.get_running_loop().create_future()

        def take(item: Item) -> None:
            if ended.done():
                return
            try:
                if item.kind == _library.PROGRESS:
                    _tell(progress, item)
                elif item.error is not None:
                    ended.set_exception(item.error)
                else:
                    ended.set_result(_decode(item))
            except Exception as failure:
                ended.set_exception(failure)

        with self._poller.expecting(take) as ticket:
            self._engine.import_run(self._number, ticket)
        try:
            return await ended
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forgets an import that does not run; makes a running one end soon, with UNAVAILABLE. A second call does nothing."""
        try:
            self._engine.import_close(self._number)
        except Error as error:
            if error.number not in (_library.NOT_FOUND, _library.UNAVAILABLE):
                raise

    def __enter__(self) -> Import:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Import:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


def _tell(progress: Optional[Progress], item: Item) -> None:
    if progress is not None:
        progress(_decode(item))


def _decode(item: Item) -> Dict[str, Any]:
    decoded: Dict[str, Any] = json.loads(item.data)
    return decoded
