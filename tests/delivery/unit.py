"""A unit of systemd, as far as a test acts as systemd: its service section, and the system calls it leaves."""

import shlex
import subprocess
from pathlib import Path


class Unit:
    def __init__(self, text: str) -> None:
        self.values: dict[str, list[str]] = {}
        for line in text.splitlines():
            if "=" in line and not line.startswith("#"):
                name, value = line.split("=", 1)
                self.values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def one(self, name: str) -> str:
        values = self.all(name)
        assert len(values) == 1, f"{name} is given {len(values)} times"
        return values[0]

    def command(self, name: str) -> list[str]:
        return shlex.split(self.one(name))

    def calls(self) -> set[str]:
        """The system calls that SystemCallFilter= leaves."""
        left: set[str] = set()
        for line in self.all("SystemCallFilter"):
            names = {call for name in line.removeprefix("~").split() for call in _members(name)}
            left = left - names if line.startswith("~") else left | names
        return left


def _members(name: str) -> set[str]:
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", name], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in listed.stdout.splitlines()[1:]]
    return {call for line in lines if line and not line.startswith("#") for call in _members(line)}


def environment_file(path: Path) -> dict[str, str]:
    """What systemd reads from it. A value that would need its quoting is refused: it has none."""
    values: dict[str, str] = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            name, value = line.split("=", 1)
            assert not set(value) & set("\"'\\") and value == value.strip(), line
            values[name] = value
    return values
