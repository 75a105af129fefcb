# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which law a node goes by."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

from openjuki.config import JST
from openjuki.law.shelf import LOOK_EVERY
from openjuki.nodes.statutes import statute_book

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2027, 1, 1, 12, tzinfo=JST)
ROW = "affair,basis,row,recipient,law,title\nx-1,30-9,1,外務省,旅券法,旅券の発給\n"


def test_a_running_node_goes_by_a_text_that_comes_into_its_home(tmp_path: Path):
    """A file in the home's folder is law at the next look, and nobody starts the node again."""
    office = SimpleNamespace(published=tmp_path / "directory.json", clock=lambda: NOON)
    assert statute_book(office).affair("x-1", NOON.date()) is None
    file = tmp_path / "law" / "affairs" / "p" / "2027-01-01.csv"
    file.parent.mkdir(parents=True)
    file.write_text(ROW, encoding="utf-8")

    office.clock = lambda: NOON + LOOK_EVERY
    assert statute_book(office).affair("x-1", NOON.date()) is not None
    assert statute_book(office).affair("register-work", NOON.date()) is not None
