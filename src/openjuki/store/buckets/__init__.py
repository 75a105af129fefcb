# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The index to the log of bulk provisions (提供の記録の索引): who received data about a person, found by code."""

from openjuki.store.buckets.compacting import compact
from openjuki.store.buckets.erasing import erase
from openjuki.store.buckets.looking import Line, lines

__all__ = ["Line", "compact", "erase", "lines"]
