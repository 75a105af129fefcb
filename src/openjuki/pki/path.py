# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""From a certificate to a node id (証明書の検証), or an error; nothing in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from openjuki.errors import BadCertificate, BadConfiguration
from openjuki.pki.files import read_public

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def load_certificate(path: Path) -> x509.Certificate:
    """Read a certificate (PEM).

    Raises:
        BadConfiguration: the file cannot be read or is something else.
    """
    try:
        return x509.load_pem_x509_certificate(read_public(path))
    except ValueError as error:
        raise BadConfiguration(f"not a certificate: {path}") from error


def verify_node(certificate: x509.Certificate, *, authority: x509.Certificate, at: datetime) -> str:
    """The node id that a certificate stands for (機関の証明書の検証).

    Raises:
        BadCertificate: not issued by this authority, not good at this time, not for a client, or not named
            by exactly one node id.
    """
    policy = PolicyBuilder().store(Store([authority])).time(at).max_chain_depth(0)
    try:
        subjects = policy.build_client_verifier().verify(certificate, []).subjects
    except VerificationError as error:
        raise BadCertificate(f"{BadCertificate.__doc__} ({error})") from error
    names = [attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    match subjects:
        case [x509.DNSName(value=node)] if names == [node]:
            return node
        case _:
            raise BadCertificate("a node's certificate has its node id as common name and as only other name")
