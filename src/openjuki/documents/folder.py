# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A disclosure as files to be handed out (開示の書面の交付): the page, the document, a proof beside each line, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from openjuki.documents import disclosure
from openjuki.errors import SetUpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FORM = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def write(folder: Path, told: Mapping[str, Any], document: bytes) -> None:
    """Write a disclosure into a folder that has nothing in it.

    Args:
        folder: is made where there is none; nobody else may look into it.
        told: the document, read.
        document: its bytes, as they are hashed in the journal.

    Raises:
        SetUpFailed: the folder holds something.
    """
    prepare(folder)
    lines = (told["provisions"] or {"lines": ()})["lines"]
    proven = {number: line["proof"] for number, line in enumerate(lines, 1) if line["proof"]}
    if proven:
        (folder / "proofs").mkdir(mode=0o700)
    for number, proof in proven.items():
        _put(folder / proof_name(number), orjson.dumps(proof, option=_FORM))
    if told["provisions"]:
        _put(folder / "log.vkey", "".join(f"{key}\n" for key in told["provisions"]["keys"]).encode())
    _put(folder / "disclosure.json", document)
    page = disclosure.page(told, proofs=lambda number: proof_name(number) if number in proven else None)
    _put(folder / "disclosure.html", page.encode())


def write_notice(folder: Path, made: disclosure.Notice) -> None:
    """Write a notice into a folder that has nothing in it.

    Raises:
        SetUpFailed: the folder holds something.
    """
    prepare(folder)
    _put(folder / "notice.html", disclosure.notice(made).encode())


def proof_name(number: int) -> str:
    """Where the proof of a line lies."""
    return f"proofs/{number:04}.json"


def prepare(folder: Path) -> None:
    """Make an empty folder that nobody else may look into, or see that it is one.

    Raises:
        SetUpFailed: it holds something.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SetUpFailed(f"{folder} holds something already; name an empty folder")


def _put(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
