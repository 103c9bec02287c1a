"""What an ASGI server says about a request, as the engine wants it."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, List, MutableMapping, Optional, Tuple
from urllib.parse import quote, unquote

from . import _library

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def target_of(scope: Scope, prefix: str = "") -> Optional[bytes]:
    """Path and query as they were sent, without what the application is mounted at; None if it is not below `prefix`.

    Routers say in `root_path` what they have matched. They leave it in the path, or have taken it out of `path`, but not of
    `raw_path`: so it is taken off if it is there.
    """
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"])
    path = without(path, scope.get("root_path", "")) or path
    below = without(path, prefix)
    if below is None:
        return None
    query = scope.get("query_string", b"")
    target = below.encode("latin-1")
    return target + b"?" + query if query else target


def without(path: str, prefix: str) -> Optional[str]:
    """The rest of a percent-encoded path behind a prefix that is not encoded; None if it begins differently."""
    wanted = [part for part in prefix.split("/") if part]
    parts = path.split("/")[1:]
    if [unquote(part) for part in parts[: len(wanted)]] != wanted:
        return None
    return "/" + "/".join(parts[len(wanted) :])


def headers_of(scope: Scope) -> List[Tuple[bytes, bytes]]:
    return [(bytes(name), bytes(value)) for name, value in scope["headers"]]


def address_of(scope: Scope) -> Optional[bytes]:
    """Of the peer; none behind a Unix socket."""
    client = scope.get("client")
    return client[0].encode() if client and client[0] else None


def flags_of(scope: Scope) -> int:
    return _library.SECURE if scope.get("scheme") in ("https", "wss") else 0
