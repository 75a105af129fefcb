# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where sealed chunks lie until they are pulled: whole, private, and gone when nothing opens them."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from openjuki.errors import StoreUnavailable
from openjuki.nodes.bulk import spool
from openjuki.store.jobs import Name
from openjuki.wire.chunks import SEALED_SIZE
from openjuki.wire.errors import NotOnOffer

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.nodes.node import Office

NAME = Name("agency-nenkin", "ab" * 16)
ROW = sha256(b"row").digest()
CHUNKS = [bytes([7]) * SEALED_SIZE, b"the last"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office, as far as its folder and its name go."""
    return cast("Office", SimpleNamespace(published=tmp_path / "directory.json", id="centre"))


def age(office: Office, seconds: float) -> None:
    """Let a file be older."""
    for path in spool.folder(office, NAME).iterdir():
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def test_chunks_are_given_out_as_they_were_put(office: Office):
    """Each by its number; behind the last there is none."""
    spool.put(office, NAME, ROW, CHUNKS)

    assert [spool.answer_chunk(office, NAME, ROW, number) for number in range(2)] == CHUNKS
    for commitment, number in ((ROW, 2), (sha256(b"other").digest(), 0)):
        with pytest.raises(NotOnOffer):
            spool.answer_chunk(office, NAME, commitment, number)


def test_nobody_else_reads_them(office: Office):
    """Neither folders nor files are open to others."""
    spool.put(office, NAME, ROW, CHUNKS)
    (path,) = spool.folder(office, NAME).iterdir()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_full_disk_leaves_nothing_behind(office: Office, monkeypatch: pytest.MonkeyPatch):
    """What could not be put whole is not there, and can be tried again."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool.os, "fsync", full)
    with pytest.raises(StoreUnavailable):
        spool.put(office, NAME, ROW, CHUNKS)

    assert list(spool.folder(office, NAME).iterdir()) == []


def test_what_is_let_go_is_gone_with_its_folder(office: Office):
    """And letting go of it twice is no harm."""
    spool.put(office, NAME, ROW, CHUNKS)
    for _ in range(2):
        spool.let_go(office, NAME, [ROW])

    assert not spool.folder(office, NAME).parent.exists()


def test_what_nothing_opens_is_swept_away_after_a_while(office: Office):
    """A file may be younger than the row that opens it; after ten minutes there will be none."""
    spool.put(office, NAME, ROW, CHUNKS)
    assert spool.sweep(office, set()) == 0
    age(office, 601)
    assert spool.sweep(office, {ROW}) == 0
    assert spool.sweep(office, set()) == 1

    assert not spool.folder(office, NAME).exists()


def test_keys_of_a_medium_are_there_until_their_request_has_ended(office: Office):
    """They are read by the chunk, and forgotten with the request; answers stay."""
    assert not spool.has_keys(office, NAME, 0)
    spool.put_keys(office, NAME, 0, CHUNKS)
    spool.put(office, NAME, ROW, CHUNKS)
    assert spool.has_keys(office, NAME, 0)
    assert spool.keys_chunk(office, NAME, 0, 1) == b"the last"
    spool.forget(office, NAME)

    assert not spool.has_keys(office, NAME, 0)
    assert spool.answer_chunk(office, NAME, ROW, 1) == b"the last"
