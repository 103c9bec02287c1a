"""libcariosan.so, as ctypes functions: the declarations of cariosan.h and cariosan_parts.h, and nothing else."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_int, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Optional, Sequence

#: The interface this package was written for: CARIOSAN_ABI_VERSION.
ABI_VERSION = 1

#: The version of the tables of cariosan_parts.h: CARIOSAN_PART_VERSION.
PART_VERSION = 1

OK = 0
NOT_FOUND = 8
UNAVAILABLE = 18
FORKED = 101

#: Kinds of items.
RESULT = 1
EVENT = 2
RESPONSE = 3
ADMITTED = 4
REFUSED = 5
TEXT = 6
CLOSE = 7
LOG = 8
PING = 9
BODY = 10
PROGRESS = 11

#: A flag of requests.
SECURE = 1


#: Asks for a verdict: context, ticket, draft, length.
Judge = ctypes.CFUNCTYPE(None, c_void_p, c_uint64, c_void_p, c_size_t)


class ModeratorPart(ctypes.Structure):
    """`cariosan_moderator_part`."""

    _fields_ = [
        ("size", c_size_t),
        ("version", c_int32),
        ("context", c_void_p),
        ("release", c_void_p),
        ("judge", Judge),
    ]


class Parts(ctypes.Structure):
    """`cariosan_parts`; only the part that is handed in here has a type."""

    _fields_ = [
        ("size", c_size_t),
        ("log", c_void_p),
        ("clock", c_void_p),
        ("moderator", POINTER(ModeratorPart)),
        ("attachments", c_void_p),
        ("push", c_void_p),
        ("webhooks", c_void_p),
        ("event_bus", c_void_p),
    ]


def path_of_library() -> str:
    """The library that belongs to this package, or the one that CARIOSAN_LIBRARY names."""
    named = os.environ.get("CARIOSAN_LIBRARY")
    return named if named else str(Path(__file__).with_name("libcariosan.so"))


class Library:
    """The functions of the library, named without their prefix.

    Other threads of Python run while one is in a function that waits or works. They do not during accessors, which only read
    what is in memory: letting them run would cost more than the accessor.
    """

    def __init__(self, path: str) -> None:
        working = ctypes.CDLL(path)
        reading = ctypes.PyDLL(path)
        out = POINTER(c_void_p)
        engine = c_void_p
        item = c_void_p
        error = c_void_p
        head = (POINTER(c_char_p), c_size_t)
        peer = (c_char_p, c_uint32, c_uint64)
        number_out = POINTER(c_uint64)

        def works(name: str, *arguments: Any, result: Any = c_int32) -> Any:
            return _declare(working, name, arguments, result)

        def reads(name: str, *arguments: Any, result: Any) -> Any:
            return _declare(reading, name, arguments, result)

        self.version = reads("version", result=c_char_p)
        self.abi_version = reads("abi_version", result=c_int32)
        self.free = reads("free", c_void_p, result=None)

        self.error_code = reads("error_code", error, result=c_int32)
        self.error_name = reads("error_name", error, result=c_char_p)
        self.error_message = reads("error_message", error, result=c_char_p)
        self.error_details = reads("error_details", error, result=c_char_p)
        self.error_retryable = reads("error_retryable", error, result=c_int32)
        self.error_free = reads("error_free", error, result=None)

        self.open_with = works("open_with", c_int32, c_char_p, POINTER(Parts), out, out)
        self.answer = works("answer", engine, c_uint64, c_char_p, out)
        self.close = works("close", engine, c_uint32, out)
        self.engine_free = works("engine_free", engine, result=None)

        self.call = works("call", engine, c_char_p, c_char_p, c_char_p, c_uint64, out)
        self.call_wait = works("call_wait", engine, c_char_p, c_char_p, c_char_p, out, POINTER(c_size_t), out)
        self.subscribe = works("subscribe", engine, c_char_p, number_out, out)
        self.unsubscribe = works("unsubscribe", engine, c_uint64, out)

        text_out, length_out = out, POINTER(c_size_t)
        self.describe = works("describe", text_out, length_out, out)
        self.backup = works("backup", engine, c_char_p, out)
        self.restore = works("restore", c_char_p, c_char_p, out)
        self.rotate_epoch = works("rotate_epoch", engine, text_out, out)
        self.metrics = works("metrics", engine, text_out, length_out, out)
        self.export_open = works("export_open", engine, c_char_p, c_char_p, number_out, out)
        self.export_next = works("export_next", engine, c_uint64, text_out, length_out, out)
        self.export_close = works("export_close", engine, c_uint64, out)
        self.import_open = works("import_open", engine, c_char_p, number_out, out)
        self.import_push = works("import_push", engine, c_uint64, c_char_p, c_size_t, out)
        self.import_run = works("import_run", engine, c_uint64, c_uint64, out)
        self.import_close = works("import_close", engine, c_uint64, out)

        self.poll = works("poll", engine, c_int32, out, out)
        self.wake_fd = reads("wake_fd", engine, result=c_int)

        self.item_kind = reads("item_kind", item, result=c_int32)
        self.item_ticket = reads("item_ticket", item, result=c_uint64)
        self.item_handle = reads("item_handle", item, result=c_uint64)
        self.item_code = reads("item_code", item, result=c_int32)
        self.item_error = reads("item_error", item, result=c_void_p)
        self.item_status = reads("item_status", item, result=c_int32)
        self.item_data = reads("item_data", item, result=c_void_p)
        self.item_length = reads("item_length", item, result=c_size_t)
        self.item_header_count = reads("item_header_count", item, result=c_size_t)
        self.item_header_name = reads("item_header_name", item, c_size_t, result=c_char_p)
        self.item_header_value = reads("item_header_value", item, c_size_t, result=c_char_p)
        self.item_free = reads("item_free", item, result=None)

        self.http_begin = works("http_begin", engine, c_char_p, c_char_p, *head, *peer, out)
        self.http_body = works("http_body", engine, c_uint64, c_char_p, c_size_t, c_int32, out)
        self.http_give_up = works("http_give_up", engine, c_uint64, out)
        self.session_open = works("session_open", engine, c_char_p, *head, *peer, out)
        self.session_receive = works("session_receive", engine, c_uint64, c_char_p, c_size_t, out)
        self.session_alive = works("session_alive", engine, c_uint64, out)
        self.session_backlog = works("session_backlog", engine, c_uint64, c_size_t, out)
        self.session_closed = works("session_closed", engine, c_uint64, out)
        self.drain = works("drain", engine, c_uint32, out)


def _declare(library: ctypes.CDLL, name: str, arguments: Sequence[Any], result: Any) -> Any:
    function = getattr(library, "cariosan_" + name)
    function.argtypes = list(arguments)
    function.restype = result
    return function


_loaded: Optional[Library] = None


def library() -> Library:
    """The library, loaded when it is first needed."""
    global _loaded
    if _loaded is None:
        path = path_of_library()
        try:
            _loaded = Library(path)
        except (OSError, AttributeError) as failure:
            raise ImportError(
                f"the chat engine cannot be loaded: {failure}. It is in the wheel of this package; "
                "the environment variable CARIOSAN_LIBRARY names another one."
            ) from failure
    return _loaded
