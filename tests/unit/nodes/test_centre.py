# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The Centre's number key: a secret file of its own, and a demonstration's only in a demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from openjuki.errors import BadConfiguration
from openjuki.nodes.roles.centre import SEEDED, number_key
from openjuki.pki.files import write_secret

if TYPE_CHECKING:
    from pathlib import Path

KEY = bytes(range(32))


def keep(home: Path, content: bytes) -> Path:
    """The file as the Centre has it."""
    write_secret(home / "number.key", content)
    return home


@pytest.mark.parametrize("simulated", [False, True])
def test_a_drawn_key_is_taken(tmp_path: Path, simulated: bool):  # noqa: FBT001 - the case
    """Hexadecimal, with or without a line's end."""
    assert number_key(keep(tmp_path, KEY.hex().encode() + b"\n"), simulated=simulated) == KEY


def test_a_seeded_key_is_taken_in_a_simulation(tmp_path: Path):
    """A demonstration's numbers come out the same every time."""
    assert number_key(keep(tmp_path, SEEDED + KEY.hex().encode()), simulated=True) == KEY


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SEEDED + KEY.hex().encode(), id="a demonstration's key"),
        pytest.param(b"not hexadecimal", id="no key at all"),
        pytest.param("鍵".encode(), id="no text of keys"),
    ],
)
def test_a_wrong_key_is_a_wrong_setting(tmp_path: Path, content: bytes):
    """No number is derived from what anybody could know, or from nothing."""
    with pytest.raises(BadConfiguration, match=r"number\.key"):
        number_key(keep(tmp_path, content), simulated=False)


def test_without_a_key_no_number_is_derived(tmp_path: Path):
    """A Centre without the file says which one."""
    with pytest.raises(BadConfiguration, match=r"number\.key"):
        number_key(tmp_path, simulated=False)
