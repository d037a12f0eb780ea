"""Logs as JSON lines on standard output; no person data, no addresses."""

import logging
import sys

import structlog


def configure() -> None:
    """Send our log lines and those of the libraries one way."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[output], level=logging.INFO, force=True)
    # Its lines at INFO repeat what ours say; at DEBUG they would hold addresses.
    for chatty in ("uvicorn", "uvicorn.error", "aiosmtplib", "nats", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
