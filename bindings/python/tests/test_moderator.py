"""The program's own moderator."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Dict, List

import pytest
from cariosan import Error
from cariosan._moderator import Desk
from readme import snippet
from worlds import World, open_chat


def test_every_verdict() -> None:
    seen: List[Dict[str, Any]] = []

    def judge(draft: Dict[str, Any]) -> Dict[str, Any]:
        assert threading.current_thread().name.startswith("cariosan-moderator")
        seen.append(draft)
        if draft["text"] == "rude":
            return {"verdict": "refuse", "reason": "rude"}
        if draft["text"] == "loud":
            return {"verdict": "change", "text": "quiet"}
        return {"verdict": "flag", "reason": "odd"} if draft["text"] == "odd 👋" else {"verdict": "allow"}

    with open_chat(moderator=judge) as chat:
        world = World(chat)
        first = world.send("fine")
        world.send("odd 👋")
        assert world.send("loud")["content"] == "quiet"
        with pytest.raises(Error, match="MESSAGE_REJECTED"):
            world.send("rude")
        assert world.contents() == ["fine", "odd 👋", "quiet"]
        edit = {"channel": "room", "message_id": first["id"], "content": "finer"}
        chat.call("message.edit", edit, caller=world.alice)
    assert [draft["text"] for draft in seen] == ["fine", "odd 👋", "loud", "rude", "finer"]
    assert seen[0]["workspace"] == world.id and seen[-1]["edited"] == first["id"] and "edited" not in seen[0]


@pytest.mark.parametrize("verdict", [{"verdict": "perhaps"}, {"verdict": object()}, None])
def test_a_moderator_that_fails_leaves_it_to_the_deadline(verdict: Any, caplog: pytest.LogCaptureFixture) -> None:
    with open_chat(moderator=lambda draft: verdict, moderator_deadline_ms=1, moderator_late="refuse") as chat:
        world = World(chat)
        with pytest.raises(Error, match="UNAVAILABLE"):
            world.send("what?")
    # Unless the deadline came first, and nobody was asked.
    assert all(record.getMessage() == "the moderator failed" for record in caplog.records if record.exc_info)


def test_what_a_moderator_fails_with_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def judge(draft: Dict[str, Any]) -> Dict[str, Any]:
        raise LookupError(draft["text"])

    desk = Desk(judge)
    desk.judge(1, b'{"text": "odd"}')
    desk._pool.shutdown()
    assert [record.getMessage() for record in caplog.records] == ["the moderator failed"]
    assert "LookupError: odd" in caplog.text


def test_a_moderator_may_use_the_chat_and_be_busy_when_it_is_closed() -> None:
    asked, go_on = threading.Event(), threading.Event()
    names: List[str] = []

    def judge(draft: Dict[str, Any]) -> Dict[str, Any]:
        names.append(world.chat.call("channel.get", {"channel": draft["channel"]}, caller=world.backend)["name"])
        asked.set()
        go_on.wait(60)
        return {"verdict": "allow"}

    with open_chat(moderator=judge, moderator_late="refuse", moderator_deadline_ms=60_000) as chat:
        world = World(chat)
        refused: List[Error] = []

        def send() -> None:
            try:
                world.send("late")
            except Error as error:
                refused.append(error)

        sending = threading.Thread(target=send)
        sending.start()
        assert asked.wait(60)
        chat.close(0)
        sending.join()
        go_on.set()
    assert names == ["Room"] and [error.code for error in refused] == ["UNAVAILABLE"]


def test_the_readmes_moderator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: Dict[str, Any] = {}
    exec(snippet("moderator"), names)
    with names["chat"]:
        world = World(names["chat"])
        world.send("Halo!")
        with pytest.raises(Error, match="MESSAGE_REJECTED"):
            world.send("Best Casino")
