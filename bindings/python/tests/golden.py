"""Replays the exchanges of tests/golden through an ASGI application; tests/golden/README.md says what the steps are.

It is the outside of what tests/golden/scenario.cpp does inside: time passes by itself, so that steps about the clock need nothing,
and what they bring is waited for.
"""

from __future__ import annotations

import asyncio
import copy
import json
import re
from pathlib import Path
from typing import Any, Dict, List

from cariosan import Caller, Chat
from driving import Headers, Response, Socket, exact, request

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "golden"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_USERS = {"alice": "Alice", "bob": "Budi", "eve": "Eve"}

#: By the member that holds it: a value that gets no number, and one that does.
_UNNUMBERED = {"token": "<token>", "request_id": "<request>", "connection_id": "<connection>", "epoch": "<epoch>"}
_NUMBERED = {
    "signing_secret": "secret",
    "event_id": "event",
    "upload_url": "upload",
    "public_url": "file",
    "attachment_url": "file",
    "next_cursor": "cursor",
}

#: Frames that come some time after their cause; and those of them that come where the files, whose clock stands still, have none.
_BY_CLOCK = ("presence.update", "unread", "channel.events")
_OFTENER = ("presence.update", "unread")

#: Longer than any of them takes: who goes offline is shown so ten seconds later.
_GRACE = 30.0


def options_of(file: Dict[str, Any]) -> Dict[str, Any]:
    """The engine that a file is about."""
    limits = {name: file[name] for name in ("large_channel", "search_steps") if name in file}
    options: Dict[str, Any] = {"limits": limits, "webhooks": False}
    if file.get("attachments"):
        keys = {"access_key": "key", "secret_key": "secret"}
        options["s3"] = {"bucket": "files", "public_url": "https://files.example", **keys}
    return options


class Names:
    """Names for what differs from run to run."""

    def __init__(self) -> None:
        self._names: Dict[str, str] = {}
        self._counts: Dict[str, int] = {}
        self.epoch = ""

    def normalise(self, value: Any, member: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self.normalise(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.normalise(each, member) for each in value]
        return self._normalise_text(value, member) if isinstance(value, str) else value

    def resolve(self, text: str) -> str:
        for value, name in self._names.items():
            text = text.replace(name, value)
        return text.replace("<epoch>", self.epoch)

    def _normalise_text(self, text: str, member: str) -> str:
        if member == "idempotency_key":
            return text
        if member in _UNNUMBERED:
            return _UNNUMBERED[member]
        if member in ("signing_secret", "event_id"):
            return self._name(_NUMBERED[member], text)
        if _ID.fullmatch(text):
            return self._name("id", text)
        if _TIME.fullmatch(text):
            return "<time>"
        return self._name(_NUMBERED[member], text) if member in _NUMBERED else text

    def _name(self, kind: str, value: str) -> str:
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[value] = f"<{kind} {self._counts[kind]}>"
        return self._names[value]


class Scenario:
    """A file being replayed. `prefix`: where the application is mounted."""

    def __init__(self, app: Any, chat: Chat, file: Dict[str, Any], prefix: str) -> None:
        self._app = app
        self._chat = chat
        self._prefix = prefix
        self._names = Names()
        self._clients: Dict[str, Socket] = {}
        self._early: Dict[str, List[Any]] = {}
        made = chat.call("workspace.create", {"name": "Shop"})
        self._key = f"{made['api_key']}:{made['api_secret']}"
        self._backend = Caller.backend(made["id"])
        if file["world"] == "shop":
            for user, name in _USERS.items():
                chat.call("user.upsert", {"external_id": user, "name": name}, caller=self._backend)
            group = {"type": "group", "external_id": "order_1", "name": "A group", "member_external_ids": ["alice", "bob"]}
            chat.call("channel.create", group, caller=self._backend)
            listed = chat.call("me.channel.list", caller=Caller.user(made["id"], "alice"))
            self._names.epoch = listed["epoch"]

    async def take(self, step: Dict[str, Any]) -> Dict[str, Any]:
        """Runs a step, and returns it as it should be if what happened is right."""
        if "connect" in step:
            offer = f"cariosan.jwt.{self._token(step['connect'])}"
            name = step.get("as", step["connect"])
            self._clients[name] = Socket(self._app, self._prefix + "/v1/ws", offer)
            self._early[name] = []
        elif "disconnect" in step:
            await self._clients.pop(step["disconnect"]).leave()
        elif "drain" in step:
            self._chat.drain(step["drain"] / 1000)
        elif "send" in step:
            self._clients[step["client"]].send_text(self._text_of(step["send"]))
        elif "receive" in step:
            return {**step, "receive": await self._receive(step)}
        elif "request" in step:
            return await self._ask_until(step)
        return step

    async def end(self) -> None:
        for client in self._clients.values():
            await client.leave()
        left = [frame for early in self._early.values() for frame in early if frame["type"] not in _OFTENER]
        assert left == [], left

    async def _receive(self, step: Dict[str, Any]) -> List[Any]:
        """Some frames may overtake each other, so groups are in the order of their types."""
        client = self._clients[step["client"]]
        expected = {str(frame["type"]): frame for frame in step["receive"] if frame["type"] in _BY_CLOCK}
        frames = [await self._by_clock(step["client"], frame) for frame in expected.values()]
        early = self._early[step["client"]]
        waiting = [frame for frame in early if frame["type"] not in _BY_CLOCK]
        while len(frames) < len(step["receive"]):
            frame = waiting.pop(0) if waiting else await client.next()
            if frame in early:
                early.remove(frame)
            (early if frame["type"] in _BY_CLOCK else frames).append(frame)
        return [self._names.normalise(frame) for frame in sorted(frames, key=lambda frame: str(frame["type"]))]

    async def _by_clock(self, name: str, expected: Dict[str, Any]) -> Any:
        """The frame that a step about the clock brings. Here it comes at its time: before the step, or after it, and others of its kind
        too, where the clock of the files stood still meanwhile."""
        early, kind = self._early[name], expected["type"]
        found: Dict[str, Any] = {"type": kind, "data": {}}
        while copy.deepcopy(self._names).normalise(found) != expected:
            kept = next((frame for frame in early if frame["type"] == kind), None)
            if kept is None:
                try:
                    early.append(await self._clients[name].next(_GRACE))
                except asyncio.TimeoutError:
                    if kind == "presence.update" and await self._is_known(name, expected):
                        return expected
                    raise AssertionError(f"{expected} did not come, but {self._names.normalise(found)}") from None
                continue
            early.remove(kept)
            found = _joined(found, kept) if kind == "channel.events" else kept
        return found

    async def _is_known(self, user: str, expected: Dict[str, Any]) -> bool:
        """Who came online before a client connected, which takes longer here than in the files, is not told it: the client asks."""
        users = {each["external_id"]: each["status"] for each in expected["data"]["users"]}
        target = f"{self._prefix}/v1/presence?users={','.join(users)}"
        answer = await request(self._app, "GET", target, self._token(user), None, [])
        return users == {each["external_id"]: each["status"] for each in answer.json()["presence"]}

    async def _ask_until(self, step: Dict[str, Any]) -> Dict[str, Any]:
        answer = await self._ask(step)
        while "until" in step and not answer.json().get(step["until"]):
            answer = await self._ask(step)
        happened = {name: value for name, value in step.items() if name not in ("answer", "lines")}
        happened["status"] = answer.status
        if answer.headers.get("content-type") == "application/x-ndjson":
            happened["lines"] = self._names.normalise([exact(line) for line in answer.body.splitlines()])
        elif answer.body:
            happened["answer"] = self._names.normalise(exact(answer.body))
            if "upload_url" in happened["answer"]:
                # What a store wants signed is its own affair: the one of the files is not a real one.
                happened["answer"]["headers"] = step["answer"]["headers"]
        return happened

    async def _ask(self, step: Dict[str, Any]) -> Response:
        method, _, target = self._names.resolve(step["request"]).partition(" ")
        body = self._text_of(step["body"]).encode() if "body" in step else None
        headers: Headers = [(name.lower().encode(), value.encode()) for name, value in step.get("headers", {}).items()]
        token = {"backend": self._key, "nobody": ""}.get(step["as"])
        if token is None:
            token = self._token(step["as"])
        return await request(self._app, method, self._prefix + target, token, body, headers)

    def _text_of(self, value: Any) -> str:
        text = self._names.resolve(json.dumps(value, ensure_ascii=False))
        for user in _USERS:
            if f"<token of {user}>" in text:
                text = text.replace(f"<token of {user}>", self._token(user))
        return text

    def _token(self, user: str) -> str:
        token: str = self._chat.call("auth.token", {"user_id": user}, caller=self._backend)["token"]
        return token


def _joined(first: Dict[str, Any], second: Dict[str, Any]) -> Dict[str, Any]:
    """One batch of events as if it had come instead of two."""
    since = first["data"].get("since", second["data"]["since"])
    events = first["data"].get("events", []) + second["data"]["events"]
    return {"type": second["type"], "data": {**second["data"], "since": since, "events": events}}
