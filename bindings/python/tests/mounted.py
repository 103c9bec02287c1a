"""A server with a chat mounted at /chat, for tests that talk to it from outside (tests/integration/golden_mount.mjs): the options of the
engine are its argument. It prints {"base","key"} of a new workspace, takes lines "drain MILLISECONDS", and ends when its input does."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Dict

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import cariosan  # noqa: E402
import uvicorn  # noqa: E402
from cariosan import Chat  # noqa: E402


async def serve(options: Dict[str, Any]) -> None:
    async with cariosan.open(**options) as chat:
        made = chat.call("workspace.create", {"name": "Shop"})
        config = uvicorn.Config(cariosan.asgi(chat, at="/chat"), port=0, lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        host, port = server.servers[0].sockets[0].getsockname()
        print(json.dumps({"base": f"http://{host}:{port}/chat", "key": f"{made['api_key']}:{made['api_secret']}"}), flush=True)
        await asyncio.to_thread(follow, chat)
        server.should_exit = server.force_exit = True
        await serving


def follow(chat: Chat) -> None:
    for line in sys.stdin:
        word, _, number = line.partition(" ")
        if word == "drain":
            chat.drain(int(number) / 1000)


asyncio.run(serve(json.loads(sys.argv[1])))
