from __future__ import annotations

import ctypes
import os
import threading
from ctypes import byref, c_char_p, c_size_t, c_uint64, c_void_p
from typing import Any, Callable, List, NoReturn, Optional, Sequence, Tuple

from . import _library
from ._errors import closed, fail, forked
from ._items import Item, copy_item
from ._library import Library

Headers = Sequence[Tuple[bytes, bytes]]
#: Gets a ticket and a draft, and returns soon: the thread is inside `cariosan_poll` or `cariosan_close`.
Judge = Callable[[int, bytes], None]


class _Forks:
    """Whether this process was forked while an engine was open.

    Whatever a thread of that engine held at the time, such as the lock of SQLite's allocator, stays held here for ever: an
    engine that is opened here may hang.
    """

    def __init__(self) -> None:
        self._open_engines = 0
        self._lock = threading.Lock()
        self.is_child_of_engine = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_child)

    def _begin_child(self) -> None:
        self.is_child_of_engine = self.is_child_of_engine or self._open_engines > 0
        self._lock = threading.Lock()

    def count(self, more: int) -> None:
        with self._lock:
            self._open_engines += more


_forks = _Forks()


class Engine:
    """One `cariosan_engine`: its functions with Python's types, from any thread.

    Frees the engine only once no thread is in a function any more, as cariosan.h wants it. In a forked child every function
    raises what the library says there, without touching a lock that another thread may have held at the time.
    """

    def __init__(self, options: bytes, judge: Optional[Judge] = None) -> None:
        if _forks.is_child_of_engine:
            raise forked()
        self._library: Library = _library.library()
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._unused = threading.Condition(self._lock)
        self._users = 0
        engine = c_void_p()
        error = c_void_p()
        # What the library may call lives as long as this.
        self._judge = _library.Judge(_judge_of(judge)) if judge else None
        parts = _parts_of(self._judge)
        # From here on: a fork may come while it is being opened.
        _forks.count(1)
        code = self._library.open_with(_library.ABI_VERSION, options, parts, byref(engine), byref(error))
        self._handle: Optional[int] = engine.value
        if code != _library.OK:
            _forks.count(-1)
            fail(self._library, code, error)
        self.wake_fd: int = self._library.wake_fd(engine)

    def check_process(self) -> None:
        """Raises what every function does in a forked child."""
        if not self.is_mine:
            self._refuse_child()

    @property
    def is_mine(self) -> bool:
        """False in a forked child."""
        return os.getpid() == self._process

    @property
    def is_open(self) -> bool:
        return self._handle is not None

    def close(self, deadline_ms: int) -> None:
        self._run(self._library.close, deadline_ms)

    def free(self) -> None:
        """Waits until no other thread uses the engine. A second call, and one in a forked child, does nothing."""
        if not self.is_mine:
            return
        with self._lock:
            handle, self._handle = self._handle, None
            while self._users > 0:
                self._unused.wait()
        if handle is not None:
            self._library.engine_free(handle)
            _forks.count(-1)

    def call(self, caller: bytes, name: bytes, fields: bytes, ticket: int) -> None:
        self._run(self._library.call, caller, name, fields, ticket)

    def call_wait(self, caller: bytes, name: bytes, fields: bytes) -> bytes:
        return self._text(self._library.call_wait, caller, name, fields) or b""

    def subscribe(self, workspace: bytes) -> int:
        return self._number(self._library.subscribe, workspace)

    def unsubscribe(self, subscription: int) -> None:
        self._run(self._library.unsubscribe, subscription)

    def backup(self, path: bytes) -> None:
        self._run(self._library.backup, path)

    def rotate_epoch(self) -> bytes:
        epoch = c_void_p()
        self._run(self._library.rotate_epoch, byref(epoch))
        return _taken(self._library, epoch)

    def metrics(self) -> bytes:
        return self._text(self._library.metrics) or b""

    def export_open(self, workspace: bytes, user: Optional[bytes]) -> int:
        return self._number(self._library.export_open, workspace, user)

    def export_next(self, export: int) -> Optional[bytes]:
        """The next lines; None at the end."""
        return self._text(self._library.export_next, export)

    def export_close(self, export: int) -> None:
        self._run(self._library.export_close, export)

    def import_open(self, options: bytes) -> int:
        return self._number(self._library.import_open, options)

    def import_push(self, importer: int, part: bytes) -> None:
        self._run(self._library.import_push, importer, part, len(part))

    def import_run(self, importer: int, ticket: int) -> None:
        self._run(self._library.import_run, importer, ticket)

    def import_close(self, importer: int) -> None:
        self._run(self._library.import_close, importer)

    def answer(self, ticket: int, verdict: bytes) -> None:
        self._run(self._library.answer, ticket, verdict)

    def poll(self, most: int) -> Tuple[List[Item], bool]:
        """The items that are there, at most so many, and whether none will follow. One thread at a time."""
        items: List[Item] = []
        handle = self._enter()
        try:
            functions = self._library
            pointer = c_void_p()
            error = c_void_p()
            into, failed = byref(pointer), byref(error)
            while len(items) < most:
                code = functions.poll(handle, 0, into, failed)
                if code != _library.OK:
                    if code != _library.UNAVAILABLE:
                        fail(self._library, code, error)
                    functions.error_free(error)
                    return items, True
                if not pointer.value:
                    break
                try:
                    items.append(copy_item(functions, pointer))
                finally:
                    functions.item_free(pointer)
        finally:
            self._leave()
        return items, False

    def http_begin(
        self,
        method: bytes,
        target: bytes,
        headers: Headers,
        remote_address: Optional[bytes],
        flags: int,
        ticket: int,
    ) -> None:
        fields, count = _fields(headers)
        self._run(self._library.http_begin, method, target, fields, count, remote_address, flags, ticket)

    def http_body(self, request: int, part: bytes, last: bool) -> None:
        self._run(self._library.http_body, request, part, len(part), int(last))

    def http_give_up(self, request: int) -> None:
        self._run(self._library.http_give_up, request)

    def session_open(
        self, target: bytes, headers: Headers, remote_address: Optional[bytes], flags: int, ticket: int
    ) -> None:
        fields, count = _fields(headers)
        self._run(self._library.session_open, target, fields, count, remote_address, flags, ticket)

    def session_receive(self, session: int, text: bytes) -> None:
        self._run(self._library.session_receive, session, text, len(text))

    def session_alive(self, session: int) -> None:
        self._run(self._library.session_alive, session)

    def session_backlog(self, session: int, size: int) -> None:
        self._run(self._library.session_backlog, session, size)

    def session_closed(self, session: int) -> None:
        self._run(self._library.session_closed, session)

    def drain(self, reconnect_after_ms: int) -> None:
        self._run(self._library.drain, reconnect_after_ms)

    def _run(self, function: Any, *arguments: Any) -> None:
        """Calls a function of the library, and raises what it refuses with."""
        handle = self._enter()
        error = c_void_p()
        try:
            code = function(handle, *arguments, byref(error))
        finally:
            self._leave()
        if code != _library.OK:
            fail(self._library, code, error)

    def _number(self, function: Any, *arguments: Any) -> int:
        number = c_uint64()
        self._run(function, *arguments, byref(number))
        return number.value

    def _text(self, function: Any, *arguments: Any) -> Optional[bytes]:
        """The text that a function hands out, which is freed; None if there is none."""
        text = c_void_p()
        length = c_size_t()
        self._run(function, *arguments, byref(text), byref(length))
        return _taken(self._library, text, length.value) if text.value else None

    def _enter(self) -> int:
        self.check_process()
        with self._lock:
            if self._handle is None:
                raise closed()
            self._users += 1
            return self._handle

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._handle is None:
                self._unused.notify_all()

    def _refuse_child(self) -> NoReturn:
        """Raises what the library says in a forked child."""
        handle = self._handle
        if handle is None:
            raise closed()
        error = c_void_p()
        fail(self._library, self._library.close(handle, 0, byref(error)), error)


def restore(backup: bytes, storage: bytes) -> None:
    functions = _library.library()
    error = c_void_p()
    code = functions.restore(backup, storage, byref(error))
    if code != _library.OK:
        fail(functions, code, error)


def describe() -> bytes:
    functions = _library.library()
    text, length, error = c_void_p(), c_size_t(), c_void_p()
    code = functions.describe(byref(text), byref(length), byref(error))
    if code != _library.OK:
        fail(functions, code, error)
    return _taken(functions, text, length.value)


def _taken(functions: Library, text: c_void_p, length: int = -1) -> bytes:
    """A copy of a text, which is freed. Without a length it is up to the null character."""
    try:
        return ctypes.string_at(text.value or 0, length)
    finally:
        functions.free(text)


def _judge_of(judge: Judge) -> Any:
    def ask(_: Any, ticket: int, draft: int, length: int) -> None:
        judge(ticket, ctypes.string_at(draft, length))

    return ask


def _parts_of(judge: Any) -> Any:
    if judge is None:
        return None
    table = _library.ModeratorPart(
        size=ctypes.sizeof(_library.ModeratorPart), version=_library.PART_VERSION, judge=judge
    )
    return byref(_library.Parts(size=ctypes.sizeof(_library.Parts), moderator=ctypes.pointer(table)))


def _fields(headers: Headers) -> Tuple[Any, int]:
    """The flat array that cariosan.h wants."""
    flat: List[bytes] = []
    for name, value in headers:
        flat += (name, value)
    return (c_char_p * len(flat))(*flat), len(headers)
