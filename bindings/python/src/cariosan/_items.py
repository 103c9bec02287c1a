from __future__ import annotations

import ctypes
from typing import Any, List, Optional, Tuple

from . import _library
from ._errors import Error, error_from
from ._library import Library


class Item:
    """A copy of what `cariosan_poll` returned. What a kind does not have stays at its default."""

    __slots__ = ("kind", "ticket", "handle", "status", "data", "headers", "error")

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self.ticket = 0
        self.handle = 0
        self.status = 0
        self.data = b""
        self.headers: List[Tuple[bytes, bytes]] = []
        self.error: Optional[Error] = None


def copy_item(library: Library, pointer: Any) -> Item:
    item = Item(library.item_kind(pointer))
    kind = item.kind
    if kind == _library.TEXT or kind == _library.EVENT:
        item.handle = library.item_handle(pointer)
    else:
        item.ticket = library.item_ticket(pointer)
        item.handle = library.item_handle(pointer)
        item.status = library.item_status(pointer)
        code = library.item_code(pointer)
        if code != _library.OK:
            item.error = error_from(library, code, library.item_error(pointer))
        for index in range(library.item_header_count(pointer)):
            item.headers.append(
                (library.item_header_name(pointer, index), library.item_header_value(pointer, index))
            )
    item.data = ctypes.string_at(library.item_data(pointer), library.item_length(pointer))
    return item
