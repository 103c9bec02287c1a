"""The server's package: installed, started as its unit says, asked, stopped, upgraded, removed and purged.
   package.py BUILD WORK, where BUILD is the build folder that has the package."""

import json
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from root import Confined, Root, enter_namespace, skip
from unit import Unit, environment_file

DELIVERY = Path(__file__).parents[2] / "examples/server/delivery"


def readme_lines(*words: str) -> list[str]:
    """The lines of the only block of shell in the README that has these words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (DELIVERY / "README.md").read_text(), re.M | re.S)
    found = [block for block in blocks if all(word in block for word in words)]
    assert len(found) == 1, f"{len(found)} blocks with {words}"
    return [line for line in found[0].splitlines() if line and not line.startswith("#")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """What systemd would start."""

    def __init__(self, root: Root, unit: Unit) -> None:
        self.root, self.unit, self.port = root, unit, free_port()
        environment = root.environment()
        for file in unit.all("EnvironmentFile"):
            environment |= environment_file(root.path / file.removeprefix("-").lstrip("/"))
        environment["CARIOS_HTTP_PORT"] = str(self.port)
        self.metrics_token = environment["CARIOS_METRICS_TOKEN"]
        confined = Confined(root, unit.one("User"), unit.one("WorkingDirectory"), int(unit.one("UMask"), 8), unit.calls())
        self.log_path = root.path.parent / "server.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(unit.command("ExecStart"), env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=confined)

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

    def reload(self) -> None:
        """Carries out ExecReload=."""
        command = [word.replace("${MAINPID}", str(self.process.pid)) for word in self.unit.command("ExecReload")]
        subprocess.run(command, check=True)
        self.until(lambda: "server.hangup_ignored" in self.log(), "the signal")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log()


def check_unit(root: Root) -> None:
    """systemd finds no fault with the unit, and little that the server could do outside its folder."""
    name = "/lib/systemd/system/cariosan-server.service"
    if (root.path / "lib/systemd/system/sysinit.target").exists():
        done = subprocess.run(["systemd-analyze", "--no-pager", f"--root={root.path}", "verify", name], capture_output=True, text=True)
        assert done.returncode == 0 and "cariosan" not in done.stderr, done.stderr
    # Out of a hundred; a unit without any of this has 96.
    rated = subprocess.run(["systemd-analyze", "--no-pager", "security", "--offline=true", "--threshold=15",
                            f"{root.path}{name}"], capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout + rated.stderr


def check_files(root: Root) -> str:
    """Returns the secrets."""
    secrets = root.path / "etc/cariosan/secrets.env"
    assert stat.filemode(secrets.stat().st_mode) == "-rw-------" and secrets.stat().st_uid == 0
    values = environment_file(secrets)
    assert sorted(values) == ["CARIOS_JWT_SECRET", "CARIOS_METRICS_TOKEN"] and len(set(values.values())) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in values.values())
    folder = (root.path / "var/lib/cariosan").stat()
    assert (folder.st_uid, folder.st_gid) == root.user("cariosan") and stat.S_IMODE(folder.st_mode) == 0o750
    # Local changes are kept by an upgrade, and asked about.
    assert root.run("dpkg-query --show --showformat='${Conffiles}' cariosan-server").split()[0] == "/etc/cariosan/server.env"
    return secrets.read_text()


def converse(root: Root, server: Server, created: str) -> None:
    key, secret = re.findall(r"^(?:api_key|api_secret)\s+(\S+)", created, re.M)
    backend = f"{key}:{secret}"
    for path, body in (("/v1/users", {"external_id": "alice", "name": "Alice"}),
                       ("/v1/channels", {"type": "group", "external_id": "order_1", "name": "1", "member_external_ids": ["alice"]}),
                       ("/v1/channels/order_1/messages", {"user": "alice", "content": "Halo!"})):
        status, answer = server.request(path, backend, body)
        assert status == 201, answer
    assert "Halo!" in answer
    # What the server reads about itself must be visible to it.
    status, metrics = server.request("/metrics", server.metrics_token)
    assert status == 200, metrics
    for name in ("process_open_fds", "process_start_time_seconds", "process_resident_memory_bytes"):
        assert float(re.search(rf"^{name} (\S+)$", metrics, re.M)[1]) > 0, name
    assert root.user("cariosan")[0] == (root.path / "var/lib/cariosan/cariosan.db").stat().st_uid


def main(build: Path, work: Path) -> None:
    enter_namespace()
    if not Path("/usr/bin/systemd-analyze").exists():
        skip("no systemd-analyze, which knows the system calls of the unit")
    packages = list((build / "packages").glob("cariosan-server_*.deb"))
    assert len(packages) == 1, packages
    root = Root(work)
    package = root.path / "tmp/cariosan-server.deb"
    package.write_bytes(packages[0].read_bytes())
    install, *_ = [line for line in readme_lines("server_package") if "./build/packages" in line]
    install = install.replace("./build/packages/cariosan-server_*.deb", "--yes --no-install-recommends /tmp/cariosan-server.deb")

    root.run(install)
    check_unit(root)
    secrets = check_files(root)
    unit = Unit((root.path / "lib/systemd/system/cariosan-server.service").read_text())
    state = f"var/lib/{unit.one('StateDirectory')}"
    root.freeze(state)
    server = Server(root, unit)
    server.until(server.is_ready, "the start")
    converse(root, server, root.run("\n".join(readme_lines("runuser", "workspace create"))))
    server.reload()
    server.stop()
    root.thaw(state)

    # Installing it again keeps what was made: the secrets, and the conversation.
    root.run(install.replace(" install ", " install --reinstall "))
    assert check_files(root) == secrets
    server = Server(root, unit)
    server.until(server.is_ready, "the start")
    server.stop()

    root.run("apt-get remove --yes cariosan-server")
    assert not (root.path / "usr/bin/cariosan-server").exists() and (root.path / "etc/cariosan/server.env").exists()
    root.run("apt-get purge --yes cariosan-server")
    assert not (root.path / "etc/cariosan").exists()
    assert (root.path / "var/lib/cariosan/cariosan.db").exists(), "a purge has deleted the conversation"
    print("the package was installed, served, and was removed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
