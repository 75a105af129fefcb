# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Snapshot (スナップショット): everybody in a book in columns, for provision in bulk. Files: docs/spec/snapshot.md.

A *generation* is immutable; the *overlay* is folded from the journal's rows since; a *state* is both. `layout` says
which columns there are, `searching` and `matching` find persons, `folding` makes the overlay, `building` a generation
from the tables and `merging` the next one from the last.
"""

from openjuki.store.snapshot.building import build
from openjuki.store.snapshot.following import current
from openjuki.store.snapshot.generation import Generation
from openjuki.store.snapshot.layout import SCHEMA
from openjuki.store.snapshot.merging import erase, merge
from openjuki.store.snapshot.overlay import Overlay
from openjuki.store.snapshot.state import Found, State
from openjuki.store.snapshot.writing import write_generation

__all__ = [
    "SCHEMA",
    "Found",
    "Generation",
    "Overlay",
    "State",
    "build",
    "current",
    "erase",
    "merge",
    "write_generation",
]
