# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where an answer is written by the part (回答の部分の書込み), and how the whole of it is handed over.

Rules of this file:

1. Each part is on the disk before it is said to be written, and no byte is put there twice: an answer in lines is one
   file, which grows by each part behind the one before it.
2. A part that is written again has the same bytes, and goes to the same place. Nothing is cut off before it, so
   whoever writes it late, when others have gone on, changes nothing.
3. What is handed over is a copy: whoever changes theirs in place changes nothing that is handed over again. Where it is
   not kept, the file itself is handed over.
"""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    #: Writes to a file from where it stands.
    type Write = Callable[[BinaryIO], Any]

_COPIED_AT_ONCE: Final = 2**22


class PartFiles(NamedTuple):
    """Where a part of the answer is written, and the characters that it lost."""

    folder: Path
    number: int

    @property
    def whole(self) -> Path:
        """The file that grows by every part."""
        return self.folder / "answer"

    @property
    def alone(self) -> Path:
        """A file of this part alone."""
        return self.folder / f"answer-{self.number:04}"

    @property
    def losses(self) -> Path:
        """Characters that it lost; none where there are none."""
        return self.folder / f"losses-{self.number:04}.jsonl"

    @property
    def _end(self) -> Path:
        return self.folder / f"end-{self.number:04}"

    @property
    def begin(self) -> int:
        """Where it begins in the whole; the parts before it are written."""
        return PartFiles(self.folder, self.number - 1).end if self.number else 0

    @property
    def end(self) -> int:
        """Where it ends in the whole; it is written."""
        return int(self._end.read_bytes())

    def grow(self, write: Write) -> None:
        """Write it behind the part before it; on the disk when this returns."""
        with _opened(self.whole) as file:
            file.seek(self.begin)
            write(file)
            end = file.tell()
            _sync(file)
        with _opened(self._end) as file:
            file.write(b"%020d" % end)
            _sync(file)


def hand_over(last: PartFiles, file: Path) -> None:
    """Copy the whole, which ends with this part."""
    _cut(last)
    with last.whole.open("rb") as whole:
        durably(file, lambda copy: shutil.copyfileobj(whole, copy, _COPIED_AT_ONCE))


def give_up(last: PartFiles, file: Path) -> bool:
    """Hand the whole over itself, and keep nothing; False where the file is to be on another disk."""
    _cut(last)
    try:
        last.whole.replace(file)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise
    return True


def _cut(last: PartFiles) -> None:
    """Leave nothing behind the last part: another edition of the program may have broken off there."""
    if last.whole.stat().st_size > last.end:
        os.truncate(last.whole, last.end)


def durably(path: Path, write: Write) -> None:
    """Write a file that only its owner may read; it is on the disk when this returns."""
    with _opened(path, os.O_TRUNC) as file:
        write(file)
        _sync(file)


def _opened(path: Path, also: int = 0) -> BinaryIO:
    """A file that only its owner may read; what it has is written over, and cut off only where that is asked for."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | also, 0o600), "wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
