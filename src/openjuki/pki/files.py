# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files with keys and certificates (鍵の保管): secret ones for their owner alone, public ones whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from openjuki.errors import BadConfiguration

if TYPE_CHECKING:
    from pathlib import Path


def write_secret(path: Path, content: bytes) -> None:
    """Create a file only its owner can read; never overwrite one.

    Raises:
        BadConfiguration: the file is already there.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BadConfiguration(f"a key lies here already: {path}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_secret(path: Path) -> bytes:
    """Read a file that only its owner can read.

    Raises:
        BadConfiguration: it is missing, or others may read it.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise BadConfiguration(f"others may read this key; chmod 600 {path}")
            return file.read()
    except OSError as error:
        raise BadConfiguration(f"cannot read {path}: {error.strerror}") from error


def write_public(path: Path, content: bytes) -> None:
    """Write a file that everybody may read: a reader sees what was there before, or the whole of this."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")  # several processes may write the same file
    draft.write_bytes(content)
    draft.replace(path)


def read_public(path: Path) -> bytes:
    """Read a file that everybody may read.

    Raises:
        BadConfiguration: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadConfiguration(f"cannot read {path}: {error.strerror}") from error
