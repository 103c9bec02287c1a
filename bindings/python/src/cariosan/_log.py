from __future__ import annotations

import json
import logging

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

#: Where the lines of every engine go.
logger = logging.getLogger("cariosan")


def write_line(line: bytes) -> None:
    """Passes a line of the engine on: the message is its event and fields; `record.fields` has them as an object."""
    record = json.loads(line)
    level = _LEVELS.get(record["level"], logging.INFO)
    fields = record.get("fields", {})
    dropped = record.get("dropped")
    if dropped:
        logger.warning("%d lines of the log were dropped", dropped)
    if logger.isEnabledFor(level):
        text = json.dumps(fields, ensure_ascii=False)
        logger.log(level, "%s %s", record["event"], text, extra={"fields": fields})
