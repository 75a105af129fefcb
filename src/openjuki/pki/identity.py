# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Identity of a node on disk (機関の身元): its keys, its certificate, and whom it trusts.

::

    <home>/                 0700
    ├── signing.pem         0600   Ed25519, signs envelopes, batches and relayed messages
    ├── sealing/<id>.key    0600   HPKE, opens what is sealed to the node; old ones stay
    ├── tls.pem, tls.key    0644, 0600   certificate and key towards the broker
    ├── ca.pem              0644   the network's certificate authority
    └── roots               0644   public keys that sign the node directory, one per line, hexadecimal
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from openjuki.pki.authority import Authority
    from openjuki.pki.keys import NodeKeys, PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeIdentity:
    """Identity of a node (機関の身元)."""

    #: What it signs and opens with; `keys.node` is the node id.
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
    def load(cls, home: Path) -> NodeIdentity:
        """Read what `issue_identity` wrote.

        Raises:
            BadConfiguration: something is missing, malformed, or readable by others.
        """
        raise NotImplementedError


def issue_identity(
    home: Path, node: str, *, authority: Authority, roots: Iterable[PublicKey], at: datetime
) -> NodeIdentity:
    """Draw a node's keys, certify it, and write all of it below `home`.

    Raises:
        BadConfiguration: keys lie there already.
    """
    raise NotImplementedError
