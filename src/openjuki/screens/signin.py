# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said to an operator's passkey, and whether what it signed is good (WebAuthn, パスキー).

A passkey is asked for everywhere: that somebody is there, that it is the operator (a finger, a face, a number), and
that the key lies in the device, so that nobody types a name. Nothing here keeps anything: challenges, keys and
counters are `openjuki.store.passkeys`'.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from openjuki.errors import Refused
from openjuki.nodes.passkeys import PASSKEY_NOT_GOOD
from openjuki.store.passkeys import Passkey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.store.passkeys import Invitation

_REQUIRED: Final = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """To whom a passkey shows itself (サインイン先): a name on the LAN, and the origin of our pages."""

    #: Name of the host, without a port.
    name: str
    #: ``https://name:port``.
    origin: str
    #: What an operator reads when choosing a passkey.
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What came back from a passkey, read and not yet believed (署名された応答)."""

    response: dict[str, Any]
    credential: bytes
    challenge: bytes


def creation(
    party: Party, invitation: Invitation, node: str, known: Sequence[bytes], challenge: bytes
) -> str:
    """What the browser passes to a device that shall make a passkey, as JSON."""
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.name,
            rp_name=party.title,
            user_id=hashlib.sha256(f"{node} {invitation.operator}".encode()).digest(),
            user_name=f"{invitation.operator} ({node})",
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        )
    )


def request(party: Party, challenge: bytes) -> str:
    """What the browser passes to a device that holds a passkey, as JSON."""
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.name, challenge=challenge, user_verification=_REQUIRED
        )
    )


def read(response: str) -> Signed:
    """Read what a browser sends.

    Raises:
        Refused: it is nothing that a passkey could have said.
    """
    try:
        items = json.loads(response)
        said = parse_client_data_json(base64url_to_bytes(items["response"]["clientDataJSON"]))
        credential = base64url_to_bytes(items["rawId"])
    except (ValueError, KeyError, TypeError, RecursionError, WebAuthnException) as error:
        raise Refused(PASSKEY_NOT_GOOD) from error
    return Signed(response=items, credential=credential, challenge=said.challenge)


def created(party: Party, signed: Signed, operator: str) -> Passkey:
    """The passkey that a device has made.

    Raises:
        Refused: it was made for somebody else, or nobody was asked for finger or number.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=signed.response,
            expected_challenge=signed.challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(PASSKEY_NOT_GOOD) from error
    return Passkey(
        credential=made.credential_id,
        operator=operator,
        public_key=made.credential_public_key,
        uses=made.sign_count,
    )


def verified(party: Party, signed: Signed, passkey: Passkey) -> int:
    """How often the passkey says that it was used, if it is the one that signed.

    Raises:
        Refused: it is not, or it was copied: it says that it was used less often than it was.
    """
    try:
        seen = webauthn.verify_authentication_response(
            credential=signed.response,
            expected_challenge=signed.challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(PASSKEY_NOT_GOOD) from error
    return seen.new_sign_count
