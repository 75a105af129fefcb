# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parcels as folders on a medium (媒体の授受): written whole, read only as far as they were signed, with slips to sign.

A parcel is a folder ``juki-<sender>-<recipient>-<number>``: the document ``parcel.juki``, the sealed files that it
names, and the hand-over slip (受渡票) as text and as a page to print. The slips name no person: two people sign that
this medium, of this number and this digest, changed hands.
"""

from __future__ import annotations

import os
import shutil
from hashlib import file_digest, sha256
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.config import JST
from openjuki.errors import BadInput, FileMissing, ForgedEnvelope, NotWritable
from openjuki.refusal import Where
from openjuki.wire.parcel import MOST, Enclosed, What

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from openjuki.wire.parcel import Parcel

#: The document of a parcel, and its slip to print.
DOCUMENT: Final = "parcel.juki"
_SLIP: Final = "hand-over-slip"
_WHAT: Final[Mapping[What, tuple[str, str]]] = {
    What.REQUEST: ("一括提供の求め", "request for provision in bulk"),
    What.ANSWER: ("一括提供の回答", "answer to a request in bulk"),
    What.RECEIPT: ("受領の確認", "receipt of an answer"),
}
_PAGE: Final = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;max-width:46rem;margin:2rem auto;line-height:1.6;color:#111}}
table{{border-collapse:collapse;width:100%}}th,td{{border:1px solid #444;padding:.4rem .6rem;text-align:left;vertical-align:top}}
th{{width:14rem;font-weight:600}}td{{overflow-wrap:anywhere}}.sign td{{height:3.5rem}}</style></head>
<body><h1>{title}</h1><table>{rows}</table><h2>授受の確認 Hand-over</h2><table class="sign">{signatures}</table></body></html>
"""


class Slip(NamedTuple):
    """A slip (受渡票・受領票): a title, and lines of a name and a value."""

    title: str
    lines: tuple[tuple[str, str], ...]
    #: Who signs, in this order.
    signatures: tuple[str, ...]

    def text(self) -> str:
        """For a screen or a printer of lines."""
        lines = [self.title, "", *(f"{name}: {value}" for name, value in self.lines), ""]
        return "\n".join(
            [*lines, *(f"{who}: ____________________  日時: ____________" for who in self.signatures), ""]
        )

    def page(self) -> str:
        """To be printed."""
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self.lines
        )
        signatures = "".join(
            f"<tr><th>{escape(who)}</th><td></td><td>日時 Date:</td></tr>" for who in self.signatures
        )
        return _PAGE.format(title=escape(self.title), rows=rows, signatures=signatures)


def folder_of(parcel: Parcel) -> str:
    """What the folder of a parcel is called."""
    return f"juki-{parcel.sender}-{parcel.recipient}-{parcel.number:06}"


def enclose(folder: Path, name: str, chunks: Iterable[bytes]) -> Enclosed:
    """Write a file of a parcel that is being packed."""
    digest, size = sha256(), 0
    with (folder / name).open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Enclosed(name, size, digest.digest())


def packing(medium: Path, request: str) -> Path:
    """A new folder on a medium to pack a parcel in.

    Raises:
        NotWritable: the medium does not take it.
    """
    folder = medium / f".packing-{request}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    except OSError as error:
        raise NotWritable(f"the medium cannot be written: {error.strerror}") from error
    return folder


def seal_up(folder: Path, parcel: Parcel, document: bytes) -> Path:
    """Finish a parcel that was packed: the folder has its name once everything is on the medium.

    Raises:
        NotWritable: the medium does not take it.
    """
    slip = hand_over(parcel, document)
    done = folder.with_name(folder_of(parcel))
    try:
        (folder / DOCUMENT).write_bytes(document)
        (folder / f"{_SLIP}.txt").write_text(slip.text(), "utf-8")
        (folder / f"{_SLIP}.html").write_text(slip.page(), "utf-8")
        folder.replace(done)
    except OSError as error:
        raise NotWritable(f"the medium cannot be written: {error.strerror}") from error
    return done


def document(folder: Path) -> bytes:
    """The document of a parcel.

    Raises:
        FileMissing: this is no parcel.
        BadInput: it is longer than any.
    """
    try:
        with (folder / DOCUMENT).open("rb") as file:
            raw = file.read(MOST + 1)
    except OSError as error:
        raise FileMissing(where=Where(file=DOCUMENT)) from error
    if len(raw) > MOST:
        raise BadInput("the document of the parcel is too long", where=Where(file=DOCUMENT))
    return raw


def check(folder: Path, parcel: Parcel) -> None:
    """Return only when the files on the medium are those that were signed for.

    Raises:
        FileMissing: one is not there, or cannot be read.
        ForgedEnvelope: one is another.
    """
    for one in parcel.files:
        path = folder / one.name
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                found = file_digest(file, "sha256").digest() if size == one.size else b""
        except OSError as error:
            raise FileMissing(where=Where(file=one.name)) from error
        if found != one.sha256:
            raise ForgedEnvelope(f"{one.name} is not the file that the parcel was signed with")


def hand_over(parcel: Parcel, document: bytes) -> Slip:
    """The slip that goes with a parcel (受渡票)."""
    signatures = ("引渡者 Handed over by", "受領者 Received by")
    return Slip("媒体受渡票 Hand-over slip", _lines(parcel, document), signatures)


def taken_in(parcel: Parcel, document: bytes, at: datetime, outcome: str) -> Slip:
    """The slip that says that a parcel was read and taken in (受領票)."""
    when = (
        ("読込日時 Taken in", at.astimezone(JST).isoformat(timespec="seconds")),
        ("結果 Outcome", outcome),
    )
    return Slip("媒体受領票 Receipt of a medium", (*_lines(parcel, document), *when), ("受領者 Received by",))


def _lines(parcel: Parcel, document: bytes) -> tuple[tuple[str, str], ...]:
    japanese, english = _WHAT[parcel.what]
    return (
        ("番号 Number", f"{parcel.sender} → {parcel.recipient} 第{parcel.number}号"),
        ("内容 Content", f"{japanese} / {english}"),
        ("一括照会番号 Request", parcel.request),
        ("作成日時 Made", parcel.issued.astimezone(JST).isoformat(timespec="seconds")),
        ("確認値 SHA-256", sha256(document).hexdigest()),
        *_enclosed(parcel.files),
    )


def _enclosed(files: Sequence[Enclosed]) -> list[tuple[str, str]]:
    return [(one.name, f"{one.size:,} bytes  {one.sha256.hex()}") for one in files]
