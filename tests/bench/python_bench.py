"""The Python package beside C++: a call, and what a delivery costs behind uvicorn and in the bundled server, in one run.

    python python_bench.py FOLDER_OF_PROGRAMS FOLDER_FOR_DATA [calls] [fanout]

CARIOSAN_LIBRARY and CARIOSAN_SERVER name the library and the server. CARIOSAN_BENCH_CONNECTIONS (1000), CARIOSAN_BENCH_ROUNDS (5) and
CARIOSAN_BENCH_CALLS (5000) make it shorter. Python needs uvicorn and websockets; uvloop and httptools are used if they are there.
"""

import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent / "bindings" / "python" / "src"
sys.path.insert(0, str(PACKAGE))

import cariosan  # noqa: E402
from cariosan import Caller  # noqa: E402

SECRET = "a secret of the bench, long enough for HS256"
CONTENT = "Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu!"
CONNECTIONS = int(os.environ.get("CARIOSAN_BENCH_CONNECTIONS", "1000"))
ROUNDS = int(os.environ.get("CARIOSAN_BENCH_ROUNDS", "5"))
CALLS = int(os.environ.get("CARIOSAN_BENCH_CALLS", "5000"))
READ_MESSAGES = 50_000
#: The load does not answer pings, and a busy machine takes longer than uvicorn waits for that.
UNANSWERED = ("--ws-ping-interval", "3600")


def programs_output(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def time_each(count, call):
    """Microseconds of each, sorted."""
    taken = []
    for number in range(count):
        before = time.perf_counter()
        call(number)
        taken.append(1e6 * (time.perf_counter() - before))
    return sorted(taken)


def describe(name, taken, beside):
    p50, p99 = (taken[int(share * (len(taken) - 1))] for share in (0.5, 0.99))
    print(f"{name:<44} p50 {p50:8.0f} us   p99 {p99:8.0f} us   C++ {beside}", flush=True)


# ---- Calls ----


async def send_concurrently(chat, shop, senders, count):
    """As engine_bench does: each sender has one send in flight."""
    taken = []
    numbers = iter(range(count))

    async def send(sender):
        channel = sender * 7 % 1000
        caller = Caller.user(shop, f"user_{channel}")
        for _ in numbers:
            before = time.perf_counter()
            await chat.acall("message.send", {"channel": f"channel_{channel}", "content": CONTENT}, caller=caller)
            taken.append(1e6 * (time.perf_counter() - before))

    begun = time.perf_counter()
    await asyncio.gather(*(send(sender) for sender in range(senders)))
    return sorted(taken), count / (time.perf_counter() - begun)


def calls(programs, data):
    """On the databases that engine_bench has made, after it."""
    said = programs_output(programs / "engine_bench", data, 0, "sends")
    beside = dict(re.findall(r"^durable sends, +(\d+) senders +(.*?)   +\d+ a batch", said, re.M))
    with cariosan.open(database=data / "sends.db", rates=False, log="off") as chat:
        shop = chat.call("workspace.list")["workspaces"][0]["id"]
        alice = Caller.user(shop, "user_0")
        send = {"channel": "channel_0", "content": CONTENT}
        describe("durable sends, call", time_each(CALLS, lambda _: chat.call("message.send", send, caller=alice)), beside["1"])
        for senders in (1, 64, 256):
            taken, rate = asyncio.run(send_concurrently(chat, shop, senders, CALLS * min(senders, 8)))
            describe(f"durable sends, acall, {senders:3} senders {rate:8.0f} /s", taken, beside[str(senders)])
    said = programs_output(programs / "engine_bench", data, READ_MESSAGES, "reads")
    beside = dict(re.findall(r"^(history page \(50 newest\)|my channels \(50\)) +(.*)$", said, re.M))
    with cariosan.open(database=data / "reads.db", rates=False, log="off") as chat:
        shop = chat.call("workspace.list")["workspaces"][0]["id"]
        pick = random.Random(42).randrange

        def history(_):
            number = pick(1000)
            chat.call("message.list", {"channel": f"channel_{number}"}, caller=Caller.user(shop, f"user_{number}"))

        def channels(_):
            chat.call("me.channel.list", caller=Caller.user(shop, f"user_{pick(1000)}"))

        for name, call in (("history page (50 newest)", history), ("my channels (50)", channels)):
            describe(name, time_each(CALLS, call), beside[name])


# ---- Fan-out ----


def prepare(path):
    """A channel with as many members as there will be connections. Returns their tokens."""
    with cariosan.open(database=path, jwt_secret=SECRET, rates=False, log="off") as chat:
        backend = Caller.backend(chat.call("workspace.create", {"name": "Bench"})["id"])
        users = [f"member_{number}" for number in range(CONNECTIONS)]
        for user in users:
            chat.call("user.upsert", {"external_id": user, "name": user}, caller=backend)
        group = {"type": "group", "external_id": "all", "member_external_ids": users[:100]}
        chat.call("channel.create", group, caller=backend)
        for start in range(100, CONNECTIONS, 100):
            chat.call("member.add", {"channel": "all", "external_ids": users[start : start + 100]}, caller=backend)
        return [chat.call("auth.token", {"user_id": user}, caller=backend)["token"] for user in users]


class Served:
    """A server on one core, the load being on the other."""

    def __init__(self, name, command, data, environment, ready):
        self.name = name
        self._log = data / f"{name}.log"
        with self._log.open("w") as log:
            whole = {**os.environ, "PYTHONPATH": f"{PACKAGE}:{HERE}", **environment}
            self.process = subprocess.Popen(["taskset", "-c", "0", *command], env=whole, stdout=log, stderr=log)
        found = None
        while found is None:
            assert self.process.poll() is None, self._log.read_text()
            time.sleep(0.05)
            found = re.search(ready, self._log.read_text())
        self.port = int(found[1])

    def load(self, programs, tokens, in_flight, broadcasts):
        message = json.dumps({"type": "message.send", "id": "{n}", "data": {"channel": "all", "content": CONTENT}})
        options = {
            "port": self.port, "tokens": tokens, "senders": min(50, CONNECTIONS), "pid": self.process.pid, "message": message,
            "count": '{"type":"message.created"', "in-flight": in_flight, "broadcasts": broadcasts, "warmup": 20,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        return json.loads(programs_output("taskset", "-c", "1", programs / "load", *arguments))


def fanout(programs, data):
    original = data / "prepared"
    original.mkdir()
    tokens = data / "tokens"
    tokens.write_text("\n".join(prepare(original / "chat.db")) + "\n")
    for name in ("uvicorn", "bundled"):
        shutil.copytree(original, data / name)
    servers = [
        Served(
            "uvicorn", [sys.executable, "-m", "uvicorn", "python_served:app", "--port", "0", *UNANSWERED], data,
            {"CHAT_DATABASE": str(data / "uvicorn" / "chat.db"), "CHAT_SECRET": SECRET}, r"running on http://[^:]+:(\d+)",
        ),
        Served(
            "bundled", [os.environ["CARIOSAN_SERVER"]], data,
            {
                "CARIOS_ENV": "test", "CARIOS_HTTP_PORT": "0", "CARIOS_JWT_SECRET": SECRET, "CARIOS_RATE_LIMITS": "off",
                "CARIOS_DATABASE_URL": f"sqlite:{data / 'bundled' / 'chat.db'}", "CARIOS_THREADS": "1",
                "CARIOS_TRUSTED_PROXIES": "127.0.0.0/8",
            },
            r"ready: http://[^/]*:(\d+)/",
        ),
    ]
    try:
        for in_flight in (1, 16):
            found = {server.name: [] for server in servers}
            for _ in range(ROUNDS):
                for server in servers:
                    found[server.name].append(server.load(programs, tokens, in_flight, 100 if in_flight == 1 else 200))
            figures = {
                name: [statistics.median(each[figure] for each in results) for figure in ("cpu_ns_per_delivery", "p99_us")]
                for name, results in found.items()
            }
            (ours, late), (bundled, bundled_late) = figures["uvicorn"], figures["bundled"]
            print(
                f"fan-out to {CONNECTIONS}, {in_flight:2} in flight   uvicorn {ours:.0f} ns of CPU per delivery, p99 {late:.0f} us   "
                f"bundled server {bundled:.0f} ns, p99 {bundled_late:.0f} us   ratio {ours / bundled:.1f}   (median of {ROUNDS})",
                flush=True,
            )
    finally:
        for server in servers:
            server.process.terminate()
            server.process.wait()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    programs, data = Path(sys.argv[1]), Path(sys.argv[2])
    for part in sys.argv[3:] or ("calls", "fanout"):
        {"calls": calls, "fanout": fanout}[part](programs, data)


if __name__ == "__main__":
    main()
