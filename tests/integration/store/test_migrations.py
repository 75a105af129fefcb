# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import subprocess
from importlib.resources import files

import psycopg
import pytest

from openjuki.config import Kind
from openjuki.errors import BadConfiguration, StoreUnavailable
from openjuki.store import embedded, migrations
from openjuki.store.database import migrate

pytestmark = pytest.mark.postgres

#: Drawings of every kind of node's database.
EVERYWHERE = (
    "numbers",
    "journal",
    "checkpoints",
    "offices",
    "credentials",
    "ledger",
    "passkeys",
    "clientele",
    "bulk_requests",
    "parcels",
)
#: Which drawings make up which kind of database.
DRAWN = {
    Kind.MUNICIPALITY: (
        *EVERYWHERE,
        "register",
        "certificates",
        "numbers_awaited",
        "imports",
        "looking_municipality",
        "protective",
    ),
    Kind.PREFECTURE: (
        *EVERYWHERE,
        "records",
        "looking_upper",
        "provisions",
        "parts",
        "buckets",
        "jobs",
        "disclosures",
    ),
    Kind.CENTRE: (
        *EVERYWHERE,
        "records",
        "looking_upper",
        "provisions",
        "parts",
        "buckets",
        "jobs",
        "disclosures",
        "registry",
    ),
    Kind.AGENCY: EVERYWHERE,
}

#: A provision as it was recorded before envelopes had a root.
BEFORE = """
    INSERT INTO provision VALUES (
        sha256(''), '131016', '', 0, now(), NULL, 'register-work', '', '', 'terminal', 'ask', '{}', 'matched', '{}', '{}',
        'provision'
    )
"""


def dump(url: str) -> list[str]:
    """The schema as pg_dump writes it, without what differs from run to run."""
    command = [embedded._binaries() / "pg_dump", "--schema-only", "--exclude-table=migration", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = (re.sub(r"^\\(un)?restrict .*", "", line) for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("--")]


def rows(url: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT size, root, frontier FROM tree").fetchall()


@pytest.fixture
def drawn(postgres):
    """Makes a database from the drawings under `schema/`; its owner's URL."""

    def draw(kind: Kind) -> str:
        with postgres._administrator() as connection:
            postgres._logins(connection, ["drawn"])
            connection.execute('CREATE DATABASE juki_drawn TEMPLATE template0 OWNER "juki_drawn_owner"')
        with psycopg.connect(postgres.owner_url("drawn")) as connection:
            connection.execute("GRANT CREATE ON SCHEMA public TO juki_owner; SET ROLE juki_owner")
            for name in DRAWN[kind]:
                drawing = files("openjuki.store") / "schema" / f"{name}.sql"
                connection.execute(drawing.read_text(encoding="utf-8"))
        return postgres.owner_url("drawn")

    yield draw
    postgres.drop_database("drawn")


@pytest.fixture
def migrated(postgres):
    """Makes a database by migrations; its owner's URL."""

    def make(kind: Kind) -> str:
        postgres.create_database("migrated", kind)
        return postgres.owner_url("migrated")

    yield make
    postgres.drop_database("migrated")


@pytest.mark.parametrize("kind", Kind)
def test_the_schema_is_the_sum_of_its_migrations(drawn, migrated, kind):
    """What is drawn under `schema/` is what the migrations make, for every kind of node."""
    one, other = drawn(kind), migrated(kind)

    assert dump(one) == dump(other)
    assert rows(one) == rows(other)


@pytest.mark.parametrize("kind", Kind)
def test_a_migration_is_applied_once(migrated, kind):
    """A database that is up to date stays as it is."""
    assert migrate(migrated(kind), kind) == ()


def test_a_migration_that_fails_leaves_nothing_behind(migrated, monkeypatch):
    """Everything that is due happens, or nothing does."""
    url = migrated(Kind.AGENCY)
    steps = (("x/0001", "CREATE TABLE halfway (x int)"), ("x/0002", "SELECT nonsense"))
    monkeypatch.setattr(migrations, "_steps", lambda _: iter(steps))

    with pytest.raises(psycopg.errors.UndefinedColumn):
        migrate(url, Kind.AGENCY)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('halfway')").fetchone() == (None,)


def test_the_worker_cannot_migrate(postgres, migrated):
    """Changing the schema is the owner's."""
    migrated(Kind.AGENCY)

    with pytest.raises(BadConfiguration, match="owner"):
        migrate(postgres.worker_url("migrated"), Kind.AGENCY)


def test_a_database_that_is_away_is_said_to_be(tmp_path):
    """No server behind the URL is a matter of trying again."""
    with pytest.raises(StoreUnavailable):
        migrate(f"postgresql://nobody@/nothing?host={tmp_path}", Kind.AGENCY)


@pytest.mark.parametrize("kind", [Kind.PREFECTURE, Kind.CENTRE])
@pytest.mark.parametrize("provided", [True, False])
def test_a_database_that_has_provided_question_by_question_is_refused(
    migrated, postgres, monkeypatch, kind, provided
):
    """What was promised row by row has no root: the migration to envelopes says so, and changes nothing."""
    steps = list(migrations._steps(kind))
    (number,) = [place for place, (name, _) in enumerate(steps) if name == "upper/0012_envelopes"]
    due = tuple(name for name, _ in steps[number:])
    before = dict(steps[:number])
    monkeypatch.setattr(migrations, "_steps", lambda _: iter(before.items()))
    url = migrated(kind)
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner")
        if provided:
            connection.execute(BEFORE)
    monkeypatch.setattr(migrations, "_steps", lambda _: iter(steps))

    if not provided:
        assert migrate(url, kind) == due
        return
    with pytest.raises(BadConfiguration, match="provisions that were recorded before"):
        migrate(url, kind)
    with psycopg.connect(postgres.worker_url("migrated")) as connection:
        assert connection.execute("SELECT result FROM provision").fetchall() == [("matched",)]
        assert connection.execute(
            "SELECT count(*) FROM migration WHERE name = ANY(%s)", [list(due)]
        ).fetchone() == (0,)


@pytest.mark.parametrize("kind", Kind)
def test_every_table_has_its_japanese_name(migrated, kind):
    """Each table that holds anything of the law bears its Japanese term as a comment."""
    with psycopg.connect(migrated(kind)) as connection:
        tables = connection.execute(
            "SELECT relname, obj_description(oid) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'migration'"
        ).fetchall()

    assert [name for name, comment in tables if not re.search("[一-龠]", comment or "")] == []
