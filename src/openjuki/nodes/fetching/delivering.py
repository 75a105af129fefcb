# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The answer is handed to whoever asked (回答ファイルの引渡し): one file, and beside it what was wrong with keys."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from openjuki.carriage import report
from openjuki.carriage.answer_files import Format, put_together, read_lines
from openjuki.carriage.files import Listing
from openjuki.errors import Refused
from openjuki.nodes.fetching.asked import ERASED, Delivered, form_of
from openjuki.nodes.fetching.folder import folder
from openjuki.store import requests

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.nodes.fetching.folder import Folder
    from openjuki.nodes.node import Node, Office
    from openjuki.store.requests import Request

#: Seconds between two looks for files of requests that were over long ago.
EVERY: Final = 600.0


def put(office: Office, request: Request, file: Path, *, keep: bool = True) -> Delivered:
    """Put the answer together in this file; what is not kept can be put there once.

    Raises:
        Refused: it was handed over before, and not kept.
        Unavailable: no permission, or no space.
    """
    place, form = folder(office, request.id), form_of(request)
    parts = [place.answer(part) for part in range(request.parts)]
    if form.format is Format.CSV and not parts[0].whole.exists():
        raise Refused(ERASED)
    report_file = _report(place, file) if request.malformed else None
    return Delivered(file, report_file, put_together(form, parts, file, keep=keep))


def _report(place: Folder, file: Path) -> Path:
    """What was wrong with keys, beside the file."""
    listing = Listing(file, "report", report.FIELDS)
    listing.write(read_lines(place.faults))
    listing.close()
    return listing.csv


async def erase(node: Node, request: str) -> None:
    """Erase the files of a request that is over."""
    folder(node, request).erase()
    await node.read(partial(requests.erased, line=request, at=node.clock()))


async def erase_old(node: Node) -> bool:
    """Erase files that were kept for long enough."""
    before = node.clock() - timedelta(days=node.settings.bulk_kept_days)
    for request in await node.glance(partial(requests.kept, before=before)):
        await erase(node, request)
    return False
