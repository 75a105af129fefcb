# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a signer has signed last (署名者の控え): a file of its own, outside the database that it does not trust.

The file is replaced whole and is on the disk before anything that it describes is published. So whatever
happens to the process, the machine or the database: a signer never signs two trees of which neither
extends the other.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import orjson

from openjuki.errors import BadConfiguration, BadEnvelope, IntegrityFailure
from openjuki.wire.document import Items, to_time
from openjuki.wire.merkle import Tree

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedState:
    """The last tree that was signed (署名済みの木), so that the next can be shown to extend it."""

    NAME: ClassVar = "state.json"

    #: Which of the node's journals it is, as the directory counts them.
    journal: int
    tree: Tree
    #: None before the first time.
    signed_at: datetime | None

    @classmethod
    def begin(cls, journal: int) -> Self:
        """Nothing of this journal has been signed."""
        return cls(journal=journal, tree=Tree.EMPTY, signed_at=None)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read what `save` wrote; None where nothing is known.

        Raises:
            IntegrityFailure: the file does not say what a signer wrote.
            BadConfiguration: it may not be read.
        """
        try:
            items = Items((folder / cls.NAME).read_bytes())
            tree = Tree.from_bytes(items.count("size"), bytes.fromhex(items.take("frontier", str)))
            root = items.digest("root")
            journal, signed_at = items.count("journal", least=1), items.maybe("signed_at", items.time)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadConfiguration(f"cannot read {folder / cls.NAME}: {error.strerror}") from error
        except (BadEnvelope, ValueError, IntegrityFailure) as error:
            raise IntegrityFailure(f"{folder / cls.NAME} is not what a signer wrote: {error}") from error
        if tree.root != root:
            raise IntegrityFailure(f"in {folder / cls.NAME} the root is not that of the frontier")
        return cls(journal=journal, tree=tree, signed_at=signed_at)

    def save(self, folder: Path) -> None:
        """Put it in the place of what was there, and on the disk."""
        content = {
            "journal": self.journal,
            "size": self.tree.size,
            "root": self.tree.root.hex(),
            "frontier": self.tree.to_bytes().hex(),
            "signed_at": self.signed_at and to_time(self.signed_at),
        }
        fresh = folder / f".{self.NAME}.new"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / self.NAME)
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def claim(folder: Path) -> int:
    """Keep every other signer away from a log for as long as this process lives; returns the descriptor to close.

    Raises:
        BadConfiguration: one is at work already, or the folder cannot be used.
    """
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BadConfiguration(f"cannot use {folder}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise BadConfiguration(f"another signer is at work in {folder}") from None
    return descriptor
