# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Manifest of a generation (世代の目録): which state of the book it is, and the digest of every file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from openjuki.config import JST
from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.document import Items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

NAME: Final = "manifest.json"
_SCHEMA: Final = "openjuki/snapshot/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation is (世代の目録)."""

    number: int
    #: How many rows of the journal are folded in, and their root.
    size: int
    root: bytes
    #: When that was the whole journal.
    at: datetime
    #: Persons.
    rows: int
    #: SHA-256 of each file.
    files: Mapping[str, bytes]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "schema": _SCHEMA,
            "number": self.number,
            "size": self.size,
            "root": self.root.hex(),
            "at": self.at.astimezone(JST).isoformat(),
            "rows": self.rows,
            "files": {name: digest.hex() for name, digest in sorted(self.files.items())},
        }

    def write(self, folder: Path) -> None:
        """Lay it into the folder, beside the files."""
        (folder / NAME).write_bytes(orjson.dumps(self.to_dict(), option=orjson.OPT_INDENT_2))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            IntegrityFailure: there is none, or it is damaged.
        """
        try:
            items = Items((folder / NAME).read_bytes())
            if items.take("schema", str) != _SCHEMA:
                raise IntegrityFailure(f"generation {folder.name} is of a kind that is not known here")
            return cls(
                number=items.count("number"),
                size=items.count("size"),
                root=bytes.fromhex(items.take("root", str)),
                at=items.time("at"),
                rows=items.count("rows"),
                files={name: bytes.fromhex(digest) for name, digest in items.take("files", dict).items()},
            )
        except (OSError, ValueError, BadEnvelope) as error:
            raise IntegrityFailure(f"generation {folder.name} has no manifest that can be read") from error

    def damaged(self, folder: Path) -> Iterable[str]:
        """The files that are missing or are not what they were."""
        found = digests(folder)
        return [name for name, digest in self.files.items() if found.get(name) != digest]


def digests(folder: Path) -> dict[str, bytes]:
    """SHA-256 of every file of a folder but the manifest."""
    return {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.name != NAME}


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
