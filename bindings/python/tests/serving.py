"""A real ASGI server as a process, and clients of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from driving import PATIENCE

HERE = Path(__file__).resolve().parent


class Server:
    """uvicorn with an application; `port` is one of its own choice."""

    def __init__(
        self, command: List[str], folder: Path, environment: Dict[str, str], port: int = 0, inherit: bool = True
    ) -> None:
        """`inherit`: it has the environment of the tests and finds their packages, too."""
        path = os.pathsep.join([str(folder), *(each for each in sys.path if each)])
        whole = {**os.environ, "PYTHONPATH": path, **environment} if inherit else environment
        arguments = [*command, "--port", str(port)]
        self._process = subprocess.Popen(arguments, cwd=folder, env=whole, stderr=subprocess.PIPE, text=True)
        self.said: List[str] = []
        self._ready = threading.Event()
        self._port = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if not self._ready.wait(PATIENCE) or self._port == 0:
            self.kill()
            raise AssertionError("".join(self.said))

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self.said.append(line)
                found = re.search(r"running on http://127\.0\.0\.1:(\d+)", line)
                if found:
                    self._port = int(found[1])
                    self._ready.set()
        self._ready.set()

    @property
    def port(self) -> int:
        return self._port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status."""
        self._process.send_signal(number)
        try:
            return self._process.wait(PATIENCE)
        finally:
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join(PATIENCE)

    def ask(self, method: str, path: str, token: str = "", body: Any = None) -> Tuple[int, Any]:
        """Status and JSON of an answer."""
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.address + path, data, method=method)
        if token:
            asked.add_header("Authorization", f"Bearer {token}")
        if data is not None:
            asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, _json(refused.read())

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def uvicorn(folder: Path, app: str, *options: str, port: int = 0, **environment: str) -> Server:
    return Server([sys.executable, "-m", "uvicorn", app, *options], folder, environment, port)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


async def open_client(server: Server, path: str, token: str, versioned: bool = True, **options: Any) -> Any:
    """A connection of the package `websockets`, as of a client that offers cariosan.v1."""
    import websockets

    offered = (["cariosan.v1"] if versioned else []) + [f"cariosan.jwt.{token}"]
    address = server.address.replace("http", "ws", 1) + path
    return await websockets.connect(address, subprotocols=offered, **options)


async def next_frame(client: Any, kind: Optional[str] = None) -> Any:
    """The next frame, or the next of this type."""
    import asyncio

    while True:
        frame = json.loads(await asyncio.wait_for(client.recv(), PATIENCE))
        if kind is None or frame["type"] == kind:
            return frame


async def send_frame(client: Any, kind: str, data: Any, number: str = "1") -> None:
    await client.send(json.dumps({"type": kind, "id": number, "data": data}))
