"""The mount, driven as an ASGI server drives it."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Awaitable, Callable, Dict, List

import cariosan
import pytest
from cariosan import _library
from cariosan._items import Item
from driving import PATIENCE, Request, Socket, request
from worlds import World, open_chat


def play(conversation: Callable[[Any, World], Awaitable[None]], **options: Any) -> None:
    """Runs a conversation with an application over a new chat."""

    async def run() -> None:
        async with open_chat(**options) as chat:
            await conversation(cariosan.asgi(chat), World(chat))

    asyncio.run(run())


def json_headers(token: str) -> Any:
    return [(b"authorization", b"Bearer " + token.encode()), (b"content-type", b"application/json")]


async def open_socket(app: Any, world: World, user: str, **more: Any) -> Socket:
    socket = Socket(app, "/v1/ws", f"cariosan.v1, cariosan.jwt.{world.token(user)}", **more)
    ready = await socket.next()
    assert ready["type"] == "connection.ready" and ready["data"]["user"]["external_id"] == user
    return socket


def test_requests() -> None:
    async def talk(app: Any, world: World) -> None:
        alice = world.token("alice")
        answer = await request(app, "GET", "/v1/me", alice)
        assert answer.status == 200 and answer.json()["name"] == "Alice"
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-length"] == str(len(answer.body)) and answer.headers["x-request-id"]
        sent = await request(app, "POST", "/v1/channels/room/messages", alice, b'{"content":"over REST"}')
        assert sent.status == 201 and world.contents() == ["over REST"]
        left = await request(app, "DELETE", "/v1/me/channels/room", world.token("bob"))
        assert left.status == 204 and left.body == b"" and "content-length" not in left.headers
        assert (await request(app, "GET", "/v1/nowhere", alice)).json()["error"]["code"] == "NOT_FOUND"
        assert (await request(app, "PATCH", "/v1/me/blocks", alice)).headers["allow"]

    play(talk)


def test_a_head_has_no_body() -> None:
    async def talk(app: Any, world: World) -> None:
        answer = await request(app, "HEAD", "/healthz")
        got = await request(app, "GET", "/healthz")
        assert answer.body == b"" and answer.status == got.status
        assert answer.headers["content-length"] == got.headers["content-length"] == str(len(got.body))

    play(talk)


def test_nobody_without_credentials_makes_it_read_a_body() -> None:
    async def talk(app: Any, world: World) -> None:
        for target, token, status in (
            ("/v1/channels/room/messages", "forged", 401),
            ("/v1/nowhere", world.token("alice"), 404),
            ("/v1/workspace", world.token("alice"), 405),
        ):
            asked = Request(app, "POST", target, json_headers(token))
            assert (await asked.response()).status == status
            assert asked.asked == 0

    play(talk)


def test_bodies_in_parts_and_too_large() -> None:
    async def talk(app: Any, world: World) -> None:
        headers = json_headers(world.token("alice"))
        asked = Request(app, "POST", "/v1/channels/room/messages", headers)
        for part in (b'{"content"', b"", b':"in parts"'):
            asked.part(part, more=True)
        asked.part(b"}")
        assert (await asked.response()).status == 201 and world.contents() == ["in parts"]

        asked = Request(app, "POST", "/v1/channels/room/messages", headers)
        for _ in range(40):
            asked.part(b" " * 100_000, more=True)
        answer = await asked.response()
        assert answer.status == 413 and answer.json()["error"]["details"] == {"limit": 1024 * 1024}
        # It stopped reading soon after the limit, and does not wait for the end.
        assert asked.asked < 20

    play(talk)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def talk(_: Any, world: World) -> None:
        app = cariosan.asgi(world.chat, body_timeout=0.01)
        asked = Request(app, "POST", "/v1/channels/room/messages", json_headers(world.token("alice")))
        asked.part(b'{"content":', more=True)
        answer = await asked.response()
        assert answer.status == 408 and answer.json()["error"]["code"] == "UNAVAILABLE"
        assert world.contents() == []

    play(talk)


def test_a_client_that_goes_in_the_middle_of_a_body() -> None:
    async def talk(app: Any, world: World) -> None:
        asked = Request(app, "POST", "/v1/channels/room/messages", json_headers(world.token("alice")))
        asked.part(b'{"content":', more=True)
        asked.leave()
        await asked.response()
        assert world.contents() == [] and world.chat._poller._tickets == {}

    play(talk)


async def wait_for_news(app: Any, world: World) -> Request:
    """A request that waits for news."""
    found = world.chat.call("me.channel.list", caller=world.alice)
    known = {each["channel"]["id"]: [each["channel"]["rev"], each["channel"]["receipt_rev"]] for each in found["channels"]}
    fields = {"epoch": found["epoch"], "channels": known, "complete": True, "wait_seconds": 25}
    asked = Request(app, "POST", "/v1/me/sync", json_headers(world.token("alice")))
    asked.part(json.dumps(fields).encode())
    while b"waiting_requests 1\n" not in (await request(app, "GET", "/metrics")).body:
        pass
    return asked


def test_a_request_that_waits_for_news() -> None:
    async def talk(app: Any, world: World) -> None:
        asked = await wait_for_news(app, world)
        world.send("news")
        assert b"news" in (await asked.response()).body
        # Whoever is gone does not wait any more: what happens afterwards is not in the answer.
        asked = await wait_for_news(app, world)
        asked.leave()
        while b"waiting_requests 0\n" not in (await request(app, "GET", "/metrics")).body:
            pass
        world.send("later news")
        assert b"later" not in (await asked.response()).body

    play(talk)


def test_a_server_that_ends_the_task_of_a_request() -> None:
    async def talk(app: Any, world: World) -> None:
        asked = await wait_for_news(app, world)
        asked.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked.task
        while b"waiting_requests 0\n" not in (await request(app, "GET", "/metrics")).body:
            pass

    play(talk)


def test_large_answers_come_in_parts() -> None:
    async def talk(app: Any, world: World) -> None:
        for number in range(60):
            await world.chat.acall("message.send", {"channel": "room", "content": "x" * 2000}, caller=world.alice)
        answer = await request(app, "GET", "/v1/channels/room/messages?limit=60", world.token("bob"))
        assert len(answer.body) > 100_000 and answer.parts > 1
        assert answer.headers["content-length"] == str(len(answer.body))
        lines = await request(app, "GET", "/v1/users/alice/export", world.key)
        assert len(lines.body) > 100_000
        assert all(json.loads(line) for line in lines.body.splitlines())

    play(talk)


def test_what_the_engine_learns_of_the_peer() -> None:
    """Failed logins count per address, a secure origin is another one, and the query arrives as it was sent."""

    async def talk(app: Any, world: World) -> None:
        async def log_in(**more: Any) -> int:
            return (await request(app, "GET", "/v1/me", "forged", **more)).status

        statuses = [await log_in() for _ in range(40)]
        assert statuses[0] == 401 and statuses[-1] == 429
        assert await log_in(client=("192.0.2.2", 1)) == 401
        assert await log_in(client=None) == 401
        alice = world.token("alice")
        origin = [(b"origin", b"http://chat.example")]
        own, other = (
            Socket(app, "/v1/ws", f"cariosan.jwt.{alice}", origin, scheme=scheme, client=("192.0.2.3", 1))
            for scheme in ("ws", "wss")
        )
        assert (await own.next())["type"] == "connection.ready"
        await own.leave()
        await other.end()
        assert other.refusal[0]["status"] == 403
        channel = {"type": "group", "external_id": "order/1 ü", "member_external_ids": ["alice"]}
        world.chat.call("channel.create", channel, caller=world.backend)
        found = await request(app, "GET", "/v1/channels/order%2F1%20%C3%BC", alice)
        assert found.json()["external_id"] == "order/1 ü"
        page = await request(app, "GET", "/v1/me/channels?limit=1&archived=false", alice)
        assert len(page.json()["channels"]) == 1

    play(talk, rates={"failed_logins_per_minute": 20})


@pytest.mark.parametrize("mounted", ["chat", "a%20b/chat"])
def test_the_prefix_is_taken_off(mounted: str) -> None:
    from urllib.parse import unquote

    async def talk(_: Any, world: World) -> None:
        alice = world.token("alice")
        prefix = "/" + unquote(mounted)

        async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 299, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        app = cariosan.asgi(world.chat)
        beside = cariosan.asgi(world.chat, at=prefix, beside=elsewhere)
        target = f"/{mounted}/v1/me"
        ways: List[Dict[str, Any]] = [
            # As the specification has it, and Starlette since 0.33; then without raw_path.
            {"root_path": prefix},
            {"root_path": prefix, "raw_path": None},
            # As Starlette did before: taken out of the path, but not of raw_path.
            {"root_path": prefix, "path": "/v1/me"},
            {"root_path": prefix, "path": "/v1/me", "raw_path": None},
        ]
        for way in ways:
            assert (await request(app, "GET", target, alice, **way)).json().get("name") == "Alice", way
        assert (await request(beside, "GET", target, alice)).json()["name"] == "Alice"
        assert (await request(beside, "GET", "/v1/me", alice)).status == 299
        assert (await request(beside, "GET", f"/{mounted}s/v1/me", alice)).status == 299
        # A host mounted itself below a path, in front of both.
        below = await request(beside, "GET", "/site" + target, alice, root_path="/site")
        assert below.json()["name"] == "Alice"
        socket = Socket(beside, f"/{mounted}/v1/ws", f"cariosan.jwt.{alice}")
        assert (await socket.next())["type"] == "connection.ready"
        await socket.leave()

    play(talk)


def test_two_sockets_talk() -> None:
    async def talk(app: Any, world: World) -> None:
        alice, bob = await open_socket(app, world, "alice"), await open_socket(app, world, "bob")
        assert alice.accepted and alice.accepted["subprotocol"] == "cariosan.v1"
        alice.send({"type": "message.send", "id": "1", "data": {"channel": "room", "content": "Halo Budi"}})
        assert (await alice.expect("ack"))["id"] == "1"
        heard = await bob.expect("message.created")
        assert heard["data"]["message"]["content"] == "Halo Budi"
        bob.send({"type": "ping", "id": "2"})
        assert (await bob.expect("pong"))["id"] == "2"
        await bob.leave()
        assert bob.closed is None
        await alice.leave()
        assert world.chat._poller._sessions == {}

    play(talk)


def test_sockets_that_are_refused() -> None:
    async def talk(app: Any, world: World) -> None:
        plain = Socket(app, "/v1/ws", "cariosan.jwt.forged")
        assert await plain.end() == 0 and plain.accepted is None
        assert plain.refusal[0]["status"] == 401
        assert json.loads(plain.refusal[1]["body"])["error"]["code"] == "UNAUTHORIZED"
        # Where the server cannot send a response.
        bare = Socket(app, "/v1/ws", "cariosan.jwt.forged", extensions={})
        await bare.end()
        assert bare.closed is not None and bare.accepted is None
        # Whoever offers cariosan.v1 is let in for a verdict.
        versioned = Socket(app, "/v1/ws", "cariosan.v1, cariosan.jwt.forged")
        assert (await versioned.next())["data"]["code"] == "UNAUTHORIZED"
        assert await versioned.end() == 4401
        elsewhere = Socket(app, "/v1/elsewhere", f"cariosan.jwt.{world.token('alice')}")
        await elsewhere.end()
        assert elsewhere.refusal[0]["status"] == 404

    play(talk)


def test_close_codes() -> None:
    async def talk(app: Any, world: World) -> None:
        binary = await open_socket(app, world, "alice")
        binary.send_bytes(b"\0")
        assert await binary.end() == 1003
        large = await open_socket(app, world, "alice")
        large.send_text(" " * 65_537)
        assert await large.end() == 1009
        assert large.closed and "65536" in large.closed["reason"]
        malformed = await open_socket(app, world, "alice")
        for _ in range(10):
            malformed.send_text("{")
        assert await malformed.end() == 4400
        open_till_the_end = await open_socket(app, world, "bob")
        assert world.chat._poller._sessions.keys()
        await world.chat.aclose()
        assert await open_till_the_end.end() == 1001
        late = Socket(app, "/v1/ws", "cariosan.v1")
        await late.end()
        assert late.refusal[0]["status"] == 503
        answer = await request(app, "GET", "/v1/me")
        assert answer.status == 503 and answer.json()["error"]["code"] == "UNAVAILABLE"

    play(talk)


def test_a_client_that_does_not_read_is_closed() -> None:
    async def talk(app: Any, world: World) -> None:
        slow, quick = await open_socket(app, world, "alice"), await open_socket(app, world, "bob")
        slow.flowing.clear()
        for number in range(30):
            content = f"{number}:" + "x" * 4000
            await world.chat.acall("message.send", {"channel": "room", "content": content}, caller=world.bob)
            assert (await quick.expect("message.created"))["data"]["message"]["content"] == content
        assert await slow.end() == 4008
        assert slow.frames.qsize() == 1  # the mark of its end: what was not sent is dropped
        await quick.leave()

    play(talk, max_backlog_bytes=100_000)


def test_a_client_that_reads_slowly_is_not_closed() -> None:
    async def talk(app: Any, world: World) -> None:
        slow = await open_socket(app, world, "alice")
        for number in range(60):
            slow.flowing.clear()
            await world.chat.acall("message.send", {"channel": "room", "content": "x" * 4000}, caller=world.bob)
            slow.flowing.set()
            await slow.expect("message.created")
        slow.send({"type": "ping", "id": "1"})
        await slow.expect("pong")
        await slow.leave()

    play(talk, max_backlog_bytes=100_000)


def test_more_than_the_engine_takes_of_one_client_waits() -> None:
    async def talk(app: Any, world: World) -> None:
        eager = await open_socket(app, world, "alice")
        for number in range(1000):
            eager.send({"type": "ping", "id": str(number)})
        assert [(await eager.expect("pong"))["id"] for _ in range(1000)] == [str(number) for number in range(1000)]
        await eager.leave()

    play(talk)


def test_a_server_that_ends_the_task_of_a_socket() -> None:
    async def talk(app: Any, world: World) -> None:
        socket = await open_socket(app, world, "alice")
        socket.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await socket.task
        early = Socket(app, "/v1/ws", f"cariosan.jwt.{world.token('alice')}")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        early.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await early.task
        # Neither is online any more.
        bob = await open_socket(app, world, "bob")
        await bob.leave()
        while world.chat._poller._sessions or world.chat._poller._tickets:
            await asyncio.sleep(0)

    play(talk)


def test_draining() -> None:
    async def talk(app: Any, world: World) -> None:
        socket = await open_socket(app, world, "alice")
        world.chat.drain(1.5)
        assert (await socket.expect("server.draining"))["data"] == {"reconnect_after_ms": 1500}
        late = Socket(app, "/v1/ws", f"cariosan.jwt.{world.token('bob')}")
        await late.end()
        assert late.refusal[0]["status"] == 503
        await socket.leave()

    play(talk)


def test_two_loops_serve_the_same_chat(world: World) -> None:
    """Each its own clients: what the one polls for the other arrives there, and in order."""
    import threading

    app = cariosan.asgi(world.chat)
    both = threading.Barrier(2)

    async def serve(user: str, other: str) -> List[str]:
        socket = await open_socket(app, world, user)
        await asyncio.get_running_loop().run_in_executor(None, both.wait, PATIENCE)
        for number in range(100):
            socket.send({"type": "message.send", "data": {"channel": "room", "content": f"{user} {number}"}})
        heard: List[str] = []
        while len(heard) < 200:
            heard.append((await socket.expect("message.created"))["data"]["message"]["content"])
        await socket.leave()
        return heard

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as threads:
        alice = threads.submit(asyncio.run, serve("alice", "bob"))
        bob = threads.submit(asyncio.run, serve("bob", "alice"))
        assert alice.result(PATIENCE) == bob.result(PATIENCE)


async def live(app: Any, chat: cariosan.Chat) -> List[Any]:
    """What an application says from its start to its end, each with whether the chat is open."""
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    answered: List[Any] = []

    async def receive() -> Any:
        return next(asked)

    async def send(message: Any) -> None:
        answered.append((message["type"], chat._engine.is_open))

    await app({"type": "lifespan"}, receive, send)
    return answered


def test_the_outermost_application_closes_the_chat() -> None:
    async def talk(app: Any, world: World) -> None:
        assert await live(app, world.chat) == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]

    async def beside_one_that_knows_nothing_of_it(_: Any, world: World) -> None:
        async def django(scope: Any, receive: Any, send: Any) -> None:
            raise ValueError("only HTTP connections")

        app = cariosan.asgi(world.chat, at="/chat", beside=django)
        assert await live(app, world.chat) == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]

    async def beside_one_that_uses_it(_: Any, world: World) -> None:
        async def other(scope: Any, receive: Any, send: Any) -> None:
            for kind in ("startup", "shutdown"):
                assert (await receive())["type"] == f"lifespan.{kind}"
                world.contents()
                await send({"type": f"lifespan.{kind}.complete"})

        app = cariosan.asgi(world.chat, at="/chat", beside=other)
        assert await live(app, world.chat) == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]

    async def beside_one_that_fails(_: Any, world: World) -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "lifespan.startup.failed"})
            raise ValueError("no")

        with pytest.raises(ValueError):
            await live(cariosan.asgi(world.chat, at="/chat", beside=broken), world.chat)

    for conversation in (talk, beside_one_that_knows_nothing_of_it, beside_one_that_uses_it, beside_one_that_fails):
        play(conversation)


def test_a_server_that_pings_vouches_for_silent_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(_: Any, world: World) -> None:
        alive: List[int] = []
        monkeypatch.setattr(world.chat._engine, "session_alive", alive.append)
        for server_pings, vouched in ((True, 1), (False, 0)):
            alive.clear()
            socket = await open_socket(cariosan.asgi(world.chat, server_pings=server_pings), world, "alice")
            ((session, receiver),) = world.chat._poller._sessions.items()
            ping = Item(_library.PING)
            ping.handle = session
            receiver.take(ping)
            assert alive == [session] * vouched
            await socket.leave()

    play(talk)
