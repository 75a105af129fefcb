# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the node directory says of one node (名簿の一項): its keys, each with its interval, and its place in the network.

Specified in ``docs/spec/directory.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from openjuki.config import Kind
from openjuki.errors import BadConfiguration, BadEnvelope, RevokedNode
from openjuki.pki.keys import PublicKey, SealingPublicKey, Suite
from openjuki.wire.document import to_base64, to_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.document import Items


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed[K: (PublicKey, SealingPublicKey)]:
    """A key and when it is good (鍵の有効期間)."""

    key: K
    since: datetime
    #: No longer good from then on; None: until further notice.
    until: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether the key is good at this time."""
        return self.since <= at and (self.until is None or at < self.until)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        suite: dict[str, Any] = {} if isinstance(self.key, PublicKey) else {"suite": self.key.suite.value}
        return suite | {
            "key_id": self.key.key_id,
            "key": to_base64(self.key.raw),
            "since": to_time(self.since),
            "until": None if self.until is None else to_time(self.until),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node as the directory lists it (名簿に載る機関)."""

    #: Node id: 6-digit local government code, ``centre``, or ``agency-<slug>``.
    id: str
    kind: Kind
    #: For people.
    name: str
    #: Node id of a municipality's prefecture, and of the prefecture whose governor an agency asks; None for the others.
    prefecture: str | None = None
    #: Keys to verify with.
    signing: tuple[Listed[PublicKey], ...]
    #: Keys to seal to.
    sealing: tuple[Listed[SealingPublicKey], ...]
    #: Keys to verify the checkpoints of its journal with.
    log: tuple[Listed[PublicKey], ...] = ()
    #: Keys to verify with that it has confirmed another's checkpoint.
    cosigning: tuple[Listed[PublicKey], ...] = ()
    #: From then on nothing of this node is accepted.
    revoked_at: datetime | None = None
    #: Which journal it keeps: begun anew, after a restore from an old backup, it is the next (記録簿番号).
    journal: int = 1

    @classmethod
    def of(
        cls, keys: NodeKeys, kind: Kind, name: str, *, prefecture: str | None = None, since: datetime
    ) -> Self:
        """List a node with the keys it holds (機関の登録)."""
        return cls(
            id=keys.node,
            kind=kind,
            name=name,
            prefecture=prefecture,
            signing=(Listed(key=keys.signing.public, since=since),),
            sealing=tuple(Listed(key=key.public, since=since) for key in keys.sealing.values()),
        )

    def keeping_log(self, log: PublicKey, *, cosigning: PublicKey, since: datetime) -> Self:
        """List also the keys of its signer, and of itself as a witness (記録簿の鍵の登録)."""
        listed = Listed(key=log, since=since), Listed(key=cosigning, since=since)
        return replace(self, log=listed[:1], cosigning=listed[1:])

    def check_not_revoked(self, at: datetime) -> None:
        """Return only when the node was not revoked by then.

        Raises:
            RevokedNode: it was.
        """
        if self.revoked_at is not None and self.revoked_at <= at:
            raise RevokedNode(f"revoked: {self.id}")

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "name": self.name,
            "prefecture": self.prefecture,
            "signing": [listed.to_dict() for listed in self.signing],
            "sealing": [listed.to_dict() for listed in self.sealing],
            "revoked_at": None if self.revoked_at is None else to_time(self.revoked_at),
            **({"log": [listed.to_dict() for listed in self.log]} if self.log else {}),
            **({"cosigning": [listed.to_dict() for listed in self.cosigning]} if self.cosigning else {}),
            **({"journal": self.journal} if self.journal > 1 else {}),
        }

    @classmethod
    def from_items(cls, items: Items) -> Self:
        """Read the JSON form.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        kind = items.take("kind", str)
        if kind not in Kind:
            raise BadEnvelope("missing or malformed: kind")
        return cls(
            id=items.node("id"),
            kind=Kind(kind),
            name=items.take("name", str),
            prefecture=items.maybe("prefecture", items.node),
            signing=tuple(_listed(one, _signing_key) for one in items.list("signing")),
            sealing=tuple(_listed(one, _sealing_key) for one in items.list("sealing")),
            revoked_at=items.maybe("revoked_at", items.time),
            log=_public_keys(items, "log"),
            cosigning=_public_keys(items, "cosigning"),
            journal=items.count("journal", least=2) if "journal" in items else 1,
        )


def _public_keys(items: Items, name: str) -> tuple[Listed[PublicKey], ...]:
    return tuple(_listed(one, _signing_key) for one in items.list(name)) if name in items else ()


def _listed[K: (PublicKey, SealingPublicKey)](items: Items, read: Callable[[Items], K]) -> Listed[K]:
    try:
        key = read(items)
    except (BadConfiguration, ValueError) as error:
        raise BadEnvelope("missing or malformed: key") from error
    if key.key_id != items.id("key_id"):
        raise BadEnvelope("a key under another key's id")
    return Listed(key=key, since=items.time("since"), until=items.maybe("until", items.time))


def _signing_key(items: Items) -> PublicKey:
    return PublicKey(items.raw("key"))


def _sealing_key(items: Items) -> SealingPublicKey:
    return SealingPublicKey(Suite(items.take("suite", str)), items.raw("key"))
