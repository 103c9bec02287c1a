from __future__ import annotations

import ctypes
import os
import threading
from ctypes import byref, c_char_p, c_size_t, c_uint64, c_void_p
from typing import Any, List, NoReturn, Optional, Sequence, Tuple

from . import _library
from ._errors import closed, error_from
from ._items import Item, copy_item
from ._library import Library

Headers = Sequence[Tuple[bytes, bytes]]


class Engine:
    """One `cariosan_engine`: its functions with Python's types, from any thread.

    Frees the engine only once no thread is in a function any more, as cariosan.h wants it. In a forked child every function
    raises what the library says there, without touching a lock that another thread may have held at the time.
    """

    def __init__(self, options: bytes) -> None:
        self._library: Library = _library.library()
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._unused = threading.Condition(self._lock)
        self._users = 0
        engine = c_void_p()
        error = c_void_p()
        code = self._library.open(_library.ABI_VERSION, options, byref(engine), byref(error))
        self._handle: Optional[int] = engine.value
        if code != _library.OK:
            self._fail(code, error)
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

    def call(self, caller: bytes, name: bytes, fields: bytes, ticket: int) -> None:
        self._run(self._library.call, caller, name, fields, ticket)

    def call_wait(self, caller: bytes, name: bytes, fields: bytes) -> bytes:
        answer = c_void_p()
        length = c_size_t()
        self._run(self._library.call_wait, caller, name, fields, byref(answer), byref(length))
        try:
            return ctypes.string_at(answer.value or 0, length.value)
        finally:
            self._library.free(answer)

    def subscribe(self, workspace: bytes) -> int:
        subscription = c_uint64()
        self._run(self._library.subscribe, workspace, byref(subscription))
        return subscription.value

    def unsubscribe(self, subscription: int) -> None:
        self._run(self._library.unsubscribe, subscription)

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
                        self._fail(code, error)
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
            self._fail(code, error)

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
        self._fail(self._library.close(handle, 0, byref(error)), error)

    def _fail(self, code: int, error: c_void_p) -> NoReturn:
        try:
            raise error_from(self._library, code, error)
        finally:
            self._library.error_free(error)


def _fields(headers: Headers) -> Tuple[Any, int]:
    """The flat array that cariosan.h wants."""
    flat: List[bytes] = []
    for name, value in headers:
        flat += (name, value)
    return (c_char_p * len(flat))(*flat), len(headers)
