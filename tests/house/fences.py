"""Checks that every block of code in a Markdown file is run by a test: fences.txt names it.
   fences.py PROJECT"""

import os
import re
import sys
from pathlib import Path

LEFT_OUT = re.compile(r"node_modules|build.*|data|\..*(?<!\.github)")
# These have checks of their own, which leave no block out.
CHECKED_WHOLE = (("bindings/js/", ("ts", "tsx", "js", "html")), ("src/protocol/reference/", ("json",)))


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and code of each. Those of one language in a list are indented."""
    return re.findall(r"^ *```(\w+)\n(.*?)^ *```$", text, re.M | re.S)


def rows(project: Path) -> list[list[str]]:
    """The lines of fences.txt: file, language, words, test."""
    lines = (project / "tests/house/fences.txt").read_text().splitlines()
    return [[field.strip() for field in line.split(" | ", 3)] for line in lines if line and not line.startswith("#")]


def documents(project: Path) -> list[Path]:
    found = []
    for folder, folders, files in os.walk(project):
        folders[:] = [name for name in folders if not LEFT_OUT.fullmatch(name)]
        found += [Path(folder) / name for name in files if name.endswith(".md")]
    return sorted(found)


def violations(project: Path) -> list[str]:
    found = []
    listed = rows(project)
    used = set()
    for path in documents(project):
        name = str(path.relative_to(project))
        for language, code in blocks(path.read_text()):
            if any(name.startswith(folder) and language in languages for folder, languages in CHECKED_WHOLE):
                continue
            its = [row for row in listed if row[:2] == [name, language] and (row[2] == "*" or row[2] in code)]
            used.update(tuple(row) for row in its)
            first = code.splitlines()[0] if code else ""
            if not its:
                found.append(f"{name}: nothing runs the block of {language} that begins with: {first}")
            elif len(its) > 1:
                found.append(f"{name}: two lines of fences.txt are about the block that begins with: {first}")
    for row in listed:
        if tuple(row) not in used:
            found.append(f"fences.txt: there is no such block: {' | '.join(row)}")
        if row[3].startswith("-"):
            if len(row[3]) < 10:
                found.append(f"fences.txt: no reason: {' | '.join(row)}")
        elif not (project / row[3]).is_file():
            found.append(f"fences.txt: there is no {row[3]}")
    return found


if __name__ == "__main__":
    faults = violations(Path(sys.argv[1]))
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)
