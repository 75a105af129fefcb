# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide credentials`` as an administrator meets it: a secret is seen once, and what is revoked is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA
from openjuki.store.credentials import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fixtures.ground import Ground

    type Juki = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("division")]


def manage(juki: Juki, *words: str) -> tuple[int, str, str]:
    """A command about credentials at Chiyoda."""
    return juki("provide", "credentials", *words, "--node", CHIYODA)


def add(juki: Juki) -> Any:
    """The system of the residents' division, with its first credential."""
    code, out, _ = manage(juki, "add", "--office", "jumin", "madoguchi", "窓口システム", "--json")
    assert code == 0
    return orjson.loads(out)


def listed(juki: Juki) -> list[Any]:
    """The credentials of the one system that there is."""
    code, out, _ = manage(juki, "list", "--json")
    (system,) = orjson.loads(out)["systems"]
    assert (code, system["id"], system["office"]) == (0, "madoguchi", "jumin")
    return list(system["credentials"])


def test_a_secret_is_shown_once_and_listed_never(juki: Juki, division: Ground):
    """Its id is listed; what is kept in the book is a digest, and the journal names the credential alone."""
    issued = add(juki)

    secret = Secret.read(issued["secret"])
    assert secret is not None
    assert (issued["schema"], issued["id"], issued["system"]) == (
        "openjuki/credential/1",
        secret.id,
        "madoguchi",
    )
    _, out, _ = manage(juki, "list")
    assert secret.id in out
    assert secret.text.rpartition("-")[2] not in out + str(listed(juki))
    with psycopg.connect(division.owner_url(CHIYODA)) as book:
        query = (
            "SELECT kind, convert_from(payload, 'UTF8') FROM journal_pending WHERE kind = ANY(%s) ORDER BY id"
        )
        rows = book.execute(query, [["system.added", "credential.issued"]]).fetchall()
    assert [kind for kind, _ in rows] == ["system.added", "credential.issued"]
    assert secret.id in rows[1][1]
    assert secret.text not in str(rows)


def test_people_see_the_secret_alone_on_standard_output(juki: Juki):
    """So that it can be piped where it belongs."""
    code, out, told = manage(juki, "add", "--office", "jumin", "madoguchi", "窓口システム")

    assert code == 0
    assert Secret.read(out.strip())
    assert "。" in told
    assert out.strip() not in told


def test_a_secret_goes_into_a_file_of_its_own(juki: Juki, tmp_path: Path):
    """Readable by its owner, and never over another."""
    file = tmp_path / "madoguchi.secret"

    code, out, told = manage(
        juki, "add", "--office", "jumin", "madoguchi", "窓口システム", "--out", str(file)
    )

    assert (code, out) == (0, "")
    assert Secret.read(file.read_text().strip())
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() not in told
    assert manage(juki, "rotate", "madoguchi", "--out", str(file))[0] == 3
    assert len(listed(juki)) == 1


def test_a_refused_command_leaves_no_file(juki: Juki, tmp_path: Path):
    """Nothing was issued, nothing lies there."""
    file = tmp_path / "nobody.secret"

    assert manage(juki, "rotate", "nobody", "--out", str(file))[0] == 1
    assert not file.exists()


def test_one_is_exchanged_for_another(juki: Juki):
    """The former one ends after the overlap, the new one as it is said."""
    first = add(juki)

    code, out, _ = manage(
        juki, "rotate", "madoguchi", "--overlap-hours", "2", "--until", "2099-04-01", "--json"
    )

    second = orjson.loads(out)
    assert (code, second["until"]) == (0, "2099-04-01T00:00:00+09:00")
    former, new = listed(juki)
    assert (former["id"], new["id"]) == (first["id"], second["id"])
    assert former["until"] is not None


def test_what_is_revoked_is_over(juki: Juki):
    """One by its id, then all that are left; then there is nothing to revoke."""
    first = add(juki)
    manage(juki, "rotate", "madoguchi")

    assert manage(juki, "revoke", "madoguchi", "--credential", first["id"])[0] == 0
    assert [one["until"] is None for one in listed(juki)] == [False, True]
    code, out, _ = manage(juki, "revoke", "madoguchi")
    assert (code, "取り消しました。" in out) == (0, True)
    assert all(one["until"] for one in listed(juki))
    assert manage(juki, "revoke", "madoguchi")[0] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("add", "--office", "nowhere", "a", "b"), 1, "JK-OFFICE-0007", id="no such office"),
        pytest.param(("add", "--office", "jumin", "a b", "c"), 3, "JK-INPUT-0001", id="an id with a space"),
        pytest.param(
            ("add", "--office", "jumin", "a", "b", "--until", "2020-01-01"),
            3,
            "JK-INPUT-0001",
            id="an end in the past",
        ),
        pytest.param(("rotate", "nobody"), 1, "JK-CREDENTIAL-0003", id="no such system"),
        pytest.param(("revoke", "nobody"), 1, "JK-OFFICE-0008", id="nothing to revoke"),
    ],
)
def test_what_cannot_be_is_refused(juki: Juki, words: tuple[str, ...], code: int, said: str):
    """With the code that the manual lists."""
    left, _, told = manage(juki, *words)

    assert left == code
    assert said in told


def test_an_id_is_given_once(juki: Juki):
    """The journal names it."""
    add(juki)

    code, _, told = manage(juki, "add", "--office", "jumin", "madoguchi", "別のもの")

    assert (code, "JK-OFFICE-0006" in told) == (1, True)
