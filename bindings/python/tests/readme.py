"""The README's code: each block of it is run, or compared with what is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List, Tuple

PACKAGE = Path(__file__).resolve().parents[1]

#: The language of each block, and words that no other block in it contains.
BLOCKS = {
    "install": ("sh", "-m venv"),
    "app": ("python", "FastAPI("),
    "serve": ("sh", "uvicorn app:app"),
    "calls": ("python", "order 1: hello"),
    "events": ("python", "async def greet"),
    "operation": ("python", "chat.backup("),
    "moderator": ("python", "def judge(draft)"),
    "django": ("python", "get_asgi_application()"),
    "libraries": ("sh", "apt-get install"),
}


def blocks() -> List[Tuple[str, str]]:
    """Language and code of each."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", (PACKAGE / "README.md").read_text(), re.M | re.S)


def snippet(name: str) -> str:
    language, words = BLOCKS[name]
    found = [code for its, code in blocks() if its == language and words in code]
    assert len(found) == 1, f"one block of {language} with {words}"
    return found[0]


def replaced(code: str, was: str, becomes: str) -> str:
    assert was in code, f"no {was} in {code}"
    return code.replace(was, becomes)
