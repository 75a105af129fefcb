# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificate authority of the network (ネットワークの認証局): who may open a TLS connection at all.

Rules of this file:

1. Certificates have the full profile (key identifiers, key usage, extended key usage), for strict verifiers
   refuse less, and some clients then wait instead of failing.
2. A node's certificate has exactly one subject alternative name, its node id: a broker tries every one.
3. A node's certificate is good for clients only and a broker's for servers only, so neither plays the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openjuki.errors import BadConfiguration
from openjuki.pki.files import read_public, read_secret, write_public, write_secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

#: How long the authority's own certificate is good.
AUTHORITY_LIFETIME = timedelta(days=3652)
#: How long what it issues is good.
LIFETIME = timedelta(days=397)
#: Certificates begin a little earlier, since clocks differ.
_HEAD_START = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key (発行された証明書), both PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """Certificate authority of one network (認証局), ECDSA P-256."""

    certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, network: str, *, at: datetime) -> Self:
        """Draw a key and certify it by itself (認証局の開設)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, network),
                x509.NameAttribute(NameOID.COMMON_NAME, f"OpenJuki {network} CA"),
            ]
        )
        certificate = (
            _builder(name, key.public_key(), at, AUTHORITY_LIFETIME)
            .issuer_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def load(cls, home: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            BadConfiguration: a file is missing or malformed, or others may read the key.
        """
        try:
            certificate = x509.load_pem_x509_certificate(read_public(home / "ca.pem"))
            key = serialization.load_pem_private_key(read_secret(home / "ca.key"), None)
        except ValueError as error:
            raise BadConfiguration(f"not a certificate authority: {home}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise BadConfiguration(f"the authority's key is not its certificate's: {home}")
        return cls(certificate, key)

    def save(self, home: Path) -> None:
        """Write ``ca.pem`` and ``ca.key`` (0600) into a directory that only its owner enters (0700)."""
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(home / "ca.key", _private_pem(self._key))
        write_public(home / "ca.pem", self.pem)

    @property
    def network(self) -> str:
        """Name of the network it certifies for."""
        return network_of(self.certificate)

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue_node(self, node: str, *, at: datetime) -> Issued:
        """Certify a node (機関の証明書): client authentication under its node id, and nothing else."""
        return self._issue(node, [x509.DNSName(node)], ExtendedKeyUsageOID.CLIENT_AUTH, at)

    def issue_broker(self, hosts: Iterable[str] = (), *, at: datetime) -> Issued:
        """Certify a broker (中継サーバの証明書): server authentication under ``broker.<network>`` and its hosts."""
        name = broker_name(self.network)
        names = [x509.DNSName(host) for host in (name, *hosts)]
        return self._issue(name, names, ExtendedKeyUsageOID.SERVER_AUTH, at)

    def _issue(
        self, name: str, names: list[x509.DNSName], usage: x509.ObjectIdentifier, at: datetime
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _builder(subject, key.public_key(), at, LIFETIME)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        return Issued(certificate.public_bytes(serialization.Encoding.PEM), _private_pem(key))


def network_of(authority: x509.Certificate) -> str:
    """Name of the network that an authority certifies for."""
    (name,) = authority.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(name.value)


def broker_name(network: str) -> str:
    """The name by which nodes accept a broker's certificate, whatever its address."""
    return f"broker.{network}"


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _HEAD_START)
        .not_valid_after(at + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
