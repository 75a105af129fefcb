# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading a peer's columns apart (別プロセスでの検証): what breaks the reader breaks a child, and not the node.

The child has no keys, no database and no line; it reads columns from its standard input under a limit of memory, and
says whether they are what was agreed. What it has read to the last offset the node inflates from the same bytes, and
does not validate a second time. It ends when its parent does.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import orjson
import pyarrow as pa
from pyarrow import ipc

from openjuki.errors import BadEnvelope
from openjuki.wire.columns import read_columns
from openjuki.wire.document import from_base64, to_base64

if TYPE_CHECKING:
    from asyncio.subprocess import Process

#: Most memory that the child may ask for, in bytes; much of it is address space alone.
_MOST_MEMORY: Final = 8 * 1_073_741_824
#: Seconds that reading a part may take.
_PATIENCE: Final = 60.0


class Reader:
    """A child that reads columns (検証プロセス), one part after the other; it is begun at the first."""

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._child: Process | None = None
        self._turn = asyncio.Lock()

    async def read(self, raw: bytes, schema: pa.Schema, rows: int) -> pa.Table:
        """Columns of a peer, which a child has read before.

        Raises:
            BadEnvelope: they are not what was agreed, or whoever reads them breaks or does not end.
        """
        async with self._turn:
            said = await self._read_twice(raw, schema, rows)
        if said:
            raise BadEnvelope(said)
        return await asyncio.to_thread(_inflated, raw)

    async def _read_twice(self, raw: bytes, schema: pa.Schema, rows: int) -> str:
        """What the child says; one that breaks off may have been ended by somebody else, so a second is asked."""
        for _ in range(2):
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await self._ask(raw, schema, rows)
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                await self._give_up()
            except asyncio.CancelledError:
                await self._give_up()
                raise
        raise BadEnvelope("the columns cannot be read without harm")

    async def begin(self) -> None:
        """Begin the child before there is anything to read: importing what it needs takes a while."""
        async with self._turn:
            with suppress(OSError):
                await self._running()

    async def close(self) -> None:
        """Let the child end."""
        async with self._turn:
            await self._give_up()

    async def _ask(self, raw: bytes, schema: pa.Schema, rows: int) -> str:
        child = await self._running()
        into, out = child.stdin, child.stdout
        if into is None or out is None:
            raise OSError
        head = {"rows": rows, "schema": to_base64(schema.serialize().to_pybytes()), "size": len(raw)}
        into.write(orjson.dumps(head) + b"\n")
        into.write(raw)
        await into.drain()
        return (await out.readuntil()).decode().strip()

    async def _running(self) -> Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
        return self._child

    async def _give_up(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def _inflated(raw: bytes) -> pa.Table:
    """Columns that a child has found to be what was agreed."""
    with ipc.open_stream(raw) as reader:
        return reader.read_all()


def main() -> None:
    """The child: a line of JSON and so many bytes in, a line out that is empty where all is well."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while line := sys.stdin.buffer.readline():
        head = orjson.loads(line)
        said = _fault(sys.stdin.buffer.read(head["size"]), head["schema"], head["rows"])
        sys.stdout.write(said + "\n")
        sys.stdout.flush()


def _fault(raw: bytes, schema: str, rows: int) -> str:
    try:
        read_columns(raw, ipc.read_schema(pa.py_buffer(from_base64(schema))), rows)
    except BadEnvelope as error:
        return str(error)
    except MemoryError:
        return "the columns inflate beyond reason"
    return ""


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main()
