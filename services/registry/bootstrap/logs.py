"""Logs as JSON lines, with the ids that the context carries; libraries' logs included."""

import logging
import sys
from typing import Any, TextIO

import msgspec
import structlog


def configure_logs(level: str, stream: TextIO | None = None, *, for_good: bool = False) -> None:
    """Write everything from `level` on to `stream` (standard output); a library's own words from WARNING on.

    `for_good`: loggers may keep what they were configured with, which makes a line several times cheaper.
    """
    stream = stream or sys.stdout
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    as_json = structlog.processors.JSONRenderer(serializer=_json)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=as_json, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[*shared, as_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=for_good,
    )


def _json(event: Any, **_: Any) -> str:
    """One line; ids and instants as their standard text, anything else that is no JSON as its `repr`."""
    return msgspec.json.encode(event, enc_hook=repr).decode()
