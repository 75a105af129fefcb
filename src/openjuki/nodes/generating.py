# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Making a generation in a process of its own (世代の作成): those who ask meanwhile do not wait for it.

A thread of the node would take turns with the answering of questions for as long as it takes, minutes of a large book,
and would leave its memory behind. The child has the worker's database and the folder, and no keys and no line; it lets
everybody else go first (`nice`), says in one line what it has made or why not, and ends when its parent does.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from openjuki.errors import IntegrityFailure, JukiError, StoreUnavailable
from openjuki.nodes.log import frames
from openjuki.store import snapshot
from openjuki.store.database import connected
from openjuki.store.snapshot import Generation, places
from openjuki.store.snapshot.errors import SnapshotMissing

if TYPE_CHECKING:
    from asyncio.subprocess import Process

log = structlog.get_logger()

#: By how much the child steps back: whoever answers comes first, and what nobody else needs is its own.
_NICE: Final = 10
#: What may be wrong without being a mistake of ours, by code.
_ERRORS: Final = {error.code: error for error in (SnapshotMissing, IntegrityFailure, StoreUnavailable)}


async def make(database_url: str, folder: Path, at: datetime, *, from_tables: bool = False) -> Generation:
    """The next generation: out of the newest one, or where there is none, or it is wished, out of the tables.

    Raises:
        SnapshotMissing, IntegrityFailure, StoreUnavailable: as `snapshot.merge`.
        OSError: it cannot be written.
    """
    async with connected(database_url) as connection:
        newest = None if from_tables else places.newest(folder)
        if newest is None:
            made = await snapshot.build(connection, folder, at)
        else:
            made = await snapshot.merge(connection, folder, newest, at=at)
    # one out of the tables is wished when those before are not trusted
    places.forget(folder, kept=1 if from_tables else places.KEPT)
    return made


async def made_apart(database_url: str, folder: Path, at: datetime) -> Generation:
    """As `make`, by a child.

    Raises:
        SnapshotMissing, IntegrityFailure: as `make`.
        StoreUnavailable: the database does not answer, the disk is full, or somebody ended the child.
        JukiError: a mistake of ours, which is logged.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        said = await _ask(child, {"at": at, "database_url": database_url, "folder": str(folder)})
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if "made" in said:
        return Generation.open(folder / said["made"])
    if "frames" in said:
        log.error("defect", loop="snapshot", frames=said["frames"])
        raise JukiError
    raise _ERRORS[said["code"]](said["said"])


async def _ask(child: Process, question: dict[str, object]) -> dict[str, str]:
    into, out = child.stdin, child.stdout
    assert into is not None
    assert out is not None
    into.write(orjson.dumps(question) + b"\n")
    try:
        answer: dict[str, str] = orjson.loads(await out.read())
    except orjson.JSONDecodeError:
        raise StoreUnavailable("the process that makes a snapshot was ended") from None
    return answer


def main() -> None:
    """The child: a line of JSON in, a line out."""
    os.nice(_NICE)
    asked = orjson.loads(sys.stdin.buffer.readline())
    Thread(target=_end_with_parent, daemon=True).start()
    at, folder = datetime.fromisoformat(asked["at"]), Path(asked["folder"])
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_said(asked["database_url"], folder, at))))


async def _said(database_url: str, folder: Path, at: datetime) -> dict[str, str]:
    try:
        made = await make(database_url, folder, at)
    except OSError as error:
        said = f"a snapshot cannot be written: {error.strerror}"
        return {"code": StoreUnavailable.code, "said": said}
    except tuple(_ERRORS.values()) as error:
        return {"code": error.code, "said": str(error)}
    except Exception as error:  # noqa: BLE001 - what it says may quote a person, and is not passed on
        return {"frames": " < ".join([type(error).__name__, *frames(error)])}
    return {"made": made.path.name}


def _end_with_parent() -> None:
    """Nothing more comes on standard input: it is closed when the parent is no more."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main()
