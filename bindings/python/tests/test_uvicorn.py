"""The mount behind a real server, with real clients."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from pathlib import Path
from typing import Any, Iterator

import pytest
from driving import PATIENCE
from readme import snippet
from serving import HERE, Server, next_frame, open_client, send_frame, uvicorn
from worlds import Caller, open_chat

for needed in ("uvicorn", "websockets", "starlette"):
    pytest.importorskip(needed)

MESSAGES = "/chat/v1/channels/room/messages"


def serve(folder: Path, *options: str, port: int = 0, **chat_options: Any) -> Server:
    environment = {"CHAT_DATABASE": str(folder / "chat.db"), "CHAT_OPTIONS": json.dumps(chat_options)}
    return uvicorn(HERE, "served:app", *options, port=port, **environment)


@pytest.fixture(params=["websockets-sansio", "websockets"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path, "--ws", request.param) as served:
        yield served


def test_two_clients_talk(server: Server) -> None:
    async def talk() -> None:
        tokens = server.ask("GET", "/tokens")[1]
        async with await open_client(server, "/chat/v1/ws", tokens["alice"]) as alice:
            async with await open_client(server, "/chat/v1/ws", tokens["bob"]) as bob:
                assert alice.subprotocol == "cariosan.v1"
                for client in (alice, bob):
                    await next_frame(client, "connection.ready")
                await send_frame(alice, "message.send", {"channel": "room", "content": "Halo 👋"})
                assert (await next_frame(alice, "ack"))["data"]["message"]["content"] == "Halo 👋"
                assert (await next_frame(bob, "message.created"))["data"]["message"]["content"] == "Halo 👋"
                status, sent = await asyncio.to_thread(server.ask, "POST", MESSAGES, tokens["bob"], {"content": "over REST"})
                assert status == 201
                assert (await next_frame(alice, "message.created"))["data"]["message"]["id"] == sent["id"]
                await bob.send(b"\0")
                await bob.wait_closed()
                assert bob.close_code == 1003
        # Refused, with a response that says why.
        import websockets

        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            await open_client(server, "/chat/v1/ws", "forged", versioned=False)
        assert refused.value.response.status_code == 401
        assert json.loads(refused.value.response.body)["error"]["code"] == "UNAUTHORIZED"

    asyncio.run(talk())


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_bodies_and_answers(tmp_path: Path, http: str) -> None:
    if http == "httptools":
        pytest.importorskip("httptools")
    with serve(tmp_path, "--http", http) as server:
        tokens = server.ask("GET", "/tokens")[1]
        # Refused by its head: the body, which is announced, is never asked for.
        head = (
            f"POST {MESSAGES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer forged\r\nContent-Type: application/json\r\n"
            "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as raw:
            raw.sendall(head.encode())
            assert raw.recv(1000).startswith(b"HTTP/1.1 401")
        status, error = server.ask("POST", MESSAGES, tokens["alice"], {"content": "x", "metadata": {"x": "y" * 3_000_000}})
        assert (status, error["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
        for _ in range(60):
            assert server.ask("POST", MESSAGES, tokens["alice"], {"content": "x" * 2000})[0] == 201
        status, page = server.ask("GET", MESSAGES + "?limit=40", tokens["bob"])
        assert status == 200 and len(page["messages"]) == 40
        status, lines = server.ask("GET", "/chat/v1/users/alice/export", tokens["key"])
        assert status == 200 and len(lines.splitlines()) > 60
        assert server.ask("GET", "/chat/v1/nowhere", tokens["alice"])[0] == 404
        assert server.ask("GET", "/elsewhere")[0] == 404


def test_killed_and_started_again(tmp_path: Path) -> None:
    async def talk() -> None:
        with serve(tmp_path) as server:
            tokens = server.ask("GET", "/tokens")[1]
            alice = await open_client(server, "/chat/v1/ws", tokens["alice"])
            await next_frame(alice, "connection.ready")
            sent = []
            for number in range(20):
                await send_frame(alice, "message.send", {"channel": "room", "content": str(number)})
                sent.append((await next_frame(alice, "ack"))["data"]["message"]["id"])
            server.kill()
            with pytest.raises(Exception):
                await next_frame(alice, "never")
            with serve(tmp_path, port=server.port) as again:
                # The same token: the secret is the same.
                bob = await open_client(again, "/chat/v1/ws", tokens["bob"])
                await next_frame(bob, "connection.ready")
                status, page = await asyncio.to_thread(again.ask, "GET", MESSAGES, tokens["bob"])
                assert status == 200 and [message["id"] for message in reversed(page["messages"])] == sent
                await bob.close()

    asyncio.run(talk())


def test_stopped_with_clients(tmp_path: Path) -> None:
    """The server says goodbye to its clients, the application closes the chat, and the database is free."""

    async def talk() -> None:
        with serve(tmp_path) as server:
            tokens = server.ask("GET", "/tokens")[1]
            alice = await open_client(server, "/chat/v1/ws", tokens["alice"])
            await next_frame(alice, "connection.ready")
            status = await asyncio.to_thread(server.stop)
            assert status in (0, -signal.SIGTERM), server.said
            await asyncio.wait_for(alice.wait_closed(), PATIENCE)
            assert alice.close_code in (1001, 1012)
            assert any("Application shutdown complete" in line for line in server.said)
            assert not any("Traceback" in line or "Error" in line for line in server.said), server.said
        with open_chat(tmp_path / "chat.db") as chat:
            assert len(chat.call("workspace.list")["workspaces"]) == 1

    asyncio.run(talk())


def test_a_client_that_does_not_read(tmp_path: Path) -> None:
    """The others are served meanwhile; it is closed with 4008 once too much waits for it."""

    async def talk() -> None:
        with serve(tmp_path, max_backlog_bytes=200_000) as server:
            tokens = server.ask("GET", "/tokens")[1]
            # What the system buffers comes on top.
            reader = socket.socket()
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", server.port))
            slow = await open_client(
                server, "/chat/v1/ws", tokens["bob"], sock=reader, max_queue=1, compression=None, ping_interval=None
            )
            alice = await open_client(server, "/chat/v1/ws", tokens["alice"])
            await next_frame(alice, "connection.ready")
            contents = "x" * 8000

            def sessions() -> int:
                lines = server.ask("GET", "/chat/metrics")[1].decode().splitlines()
                return int(next(line for line in lines if line.startswith("cariosan_sessions ")).split()[1])

            while await asyncio.to_thread(sessions) == 2:
                for _ in range(20):
                    await send_frame(alice, "message.send", {"channel": "room", "content": contents})
                    await next_frame(alice, "ack")
            with pytest.raises(Exception):
                while True:
                    await next_frame(slow)
            assert slow.close_code in (4008, 1006), slow.close_reason
            await alice.close()

    asyncio.run(talk())


def test_django(tmp_path: Path) -> None:
    """The README's asgi.py."""
    pytest.importorskip("django")
    site = tmp_path / "shop"
    site.mkdir()
    (site / "asgi.py").write_text(snippet("django"))
    (site / "settings.py").write_text(
        'SECRET_KEY = "x"\nDEBUG = False\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "shop.urls"\n'
        'DATABASES: dict = {}\nUSE_TZ = True\n'
    )
    (site / "urls.py").write_text(
        "from django.http import JsonResponse\nfrom django.urls import path\n\n\n"
        "def workspaces(request):\n    from shop.asgi import chat\n\n"
        '    return JsonResponse(chat.call("workspace.list"))\n\n\n'
        'urlpatterns = [path("workspaces", workspaces)]\n'
    )
    with open_chat(tmp_path / "chat.db", jwt_secret="s" * 32) as chat:
        shop = chat.call("workspace.create", {"name": "Shop"})
        chat.call("user.upsert", {"external_id": "alice", "name": "Alice"}, caller=Caller.backend(shop["id"]))
        token = chat.call("auth.token", {"user_id": "alice"}, caller=Caller.backend(shop["id"]))["token"]

    async def talk(server: Server) -> None:
        async with await open_client(server, "/chat/v1/ws", token) as alice:
            assert (await next_frame(alice))["type"] == "connection.ready"

    with uvicorn(tmp_path, "shop.asgi:application", CHAT_SECRET="s" * 32) as server:
        assert server.ask("GET", "/chat/v1/me", token)[1]["name"] == "Alice"
        assert [each["name"] for each in server.ask("GET", "/workspaces")[1]["workspaces"]] == ["Shop"]
        asyncio.run(talk(server))
        assert server.stop() in (0, -signal.SIGTERM)
        assert not any("Traceback" in line for line in server.said), server.said
    with open_chat(tmp_path / "chat.db") as chat:
        assert len(chat.call("workspace.list")["workspaces"]) == 1


