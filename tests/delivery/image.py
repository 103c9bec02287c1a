"""The Dockerfile without Docker: its steps in a root, then the server as the image starts it.
   image.py BUILD WORK, where BUILD is the build folder that has the server's package. Only in a bare Debian, where it takes minutes, the
   package is built as the Dockerfile says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from dockerfile import Stage, context, copy, stages
from root import Confined, Root, enter_namespace
from server import DELIVERY, Server, readme_lines

PROJECT = Path(__file__).parents[2]
# Without a bare Debian, the machine is one on which this was done already.
BARE = "CARIOSAN_TEST_DEBIAN" in os.environ


def in_folder(folder: str, command: str) -> str:
    return f"mkdir -p {folder} && cd {folder} && {command}"


def build(stage: Stage, root: Root, finished: Path) -> Path:
    """Returns the package: with a bare Debian the one that was built, else this one."""
    files = context(PROJECT, DELIVERY / "Dockerfile.dockerignore")
    assert not [file for file in files if file.parts[0] in (".git", "tests", "bindings") or file.name == ".env"]
    folder = "/"
    for name, value in stage.instructions:
        if name == "WORKDIR":
            folder = value
        elif name == "COPY":
            copy(root, PROJECT, files, value, folder)
        else:
            assert name == "RUN", name
            if "server_package" in value and not BARE:
                # The target was configured: what is needed for that was sent.
                root.run("cmake --build /build --target help | grep server_package")
                return finished
            print(value, flush=True)
            root.run(in_folder(folder, value))
    [package] = (root.path / "build/packages").glob("cariosan-server_*.deb")
    return package


def assemble(stage: Stage, root: Root, package: Path) -> None:
    for name, value in stage.instructions:
        if name == "COPY":
            assert value == "--from=build /build/packages/cariosan-server_*.deb /tmp/", value
            (root.path / "tmp" / package.name).write_bytes(package.read_bytes())
        elif name == "RUN":
            root.run(value if BARE else value.replace("apt-get update && ", ""))


def serve(stage: Stage, root: Root) -> None:
    secrets = [path for path in (root.path / "etc/cariosan").iterdir() if path.name != "server.env"]
    assert not secrets, secrets
    folder = stage.last("WORKDIR")
    assert stage.last("VOLUME") == folder
    root.freeze(folder.lstrip("/"))
    environment = stage.environment()
    [run] = [line for line in " ".join(readme_lines("docker run")).split("docker ") if line.startswith("run")]
    environment |= {name: "x" * 64 for name in re.findall(r"--env (\w+)=", run)}
    confined = Confined(root, root.user(stage.last("USER")), folder, 0o022)
    server = Server(root, stage.words("ENTRYPOINT"), environment, confined)
    command = json.loads(stage.last("HEALTHCHECK").split(" CMD ")[1])

    def call(words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, env=server.environment, preexec_fn=confined, capture_output=True, text=True)

    server.until(lambda: call(command).returncode == 0, "the health check")
    [create] = [line for line in readme_lines("docker run") if line.startswith("docker exec chat ")]
    created = call(create.removeprefix("docker exec chat ").split())
    assert created.returncode == 0, created.stderr
    server.converse(created.stdout)
    server.stop()
    root.thaw(folder.lstrip("/"))


def main(build_folder: Path, work: Path) -> None:
    enter_namespace()
    [package] = (build_folder / "packages").glob("cariosan-server_*.deb")
    first, last = stages((DELIVERY / "Dockerfile").read_text())
    assert first.base == "debian:12-slim AS build" and last.base == "debian:12-slim"
    built = build(first, Root(work / "build"), package)
    root = Root(work / "image")
    assemble(last, root, built)
    serve(last, root)
    print("the image's steps were carried out, and its server served")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
