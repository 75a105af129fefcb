# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Receipt (受領の確認): an asker's signed word that answers have arrived and are in its ledger. Pure.

A provider records before it answers, and cannot know whether the answer arrived. What it has recorded and nobody
has receipted is what may have been told to nobody, or to somebody who does not say so. Specified in
``docs/spec/receipt.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import orjson

from openjuki.errors import BadEnvelope
from openjuki.wire.document import Items, sign_document
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory

#: The message.
RECEIPT: Final = "receipt"
#: Most envelopes of one receipt.
MOST_RECEIPTED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Receipt of answers (受領の確認)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.receipt.v1+json"

    #: Of which network.
    network: str
    #: Whose answers they are, and whose they were.
    asker: str
    provider: str
    #: When this was said.
    time: datetime
    #: Ids of the envelopes that were answered.
    envelopes: tuple[str, ...]

    def sign(self, keys: NodeKeys) -> bytes:
        """Sign with the asker's key (受領の署名)."""
        payload = {
            "asker": self.asker,
            "envelopes": self.envelopes,
            "network": self.network,
            "provider": self.provider,
            "time": leaf_time(self.time),
        }
        return sign_document(self.PAYLOAD_TYPE, orjson.dumps(payload), keys.signing)


def read_receipt(raw: bytes, *, directory: Directory, at: datetime) -> Receipt:
    """Verify a receipt (受領の検証), signed by the asker that it names with a key that was good at this time.

    Raises:
        BadEnvelope: malformed, or of another network.
        ForgedEnvelope: signed by another, or the key was not good.
        UnlistedNode, RevokedNode: the directory does not list the asker, or no longer.
    """
    signed = directory.open(raw, Receipt.PAYLOAD_TYPE)
    items = signed.items
    if items.take("network", str) != directory.network or signed.content:
        raise BadEnvelope("a receipt is of this network, and has no content beside its line")
    asker = items.node("asker")
    directory.check_signer(signed.key_id, asker, at=at).check_not_revoked(at)
    return Receipt(
        network=directory.network,
        asker=asker,
        provider=items.node("provider"),
        time=items.time("time"),
        envelopes=_ids(items),
    )


def write_unknown(envelopes: Collection[str]) -> bytes:
    """The answer to a receipt: which of its envelopes the provider does not know."""
    return orjson.dumps({"unknown": sorted(envelopes)})


def read_unknown(raw: bytes) -> frozenset[str]:
    """Read what `write_unknown` wrote.

    Raises:
        BadEnvelope: malformed.
    """
    return frozenset(str(one) for one in Items(raw).take("unknown", list))


def _ids(items: Items) -> tuple[str, ...]:
    found = items.take("envelopes", list)
    if not 1 <= len(found) <= MOST_RECEIPTED or len(set(map(str, found))) < len(found):
        raise BadEnvelope(f"a receipt is about one to {MOST_RECEIPTED} different envelopes")
    return tuple(Items({"id": one}).id() for one in found)
