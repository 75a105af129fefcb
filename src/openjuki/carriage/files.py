# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that tell of people (一覧・書出しのファイル): only their owner may read them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from openjuki.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def open_privately(path: Path, encoding: str) -> TextIO:
    """Open a new text file, 0600."""
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding=encoding, newline=""
    )


@contextmanager
def said_plainly(what: str) -> Iterator[None]:
    """A file that cannot be written is a sentence.

    Raises:
        Unavailable: no permission, or no space.
    """
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{what} cannot be written: {error.strerror}") from error
