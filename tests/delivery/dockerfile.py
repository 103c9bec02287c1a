"""The instructions of a Dockerfile, as far as ours uses them, carried out without Docker."""

import json
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

from root import Root


class Stage:
    """What follows one FROM."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.instructions: list[tuple[str, str]] = []

    def all(self, name: str) -> list[str]:
        return [value for its, value in self.instructions if its == name]

    def last(self, name: str) -> str:
        return self.all(name)[-1]

    def words(self, name: str) -> list[str]:
        """Of an instruction in the form that no shell reads."""
        return json.loads(self.last(name))

    def environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for value in self.all("ENV") for word in value.split())


def stages(text: str) -> list[Stage]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found: list[Stage] = []
    for line in re.sub(r" *\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line:
            name, value = line.split(" ", 1)
            if name == "FROM":
                found.append(Stage(value))
            else:
                found[-1].instructions.append((name, value))
    return found


def context(folder: Path, ignore: Path) -> list[Path]:
    """The files that Docker sends: the last matching line of the .dockerignore decides, and a folder's line counts for what is in it."""
    rules = [line for line in ignore.read_text().splitlines() if line and not line.startswith("#")]

    def is_sent(name: str) -> bool:
        sent = True
        parents = [name, *(str(parent) for parent in Path(name).parents if str(parent) != ".")]
        for rule in rules:
            if any(_matches(each, rule.removeprefix("!")) for each in parents):
                sent = rule.startswith("!")
        return sent

    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=folder, capture_output=True, text=True)
    # A copy without git's folder has no builds in it either, or they are sent for nothing.
    names = listed.stdout.splitlines() or [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]
    return [Path(name) for name in names if is_sent(name) and (folder / name).exists()]


def _matches(name: str, pattern: str) -> bool:
    """A star does not match a slash."""
    return name.count("/") == pattern.count("/") and fnmatch(name, pattern)


def copy(root: Root, folder: Path, files: list[Path], value: str, work: str) -> None:
    """COPY from the context."""
    source, target = value.split()
    place = root.path / str(Path(work) / target).lstrip("/")
    chosen = [file for file in files if source in (".", str(file))]
    assert chosen, f"{source} is not sent"
    for file in chosen:
        into = place / (file if source == "." else file.name)
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / file, into)
