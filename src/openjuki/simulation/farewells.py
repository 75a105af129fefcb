# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Lines that are hung up while somebody looks on (回線の切断): asyncio warns whenever the broker does it first."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unsaid() -> Iterator[None]:
    """Hear nothing of it for as long as the block lasts."""
    asyncios = logging.getLogger("asyncio")
    level = asyncios.level
    asyncios.setLevel(logging.ERROR)
    try:
        yield
    finally:
        asyncios.setLevel(level)
