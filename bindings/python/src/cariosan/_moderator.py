from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Mapping

from ._engine import Engine
from ._errors import Error
from ._library import NOT_FOUND, UNAVAILABLE
from ._log import logger

#: Gets {"workspace", "channel", "user", "edited"?, "text"} and returns {"verdict": "allow"}, {"verdict": "change", "text": …},
#: {"verdict": "flag", "reason": …} or {"verdict": "refuse", "reason": …}.
Moderator = Callable[[Dict[str, Any]], Mapping[str, Any]]

#: Texts that are judged at the same time.
_THREADS = 8


class Desk:
    """Brings drafts to the program's moderator, on threads of its own, and its verdicts back."""

    def __init__(self, moderator: Moderator) -> None:
        self._moderator = moderator
        self._pool = ThreadPoolExecutor(_THREADS, "cariosan-moderator")
        #: Set before anyone polls.
        self.engine: Engine

    def judge(self, ticket: int, draft: bytes) -> None:
        """On the thread that polls, or closes."""
        try:
            self._pool.submit(self._answer, ticket, draft)
        except RuntimeError:
            pass  # the interpreter ends

    def close(self) -> None:
        self._pool.shutdown(wait=False)

    def _answer(self, ticket: int, draft: bytes) -> None:
        """A draft that could not be judged is left to the deadline."""
        try:
            verdict = json.dumps(self._moderator(json.loads(draft)))
            self.engine.answer(ticket, verdict.encode())
        except Exception as failure:
            # Too late, or closed: nobody waits for it any more.
            if not (isinstance(failure, Error) and failure.number in (NOT_FOUND, UNAVAILABLE)):
                logger.exception("the moderator failed")
