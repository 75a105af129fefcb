# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Initial load (初期セットアップ) of a prefecture's or the Centre's empty store, from columns.

Theory of operation. The owner drops the indexes, copies everything in and builds the indexes again.
Rows go in as PostgreSQL's binary COPY format, made in whole columns in one thread while the server
takes in the chunk before. What results is what taking in the same notices one by one would have left:
records, pointers, search keys, successions, and a journal row for each notice.

Two sessions share the work, because one keeps only one processor of the server busy: the *book*, which
is records and journal, and the *pointers* to it. Any failure undoes both. They commit one after the
other, the book last: a store counts as filled by its book, and pointers that a loader killed between
the two left behind are cleared away by the next load.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import psycopg

from openjuki.errors import BadInput, IntegrityFailure, StoreUnavailable
from openjuki.store.bulk.columns import HEADER, TRAILER
from openjuki.store.bulk.preparing import SCHEMA, Preparation, ahead
from openjuki.store.database import queries
from openjuki.store.records import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import pyarrow as pa
    from numpy.typing import NDArray

    from openjuki.store.bulk.preparing import Part
    from openjuki.wire.merkle import Tree

_SQL = queries("bulk", package=__package__)
#: Tables in which the planner has a choice of ways.
_LOOKED_INTO = {"record", "person", "other_name", "code_succession", "number_succession"}


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
        with _session(url) as book, _session(url) as pointers:
            return _fill(book, pointers, persons, at, number_key)
    except psycopg.errors.UniqueViolation as error:
        raise IntegrityFailure("two persons have one code or number") from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error


@contextmanager
def _session(url: str) -> Iterator[psycopg.Connection]:
    """A transaction of the owner's; what is not committed within is undone."""
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET ROLE juki_owner")
        yield connection


def _fill(
    book: psycopg.Connection,
    pointers: psycopg.Connection,
    persons: pa.Table,
    at: datetime,
    number_key: bytes | None,
) -> Loaded:
    if book.execute(_SQL["occupied"]).fetchone() != (False,):
        raise IntegrityFailure("the store is not empty; an initial load begins with nothing")
    preparation = Preparation(persons, _person_ids(book, len(persons)), at, number_key)
    with ThreadPoolExecutor(2) as workers:
        writing = [
            workers.submit(_write, book, preparation.book()),
            workers.submit(_write, pointers, preparation.successions(), preparation.pointers()),
        ]
    for written in writing:
        written.result()
    tree, last = preparation.tree, preparation.last_seqs()
    book.execute(_SQL["grow"], {"size": tree.size, "root": tree.root, "frontier": tree.to_bytes()})
    book.execute(_SQL["origins"], {"origins": list(last), "seqs": list(last.values())})
    pointers.commit()  # pointers to a book that never came are cleared away by the next load
    book.commit()
    return Loaded(persons=len(persons), generated=preparation.generated, tree=tree)


def _write(session: psycopg.Connection, *parts: Part) -> None:
    """Fill tables, one part after the other."""
    session.execute(_SQL["settings"])
    for part in parts:
        with _without_indexes(session, part.tables):
            for rows in ahead(part.rows):
                for table, body in rows.items():
                    _copy(session, table, body)


@contextmanager
def _without_indexes(session: psycopg.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Begin with new files and no indexes; build the indexes again at the end, as the schema has them."""
    names = {"tables": list(tables)}
    rules = session.execute(_SQL["rules"], names).fetchall()
    indexes = session.execute(_SQL["indexes"], names).fetchall()
    _run(session, f"TRUNCATE {', '.join(tables)}")
    for table, rule, _ in rules:
        _run(session, f"ALTER TABLE {table} DROP CONSTRAINT {rule}")
    for index, _ in indexes:
        _run(session, f"DROP INDEX {index}")
    yield
    for table, rule, definition in rules:
        _run(session, f"ALTER TABLE {table} ADD CONSTRAINT {rule} {definition}")
    for _, definition in indexes:
        _run(session, definition)
    for table in set(tables) & _LOOKED_INTO:
        session.execute(_SQL[f"analyse_{table}"])


def _run(session: psycopg.Connection, statement: str) -> None:
    """Run a statement made of names and definitions that the database itself gave us."""
    session.execute(statement.encode())


def _copy(session: psycopg.Connection, table: str, body: memoryview) -> None:
    with session.cursor() as cursor, cursor.copy(_SQL[table]) as copy:
        copy.write(HEADER)
        copy.write(body)
        copy.write(TRAILER)


def _person_ids(connection: psycopg.Connection, count: int) -> NDArray[np.int64]:
    blocks = connection.execute(_SQL["person_ids"], {"blocks": -(-count // BLOCK)}).fetchall()
    firsts = np.array([first for (first,) in blocks], np.int64)
    return (firsts[:, None] + np.arange(BLOCK)).ravel()[:count]
