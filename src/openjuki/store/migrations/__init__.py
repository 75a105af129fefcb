# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Migrations: how a node's database comes to be what `schema/` draws.

Each kind of node runs the sets of files named in `SETS`, in the order of their names, each file
once. A file that was ever released is never changed again. Everything that is due happens in one
transaction: a migration is done or it is not.

The files are run by the owner's login under the group `juki_owner`, and grant what the node's
worker needs to the group `juki_worker` and what its signer needs to `juki_signer`; an administrator
makes the three groups once per server.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from openjuki.config import Kind
from openjuki.errors import BadConfiguration, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Which sets of migrations make the database of a kind of node, in order.
SETS: Mapping[Kind, tuple[str, ...]] = {
    Kind.MUNICIPALITY: ("all", "municipality"),
    Kind.PREFECTURE: ("all", "upper"),
    Kind.CENTRE: ("all", "upper", "centre"),
    Kind.AGENCY: ("all",),
}

_PREPARE = """
GRANT CREATE ON SCHEMA public TO juki_owner;
SET ROLE juki_owner;
CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
GRANT SELECT ON migration TO juki_worker;
LOCK TABLE migration IN EXCLUSIVE MODE;
"""


def migrate(url: str, kind: Kind) -> tuple[str, ...]:
    """Bring a node's database up to date as its owner; return the names of what was applied.

    Raises:
        StoreUnavailable: the database does not answer.
        BadConfiguration: the login is not the owner's, the groups are missing, or what stands in the database cannot
            be carried over.
    """
    try:
        with psycopg.connect(url) as connection:
            return _apply(connection, kind)
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error
    except psycopg.errors.RaiseException as error:
        raise BadConfiguration(error.diag.message_primary or "a migration refuses this database") from error
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
        raise BadConfiguration(
            "migrations need the owner's login, a member of juki_owner, and the groups juki_worker and juki_signer"
        ) from error


def fingerprint(kind: Kind) -> str:
    """Names the state of a kind's migrations: twelve hexadecimal digits."""
    everything = "".join(f"{name}\n{text}\n" for name, text in _steps(kind))
    return hashlib.sha256(everything.encode()).hexdigest()[:12]


def _apply(connection: psycopg.Connection, kind: Kind) -> tuple[str, ...]:
    connection.execute(_PREPARE)
    done = {name for (name,) in connection.execute("SELECT name FROM migration")}
    due = [(name, text) for name, text in _steps(kind) if name not in done]
    for name, text in due:
        connection.execute(text)
        connection.execute("INSERT INTO migration (name) VALUES (%s)", [name])
    return tuple(name for name, _ in due)


def _steps(kind: Kind) -> Iterator[tuple[str, str]]:
    for folder in SETS[kind]:
        directory = files(__package__).joinpath(folder)
        for file in sorted(directory.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".sql"):
                yield f"{folder}/{file.name.removesuffix('.sql')}", file.read_text(encoding="utf-8")
