# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Identity of a node on disk (機関の身元): its keys, its certificate, and whom it trusts.

::

    <home>/                 0700
    ├── signing.pem         0600   Ed25519, signs envelopes, batches and relayed messages
    ├── cosigning.pem       0600   Ed25519, confirms other nodes' checkpoints
    ├── sealing/<id>.key    0600   HPKE, opens what is sealed to the node; old ones stay
    ├── tls.key, tls.pem    0600, 0644   key and certificate towards the broker
    ├── ca.pem              0644   certificate of the network's authority
    ├── roots               0644   public keys that sign the node directory, one a line, hexadecimal
    ├── log.pub             0644   public key of the node's log, hexadecimal
    └── signer/             0700   the signer's alone; it may be moved to a user or a machine of its own
        ├── log.pem         0600   Ed25519, signs the checkpoints of the node's journal
        ├── state.json      0600   what it has signed last
        └── roots           0644   as above
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
    #: With which it confirms other nodes' checkpoints.
    cosigning: SigningKey
    #: Under which its own checkpoints verify; the private half is the signer's.
    log: PublicKey
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
            cosigning=SigningKey.load(home / "cosigning.pem"),
            log=load_public_keys(home / "log.pub")[0],
            roots=load_public_keys(home / "roots"),
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
    SigningKey.generate().save(home / "cosigning.pem")
    roots = tuple(roots)
    _issue_log(home, roots)
    issued = authority.issue_node(node, at=at)
    write_secret(home / "tls.key", issued.key)
    write_public(home / "tls.pem", issued.certificate)
    write_public(home / "ca.pem", authority.pem)
    write_public(home / "roots", _lines(roots))
    return NodeIdentity.load(home, at=at)


def _issue_log(home: Path, roots: Iterable[PublicKey]) -> None:
    """Draw the key of the node's log; only its public half lies with the node's other keys."""
    signer, key = home / "signer", SigningKey.generate()
    signer.mkdir(mode=0o700, exist_ok=True)
    key.save(signer / "log.pem")
    write_public(signer / "roots", _lines(roots))
    write_public(home / "log.pub", _lines([key.public]))


def load_public_keys(path: Path) -> tuple[PublicKey, ...]:
    """Read a list of public keys, at least one, each a line in hexadecimal.

    Raises:
        BadConfiguration: it is not one.
    """
    try:
        keys = tuple(PublicKey(bytes.fromhex(line)) for line in read_public(path).decode("ascii").split())
    except ValueError as error:
        raise BadConfiguration(f"not a list of public keys: {path}") from error
    if not keys:
        raise BadConfiguration(f"no public key in it: {path}")
    return keys


def _lines(keys: Iterable[PublicKey]) -> bytes:
    return "".join(f"{key.raw.hex()}\n" for key in keys).encode()
