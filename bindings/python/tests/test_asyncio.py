"""Within an event loop."""

from __future__ import annotations

import asyncio
from typing import Any, List

import pytest
from cariosan import Error
from driving import PATIENCE
from worlds import World, open_chat


def test_calls_and_events(world: World) -> None:
    async def talk() -> None:
        async with world.chat.events(world.id) as events:
            sent = await world.chat.acall("message.send", {"channel": "room", "content": "Halo"}, caller=world.alice)
            async for event in events:
                assert event["type"] == "message.created"
                assert event["data"]["message"]["id"] == sent["id"]
                break
            assert await world.chat.acall("me.channel.leave", {"channel": "room"}, caller=world.bob) is None
            with pytest.raises(Error, match="NOT_A_MEMBER"):
                await world.chat.acall("message.list", {"channel": "room"}, caller=world.bob)

    asyncio.run(talk())


def test_one_loop_after_another(world: World) -> None:
    for _ in range(3):
        found = asyncio.run(world.chat.acall("workspace.list"))
        assert [each["name"] for each in found["workspaces"]] == ["Shop"]


def test_the_loop_goes_on_while_calls_wait(world: World) -> None:
    async def many() -> List[Any]:
        calls = (world.chat.acall("message.send", {"channel": "room", "content": str(n)}, caller=world.alice) for n in range(1000))
        return await asyncio.gather(*calls)

    answers = asyncio.run(many())
    assert sorted(answer["seq"] for answer in answers) == list(range(1, 1001))


def test_a_cancelled_call_is_run_all_the_same(world: World) -> None:
    async def cancel() -> None:
        async with world.chat.events(world.id) as events:
            call = asyncio.ensure_future(
                world.chat.acall("message.send", {"channel": "room", "content": "cancelled"}, caller=world.alice)
            )
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            event = await events.__anext__()
            assert event["data"]["message"]["content"] == "cancelled"
        while world.chat._poller._tickets:
            await asyncio.sleep(0)

    asyncio.run(cancel())


def test_a_cancelled_wait_for_an_event_loses_none(world: World) -> None:
    async def cancel() -> None:
        async with world.chat.events(world.id) as events:
            for number in range(20):
                waiting = asyncio.ensure_future(events.__anext__())
                await asyncio.sleep(0)
                await world.chat.acall("message.send", {"channel": "room", "content": str(number)}, caller=world.alice)
                waiting.cancel()
                try:
                    event = await waiting
                except asyncio.CancelledError:
                    event = await events.__anext__()
                assert event["data"]["message"]["content"] == str(number)

    asyncio.run(cancel())


def test_two_tasks_take_from_the_same_events(world: World) -> None:
    async def share() -> None:
        events = world.chat.events(world.id)

        async def take() -> List[str]:
            return [event["data"]["message"]["content"] async for event in events]

        takers = [asyncio.ensure_future(take()) for _ in range(2)]
        await asyncio.sleep(0)
        for number in range(50):
            await world.chat.acall("message.send", {"channel": "room", "content": str(number)}, caller=world.alice)
        await world.chat.aclose()
        first, second = await asyncio.wait_for(asyncio.gather(*takers), PATIENCE)
        assert sorted(first + second, key=int) == [str(number) for number in range(50)]

    asyncio.run(share())


def test_aclose_answers_what_was_accepted(world: World) -> None:
    async def close() -> None:
        calls = [
            asyncio.ensure_future(world.chat.acall("message.send", {"channel": "room", "content": "x"}, caller=world.alice))
            for _ in range(100)
        ]
        await asyncio.sleep(0)
        await world.chat.aclose()
        answers = await asyncio.gather(*calls)
        assert sorted(answer["seq"] for answer in answers) == list(range(1, 101))
        with pytest.raises(Error, match="closed"):
            await world.chat.acall("workspace.list")

    asyncio.run(close())


def test_async_with_closes() -> None:
    async def use() -> None:
        async with open_chat() as chat:
            await chat.acall("workspace.list")
        with pytest.raises(Error, match="closed"):
            await chat.acall("workspace.list")

    asyncio.run(use())


def test_what_is_refused_before_it_is_a_command(world: World) -> None:
    async def refuse() -> None:
        with pytest.raises(Error, match="PAYLOAD_TOO_LARGE"):
            await world.chat.acall("message.send", {"content": "x" * 1_100_000})
        with pytest.raises(Error, match="VALIDATION_ERROR"):
            await world.chat.acall("workspace.list", caller={"user": "alice"})
        assert world.chat._poller._tickets == {}

    asyncio.run(refuse())


def test_too_many_tickets() -> None:
    async def ask() -> None:
        async with open_chat(max_tickets=1) as chat:
            with chat._poller._turn:  # nobody polls meanwhile
                first = asyncio.ensure_future(chat.acall("workspace.list"))
                await asyncio.sleep(0)
                with pytest.raises(Error) as refused:
                    await chat.acall("workspace.list")
            assert refused.value.code == "UNAVAILABLE" and refused.value.retryable
            assert (await first)["workspaces"] == []
            await chat.acall("workspace.list")

    asyncio.run(ask())
