# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki snapshot`` as a provider's administrator meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.network import CHIYODA, TOKYO

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Juki
    from fixtures.ground import Ground

pytestmark = pytest.mark.postgres

AT_TOKYO = ("--node", TOKYO)


@pytest.fixture
def folder(installed: Ground, tmp_path: Path) -> Path:  # noqa: ARG001 - Tokyo is the last node of the settings
    """Where Tokyo's generations lie."""
    with (tmp_path / "openjuki.toml").open("a", encoding="utf-8") as settings:
        settings.write('\nsnapshot = "generations"\n')
    return tmp_path / "generations"


def test_generations_are_built_listed_and_checked(juki: Juki, folder: Path) -> None:
    """The first out of the tables, the next out of the first; both are sound."""
    code, said, _ = juki("snapshot", "build", *AT_TOKYO, "--json")
    built = orjson.loads(said)
    assert (code, built["number"], built["persons"], built["size"]) == (0, 1, 0, 0)

    code, said, _ = juki("snapshot", "build", *AT_TOKYO)
    assert code == 0
    assert "generation 2" in said

    code, said, _ = juki("snapshot", "list", *AT_TOKYO, "--json")
    listed = orjson.loads(said)
    assert [one["number"] for one in listed["generations"]] == [1, 2]
    assert (code, listed["size"]) == (0, 0)
    assert "第" not in juki("snapshot", "list", *AT_TOKYO)[1]

    code, said, _ = juki("snapshot", "check", *AT_TOKYO)
    assert code == 0
    assert said.count("sound") == 2
    assert sorted(path.name for path in folder.iterdir()) == ["00000001", "00000002"]

    assert juki("snapshot", "build", *AT_TOKYO, "--from-tables")[0] == 0
    assert [path.name for path in folder.iterdir()] == ["00000003"]


def test_a_damaged_generation_is_named(juki: Juki, folder: Path) -> None:
    """Exit code 5, and the file that is not what it was."""
    juki("snapshot", "build", *AT_TOKYO)
    (folder / "00000001" / "stays.arrow").write_bytes(b"")

    code, said, _ = juki("snapshot", "check", *AT_TOKYO, "--json")
    (one,) = orjson.loads(said)["generations"]
    assert (code, one["damages"]) == (5, ["stays.arrow"])


def test_only_providers_have_a_snapshot(juki: Juki, folder: Path) -> None:  # noqa: ARG001 - as above
    """A town provides nothing in bulk."""
    code, _, said = juki("snapshot", "build", "--node", CHIYODA)
    assert code != 0
    assert "only the Centre and prefectures" in said
