# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A file of keys is made ready to be pulled (照会ファイルの準備): parts as they will be sent, and what became of each row.

Nothing leaves the node here, and nothing is decided.
"""

from __future__ import annotations

from functools import partial
from hashlib import file_digest
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa

from openjuki.carriage import report
from openjuki.carriage.importing import Chunk
from openjuki.carriage.key_files import FINE, open_keys
from openjuki.errors import BadFile, FileMissing
from openjuki.nodes.fetching.asked import Prepared
from openjuki.nodes.fetching.folder import write_whole
from openjuki.refusal import Where
from openjuki.wire.bulk import MOST_PART_ROWS, MOST_PARTS
from openjuki.wire.columns import write_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from openjuki.carriage.key_files import KeyPart
    from openjuki.nodes.fetching.asked import BulkAsked
    from openjuki.nodes.fetching.folder import Folder

    #: Hears how many rows were read.
    type Say = Callable[[int], None]


def digest_of(file: Path) -> bytes:
    """What a file is recognised by.

    Raises:
        FileMissing: it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return file_digest(opened, "sha256").digest()
    except OSError as error:
        raise FileMissing(where=Where(file=file.name)) from error


def prepare(asked: BulkAsked, file: Path, place: Folder, rows_of_a_part: int, say: Say) -> Prepared:
    """Read a file of keys into the folder of its request, in parts of so many rows; of more, where it had too many.

    Raises:
        BadFile: no key can be read.
        Unavailable: the folder cannot be written: no permission, or no space.
    """
    digest = digest_of(file)
    rows: list[int] = []
    malformed, hashes = 0, list[Any]()
    with open_keys(file, asked.kind, asked.encoding) as opened:
        least = -(-opened.most_rows // MOST_PARTS)
        for part in opened.parts(min(max(rows_of_a_part, least), MOST_PART_ROWS)):
            _keep(part, place)
            rows.append(len(part.lines))
            malformed += int(np.count_nonzero(part.wrong))
            hashes.append(_hashes(part))
            say(sum(rows))
    if malformed == sum(rows):
        raise BadFile("no row has a key that can be read", where=Where(file=asked.name))
    duplicates = _repeated(np.concatenate(hashes))
    return Prepared(digest, tuple(rows), malformed, duplicates)


def _keep(part: KeyPart, place: Folder) -> None:
    """Write the files of a part."""
    write_whole(place.keys(part.number), lambda file: file.write(write_columns(part.keys)))
    known = partial(np.savez, lines=part.lines, wrong=part.wrong)
    write_whole(place.rows(part.number), known)
    if part.rejected:
        lines = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in _faults(part))
        with place.faults.open("ab") as file:
            file.write(lines)


def _faults(part: KeyPart) -> Sequence[dict[str, Any]]:
    """Faults as a report lists them."""
    chunk: Chunk[Any] = Chunk(
        rows=(), rejected=part.rejected, alerts=(), last_row=0, bytes_read=0, bytes_total=0
    )
    return report.lines(chunk)


def _hashes(part: KeyPart) -> NDArray[np.uint64]:
    """What tells keys apart; only equal keys are counted, and only for the office that sent them."""
    read = part.keys.filter(part.wrong == FINE)
    if read.num_columns == 1 and pa.types.is_int64(read.schema.field(0).type):
        return read.column(0).to_numpy().view(np.uint64)
    import polars as pl  # noqa: PLC0415 - a file of codes need not wait for it

    keys = pl.from_arrow(read)
    assert isinstance(keys, pl.DataFrame)
    return keys.hash_rows().to_numpy()


def _repeated(hashes: NDArray[np.uint64]) -> int:
    """How many stand after an equal one; sorting finds it many times faster than a table of those that were seen."""
    hashes.sort()
    return int(np.count_nonzero(hashes[1:] == hashes[:-1]))
