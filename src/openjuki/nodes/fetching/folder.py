# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the files of a request lie (一括照会の作業場所): keys until they were pulled, answers until they were fetched.

They tell of persons: only the node's own user may read them, and they are erased as soon as nobody needs them.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from openjuki.carriage.answer_files import Asked
from openjuki.carriage.answer_parts import PartFiles
from openjuki.carriage.files import said_plainly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openjuki.nodes.node import Office


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one request (一括照会の作業場所)."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether they are there."""
        return self.path.is_dir()

    @property
    def faults(self) -> Path:
        """Faults of keys, as JSON lines."""
        return self.path / "faults.jsonl"

    def keys(self, part: int) -> Path:
        """Keys of a part, as they are pulled."""
        return self.path / f"keys-{part:04}.arrow"

    def rows(self, part: int) -> Path:
        """What of a part's rows is known without their answer."""
        return self.path / f"rows-{part:04}.npz"

    def answer(self, part: int) -> PartFiles:
        """Where a part of the answer is written."""
        return PartFiles(self.path, part)

    def asked(self, part: int) -> Asked:
        """Read what of a part's rows is known without their answer."""
        with np.load(self.rows(part)) as found:
            return Asked(found["lines"], found["wrong"])

    def erase(self) -> None:
        """Erase everything."""
        with said_plainly("the folder of a request"):
            if self.exists:
                shutil.rmtree(self.path)


def folder(office: Office, request: str) -> Folder:
    """The files of a request of this node."""
    return Folder(office.published.parent / "bulk" / office.id / "asked" / request)


@contextmanager
def begun(place: Folder) -> Iterator[Folder]:
    """A new folder for the files of a request; where preparing it fails, nothing of it is left."""
    with said_plainly("the folder of a request"):
        place.path.mkdir(mode=0o700, parents=True)
    try:
        yield place
    except BaseException:
        shutil.rmtree(place.path, ignore_errors=True)
        raise


def write_whole(path: Path, write: Any) -> None:
    """Write a file that only its owner may read; it is there as a whole, or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with said_plainly("a file of the request"):
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            write(file)
        draft.replace(path)
