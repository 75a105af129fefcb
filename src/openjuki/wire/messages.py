# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Table of messages (電文の一覧): who may send what to whom.

Rules of this file:

1. What has no row is refused: by the sender, by the broker, whose permissions are made from this table, and by
   the receiver.
2. ``docs/spec/directory.md`` shows the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.config import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


class Road(NamedTuple):
    """A row of the table of messages: from which kind of node to which (送受信の経路)."""

    sender: Kind
    recipient: Kind
    #: Only between a municipality or an agency and the prefecture its entry names.
    own: bool = False
    #: Only to a witness of the sender's journal.
    witness: bool = False


_M, _P, _C, _A = Kind.MUNICIPALITY, Kind.PREFECTURE, Kind.CENTRE, Kind.AGENCY

#: Whoever is told something pulls it: notices climb the tree, relayed messages go by way of the centre.
_PULLS = (Road(_P, _M, own=True), Road(_C, _P), Road(_C, _M), Road(_M, _C))

#: Who provides is asked (法30条の9–30条の14): the Centre by towns, agencies and prefectures, a prefecture by its own.
_PROVIDED = (
    *(Road(asker, provider, own=provider is _P) for asker in (_M, _A) for provider in (_C, _P)),
    Road(_P, _C),
)

#: Who is told what changed of those on its list: an agency, by the Centre and by its own governor.
_TELLS = (Road(_A, _C), Road(_A, _P, own=True))

#: Whoever keeps a journal shows its checkpoints to its witnesses, upwards and, among the upper nodes, sideways.
_WITNESSES = tuple(
    Road(one, other, witness=True)
    for one, other in ((_M, _P), (_M, _C), (_P, _C), (_P, _P), (_C, _P), (_A, _C), (_A, _P))
)

#: Who may send which message to whom; a reply goes the other way and needs no row.
MESSAGES: Mapping[str, tuple[Road, ...]] = {
    # 法30条の6・30条の7: notices; 令13条: notices between municipalities, relayed.
    "pull": _PULLS,
    # Whoever is pulled may ring at whoever pulls.
    "doorbell": tuple(Road(road.recipient, road.sender, road.own) for road in _PULLS),
    # 法30条の2: the centre designates resident codes.
    "designate-codes": (Road(_M, _C),),
    # 番号法7条・8条: the centre generates individual numbers.
    "generate-numbers": (Road(_M, _C),),
    # After a restore: a municipality asks for its own notices, which its prefecture has (令30条の6).
    "own-notices": (Road(_M, _P, own=True),),
    # A witness confirms a checkpoint, and tells what it has confirmed last.
    "cosign": _WITNESSES,
    "last-checkpoint": _WITNESSES,
    # 法30条の9から30条の14まで: towns and agencies ask a provider,
    "provide": _PROVIDED,
    # 法30条の12第1項: or through their governor, who passes the envelope on unopened.
    "provide-through": (Road(_M, _P, own=True), Road(_A, _P, own=True), Road(_P, _C)),
    # Whoever was provided says that it arrived, and has the promise that came with it proved.
    "receipt": _PROVIDED,
    "prove": _PROVIDED,
    # The same in bulk (一括提供): requests and what is pulled of their answers go to the provider; it pulls their keys.
    "bulk": _PROVIDED,
    "bulk-state": _PROVIDED,
    "bulk-cancel": _PROVIDED,
    "bulk-keys": tuple(Road(road.recipient, road.sender, road.own) for road in _PROVIDED),
    "bulk-part": _PROVIDED,
    "bulk-chunk": _PROVIDED,
    "bulk-receipt": _PROVIDED,
    # Changes for a clientele (対象者の異動): an agency asks; who provides pulls its list, which stays with it.
    "clientele": _TELLS,
    "clientele-changes": _TELLS,
    "clientele-receipt": _TELLS,
    "clientele-keys": tuple(Road(road.recipient, road.sender, road.own) for road in _TELLS),
    # 法30条の32: whoever discloses to another than the person asks the home town whether that may be (支援措置).
    "may-be-disclosed": (Road(_P, _M, own=True), Road(_C, _M)),
    # Everybody may ask for the newest directory.
    "directory": (Road(_M, _C), Road(_P, _C), Road(_A, _C)),
}
