"""Many threads, and closing while they are at work."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import List

import pytest
from cariosan import Chat, Error
from driving import PATIENCE
from worlds import World, open_chat


def test_many_threads_call(world: World) -> None:
    def send(number: int) -> str:
        content: str = world.send(str(number), world.alice if number % 2 else world.bob)["content"]
        return content

    events = world.chat.events(world.id)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(send, range(400))) == [str(number) for number in range(400)]
    seqs = [next(events)["data"]["message"]["seq"] for _ in range(400)]
    assert seqs == list(range(1, 401))


def test_closing_while_calls_are_under_way(world: World) -> None:
    sent: List[str] = []
    refused: List[str] = []
    begun = threading.Semaphore(0)

    def send(thread: int) -> None:
        for number in range(10_000):
            try:
                sent.append(world.send(f"{thread}:{number}")["content"])
            except Error as error:
                refused.append(error.code)
                return
            begun.release()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        assert begun.acquire(timeout=PATIENCE)
    world.chat.close()
    for thread in threads:
        thread.join(PATIENCE)
    assert refused == ["UNAVAILABLE"] * 8


def test_acknowledged_before_closing_means_kept(tmp_path: object) -> None:
    path = f"{tmp_path}/chat.db"
    with open_chat(path) as chat:
        world = World(chat)
        sent: List[str] = []

        def send() -> None:
            try:
                for number in range(10_000):
                    sent.append(world.send(str(number))["content"])
            except Error:
                pass

        thread = threading.Thread(target=send)
        thread.start()
        while len(sent) < 20:
            pass
        chat.close()
        thread.join(PATIENCE)
    with open_chat(path) as chat:
        world.chat = chat
        found = chat.call("message.list", {"channel": "room", "limit": 1}, caller=world.alice)["messages"]
        # One more may have been committed, whose answer said that it is closing.
        assert found[0]["seq"] - len(sent) in (0, 1)


def test_two_threads_close(world: World) -> None:
    threads = [threading.Thread(target=world.chat.close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_thread_that_waits_for_events_is_freed_by_closing(world: World) -> None:
    events = world.chat.events(world.id)
    taken: List[str] = []
    thread = threading.Thread(target=lambda: taken.extend(event["type"] for event in events))
    thread.start()
    world.send("one")
    world.chat.close()
    thread.join(PATIENCE)
    assert taken == ["message.created"]


def test_several_event_loops_and_threads_at_once(world: World) -> None:
    """Each loop gets its own answers and all events, as does a thread without a loop."""
    loops, calls = 3, 30
    seen: List[List[int]] = []
    listening = threading.Barrier(loops + 2)

    async def in_loop(number: int) -> None:
        async with world.chat.events(world.id) as events:
            await asyncio.get_running_loop().run_in_executor(None, listening.wait, PATIENCE)
            answers = [
                world.chat.acall("message.send", {"channel": "room", "content": f"{number}:{call}"}, caller=world.alice)
                for call in range(calls)
            ]
            contents = {answer["content"] for answer in await asyncio.gather(*answers)}
            assert contents == {f"{number}:{call}" for call in range(calls)}
            seqs: List[int] = []
            async for event in events:
                seqs.append(event["data"]["message"]["seq"])
                if len(seqs) == loops * calls:
                    break
            seen.append(seqs)

    def in_thread() -> None:
        with world.chat.events(world.id) as events:
            listening.wait(PATIENCE)
            seen.append([next(events)["data"]["message"]["seq"] for _ in range(loops * calls)])

    with ThreadPoolExecutor(loops + 1) as threads:
        waiting = [threads.submit(asyncio.run, in_loop(number)) for number in range(loops)]
        waiting.append(threads.submit(in_thread))
        listening.wait(PATIENCE)
        for each in waiting:
            each.result(PATIENCE)
    assert seen == [list(range(1, loops * calls + 1))] * (loops + 1)


def test_a_loop_that_stopped_does_not_keep_events_from_a_thread(world: World) -> None:
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(world.chat.acall("workspace.list"))["workspaces"]
    with world.chat.events(world.id) as events:
        for number in range(600):
            world.send(str(number))
        assert [next(events)["data"]["message"]["seq"] for _ in range(600)] == list(range(1, 601))
    loop.close()


def test_a_forgotten_chat_is_closed(tmp_path: object) -> None:
    path = f"{tmp_path}/chat.db"
    chat = open_chat(path, log="off")
    World(chat)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        del chat
        gc.collect()
    assert [str(warning.message) for warning in warned] == ["a chat was not closed"]
    for thread in threading.enumerate():
        if thread.name == "cariosan-close":
            thread.join(PATIENCE)
    # The database is free again.
    with open_chat(path) as chat:
        assert len(chat.call("workspace.list")["workspaces"]) == 1


def test_no_thread_without_need() -> None:
    before = set(threading.enumerate())
    with open_chat(log="off") as chat:
        world = World(chat)
        world.send("one")
        assert set(threading.enumerate()) == before
        with chat.events(world.id) as events:
            world.send("two")
            next(events)
            assert {thread.name for thread in set(threading.enumerate()) - before} == {"cariosan-poll"}
    assert set(threading.enumerate()) == before


def test_descriptors_are_given_back() -> None:
    import os

    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    async def use(chat: Chat) -> None:
        await chat.acall("workspace.list")
        await chat.aclose()

    with open_chat() as chat:
        asyncio.run(use(chat))
    before = descriptors()
    for _ in range(5):
        with open_chat() as chat:
            asyncio.run(use(chat))
    assert descriptors() == before


@pytest.mark.parametrize("log", ["off", "debug"])
def test_closing_within_the_loop_that_polls(log: str) -> None:
    async def use() -> None:
        chat = open_chat(log=log)
        assert (await chat.acall("workspace.list"))["workspaces"] == []
        pending = asyncio.ensure_future(chat.acall("workspace.create", {"name": "Shop"}))
        await asyncio.sleep(0)
        chat.close()
        # It was accepted, so it is answered.
        assert (await pending)["name"] == "Shop"

    asyncio.run(use())
