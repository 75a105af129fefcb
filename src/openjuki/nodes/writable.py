# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a peer says of itself can be written down (記録できる文字): else its question is malformed, and no defect here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.errors import BadEnvelope

if TYPE_CHECKING:
    from openjuki.wire.bulk import BulkRequest
    from openjuki.wire.clientele import ClienteleAsk


def check_writable(asked: BulkRequest | ClienteleAsk) -> None:
    """Return only where every text of it can stand in the book.

    Raises:
        BadEnvelope: one cannot.
    """
    said = (asked.affair, asked.office, asked.operator, asked.terminal, asked.reason)
    if any("\0" in text for text in said):
        raise BadEnvelope("U+0000 is the one character that no book can hold")
