from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Iterator

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
if "CARIOSAN_INSTALLED" not in os.environ:
    sys.path.insert(0, str(HERE.parent / "src"))

from cariosan import Chat  # noqa: E402
from worlds import World, open_chat  # noqa: E402


@pytest.fixture
def chat() -> Iterator[Chat]:
    with open_chat() as opened:
        yield opened


@pytest.fixture
def world(chat: Chat) -> World:
    return World(chat)
