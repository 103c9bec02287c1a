"""A whole chat engine inside a Python process. Start with `open`; the README has the rest."""

from ._asgi import Asgi, asgi
from ._callers import Caller
from ._chat import Chat, describe, open, restore
from ._errors import Error
from ._events import Events
from ._exports import Export
from ._imports import Import
from ._library import library as _load
from ._moderator import Moderator


def version() -> str:
    """Of the engine."""
    text: bytes = _load().version()
    return text.decode()


__all__ = [
    "Asgi",
    "Caller",
    "Chat",
    "Error",
    "Events",
    "Export",
    "Import",
    "Moderator",
    "asgi",
    "describe",
    "open",
    "restore",
    "version",
]
