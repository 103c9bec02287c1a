"""Calls, events, errors and the log, as a program without threads or an event loop uses them."""

from __future__ import annotations

import gc
import logging
import types
from pathlib import Path
from typing import Any

import pytest
from cariosan import Caller, Chat, Error, version
from worlds import World, open_chat


def test_a_conversation_is_kept(tmp_path: Path) -> None:
    with open_chat(tmp_path / "chat.db") as chat:
        world = World(chat)
        sent = world.send("Halo 👋")
        assert sent["content"] == "Halo 👋" and sent["seq"] == 1
    with open_chat(tmp_path / "chat.db") as chat:
        again = chat.call("message.list", {"channel": "room"}, caller=Caller.user(world.id, "bob"))
        assert [message["id"] for message in again["messages"]] == [sent["id"]]


def test_callers(world: World) -> None:
    chat = world.chat
    assert [each["name"] for each in chat.call("workspace.list", caller=Caller.host())["workspaces"]] == ["Shop"]
    # As mappings, too.
    assert chat.call("me.get", caller={"workspace": world.id, "user": "alice"})["name"] == "Alice"
    read_only = types.MappingProxyType({"external_id": "alice", "metadata": types.MappingProxyType({"vip": True})})
    assert chat.call("user.upsert", read_only, caller=world.backend)["metadata"] == {"vip": True}
    with pytest.raises(Error) as refused:
        chat.call("workspace.create", {"name": "Other"}, caller=world.alice)
    assert refused.value.code == "FORBIDDEN"


def test_a_command_without_an_answer(world: World) -> None:
    assert world.chat.call("me.channel.leave", {"channel": "room"}, caller=world.bob) is None


def test_errors_say_why(world: World) -> None:
    with pytest.raises(Error) as refused:
        world.chat.call("user.upsert", {"external_id": "x", "name": "n" * 256}, caller=world.backend)
    error = refused.value
    assert (error.code, error.number, error.retryable) == ("VALIDATION_ERROR", 1, False)
    assert error.details == {"field": "name", "limit": 255}
    assert str(error).startswith("VALIDATION_ERROR: name ") and '"limit": 255' in str(error)
    with pytest.raises(Error, match="NOT_FOUND: no such command"):
        world.chat.call("message.vanish")


def test_rates_are_retryable() -> None:
    with open_chat(rates={"sends_per_minute": 1}) as chat:
        world = World(chat)
        world.send("one")
        with pytest.raises(Error) as refused:
            world.send("two")
        assert refused.value.code == "RATE_LIMITED" and refused.value.retryable
        assert refused.value.details["retry_after_ms"] > 0


def test_what_cannot_be_passed_on(world: World) -> None:
    chat = world.chat
    with pytest.raises(ValueError, match="null character"):
        chat.call("workspace.list\0", {})
    with pytest.raises(ValueError, match="null character"):
        chat.events(world.id + "\0")
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        chat.call("message.send", {"content": object()})
    with pytest.raises(ValueError):
        chat.call("message.send", {"content": float("nan")})
    # A lone surrogate is no text; the engine says so.
    with pytest.raises(Error, match="VALIDATION_ERROR"):
        world.send("\ud800")
    # A null character within a text arrives there.
    with pytest.raises(Error, match="VALIDATION_ERROR"):
        world.send("a\0b")


def test_options_are_the_engines(tmp_path: Path) -> None:
    with pytest.raises(Error) as refused:
        open_chat(limits={"pages": 1})
    assert refused.value.code == "VALIDATION_ERROR" and refused.value.details["field"] == "limits.pages"
    with open_chat(tmp_path / "chat.db"), pytest.raises(Error, match="CONFLICT"):
        open_chat(tmp_path / "chat.db")
    with open_chat(limits={"message_bytes": 5}) as chat:
        with pytest.raises(Error, match="PAYLOAD_TOO_LARGE"):
            World(chat).send("too long")
    assert version().count(".") == 2


def test_events(world: World) -> None:
    with world.chat.events(world.id) as events:
        world.send("one")
        world.send("two", world.bob)
        first, second = next(events), next(events)
        assert (first["type"], first["data"]["message"]["content"]) == ("message.created", "one")
        assert second["data"]["message"]["user"]["external_id"] == "bob"
        world.send("three")
    # What was not taken is dropped.
    assert list(events) == []
    events.close()
    with pytest.raises(Error, match="VALIDATION_ERROR"):
        world.chat.events("nowhere")


def test_events_of_before_closing_are_brought(world: World) -> None:
    events = world.chat.events(world.id)
    for number in range(100):
        world.send(str(number))
    world.chat.close()
    assert [event["data"]["message"]["content"] for event in events] == [str(number) for number in range(100)]


def test_events_that_nobody_takes_are_reported_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cariosan._events.MOST_EVENTS", 3)
    events = world.chat.events(world.id)
    for number in range(10):
        world.send(str(number))
    world.chat.close()
    taken = list(events)
    assert [event["type"] for event in taken] == ["message.created"] * 3 + ["events.lost"]
    assert taken[-1]["data"] == {"channels": [], "all": True}


def test_forgotten_events_end_their_subscription(world: World) -> None:
    poller = world.chat._poller
    world.chat.events(world.id)
    gc.collect()
    with world.chat.events(world.id) as events:
        world.send("one")
        next(events)
        assert len(poller._subscriptions) == 1


def test_a_closed_chat(world: World) -> None:
    world.chat.close()
    world.chat.close()
    for use in (lambda: world.send("late"), lambda: world.chat.events(world.id), lambda: world.chat.drain(1)):
        with pytest.raises(Error) as refused:
            use()
        assert refused.value.code == "UNAVAILABLE" and not refused.value.retryable


def test_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cariosan")
    with open_chat(log="debug") as chat:
        world = World(chat)
        with pytest.raises(Error):
            chat.call("message.list", {"channel": "nowhere"}, caller=world.alice)
    lines = {record.getMessage().split(" ")[0]: record for record in caplog.records if record.name == "cariosan"}
    done: Any = lines["request.done"]
    assert done.levelno in (logging.DEBUG, logging.INFO) and done.fields["method"] == "CALL"
    caplog.clear()
    with open_chat(log="off") as chat:
        World(chat)
    assert caplog.records == []


def test_the_log_does_not_slow_those_who_call_in_a_handler(chat: Chat) -> None:
    """A handler may use the chat, or close it."""

    class Closing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logging.getLogger("cariosan").removeHandler(self)
            opened.call("workspace.list")
            opened.close()

    logger = logging.getLogger("cariosan")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(Closing())
    opened = open_chat(log="debug")
    with pytest.raises(Error, match="closed|UNAVAILABLE"):
        while True:
            opened.call("workspace.list")
    logger.setLevel(logging.NOTSET)
