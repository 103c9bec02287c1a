"""Forks, ends and restarts of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Callable

import pytest
from cariosan import Caller, Error
from worlds import SECRET, World, open_chat

HERE = Path(__file__).parent


def in_child(check: Callable[[], None]) -> int:
    """Runs a check in a forked child, and returns its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            check()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_refused(world: World) -> None:
    events = world.chat.events(world.id)

    def check() -> None:
        import asyncio

        uses: Any = (
            lambda: world.send("from the child"),
            lambda: world.chat.events(world.id),
            lambda: next(events),
            lambda: world.chat.close(),
            lambda: asyncio.run(world.chat.acall("workspace.list")),
        )
        for use in uses:
            with pytest.raises(Error) as refused:
                use()
            assert refused.value.code == "FORKED"
        # Nor can it open one, beside whatever the parent's threads held.
        with pytest.raises(Error) as refused:
            open_chat()
        assert refused.value.code == "FORKED"

    assert in_child(check) == 0
    world.send("from the parent")
    assert next(events)["data"]["message"]["content"] == "from the parent"
    assert world.contents() == ["from the parent"]


def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-X", "dev", "-c", textwrap.dedent(script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def test_a_child_forked_before_a_chat_is_open_opens_its_own(tmp_path: Path) -> None:
    """As the workers of a server do."""
    done = run(
        """
        import os, sys
        from worlds import World, open_chat
        open_chat(sys.argv[1] + "/before.db").close()
        if os.fork() == 0:
            with open_chat(sys.argv[1] + "/child.db") as chat:
                World(chat).send("mine")
            sys.exit(0)
        with open_chat(sys.argv[1] + "/parent.db") as chat:
            World(chat).send("mine too")
            assert os.wait()[1] == 0
        """,
        str(tmp_path),
    )
    assert done.returncode == 0, done.stderr


def test_a_child_that_exits_leaves_the_parents_chat_alone(tmp_path: Path) -> None:
    done = run(
        """
        import os, sys, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        from worlds import World, open_chat
        chat = open_chat(sys.argv[1], log="debug")
        world = World(chat)
        if os.fork() == 0:
            sys.exit(0)  # runs everything that runs at an exit
        assert os.wait()[1] == 0
        world.send("still here")
        print(world.contents())
        chat.close()
        """,
        str(tmp_path / "chat.db"),
    )
    assert (done.stdout, done.returncode) == ("['still here']\n", 0), done.stderr


def test_a_process_that_ends_without_closing(tmp_path: Path) -> None:
    """The chat is closed at the exit, also when events are awaited and a loop has stopped meanwhile."""
    path = str(tmp_path / "chat.db")
    done = run(
        """
        import asyncio, sys, threading
        from worlds import World, open_chat
        chat = open_chat(sys.argv[1], log="debug")
        world = World(chat)
        events = chat.events(world.id)
        threading.Thread(target=lambda: list(events), daemon=True).start()
        loop = asyncio.new_event_loop()
        loop.slow_callback_duration = 60  # said on stderr, and no fault
        loop.run_until_complete(chat.acall("workspace.list"))
        world.send("the last word")
        loop.close()
        """,
        path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    with open_chat(path) as chat:
        assert len(chat.call("workspace.list")["workspaces"]) == 1


def test_killed_and_opened_again(tmp_path: Path) -> None:
    """What was acknowledged before a kill is there afterwards."""
    path = str(tmp_path / "chat.db")
    script = """
        import sys
        from worlds import World, open_chat
        world = World(open_chat(sys.argv[1]))
        print(world.id, flush=True)
        number = 0
        while True:
            world.send(str(number))
            print(number, flush=True)
            number += 1
        """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", textwrap.dedent(script), path]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    workspace = child.stdout.readline().strip()
    acknowledged = [int(child.stdout.readline()) for _ in range(30)]
    child.kill()
    acknowledged += [int(line) for line in child.stdout.read().splitlines()]
    child.stdout.close()
    child.wait()
    with open_chat(path, jwt_secret=SECRET) as chat:
        alice = Caller.user(workspace, "alice")
        newest = chat.call("message.list", {"channel": "room", "limit": 1}, caller=alice)["messages"][0]
        assert newest["seq"] - len(acknowledged) in (0, 1)
        assert newest["content"] == str(newest["seq"] - 1)
