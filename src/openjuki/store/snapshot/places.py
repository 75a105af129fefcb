# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where generations lie (世代の置き場所): a folder each, named by its number, in one folder of the node's."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from openjuki.store.snapshot.generation import Generation

if TYPE_CHECKING:
    from pathlib import Path

#: The one before the last stays: a file that is being answered is answered to its end out of the state it began with.
KEPT: Final = 2
_DIGITS: Final = 8


def generations(folder: Path) -> list[Path]:
    """The folders of the generations, the oldest first."""
    found = (path for path in folder.glob("[0-9]" * _DIGITS) if path.is_dir())
    return sorted(found)


def next_number(folder: Path) -> int:
    """The number of the next one."""
    there = generations(folder)
    return int(there[-1].name) + 1 if there else 1


def newest(folder: Path, size: int | None = None) -> Generation | None:
    """The newest generation, or the newest that is not further than a size of the journal.

    Raises:
        IntegrityFailure: it is damaged.
    """
    for path in reversed(generations(folder)):
        found = Generation.open(path)
        if size is None or found.size <= size:
            return found
    return None


def forget(folder: Path, *, kept: int = KEPT) -> list[int]:
    """Delete all generations but the newest; their numbers. Who has one open goes on reading it."""
    old = generations(folder)[:-kept]
    for path in old:
        shutil.rmtree(path)
    return [int(path.name) for path in old]
