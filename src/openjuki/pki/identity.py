# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Identity of a node on disk (機関の身元): its keys, its certificate, and whom it trusts.

::

    <home>/                 0700
    ├── signing.pem         0600   Ed25519, signs envelopes, batches and relayed messages
    ├── sealing/<id>.key    0600   HPKE, opens what is sealed to the node; old ones stay
    ├── tls.key, tls.pem    0600, 0644   key and certificate towards the broker
    ├── ca.pem              0644   certificate of the network's authority
    └── roots               0644   public keys that sign the node directory, one a line, hexadecimal
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from openjuki.errors import BadConfiguration
from openjuki.pki.authority import network_of
from openjuki.pki.files import read_public, write_public, write_secret
from openjuki.pki.keys import NodeKeys, PublicKey, SealingKey, SigningKey
from openjuki.pki.path import load_certificate, verify_node

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from openjuki.pki.authority import Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeIdentity:
    """Identity of a node (機関の身元)."""

    #: Name of the network, from the authority's certificate.
    network: str
    #: What it signs and opens with.
    keys: NodeKeys
    #: Public keys whose signature on a node directory it believes.
    roots: tuple[PublicKey, ...]
    #: Its certificate (PEM).
    certificate: Path
    #: The certificate's key (PEM).
    tls_key: Path
    #: Certificate of the network's authority (PEM).
    ca: Path

    @property
    def node(self) -> str:
        """Node id."""
        return self.keys.node

    @classmethod
    def load(cls, home: Path, *, at: datetime) -> Self:
        """Read what `issue_identity` wrote.

        Raises:
            BadConfiguration: a file is missing or malformed, or others may read a key.
            BadCertificate: the certificate is not the authority's, or no longer good.
        """
        certificate, ca = home / "tls.pem", home / "ca.pem"
        authority = load_certificate(ca)
        node = verify_node(load_certificate(certificate), authority=authority, at=at)
        sealing = [SealingKey.load(path) for path in sorted((home / "sealing").glob("*.key"))]
        return cls(
            network=network_of(authority),
            keys=NodeKeys(
                node=node,
                signing=SigningKey.load(home / "signing.pem"),
                sealing={key.key_id: key for key in sealing},
            ),
            roots=_load_roots(home / "roots"),
            certificate=certificate,
            tls_key=home / "tls.key",
            ca=ca,
        )


def issue_identity(
    home: Path, node: str, *, authority: Authority, roots: Iterable[PublicKey], at: datetime
) -> NodeIdentity:
    """Draw a node's keys, certify it, and write all of it below ``home`` (機関の身元の発行).

    Raises:
        BadConfiguration: keys lie there already.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "sealing").mkdir(mode=0o700, exist_ok=True)
    keys = NodeKeys.generate(node)
    keys.signing.save(home / "signing.pem")
    for key in keys.sealing.values():
        key.save(home / "sealing" / f"{key.key_id}.key")
    issued = authority.issue_node(node, at=at)
    write_secret(home / "tls.key", issued.key)
    write_public(home / "tls.pem", issued.certificate)
    write_public(home / "ca.pem", authority.pem)
    write_public(home / "roots", "".join(f"{root.raw.hex()}\n" for root in roots).encode())
    return NodeIdentity.load(home, at=at)


def _load_roots(path: Path) -> tuple[PublicKey, ...]:
    try:
        roots = tuple(PublicKey(bytes.fromhex(line)) for line in read_public(path).decode("ascii").split())
    except ValueError as error:
        raise BadConfiguration(f"not a list of root keys: {path}") from error
    if not roots:
        raise BadConfiguration(f"no root key to verify the directory with: {path}")
    return roots
