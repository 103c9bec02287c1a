"""A server in a root of its own, and somebody who talks to it."""

import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from root import Confined, Root

DELIVERY = Path(__file__).parents[2] / "examples/server/delivery"


def readme_lines(*words: str, language: str = "sh") -> list[str]:
    """The lines of the only block in the README that has these words."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", (DELIVERY / "README.md").read_text(), re.M | re.S)
    found = [block for block in blocks if all(word in block for word in words)]
    assert len(found) == 1, f"{len(found)} blocks with {words}"
    return [line for line in found[0].splitlines() if line and not line.startswith("#")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The command, with this environment and a free port, in the root."""

    def __init__(self, root: Root, command: list[str], environment: dict[str, str], confined: Confined) -> None:
        self.port = free_port()
        environment = root.environment(**environment) | {"CARIOS_HTTP_HOST": "127.0.0.1", "CARIOS_HTTP_PORT": str(self.port)}
        self.metrics_token = environment.get("CARIOS_METRICS_TOKEN", "")
        self.environment = environment
        self.log_path = root.path.parent / "server.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=confined)

    def log(self) -> str:
        return self.log_path.read_text()

    def request(self, path: str, authorization: str = "", body: object = None) -> tuple[int, str]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {authorization}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        give_up = time.monotonic() + 120
        while not is_so():
            assert self.process.poll() is None and time.monotonic() < give_up, f"{what}: {self.log()}"
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return self.request("/readyz")[0] == 200
        except urllib.error.URLError:
            return False

    def converse(self, created: str) -> None:
        """Alice says something in a workspace whose making printed this."""
        key, secret = re.findall(r"^(?:api_key|api_secret)\s+(\S+)", created, re.M)
        for path, body in (("/v1/users", {"external_id": "alice", "name": "Alice"}),
                           ("/v1/channels", {"type": "group", "external_id": "order_1", "name": "1", "member_external_ids": ["alice"]}),
                           ("/v1/channels/order_1/messages", {"user": "alice", "content": "Halo!"})):
            status, answer = self.request(path, f"{key}:{secret}", body)
            assert status == 201, answer
        assert "Halo!" in answer
        # What the server reads about itself must be visible to it.
        status, metrics = self.request("/metrics", self.metrics_token)
        assert status == 200, metrics
        for name in ("process_open_fds", "process_start_time_seconds", "process_resident_memory_bytes"):
            assert float(re.search(rf"^{name} (\S+)$", metrics, re.M)[1]) > 0, name

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log()
