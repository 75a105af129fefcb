# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The answer is handed to whoever asked (回答ファイルの引渡し): one file, and beside it what was wrong with keys."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from openjuki.carriage import report
from openjuki.carriage.answer_files import put_together, read_lines
from openjuki.carriage.files import Listing
from openjuki.nodes.fetching.asked import Delivered, form_of
from openjuki.nodes.fetching.folder import folder
from openjuki.store import requests

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.nodes.node import Node, Office
    from openjuki.store.requests import Request

#: Seconds between two looks for files of requests that were over long ago.
EVERY: Final = 600.0


def put(office: Office, request: Request, file: Path) -> Delivered:
    """Put the answer together in this file.

    Raises:
        Unavailable: no permission, or no space.
    """
    place = folder(office, request.id)
    losses = put_together(form_of(request), [place.answer(part) for part in range(request.parts)], file)
    if not request.malformed:
        return Delivered(file, None, losses)
    listing = Listing(file, "report", report.FIELDS)
    listing.write(read_lines(place.faults))
    listing.close()
    return Delivered(file, listing.csv, losses)


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
