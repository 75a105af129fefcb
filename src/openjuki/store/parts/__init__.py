# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The log of what is provided in bulk (一括提供の記録): parts, each with a salted leaf for every person told about.

Each module has one rule: `writing` makes a part's log, `hashing` its salts and its tree, `columns` its Parquet,
`keeping` puts it beside its row in the journal, `reading` takes rows out of it, `proving` proves one of them, `erasing`
takes one away for ever, `checking` counts a part again. `docs/spec/bulk-log.md` defines the forms.
"""

from openjuki.store.parts.checking import Check, check
from openjuki.store.parts.columns import codes
from openjuki.store.parts.erasing import erase
from openjuki.store.parts.keeping import keep
from openjuki.store.parts.proving import proof, proofs
from openjuki.store.parts.reading import Found, Listed, find, listed, log, read, row, rows
from openjuki.store.parts.writing import Written, write

__all__ = [
    "Check",
    "Found",
    "Listed",
    "Written",
    "check",
    "codes",
    "erase",
    "find",
    "keep",
    "listed",
    "log",
    "proof",
    "proofs",
    "read",
    "row",
    "rows",
    "write",
]
