"""The wheel in an environment of its own, and what the README says to type there."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, List

import pytest
from cariosan import Caller
from readme import BLOCKS, PACKAGE, blocks, replaced, snippet
from serving import HERE, Server, next_frame, open_client, send_frame
from worlds import World, open_chat

def outside() -> "dict[str, str]":
    """The environment of someone who has only the wheel."""
    return {name: value for name, value in os.environ.items() if name not in ("CARIOSAN_LIBRARY", "PYTHONPATH")}


def run(*command: str, **options: Any) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(folder: Path) -> Path:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "-w", str(folder), str(PACKAGE))
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The Python of a new environment, in which only the wheel is."""
    folder = tmp_path_factory.mktemp("empty") / ".venv"
    run(sys.executable, "-m", "venv", str(folder))
    python = folder / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", "--no-index", str(wheel), env=outside())
    return python


def test_what_is_in_it(wheel: Path, tmp_path: Path) -> None:
    assert re.fullmatch(r"cariosan-\d+\.\d+\.\d+-py3-none-linux_(x86_64|aarch64)\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        record = next(name for name in names if name.endswith("/RECORD"))
        listed = dict(line.split(",")[:2] for line in archive.read(record).decode().splitlines())
        assert set(listed) == names
        for name in names - {record}:
            digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
            assert listed[name] == f"sha256={digest}"
        assert {"cariosan/libcariosan.so", "cariosan/py.typed", "cariosan/__init__.py"} <= names
        assert archive.testzip() is None
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_it_needs_nothing_else(empty: Path, tmp_path: Path) -> None:
    script = (
        "import cariosan\n"
        "with cariosan.open(database='chat.db') as chat:\n"
        "    print(cariosan.__file__, chat.call('workspace.create', {'name': 'Shop'})['name'])\n"
    )
    said = run(str(empty), "-X", "dev", "-W", "error", "-c", script, cwd=tmp_path, env=outside()).split()
    assert said == [str(next((empty.parent.parent / "lib").glob("python*/site-packages")) / "cariosan" / "__init__.py"), "Shop"]
    installed = run(str(empty), "-m", "pip", "list", "--format", "freeze", env=outside())
    assert {line.split("==")[0] for line in installed.splitlines() if "==" in line} <= {"cariosan", "pip", "setuptools"}


def test_no_source_distribution() -> None:
    sys.path.insert(0, str(PACKAGE / "backend"))
    try:
        import cariosan_backend
    finally:
        sys.path.pop(0)
    with pytest.raises(cariosan_backend.UnsupportedOperation, match="whole project"):
        cariosan_backend.build_sdist(".")
    with pytest.raises(FileNotFoundError):
        cariosan_backend.find_library({"library": "nowhere.so"})


class Newcomer:
    """Someone who does what the README says, in an empty folder."""

    def __init__(self, folder: Path, packages: Path) -> None:
        self.folder = folder / "chat"
        # What the internet would bring is taken from the environment of the tests.
        self.environment = {**outside(), "CARIOSAN_LIBRARY": os.environ["CARIOSAN_LIBRARY"], "PYTHONPATH": str(packages)}
        code = replaced(snippet("install"), "$HOME/libcariosan", str(PACKAGE.parent.parent))
        code = replaced(code, "python3 -m venv", f"{sys.executable} -m venv")
        code = replaced(code, "install ./cariosan-*.whl fastapi 'uvicorn[standard]'", "install --no-index ./cariosan-*.whl")
        run("bash", "-ec", code, cwd=folder, env=self.environment)
        (self.folder / "app.py").write_text(snippet("app"))
        self.serve = replaced(snippet("serve"), ".venv/bin/uvicorn", "exec .venv/bin/python -m uvicorn")
        self.serve = replaced(self.serve, "$(python3 -c 'import secrets; print(secrets.token_hex(32))')", "0123456789abcdef0123456789abcdef")

    def start(self, port: int = 0) -> Server:
        environment = {name: value for name, value in self.environment.items() if name != "CARIOSAN_LIBRARY"}
        return Server(["bash", "-ec", self.serve.rstrip() + ' "$@"', "typed"], self.folder, environment, port, inherit=False)


def packages_of_tests() -> Path:
    found = importlib.util.find_spec("fastapi")
    if found is None or found.origin is None or importlib.util.find_spec("uvicorn") is None:
        pytest.skip("needs the packages fastapi and uvicorn")
    return Path(found.origin).parents[1]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    return Newcomer(tmp_path_factory.mktemp("home"), packages_of_tests())


def test_the_readme_from_an_empty_folder(newcomer: Newcomer) -> None:
    pytest.importorskip("websockets")

    async def talk(server: Server, content: str) -> List[Any]:
        """As two windows with the page do; returns the history."""
        clients = []
        for user in ("alice", "budi"):
            token = (await asyncio.to_thread(server.ask, "POST", f"/token/{user}"))[1]["token"]
            clients.append(await open_client(server, "/chat/v1/ws", token))
            assert (await next_frame(clients[-1]))["data"]["user"]["name"] == user.title()
        await send_frame(clients[0], "message.send", {"channel": "order_1", "content": content})
        assert (await next_frame(clients[1], "message.created"))["data"]["message"]["content"] == content
        for client in clients:
            await client.close()
        page = (await asyncio.to_thread(server.ask, "GET", "/chat/v1/channels/order_1/messages", token))[1]
        return [message["content"] for message in reversed(page["messages"])]

    with newcomer.start() as server:
        status, page = server.ask("GET", "/")
        assert status == 200 and b"<title>Order #1</title>" in page
        assert asyncio.run(talk(server, "Halo")) == ["Halo"]
    # Killed; and started again.
    with newcomer.start() as server:
        assert asyncio.run(talk(server, "Halo again")) == ["Halo", "Halo again"]


def test_the_readmes_page_in_a_browser(newcomer: Newcomer) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    with newcomer.start() as server:
        said = run(node, str(HERE / "browser.mjs"), server.address)
    if said.startswith("skipped: "):
        pytest.skip(said.strip().replace("skipped: ", ""))
    assert said == "two windows talk\n"


def test_every_block_of_the_readme_is_run() -> None:
    named = [snippet(name) for name in BLOCKS]
    assert sorted(named) == sorted(code for _, code in blocks())


def owner(path: str) -> str:
    """The Debian package of a file, which may still be known by its place before /lib became /usr/lib."""
    command = ["dpkg", "-S", path, path.removeprefix("/usr")]
    found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return found.stdout.split(":")[0]


def test_the_libraries_that_the_readme_names(empty: Path) -> None:
    """Those that the library is linked with, and no others, but for one that a library compiled without optimisation needs too."""
    if not {"ID=debian", 'VERSION_ID="12"'} <= set(Path("/etc/os-release").read_text().splitlines()):
        pytest.skip("the names are Debian 12's")
    (library,) = (empty.parent.parent / "lib").glob("python*/site-packages/cariosan/libcariosan.so")
    needed = re.findall(r"NEEDED +(\S+)", run("objdump", "-p", str(library)))
    paths = dict(re.findall(r"^\s+(\S+) => (\S+)", run("ldd", str(library)), re.M))
    owners = {owner(os.path.realpath(paths[name])) for name in needed if name in paths}
    named = set(snippet("libraries").split()[2:])
    dependencies = run("dpkg-query", "--show", "--showformat", "${Depends}, ", *sorted(named))
    assert named - {"libboost-container1.81.0"} <= owners
    assert owners <= named | set(re.findall(r"([a-z0-9.+-]+)(?: \([^)]*\))?,", dependencies))


def test_the_example_is_the_readmes() -> None:
    assert (PACKAGE / "examples" / "fastapi" / "app.py").read_text() == snippet("app")


def load(folder: Path, name: str, code: str) -> ModuleType:
    (folder / f"{name}.py").write_text(code)
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readmes_calls_and_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    load(tmp_path, "calls", snippet("calls"))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1" and said[1].startswith("NOT_FOUND ")

    events = load(tmp_path, "events", snippet("events"))

    async def join() -> str:
        async with open_chat() as chat:
            world = World(chat)
            chat.call("user.upsert", {"external_id": "bot", "name": "Bot"}, caller=world.backend)
            chat.call("member.add", {"channel": "room", "external_ids": ["bot"]}, caller=world.backend)
            greeting = asyncio.ensure_future(events.greet(chat, world.id))
            async with chat.events(world.id) as seen:
                await asyncio.sleep(0)
                await chat.acall("user.upsert", {"external_id": "eve", "name": "Eve"}, caller=world.backend)
                await chat.acall("member.add", {"channel": "room", "external_ids": ["eve"]}, caller=world.backend)
                async for event in seen:
                    if event["type"] == "message.created":
                        break
            greeting.cancel()
            return str(event["data"]["message"]["content"])

    assert asyncio.run(join()) == "Welcome!"

    greeted: List[Any] = []

    async def greet(chat: Any, workspace: str) -> None:
        greeted.append(await chat.acall("user.list", caller=Caller.backend(workspace)))

    monkeypatch.setattr(events, "greet", greet)
    asyncio.run(events.main())
    assert [user["name"] for user in greeted[0]["users"]] == ["Alice", "Budi"]


def test_it_is_typed(empty: Path, tmp_path: Path) -> None:
    """The package itself, and a program that uses the installed one."""
    pytest.importorskip("mypy")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    run(*mypy, "--config-file", str(PACKAGE / "pyproject.toml"), str(PACKAGE / "src"), str(PACKAGE / "backend"), cwd=PACKAGE)
    (tmp_path / "events.py").write_text(snippet("events"))
    run(*mypy, "--config-file", os.devnull, "--python-executable", str(empty), "events.py", cwd=tmp_path, env=outside())
    (tmp_path / "wrong.py").write_text("import cariosan\ncariosan.open(database=1)\n")
    wrong = subprocess.run(
        [*mypy, "--config-file", os.devnull, "--python-executable", str(empty), "wrong.py"],
        cwd=tmp_path, env=outside(), stdout=subprocess.PIPE, text=True,
    )
    assert wrong.returncode == 1 and "arg-type" in wrong.stdout
