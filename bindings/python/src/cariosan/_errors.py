from __future__ import annotations

import json
from typing import Any, Dict, NoReturn

from ._library import FORKED, UNAVAILABLE, Library


class Error(Exception):
    """Why the chat engine refused something. The codes are those of section 3 of the protocol."""

    #: Such as "NOT_FOUND" or "VALIDATION_ERROR".
    code: str
    #: One sentence for a developer.
    message: str
    #: Facts, such as {"field": "name", "limit": 255}.
    details: Dict[str, Any]
    #: Whether the same call may succeed later, unchanged.
    retryable: bool
    #: The code as cariosan.h numbers it.
    number: int

    def __init__(
        self, code: str, message: str, details: Dict[str, Any], retryable: bool, number: int
    ) -> None:
        super().__init__(code, message, details, retryable, number)
        self.code = code
        self.message = message
        self.details = details
        self.retryable = retryable
        self.number = number

    def __str__(self) -> str:
        facts = " " + json.dumps(self.details, ensure_ascii=False) if self.details else ""
        return f"{self.code}: {self.message}{facts}"


def error_from(library: Library, code: int, error: Any) -> Error:
    """The error object of a call that failed with `code`; it stays the caller's to free."""
    if not error:
        return Error("INTERNAL", "there was no memory for the error", {}, False, code)
    return Error(
        library.error_name(error).decode(),
        library.error_message(error).decode(),
        json.loads(library.error_details(error)),
        library.error_retryable(error) != 0,
        library.error_code(error),
    )


def fail(library: Library, code: int, error: Any) -> NoReturn:
    """Raises the error object of a call that failed with `code`, and frees it."""
    try:
        raise error_from(library, code, error)
    finally:
        library.error_free(error)


def closed() -> Error:
    """What the engine answers while it closes, for a chat that has let go of its engine."""
    return Error("UNAVAILABLE", "the chat is closed", {}, False, UNAVAILABLE)


def forked() -> Error:
    """Of a chat that is opened in a child that was forked while another one was open."""
    message = "this process was forked while a chat was open: open chats after the fork, or start processes anew (spawn)"
    return Error("FORKED", message, {}, False, FORKED)
