# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Initial load (初期セットアップ) of a prefecture's or the Centre's empty store, from columns.

Theory of operation. One transaction of the owner drops the indexes, copies everything in and builds
the indexes again: either all of it happens or nothing does. Rows go in as PostgreSQL's binary COPY
format, made in whole columns in one thread while the server takes in the chunk before in another. What
results is what taking in the same notices one by one would have left: records, pointers, search keys,
successions, and a journal row for each notice.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import psycopg

from openjuki.errors import BadInput, IntegrityFailure, StoreUnavailable
from openjuki.store.bulk.columns import HEADER, TRAILER
from openjuki.store.bulk.preparing import SCHEMA, Generation, Preparation, ahead
from openjuki.store.database import queries
from openjuki.store.records import BLOCK
from openjuki.wire.merkle import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import pyarrow as pa
    from numpy.typing import NDArray

_SQL = queries("bulk", package=__package__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was loaded (初期セットアップの結果)."""

    persons: int
    #: Numbers that were generated for those who came without one.
    generated: int
    tree: Tree


def load(url: str, persons: pa.Table, *, at: datetime, number_key: bytes | None = None) -> Loaded:
    """Fill an empty store.

    Args:
        url: of the owner's login; indexes are the owner's.
        persons: columns of `SCHEMA`, one row per person.
        at: when they are taken in.
        number_key: at the Centre, the key under which numbers are generated for those without one.

    Raises:
        BadInput: another schema.
        IntegrityFailure: the store is not empty, or two persons have one code or number.
        StoreUnavailable: the database does not answer.
    """
    if persons.schema != SCHEMA:
        raise BadInput("the columns are not those of an initial load")
    try:
        with psycopg.connect(url) as connection:
            connection.execute("SET ROLE juki_owner")
            return _fill(connection, persons, at, number_key)
    except psycopg.errors.UniqueViolation as error:
        raise IntegrityFailure("two persons have one code or number") from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error


def _fill(
    connection: psycopg.Connection, persons: pa.Table, at: datetime, number_key: bytes | None
) -> Loaded:
    if connection.execute(_SQL["occupied"]).fetchone() != (False,):
        raise IntegrityFailure("the store is not empty; an initial load begins with nothing")
    generation = None if number_key is None else Generation.of(persons, number_key)
    ids = _person_ids(connection, len(persons))
    preparation = Preparation(persons, ids, at, generation)
    tree = Tree.EMPTY
    with _without_indexes(connection, preparation.tables):
        for chunk in ahead(preparation.chunks()):
            for table, body in chunk.rows.items():
                _copy(connection, table, body)
            tree = tree.append(chunk.subtrees, height=chunk.height)
    connection.execute(_SQL["grow"], {"size": tree.size, "root": tree.root, "frontier": tree.to_bytes()})
    last = preparation.last_seqs()
    connection.execute(_SQL["origins"], {"origins": list(last), "seqs": list(last.values())})
    connection.execute(_SQL["analyse"])
    generated = 0 if generation is None else generation.count
    return Loaded(persons=len(persons), generated=generated, tree=tree)


def _person_ids(connection: psycopg.Connection, count: int) -> NDArray[np.int64]:
    blocks = connection.execute(_SQL["person_ids"], {"blocks": -(-count // BLOCK)}).fetchall()
    firsts = np.array([first for (first,) in blocks], np.int64)
    return (firsts[:, None] + np.arange(BLOCK)).ravel()[:count]


@contextmanager
def _without_indexes(connection: psycopg.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Begin with new files and no indexes; build the indexes again at the end, as the schema has them."""
    names = {"tables": list(tables)}
    rules = connection.execute(_SQL["rules"], names).fetchall()
    indexes = connection.execute(_SQL["indexes"], names).fetchall()
    connection.execute(_SQL["settings"])
    _run(connection, f"TRUNCATE {', '.join(tables)}")
    for table, rule, _ in rules:
        _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {rule}")
    for index, _ in indexes:
        _run(connection, f"DROP INDEX {index}")
    yield
    for table, rule, definition in rules:
        _run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {rule} {definition}")
    for _, definition in indexes:
        _run(connection, definition)


def _run(connection: psycopg.Connection, statement: str) -> None:
    """Run a statement made of names and definitions that the database itself gave us."""
    connection.execute(statement.encode())


def _copy(connection: psycopg.Connection, table: str, body: memoryview) -> None:
    with connection.cursor() as cursor, cursor.copy(_SQL[table]) as copy:
        copy.write(HEADER)
        copy.write(body)
        copy.write(TRAILER)
