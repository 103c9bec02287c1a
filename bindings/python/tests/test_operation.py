"""Backup, restore, epochs, metrics, exports and imports, on threads and in event loops."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Dict, List

import cariosan
import pytest
from cariosan import Chat, Error
from cariosan._engine import Engine
from readme import snippet
from worlds import World, open_chat


def old_lines(count: int) -> bytes:
    line = '{"channel":"past","ts":"2024-05-01T10:00:00Z","user":"alice","text":"%d","id":%d}\n'
    return "".join(line % (number, number) for number in range(count)).encode()


def epoch_of(world: World) -> Any:
    return world.chat.call("me.channel.list", caller=world.alice)["epoch"]


def test_a_backup_takes_the_place_of_the_database(tmp_path: Path) -> None:
    database, copy = tmp_path / "chat.db", tmp_path / "copy.db"
    with open_chat(database) as chat:
        world = World(chat)
        world.send("before")
        chat.backup(copy)
        with pytest.raises(Error, match="CONFLICT"):
            chat.backup(copy)
        with pytest.raises(Error, match="UNAVAILABLE"):
            chat.backup(tmp_path / "nowhere" / "copy.db")
        asyncio.run(chat.abackup(str(tmp_path / "another.db")))
        world.send("after")
        epoch = epoch_of(world)
        with pytest.raises(Error, match="CONFLICT"):
            cariosan.restore(copy, database=database)
    with pytest.raises(Error, match="NOT_FOUND"):
        cariosan.restore(tmp_path / "none.db", database=database)
    cariosan.restore(copy, storage=f"sqlite:{database}")
    with open_chat(database) as chat:
        world.chat = chat
        assert world.contents() == ["before"] and epoch_of(world) != epoch


def test_the_readmes_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    with open_chat("shop.db") as chat:
        world = World(chat)
    exec(snippet("operation"), {})
    assert capsys.readouterr().out.splitlines()[-1] == "1 []"
    assert kinds(Path("shop.jsonl").read_bytes().splitlines(keepends=True))["workspace"] == 1
    with open_chat("shop.db") as world.chat, pytest.raises(Error, match="NOT_FOUND"):
        world.chat.call("channel.get", {"channel": "past"}, caller=world.backend)


def test_wrong_uses_of_restore(tmp_path: Path) -> None:
    for both in ({}, {"database": "x", "storage": "sqlite:x"}):
        with pytest.raises(TypeError, match="either database or storage"):
            cariosan.restore(tmp_path / "copy.db", **both)
    with pytest.raises(ValueError, match="null character"):
        cariosan.restore("a\0b", database="x")
    with pytest.raises(Error, match="VALIDATION_ERROR"):
        cariosan.restore(tmp_path / "copy.db", storage="chat.db")
    garbage = tmp_path / "garbage.db"
    garbage.write_text("This is no database, and it is long enough to be looked at closely.")
    with pytest.raises(Error):
        cariosan.restore(garbage, database=tmp_path / "chat.db")


def test_epochs_and_metrics(world: World) -> None:
    before = epoch_of(world)
    assert world.chat.rotate_epoch() == epoch_of(world) != before
    assert asyncio.run(world.chat.arotate_epoch()) == epoch_of(world)
    assert "# TYPE cariosan_commands_total counter\n" in world.chat.metrics()
    assert "cariosan_commands_total" in asyncio.run(world.chat.ametrics())


def test_description() -> None:
    described = cariosan.describe()
    names = {command["name"] for command in described["commands"]}
    assert "message.send" in names and described["events"] and described["components"]["schemas"]


def kinds(lines: List[bytes]) -> Dict[str, int]:
    found: Dict[str, int] = {}
    for line in lines:
        assert line.endswith(b"\n")
        kind = json.loads(line)["kind"]
        found[kind] = found.get(kind, 0) + 1
    return found


def test_exports(world: World) -> None:
    for number in range(120):
        world.send(f"{number}\u2028é")  # which ends a line for some, not in JSON
    with world.chat.export(world.id) as export:
        assert kinds(list(export)) == {"workspace": 1, "user": 2, "channel": 1, "member": 2, "message": 120}
        assert list(export) == []

    async def read() -> List[bytes]:
        async with world.chat.export(world.id, "alice") as export:
            return [line async for line in export]

    assert kinds(asyncio.run(read()))["message"] == 120


def test_an_export_that_is_left_ends(world: World) -> None:
    for _ in range(100):
        with world.chat.export(world.id) as export:
            next(export)
        assert list(export) == []
    # So does one that is read to its end: there may be 64 at a time.
    for _ in range(70):
        assert list(world.chat.export(world.id))
    with pytest.raises(Error, match="VALIDATION_ERROR"):
        world.chat.export("nowhere")
    with world.chat.export(world.id, "nobody") as export, pytest.raises(Error, match="NOT_FOUND"):
        next(export)


def test_a_cancelled_reader_of_an_export_loses_nothing(world: World) -> None:
    for number in range(10):
        world.send(str(number))

    async def read() -> List[bytes]:
        async with world.chat.export(world.id) as export:
            reading = asyncio.ensure_future(export.__anext__())
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            return [line async for line in export]

    assert kinds(asyncio.run(read())) == {"workspace": 1, "user": 2, "channel": 1, "member": 2, "message": 10}


def test_imports(world: World, tmp_path: Path) -> None:
    lines, told = old_lines(300), []
    with world.chat.importer(world.id, "old", problems=1) as importer:
        importer.push(lines[:1000])
        importer.push(b"")
        importer.push(lines[1000:] + b"{}\nnonsense\n")
        result = importer.run(told.append)
    assert (result["complete"], result["imported"], result["bad_lines"]) == (False, 300, 2)
    assert [problem["line"] for problem in result["problems"]] == [301]
    assert told and {"stage", "imported", "position", "size"} <= told[0].keys()
    importer.close()

    (tmp_path / "old.jsonl").write_bytes(lines)

    async def again() -> Any:
        async with world.chat.importer(world.id, "old", file=tmp_path / "old.jsonl") as importer:
            with pytest.raises(Error, match="MISUSE"):
                await importer.apush(b"{}")
            return await importer.arun()

    result = asyncio.run(again())
    assert (result["complete"], result["imported"], result["already_there"]) == (True, 0, 300)


def test_an_import_that_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: List[int] = []
    close = Engine.import_close

    def note(engine: Engine, importer: int) -> None:
        closed.append(importer)
        close(engine, importer)

    monkeypatch.setattr(Engine, "import_close", note)

    class Stop(Exception):
        pass

    def stop(_: Dict[str, Any]) -> None:
        raise Stop

    async def cancel() -> None:
        importer = world.chat.importer(world.id, "cancelled")
        await importer.apush(old_lines(300))
        running = asyncio.ensure_future(importer.arun())
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        importer = world.chat.importer(world.id, "failed")
        importer.push(old_lines(300))
        with pytest.raises(Stop):
            await importer.arun(stop)

    asyncio.run(cancel())
    importer = world.chat.importer(world.id, "raised")
    importer.push(old_lines(300))
    with pytest.raises(Stop):
        importer.run(stop)
    with pytest.raises(Error, match="NOT_FOUND|CONFLICT"):
        importer.run()
    assert len(set(closed)) == 3
    importer = world.chat.importer(world.id, "closed")
    importer.push(old_lines(300))
    with pytest.raises(Error, match="UNAVAILABLE"):
        importer.run(lambda progress: importer.close())


def test_wrong_uses_of_imports(world: World, tmp_path: Path) -> None:
    with pytest.raises(Error) as refused:
        world.chat.importer(world.id, "")
    assert refused.value.details["field"] == "source"
    with world.chat.importer(world.id, "old", file=tmp_path / "none.jsonl") as importer:
        with pytest.raises(Error, match="none.jsonl") as refused:
            importer.run()
    assert refused.value.details["imported"] == 0
    with pytest.raises(Error, match="UNAVAILABLE"):
        world.chat.importer(world.id, "old", folder=tmp_path / "nowhere")
    with pytest.raises(Exception, match="wrong type"):
        world.chat.importer(world.id, "old").push("text")  # type: ignore[arg-type]


def test_a_closed_chat_does_none_of_it(chat: Chat, tmp_path: Path) -> None:
    world = World(chat)
    export, importer = chat.export(world.id), chat.importer(world.id, "old")
    chat.close()
    for use in (
        lambda: chat.backup(tmp_path / "copy.db"),
        chat.rotate_epoch,
        chat.metrics,
        lambda: chat.export(world.id),
        lambda: next(export),
        lambda: chat.importer(world.id, "old"),
        lambda: importer.push(b""),
        importer.run,
        lambda: asyncio.run(importer.arun()),
    ):
        with pytest.raises(Error, match="UNAVAILABLE"):
            use()
    export.close()
    importer.close()
