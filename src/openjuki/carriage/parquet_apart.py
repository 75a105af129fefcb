# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A Parquet file read apart (Parquet ファイルの別プロセスでの読取り): what it inflates to fills a child, and not the node.

A few bytes of such a file can say "this text, a million times", or that a page has two gigabytes. So a child opens it,
under a limit of memory and of time: it says which columns there are, is told which are wanted, and writes them in
batches whose texts are no longer than `MOST_BYTES`. It ends with its parent's line to it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc, parquet

from openjuki.errors import BadFile, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Bytes of a text that are kept of a longer one: more than any item has.
MOST_BYTES: Final = 1_024
#: Rows of a batch.
ROWS: Final = 2**14
#: Most memory that the child may ask for, in bytes, and most seconds that it may compute.
MOST_MEMORY: Final = 2 * 2**30
MOST_SECONDS: Final = 1_800
DAMAGED: Final = "the Parquet file is damaged, or of a form that is not read"
#: Most bytes of the line that names the columns.
_HEAD: Final = 2**24
#: The file is read in pieces of so many bytes.
_PIECE: Final = 2**20
_TEXTS: Final = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_UNFIT: Final = (
    pa.types.is_nested,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)


@dataclass(frozen=True, slots=True)
class Apart:
    """A Parquet file that a child has opened."""

    names: Sequence[str]
    #: By their places: columns whose values are no text and no number.
    unfit: frozenset[int]
    rows: int
    _child: subprocess.Popen[bytes]

    def batches(self, places: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """The rows as these of their columns, in batches; texts are bytes, which need be no characters.

        Raises:
            BadFile: the child was ended by what it read.
        """
        into, out = _lines(self._child)
        try:
            with into:
                into.write(orjson.dumps(places) + b"\n")
            with ipc.open_stream(out) as stream:
                yield from stream
        except (pa.ArrowException, OSError) as error:
            raise BadFile(DAMAGED) from error
        if self._child.wait():
            raise BadFile(DAMAGED)


@contextmanager
def opened(file: BinaryIO) -> Iterator[Apart]:
    """Open a Parquet file in a child, which is ended at the end.

    Raises:
        BadFile: it is damaged, or asks for more than a child may have.
        Unavailable: no child can be begun.
    """
    with _child(file.fileno()) as child:
        try:
            head = orjson.loads(_lines(child)[1].readline(_HEAD))
        except ValueError as error:
            raise BadFile(DAMAGED) from error
        yield Apart(head["names"], frozenset(head["unfit"]), head["rows"], child)


@contextmanager
def _child(file: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}  # others reserve more than they use
    try:
        child = subprocess.Popen(  # noqa: S603 - this module, by the same interpreter
            [sys.executable, "-m", __name__, str(file), str(MOST_MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a library says of a file may quote it
            pass_fds=(file,),
            env=environment,
        )
    except OSError as error:
        raise Unavailable("a Parquet file cannot be read now: no process can be begun") from error
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        for line in _lines(child):
            line.close()


def _lines(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], Any]:
    """To a child and from it; stubs of Arrow want another class than that has."""
    assert child.stdin is not None
    assert child.stdout is not None
    return child.stdin, child.stdout


def main(file: int, most_memory: int) -> None:
    """The child: a line of JSON out, one in, and the columns out."""
    resource.setrlimit(resource.RLIMIT_AS, (most_memory, most_memory))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    place = f"/dev/fd/{file}"
    out: Any = sys.stdout.buffer
    looked = parquet.ParquetFile(pa.OSFile(place, "r"), pre_buffer=False)
    schema = looked.schema_arrow
    unfit = [at for at, one in enumerate(schema) if _is(_UNFIT, _value_type(one.type))]
    head = {"names": schema.names, "rows": looked.metadata.num_rows, "unfit": unfit}
    out.write(orjson.dumps(head) + b"\n")
    out.flush()
    wanted = [schema.field(at) for at in orjson.loads(sys.stdin.buffer.readline())]
    reading = parquet.ParquetFile(
        pa.OSFile(place, "r"),
        metadata=looked.metadata,
        read_dictionary=[one.name for one in wanted if _is(_TEXTS, one.type)],  # each text once
        buffer_size=_PIECE,
        pre_buffer=False,
    )
    written = pa.schema([pa.field(one.name, _written(one.type)) for one in wanted])
    with ipc.new_stream(out, written) as stream:
        for batch in reading.iter_batches(ROWS, columns=written.names, use_threads=False):
            columns = [_short(batch.column(one.name), one.type) for one in written]
            stream.write_batch(pa.record_batch(columns, schema=written))


def _is(kinds: Sequence[Any], of: pa.DataType) -> bool:
    return any(kind(of) for kind in kinds)


def _value_type(of: pa.DataType) -> pa.DataType:
    return of.value_type if pa.types.is_dictionary(of) else of


def _written(of: pa.DataType) -> pa.DataType:
    """As what a column of this type is written: texts as bytes, of which nothing is promised."""
    value = _value_type(of)
    return pa.binary() if _is(_TEXTS, value) else value


def _short(values: Any, written: pa.DataType) -> Any:
    """A column as it is written: the texts that are too long are cut before any of them is repeated."""
    if pa.types.is_dictionary(values.type):
        return _short(values.dictionary, written).take(values.indices)
    if pa.types.is_binary(written):
        return pc.binary_slice(values.cast(written), 0, MOST_BYTES)
    return values


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
