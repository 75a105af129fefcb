# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Node directory (機関名簿): who belongs to the network, with which keys, and who may send what to whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys, PublicKey, SealingPublicKey, SigningKey


class NodeKind(StrEnum):
    """Kind of node (機関の種別)."""

    #: 市町村.
    MUNICIPALITY = "municipality"
    #: 都道府県.
    PREFECTURE = "prefecture"
    #: 機構.
    CENTRE = "centre"
    #: 国の機関等.
    AGENCY = "agency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed[K: (PublicKey, SealingPublicKey)]:
    """A key and when it is good (鍵の有効期間)."""

    key: K
    since: datetime
    #: None: until further notice.
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node as the directory lists it (名簿の機関)."""

    #: Node id: 6-digit local government code, `centre`, or `agency-<slug>`.
    id: str
    kind: NodeKind
    name: str
    #: Node id of a municipality's prefecture; None for the others.
    prefecture: str | None = None
    signing: tuple[Listed[PublicKey], ...]
    sealing: tuple[Listed[SealingPublicKey], ...]
    revoked_at: datetime | None = None

    @classmethod
    def of(
        cls, keys: NodeKeys, kind: NodeKind, name: str, *, prefecture: str | None = None, since: datetime
    ) -> Node:
        """List a node with the keys it has."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Node directory (機関名簿)."""

    #: Name of the network.
    network: str
    #: Grows by at least one with every edition.
    version: int
    issued: datetime
    expires: datetime
    #: By node id.
    nodes: Mapping[str, Node]

    def active(self, node: str, *, at: datetime) -> Node:
        """The node, if it is listed and not revoked.

        Raises:
            UnlistedNode, RevokedNode
        """
        raise NotImplementedError

    def sealing_key(self, node: str, *, at: datetime) -> SealingPublicKey:
        """The key to seal to this node with: the newest that is good."""
        raise NotImplementedError

    def permits(self, sender: str, recipient: str, message: str) -> bool:
        """Whether the table of messages has it."""
        raise NotImplementedError

    def revise(self, *, revoke: Iterable[str] = (), add: Iterable[Node] = (), issued: datetime) -> Directory:
        """The next edition."""
        raise NotImplementedError


def write_directory(directory: Directory, *roots: SigningKey) -> bytes:
    """Sign an edition."""
    raise NotImplementedError


def read_directory(
    raw: bytes, *, roots: Iterable[PublicKey], at: datetime, known: Directory | None = None
) -> Directory:
    """Verify an edition.

    Raises:
        ForgedEnvelope: no root signed it.
        StaleDirectory: it has expired, or is older than the edition known.
        BadEnvelope: it is malformed.
    """
    raise NotImplementedError
