"""What python_bench.py serves with uvicorn: a chat, and nothing else."""

import os

import cariosan

chat = cariosan.open(
    database=os.environ["CHAT_DATABASE"], jwt_secret=os.environ["CHAT_SECRET"], rates=False, trusted_proxies=["127.0.0.0/8"]
)
app = cariosan.asgi(chat)
