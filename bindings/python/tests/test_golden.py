"""The project's golden exchanges through the mount: what the bundled server answers, byte for byte but for ids, times and secrets."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List

import cariosan
import pytest
from golden import FOLDER, Scenario, options_of
from worlds import open_chat

starlette_routing = pytest.importorskip("starlette.routing")

#: The members of a step that have what the engine said.
_ANSWERS = ("answer", "lines", "receive")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_exchanges(name: str) -> None:
    file: Dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())

    async def replay() -> List[Any]:
        async with open_chat(**options_of(file)) as chat:
            mount = starlette_routing.Mount("/chat", cariosan.asgi(chat))
            app = starlette_routing.Router([mount])
            scenario = Scenario(app, chat, file, "/chat")
            happened = [await scenario.take(step) for step in file["steps"]]
            await scenario.end()
            return happened

    for number, (happened, expected) in enumerate(zip(asyncio.run(replay()), file["steps"])):
        assert happened == expected, f"step {number}"
        # The order of members, too.
        assert [json.dumps(happened.get(part)) for part in _ANSWERS] == [json.dumps(expected.get(part)) for part in _ANSWERS]


def test_there_are_some() -> None:
    assert len(list(FOLDER.glob("*.json"))) >= 10
