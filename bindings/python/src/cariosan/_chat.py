from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import threading
import warnings
import weakref
from typing import Any, AsyncIterator, Callable, Dict, Mapping, Optional, TypeVar, Union

from . import _engine
from ._callers import Caller
from ._engine import Engine
from ._events import Events
from ._exports import Export
from ._imports import Import
from ._items import Item
from ._log import write_line
from ._moderator import Desk, Moderator
from ._poller import Poller

Path = Union[str, "os.PathLike[str]"]
Result = TypeVar("Result")
AnyCaller = Union[Caller, Mapping[str, Any], None]

#: How long an engine that is closed by itself may take: the same as `cariosan_engine_free`.
_LAST_DEADLINE = 10.0


class _Parts:
    """What a chat consists of. Does not know the chat, so that one nobody holds any more can be closed."""

    def __init__(self, options: bytes, moderator: Optional[Moderator]) -> None:
        self._desk = Desk(moderator) if moderator else None
        self.engine = Engine(options, self._desk.judge if self._desk else None)
        if self._desk:
            self._desk.engine = self.engine
        self.poller = Poller(self.engine, write_line)
        self._closing = threading.Lock()

    def close(self, deadline: float) -> None:
        self.engine.check_process()
        with self._closing:
            if not self.engine.is_open:
                return
            self.engine.close(max(0, round(deadline * 1000)))
            self.poller.finish()
            self.engine.free()
            if self._desk:
                self._desk.close()


class Chat:
    """A chat engine in this process. Made by `cariosan.open`.

    Threads and event loops. Everything may be called from any thread. `call` blocks its thread and needs nothing else. In each
    event loop that uses the chat (`acall`, `async for` over events, `cariosan.asgi`), that loop polls the engine while it runs,
    and its results arrive in it; any number of loops may. Only for a plain `for` over events and for log lines there is a
    thread, "cariosan-poll".

    Processes. A chat belongs to the process that opened it: after a fork every call in the child raises FORKED, and so does
    opening another one there. And a database belongs to one process at a time.
    """

    def __init__(self, options: Mapping[str, Any], moderator: Optional[Moderator] = None) -> None:
        self._parts = _Parts(_json(options), moderator)
        self._engine = self._parts.engine
        self._poller = self._parts.poller
        _open.add(self._parts)
        if moderator or options.get("log", "off") != "off":
            self._poller.start_thread()

    def call(self, name: str, fields: Optional[Mapping[str, Any]] = None, *, caller: AnyCaller = None) -> Any:
        """Runs a command and returns its answer, None if it has none. Blocks; not for event loops.

        `name` and `fields` are a command's, such as "message.send" and {"channel": "room", "content": "Hi"}. The caller is this
        process itself if there is none. Raises `Error`.
        """
        answer = self._engine.call_wait(_caller(caller), _text(name), _json(fields or {}))
        return _parsed(answer)

    async def acall(
        self, name: str, fields: Optional[Mapping[str, Any]] = None, *, caller: AnyCaller = None
    ) -> Any:
        """Like `call`, without blocking the event loop. If the task is cancelled, the command is run all the same."""
        by, named, encoded = _caller(caller), _text(name), _json(fields or {})
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def take(item: Item) -> None:
            if answered.done():
                return
            if item.error is not None:
                answered.set_exception(item.error)
            else:
                answered.set_result(item.data)

        with self._poller.expecting(take) as ticket:
            self._engine.call(by, named, encoded, ticket)
        return _parsed(await answered)

    def events(self, workspace: str) -> Events:
        """Every event of a workspace that is committed from now on."""
        number, queue = self._poller.subscribe(_text(workspace))
        return Events(self, number, queue)

    def backup(self, path: Path) -> None:
        """Copies the database to a new file while the chat keeps working, and waits for it. `cariosan.restore` takes the copy.

        Raises `Error`: CONFLICT if there is a file already or another backup runs, UNAVAILABLE if it cannot be written, or if the
        database has tools of its own for this, as PostgreSQL has.
        """
        self._engine.backup(_path(path))

    async def abackup(self, path: Path) -> None:
        """Like `backup`, on another thread. If the task is cancelled, the copy is made all the same."""
        await _aside(self.backup, path)

    def rotate_epoch(self) -> str:
        """Starts a new epoch, which is returned: every client discards what it holds, and reads again.

        For a database that was set back by other means than `cariosan.restore`.
        """
        return self._engine.rotate_epoch().decode()

    async def arotate_epoch(self) -> str:
        """Like `rotate_epoch`, on another thread."""
        return await _aside(self.rotate_epoch)

    def metrics(self) -> str:
        """What GET /metrics answers, in the text format of Prometheus, whatever `metrics_token` is."""
        return self._engine.metrics().decode()

    async def ametrics(self) -> str:
        """Like `metrics`, on another thread."""
        return await _aside(self.metrics)

    def export(self, workspace: str, user: Optional[str] = None) -> Export:
        """A workspace, or all that is stored about a user, as lines of JSON: `file.writelines(chat.export(workspace))`."""
        return Export(self._engine, _text(workspace), None if user is None else _text(user))

    def importer(
        self,
        workspace: str,
        source: str,
        *,
        file: Optional[Path] = None,
        folder: Optional[Path] = None,
        problems: int = 20,
    ) -> Import:
        """An import of messages from another system, in the lines that section 13 of the protocol has.

        `source` names the other system: a second import with the same source adds nothing that the first one stored. `file`: where
        the lines are; without it they are handed in with `push`, and kept in a temporary file in `folder`. `problems`: how many bad
        lines the result names. At most 8 are open at a time.
        """
        options: Dict[str, Any] = {"workspace": workspace, "source": source, "problems": problems}
        for name, path in (("file", file), ("folder", folder)):
            if path is not None:
                options[name] = os.fspath(path)
        return Import(self._engine, self._poller, _json(options))

    def drain(self, reconnect_after: float) -> None:
        """Tells every connected client to come back after so many seconds, and refuses new ones: before a restart."""
        self._engine.drain(max(0, round(reconnect_after * 1000)))

    def close(self, deadline: float = _LAST_DEADLINE) -> None:
        """Commits what is queued, answers every call, ends events and sessions, and lets go of the database.

        Blocks. What is not done after `deadline` seconds fails with UNAVAILABLE. A second call does nothing.
        """
        self._parts.close(deadline)
        _open.discard(self._parts)

    async def aclose(self, deadline: float = _LAST_DEADLINE) -> None:
        """Like `close`, on another thread: the event loop goes on."""
        await _aside(self.close, deadline)

    @contextlib.asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """Closes the chat when an application ends: `FastAPI(lifespan=chat.lifespan)`. Starlette takes it, too."""
        try:
            yield
        finally:
            await self.aclose()

    def __del__(self) -> None:
        """On a thread of its own: the one that collects garbage may be in the middle of polling."""
        parts: Optional[_Parts] = getattr(self, "_parts", None)
        if parts is None or not parts.engine.is_open or not parts.engine.is_mine:
            return
        warnings.warn("a chat was not closed", ResourceWarning, source=self)
        threading.Thread(target=parts.close, args=(_LAST_DEADLINE,), name="cariosan-close").start()

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Chat:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def open(
    *,
    database: Optional[Path] = None,
    log: str = "warning",
    moderator: Optional[Moderator] = None,
    **options: Any,
) -> Chat:
    """Opens a database, which is made if need be, and starts a chat engine over it.

    `database`: the path of a SQLite file, or ":memory:". `log`: the least level of what goes to the logger "cariosan", "off" for
    nothing. `moderator`: judges each text before it is stored, on a thread of its own. All other options are those of `cariosan_open` in cariosan.h, such as `jwt_secret`, which signs the tokens of clients.

    Raises `Error`: CONFLICT if another process has the database, VALIDATION_ERROR for an option.
    """
    if database is not None:
        options["storage"] = "sqlite:" + os.fspath(database)
    return Chat({**options, "log": log}, moderator)


def restore(backup: Path, *, database: Optional[Path] = None, storage: Optional[str] = None) -> None:
    """Replaces a database by a backup, checks it, and gives it a new epoch. Waits. `database` or `storage` are those of `open`.

    Raises `Error`, and the database is as it was: CONFLICT if a chat has it open, NOT_FOUND if there is no backup, MISUSE or
    UNAVAILABLE if it is damaged or none of ours.
    """
    if database is not None and storage is None:
        storage = "sqlite:" + os.fspath(database)
    elif database is not None or storage is None:
        raise TypeError("either database or storage is needed")
    _engine.restore(_path(backup), _text(storage))


def describe() -> Dict[str, Any]:
    """All commands, events and errors, with JSON Schemas of their fields, answers and frames."""
    described: Dict[str, Any] = json.loads(_engine.describe())
    return described


_open: weakref.WeakSet[_Parts] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for parts in list(_open):
        if parts.engine.is_mine:
            parts.close(_LAST_DEADLINE)


def _caller(caller: AnyCaller) -> bytes:
    return _json(caller.as_json() if isinstance(caller, Caller) else caller or {})


async def _aside(function: Callable[..., Result], *arguments: Any) -> Result:
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def _path(path: Path) -> bytes:
    return _text(os.fspath(path))


def _text(value: str) -> bytes:
    encoded = value.encode("utf-8", "surrogatepass")
    if b"\0" in encoded:
        raise ValueError("a text with a null character")
    return encoded


def _json(value: Mapping[str, Any]) -> bytes:
    """Lone surrogates are left to the engine, which refuses them."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    return text.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _parsed(answer: bytes) -> Any:
    return json.loads(answer) if answer else None


__all__ = ["Chat", "describe", "open", "restore"]
