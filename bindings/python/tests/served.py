"""The application that test_uvicorn.py serves: a chat below /chat, and what its tests need to know."""

import json
import os

import cariosan
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from worlds import World, open_chat

chat = open_chat(os.environ["CHAT_DATABASE"], **json.loads(os.environ.get("CHAT_OPTIONS", "{}")))
known = chat.call("workspace.list")["workspaces"]
world = World(chat) if not known else None


async def tokens(request):
    backend = cariosan.Caller.backend(world.id if world else known[0]["id"])
    made = {user: await chat.acall("auth.token", {"user_id": user}, caller=backend) for user in ("alice", "bob")}
    return JSONResponse({**{user: each["token"] for user, each in made.items()}, "key": world.key if world else ""})


app = Starlette(routes=[Route("/tokens", tokens), Mount("/chat", cariosan.asgi(chat))], lifespan=chat.lifespan)
