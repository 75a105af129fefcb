# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The log of a process that runs nodes: a line an event, on standard error; results alone go to standard output.

Of an unforeseen error the frames are logged and not the message: a database's may quote a code or a name.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO, cast

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger


def log_to_stderr() -> None:
    """Log from now on, for a file or a service manager to keep."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _frames,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], bool_as_flag=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Forbearing())),
    )
    # They warn at every line that is cut, and at every attempt to connect again.
    for talkative in ("asyncio", "psycopg.pool"):
        logging.getLogger(talkative).setLevel(logging.ERROR)


class _Forbearing:
    """Standard error, passing over what cannot be written: a full disk must not stop who says that it is full."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _frames(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Where an unforeseen error came from, without what it said."""
    if event.pop("exc_info", False):
        event["frames"] = " < ".join(frames(sys.exc_info()[1]))
    return event


def frames(error: BaseException | None) -> list[str]:
    """The frames that an error came through, the innermost first; its message is left out."""
    trace = traceback.extract_tb(error.__traceback__ if error else None)
    return [f"{frame.name}:{frame.lineno}" for frame in reversed(trace)]
