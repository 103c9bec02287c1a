"""Proves that fences.py sees what it should: a clean tree passes, and each planted fault is named.
   fences_planted.py WORK"""

import shutil
import sys
from pathlib import Path

from fences import violations

WORK = Path(sys.argv[1])
README = "# Shop\n\n```sh\nrun it\n```\n\n```\na drawing\n```\n"
LISTED = "# a comment\nREADME.md | sh | run it | tests/run_it.sh\n"


def tree(readme: str = README, listed: str = LISTED, **more: str) -> list[str]:
    shutil.rmtree(WORK, ignore_errors=True)
    files = {"README.md": readme, "tests/house/fences.txt": listed, "tests/run_it.sh": "", "build/other.md": README, **more}
    for name, text in files.items():
        (WORK / name).parent.mkdir(parents=True, exist_ok=True)
        (WORK / name).write_text(text)
    return violations(WORK)


def main() -> None:
    assert tree() == []
    for expected, found in (
        ("README.md: nothing runs the block of js", tree(README + "\n```js\nlet a;\n```\n")),
        ("README.md: nothing runs the block of sh that begins with: walk", tree(README.replace("run it", "walk"))),
        ("src/deep/notes.md: nothing runs the block of sh", tree(**{"src/deep/notes.md": "1. So:\n\n   ```sh\n   run it\n   ```\n"})),
        ("two lines of fences.txt", tree(listed=LISTED + "README.md | sh | run | tests/run_it.sh\n")),
        ("there is no such block: README.md | go", tree(listed=LISTED + "README.md | go | x | tests/run_it.sh\n")),
        ("there is no tests/gone.sh", tree(listed=LISTED.replace("run_it.sh", "gone.sh"))),
        ("no reason", tree(listed=LISTED.replace("tests/run_it.sh", "-"))),
    ):
        assert any(expected in line for line in found), f"{expected}: {found}"
    assert tree(listed=LISTED.replace("tests/run_it.sh", "- needs a ship at sea")) == []
    print("each planted fault is named")


if __name__ == "__main__":
    main()
