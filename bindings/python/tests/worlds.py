"""The workspace that most tests use."""

from __future__ import annotations

from typing import Any

import cariosan
from cariosan import Caller, Chat

SECRET = "0123456789abcdef0123456789abcdef"


class World:
    """A workspace with alice and bob in the group "room"."""

    def __init__(self, chat: Chat) -> None:
        made = chat.call("workspace.create", {"name": "Shop"})
        self.chat = chat
        self.id: str = made["id"]
        self.key = f"{made['api_key']}:{made['api_secret']}"
        self.backend = Caller.backend(self.id)
        self.alice = Caller.user(self.id, "alice")
        self.bob = Caller.user(self.id, "bob")
        for user, name in (("alice", "Alice"), ("bob", "Budi")):
            chat.call("user.upsert", {"external_id": user, "name": name}, caller=self.backend)
        group = {"type": "group", "external_id": "room", "name": "Room", "member_external_ids": ["alice", "bob"]}
        chat.call("channel.create", group, caller=self.backend)

    def token(self, user: str) -> str:
        token: str = self.chat.call("auth.token", {"user_id": user}, caller=self.backend)["token"]
        return token

    def send(self, content: str, caller: Any = None) -> Any:
        return self.chat.call("message.send", {"channel": "room", "content": content}, caller=caller or self.alice)

    def contents(self) -> Any:
        """Of the room's messages, oldest first."""
        messages = self.chat.call("message.list", {"channel": "room", "limit": 100}, caller=self.alice)["messages"]
        return [message["content"] for message in reversed(messages)]


def open_chat(path: Any = ":memory:", **options: Any) -> Chat:
    return cariosan.open(database=path, **{"jwt_secret": SECRET, "rates": False, **options})
