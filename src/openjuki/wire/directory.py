# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Node directory (機関名簿): who belongs to the network, with which keys, and who may send what to whom.

Rules of this file, specified in ``docs/spec/directory.md``:

1. A key id names one key of one node; an old key stays listed with its interval.
2. A directory is believed for as long as it says, and never after a newer one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import orjson

from openjuki.config import Kind
from openjuki.errors import (
    BadConfiguration,
    BadEnvelope,
    ForgedEnvelope,
    RevokedNode,
    StaleDirectory,
    UnlistedNode,
)
from openjuki.pki.keys import PublicKey, SealingPublicKey, Suite
from openjuki.wire.document import NODE_ID, Items, open_document, sign_document, to_base64, to_time
from openjuki.wire.messages import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys, SigningKey


#: Largest directory; a nation of 1,800 nodes has 5 MB of post-quantum keys.
LARGEST_DIRECTORY = 16 * 1_048_576


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
    #: Node id of a municipality's prefecture; None for the others.
    prefecture: str | None = None
    #: Keys to verify with.
    signing: tuple[Listed[PublicKey], ...]
    #: Keys to seal to.
    sealing: tuple[Listed[SealingPublicKey], ...]
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
            journal=items.count("journal", least=2) if "journal" in items else 1,
        )


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


class Signed(NamedTuple):
    """A document whose signature is a listed key's (名簿の鍵による署名文書)."""

    items: Items
    content: bytes
    #: Id of the key; ``Directory.check_signer`` says whether it was the right one.
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Node directory (機関名簿)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.directory.v1+json"

    #: Name of the network.
    network: str
    #: Every edition's is greater than the one before.
    version: int
    issued: datetime
    expires: datetime
    #: By node id.
    nodes: Mapping[str, Node]
    #: By key id: whose signing key it is.
    _signers: Mapping[str, tuple[Node, Listed[PublicKey]]] = field(init=False, compare=False, repr=False)

    #: By kind, in order of their ids.
    _by_kind: Mapping[Kind, tuple[Node, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Index signing keys and kinds; a nation has 1,800 nodes."""
        nodes = [self.nodes[node] for node in sorted(self.nodes)]
        signers = {one.key.key_id: (node, one) for node in nodes for one in node.signing}
        by_kind = {kind: tuple(node for node in nodes if node.kind is kind) for kind in Kind}
        object.__setattr__(self, "_signers", signers)
        object.__setattr__(self, "_by_kind", by_kind)

    @classmethod
    def of(cls, network: str, nodes: Iterable[Node], *, issued: datetime, expires: datetime) -> Self:
        """The first edition (初版)."""
        return cls(
            network=network,
            version=1,
            issued=issued,
            expires=expires,
            nodes={node.id: node for node in nodes},
        )

    def revise(self, nodes: Iterable[Node] = (), *, issued: datetime, expires: datetime) -> Self:
        """The next edition (改版): these nodes added, or changed where they were listed."""
        return replace(
            self,
            version=self.version + 1,
            issued=issued,
            expires=expires,
            nodes={**self.nodes, **{node.id: node for node in nodes}},
        )

    def node(self, node: str) -> Node:
        """The node of this id, revoked or not.

        Raises:
            UnlistedNode: there is none.
        """
        try:
            return self.nodes[node]
        except KeyError:
            raise UnlistedNode(f"not in the directory: {node}") from None

    def active(self, node: str, *, at: datetime) -> Node:
        """The node of this id, unless it is revoked.

        Raises:
            UnlistedNode: there is none.
            RevokedNode: it is revoked.
        """
        found = self.node(node)
        found.check_not_revoked(at)
        return found

    def open(self, raw: bytes, payload_type: str) -> Signed:
        """Verify a document that one listed node signed (一機関の署名文書の検証); whose key it was is still to be checked.

        Raises:
            OversizedMessage, BadEnvelope, ForgedEnvelope: as `open_document`.
            UnlistedNode: signed with a key that no node has.
        """
        opened = open_document(raw, payload_type, self.public_key)
        if len(opened.signers) != 1:
            raise BadEnvelope("signed by one node, not by several")
        return Signed(Items(opened.payload), opened.content, opened.signers[0])

    def public_key(self, key_id: str) -> PublicKey:
        """The signing key of this id, good or not.

        Raises:
            UnlistedNode: no node has it.
        """
        try:
            return self._signers[key_id][1].key
        except KeyError:
            raise UnlistedNode("the key is in no node's entry") from None

    def check_signer(self, key_id: str, node: str, *, at: datetime) -> Node:
        """The node, when this key of its own was good at this time.

        Raises:
            ForgedEnvelope: the key is another node's, or was not good.
        """
        owner, listed = self._signers[key_id]
        if owner.id != node:
            raise ForgedEnvelope(f"signed by {owner.id} in the name of {node}")
        if not listed.is_good(at):
            raise ForgedEnvelope(f"signed with a key of {node} that was not good then")
        return owner

    def sealing_key(self, node: str, *, at: datetime) -> SealingPublicKey:
        """The key to seal to a node with: the newest that is good.

        Raises:
            UnlistedNode: no such node, or it has no good key.
            RevokedNode: it is revoked.
        """
        good = [one for one in self.active(node, at=at).sealing if one.is_good(at)]
        if not good:
            raise UnlistedNode(f"no sealing key is good: {node}")
        return max(good, key=lambda one: one.since).key

    def check_fresh(self, at: datetime) -> None:
        """Return only when the directory may still be believed.

        Raises:
            StaleDirectory: it has expired.
        """
        if at >= self.expires:
            raise StaleDirectory

    def permits(self, sender: str, recipient: str, message: str) -> bool:
        """Whether the table of messages lets one node send this to another (送信の許可)."""
        one, other = self.nodes.get(sender), self.nodes.get(recipient)
        if one is None or other is None:
            return False
        return any(
            (road.sender, road.recipient) == (one.kind, other.kind) and (not road.own or _are_own(one, other))
            for road in MESSAGES.get(message, ())
        )

    def roads(self, sender: str) -> Iterator[tuple[str, str]]:
        """Everything a node may send: recipient and message, in a fixed order (送信できる電文)."""
        one = self.node(sender)
        for message, roads in MESSAGES.items():
            for road in roads:
                if road.sender is one.kind:
                    for other in self._by_kind[road.recipient]:
                        if not road.own or _are_own(one, other):
                            yield other.id, message

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "network": self.network,
            "version": self.version,
            "issued": to_time(self.issued),
            "expires": to_time(self.expires),
            "nodes": [self.nodes[node].to_dict() for node in sorted(self.nodes)],
        }

    @classmethod
    def from_items(cls, items: Items) -> Self:
        """Read the JSON form.

        Raises:
            BadEnvelope: incomplete or malformed, or against the rules of a directory.
        """
        nodes = [Node.from_items(one) for one in items.list("nodes")]
        directory = cls(
            network=items.text("network", NODE_ID),
            version=items.count("version", least=1),
            issued=items.time("issued"),
            expires=items.time("expires"),
            nodes={node.id: node for node in nodes},
        )
        _check_consistent(directory, nodes)
        return directory


def _are_own(one: Node, other: Node) -> bool:
    return one.prefecture == other.id or other.prefecture == one.id


def _check_consistent(directory: Directory, nodes: list[Node]) -> None:
    if [node.id for node in nodes] != sorted(directory.nodes):
        raise BadEnvelope("nodes are listed once each, in order of their ids")
    keys = [one.key.key_id for node in nodes for one in node.signing]
    keys += [one.key.key_id for node in nodes for one in node.sealing]
    if len(keys) != len(set(keys)):
        raise BadEnvelope("a key is listed once")
    if not all(_has_its_prefecture(node, directory.nodes) for node in nodes):
        raise BadEnvelope("a municipality, and nothing else, names a prefecture that is listed")


def _has_its_prefecture(node: Node, nodes: Mapping[str, Node]) -> bool:
    if node.kind is not Kind.MUNICIPALITY:
        return node.prefecture is None
    upper = nodes.get(node.prefecture or "")
    return upper is not None and upper.kind is Kind.PREFECTURE


def write_directory(directory: Directory, *roots: SigningKey) -> bytes:
    """Sign an edition (名簿の発行)."""
    payload = orjson.dumps(directory.to_dict(), option=orjson.OPT_SORT_KEYS)
    return sign_document(Directory.PAYLOAD_TYPE, payload, *roots)


def read_directory(
    raw: bytes, *, roots: Iterable[PublicKey], at: datetime, known: Directory | None = None
) -> Directory:
    """Verify an edition (名簿の検証) against the root keys, the clock, and the edition already known.

    Raises:
        ForgedEnvelope: no root key signed it.
        BadEnvelope: malformed, or against the rules of a directory.
        StaleDirectory: expired, of another network, or not newer than the one known.
    """
    known_roots = {root.key_id: root for root in roots}
    opened = open_document(raw, Directory.PAYLOAD_TYPE, known_roots.get, most=LARGEST_DIRECTORY)
    if opened.content:
        raise BadEnvelope("a directory has no content beside its line")
    directory = Directory.from_items(Items(opened.payload))
    directory.check_fresh(at)
    if known is not None and directory != known:
        if directory.network != known.network:
            raise StaleDirectory(f"a directory of another network: {directory.network}")
        if directory.version <= known.version:
            raise StaleDirectory(f"edition {known.version} is known already")
    return directory
