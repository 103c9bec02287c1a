import os

import cariosan
from cariosan import Caller
from fastapi import FastAPI
from fastapi.responses import FileResponse

chat = cariosan.open(database="chat.db", jwt_secret=os.environ["CHAT_SECRET"])
shops = chat.call("workspace.list")["workspaces"] or [chat.call("workspace.create", {"name": "Shop"})]
backend = Caller.backend(shops[0]["id"])
for user in ("alice", "budi"):
    chat.call("user.upsert", {"external_id": user, "name": user.title()}, caller=backend)
order = {"type": "group", "external_id": "order_1", "name": "Order #1", "member_external_ids": ["alice", "budi"]}
chat.call("channel.create", order, caller=backend)

app = FastAPI(lifespan=chat.lifespan)
app.mount("/chat", cariosan.asgi(chat))


@app.post("/token/{user}")
async def token(user: str):  # in earnest: the user that your own session says
    return await chat.acall("auth.token", {"user_id": user}, caller=backend)


@app.get("/")
def page():
    return FileResponse("page.html")
