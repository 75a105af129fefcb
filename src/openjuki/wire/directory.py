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
    BadEnvelope,
    ForgedEnvelope,
    StaleDirectory,
    UnlistedNode,
)
from openjuki.wire.checkpoint import origin
from openjuki.wire.document import NODE_ID, Items, open_document, sign_document, to_time
from openjuki.wire.listing import Listed, Node
from openjuki.wire.messages import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from openjuki.pki.keys import PublicKey, SealingPublicKey, SigningKey
    from openjuki.wire.messages import Road

__all__ = ["Directory", "Listed", "Node", "Signed", "read_directory", "write_directory"]

#: Largest directory; a nation of 1,800 nodes has 5 MB of post-quantum keys.
LARGEST_DIRECTORY = 16 * 1_048_576


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

    def origin(self, node: str) -> str:
        """Name of a node's journal, as its checkpoints bear it (記録簿の名).

        Raises:
            UnlistedNode: no such node.
        """
        return origin(self.network, node, self.node(node).journal)

    def log_keys(self, node: str, *, at: datetime | None = None) -> tuple[PublicKey, ...]:
        """Every key with which a node's signer signs its checkpoints, or did; of a time, those that were good then.

        Raises:
            UnlistedNode: no such node.
        """
        return tuple(one.key for one in self.node(node).log if at is None or one.is_good(at))

    def cosigning_keys(self, node: str, *, at: datetime | None = None) -> tuple[PublicKey, ...]:
        """Every key with which a node confirms others' checkpoints, or did; of a time, those that were good then.

        Raises:
            UnlistedNode: no such node.
        """
        return tuple(one.key for one in self.node(node).cosigning if at is None or one.is_good(at))

    def witnesses(self, node: str) -> tuple[str, ...]:
        """Who watches over a node's journal (立会人): the Centre and prefectures, as far as the network has them.

        Raises:
            UnlistedNode: no such node.
        """
        one = self.node(node)
        centres, prefectures = self._standing(Kind.CENTRE), self._standing(Kind.PREFECTURE)
        match one.kind:
            case Kind.MUNICIPALITY:
                return (*(found for found in prefectures if found == one.prefecture), *centres)
            case Kind.PREFECTURE:
                following = [other for other in prefectures if other > one.id] + prefectures
                return (*centres, *[other for other in following if other != one.id][:1])
            case Kind.CENTRE:
                return tuple(prefectures[:2])
            case Kind.AGENCY:
                return (*centres, *prefectures[:1])

    def _standing(self, kind: Kind) -> list[str]:
        return [node.id for node in self._by_kind[kind] if node.revoked_at is None]

    def permits(self, sender: str, recipient: str, message: str) -> bool:
        """Whether the table of messages lets one node send this to another (送信の許可)."""
        one, other = self.nodes.get(sender), self.nodes.get(recipient)
        if one is None or other is None:
            return False
        return any(
            (road.sender, road.recipient) == (one.kind, other.kind)
            and (not road.own or _are_own(one, other))
            and (not road.witness or recipient in self.witnesses(sender))
            for road in MESSAGES.get(message, ())
        )

    def roads(self, sender: str) -> Iterator[tuple[str, str]]:
        """Everything a node may send: recipient and message, in a fixed order (送信できる電文)."""
        one = self.node(sender)
        for message, roads in MESSAGES.items():
            for road in roads:
                if road.sender is one.kind:
                    yield from ((other.id, message) for other in self._reached(one, road))

    def _reached(self, one: Node, road: Road) -> Sequence[Node]:
        """Whom a road leads to from a node."""
        if road.own:
            return [other for other in self._by_kind[road.recipient] if _are_own(one, other)]
        if road.witness:
            witnesses = [self.nodes[witness] for witness in self.witnesses(one.id)]
            return [other for other in witnesses if other.kind is road.recipient]
        return self._by_kind[road.recipient]

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
    keys = [one.key.key_id for node in nodes for one in (*node.signing, *node.log, *node.cosigning)]
    keys += [one.key.key_id for node in nodes for one in node.sealing]
    if len(keys) != len(set(keys)):
        raise BadEnvelope("a key is listed once")
    if not all(_has_its_prefecture(node, directory.nodes) for node in nodes):
        raise BadEnvelope("a municipality names a prefecture that is listed, an agency may, and nothing else")


def _has_its_prefecture(node: Node, nodes: Mapping[str, Node]) -> bool:
    """A municipality lies in a prefecture; an agency's is whose governor it asks, and the State's agencies have none."""
    if node.prefecture is None:
        return node.kind is not Kind.MUNICIPALITY
    upper = nodes.get(node.prefecture)
    return (
        upper is not None and upper.kind is Kind.PREFECTURE and node.kind in {Kind.MUNICIPALITY, Kind.AGENCY}
    )


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
