# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The small page of an agency (照会画面): choose the affair, ask, read the answer, see the ledger.

Served on the office's LAN, to operators who are signed in with a passkey. Rendered by the server alone, so that it
works by keyboard and without scripts; the one script there is speaks to the passkey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.gateway.affairs import Affairs
from openjuki.gateway.answers import Answers
from openjuki.gateway.batches import Batches
from openjuki.gateway.entries import Entries
from openjuki.gateway.frame import Frame
from openjuki.screens.entrance import Entrance
from openjuki.screens.pages import guarded

if TYPE_CHECKING:
    from starlette.routing import Route

    from openjuki.nodes.asking import Asking
    from openjuki.nodes.node import Office


def routes(node: Office, asking: Asking) -> list[Route]:
    """The pages of a node, each behind the guard: for an application that serves other things too."""
    frame = Frame(node, asking)
    rooms = (Entrance(frame), Affairs(frame), Answers(frame), Entries(frame), Batches(frame))
    return guarded(frame, rooms)
