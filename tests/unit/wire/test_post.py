# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The post delivers what was written, to whom it was written, while it is good, or says what is wrong."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO, listing
from openjuki.errors import (
    BadEnvelope,
    ExpiredEnvelope,
    ForgedEnvelope,
    MisaddressedEnvelope,
    NotPermitted,
    OversizedMessage,
    PeerError,
    RevokedNode,
    StaleDirectory,
    SubjectMismatch,
    UnlistedNode,
)
from openjuki.pki.keys import NodeKeys
from openjuki.wire.document import LARGEST
from openjuki.wire.envelope import CLOCK_SKEW, LIFETIME, LONGEST_LIFETIME, Message
from openjuki.wire.post import read, read_reply, write
from openjuki.wire.sealing import seal, sign_sealed

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.wire.directory import Directory

type Keys = dict[str, NodeKeys]

REQUEST = Message.request(
    "designate-codes", b'{"count":100}', sender=CHIYODA, recipient=CENTRE, id="ab" * 16, issued=NOON
)


def written(keys: Keys, directory: Directory, message: Message = REQUEST) -> bytes:
    """The envelope of a message, by its sender."""
    return write(message, keys=keys[message.sender], directory=directory)


def received(
    raw: bytes,
    keys: Keys,
    directory: Directory,
    *,
    me: str = CENTRE,
    sender: str = CHIYODA,
    at: datetime = NOON,
) -> Message:
    """What the centre, or another, reads from an envelope."""
    return read(raw, subject_sender=sender, keys=keys[me], directory=directory, at=at)


def test_a_request_arrives(keys: Keys, directory: Directory):
    """What was written is read, with the id and the end of validity that the replay check needs."""
    found = received(written(keys, directory), keys, directory)

    assert found == REQUEST
    assert (found.sender, found.id, found.expires) == (CHIYODA, "ab" * 16, NOON + LIFETIME)


def test_the_same_message_is_never_the_same_envelope(keys: Keys, directory: Directory):
    """A message written twice is sealed anew; only its id tells that it is the same."""
    one, other = written(keys, directory), written(keys, directory)

    assert one != other
    assert received(one, keys, directory).id == received(other, keys, directory).id


def test_the_body_is_not_in_the_envelope(keys: Keys, directory: Directory):
    """Nothing of the body is readable on the way, in any of the ways it might be written."""
    body = "山田　太郎".encode()
    raw = written(keys, directory, replace(REQUEST, body=body))

    assert body not in raw
    assert received(raw, keys, directory).body == body


@pytest.fixture
def original(keys: Keys, directory: Directory) -> bytes:
    """A document as it was written."""
    return written(keys, directory)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_may_change(keys: Keys, directory: Directory, original: bytes, data: st.DataObject):
    """Whatever byte of an envelope is changed, it is refused."""
    raw = bytearray(original)
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PeerError):
        received(bytes(raw), keys, directory)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 4_000))
def test_nothing_may_be_cut_off(keys: Keys, directory: Directory, original: bytes, cut: int):
    """An envelope cut short anywhere is refused."""
    with pytest.raises(PeerError):
        received(original[: cut % len(original)], keys, directory)


def test_a_message_to_others_is_misaddressed(keys: Keys, directory: Directory):
    """The prefecture does not read what the centre was sent."""
    with pytest.raises(MisaddressedEnvelope):
        received(written(keys, directory), keys, directory, me=TOKYO)


def test_a_message_to_others_sealed_to_us_is_misaddressed(keys: Keys, directory: Directory):
    """What is addressed to the prefecture is not the centre's, even where the centre could open it."""
    elsewhere = replace(REQUEST, recipient=TOKYO, type="doorbell")
    sealed = seal(b"", {CENTRE: directory.sealing_key(CENTRE, at=NOON)}, elsewhere.context())
    raw = sign_sealed(Message.PAYLOAD_TYPE, elsewhere.header(), sealed, keys[CHIYODA], most=LARGEST)
    with pytest.raises(MisaddressedEnvelope, match=TOKYO):
        received(raw, keys, directory)


def test_a_message_in_anothers_name_is_forged(keys: Keys, directory: Directory):
    """Chuo cannot sign in the name of Chiyoda."""
    raw = write(REQUEST, keys=keys[CHUO], directory=directory)
    with pytest.raises(ForgedEnvelope, match="in the name of"):
        received(raw, keys, directory)


def test_a_message_on_anothers_subject_is_a_mismatch(keys: Keys, directory: Directory):
    """Chiyoda's envelope does not pass on a subject of Chuo's."""
    with pytest.raises(SubjectMismatch):
        received(written(keys, directory), keys, directory, sender=CHUO)


@pytest.mark.parametrize(
    ("at", "good"),
    [
        pytest.param(NOON - CLOCK_SKEW, True, id="as early as clocks may differ"),
        pytest.param(NOON - CLOCK_SKEW - timedelta(milliseconds=1), False, id="earlier: not yet valid"),
        pytest.param(NOON + LIFETIME + CLOCK_SKEW, True, id="as late as clocks may differ"),
        pytest.param(NOON + LIFETIME + CLOCK_SKEW + timedelta(milliseconds=1), False, id="later: expired"),
    ],
)
def test_a_message_has_its_time(keys: Keys, directory: Directory, at: datetime, *, good: bool):
    """A message is good from when it was issued until it expires, give or take the clocks."""
    raw = written(keys, directory)
    if good:
        assert received(raw, keys, directory, at=at) == REQUEST
    else:
        with pytest.raises(ExpiredEnvelope):
            received(raw, keys, directory, at=at)


@pytest.mark.parametrize("lifetime", [timedelta(0), -LIFETIME, LONGEST_LIFETIME + timedelta(seconds=1)])
def test_a_message_is_good_for_a_reasonable_time(keys: Keys, directory: Directory, lifetime: timedelta):
    """A receiver remembers ids for ten minutes, so nothing is good for longer."""
    raw = written(keys, directory, replace(REQUEST, expires=NOON + lifetime))
    with pytest.raises(BadEnvelope):
        received(raw, keys, directory)


def test_an_unlisted_sender_is_refused(keys: Keys, directory: Directory):
    """A node that the directory does not list has no key to be believed with."""
    stranger = NodeKeys.generate("131032")
    raw = write(REQUEST, keys=stranger, directory=directory)
    with pytest.raises(UnlistedNode):
        received(raw, keys, directory)


def revoked(keys: Keys, directory: Directory, node: str) -> Directory:
    """The next edition, in which a node is revoked since noon."""
    entry = replace(listing(keys[node], since=NOON - timedelta(days=1)), revoked_at=NOON)
    return directory.revise([entry], issued=NOON, expires=directory.expires)


def test_a_revoked_sender_is_refused(keys: Keys, directory: Directory):
    """A revoked node's envelope is refused, also one that it issued before."""
    early = replace(REQUEST, issued=NOON - timedelta(seconds=5))
    raw = written(keys, directory, early)
    with pytest.raises(RevokedNode):
        received(raw, keys, revoked(keys, directory, CHIYODA))


def test_a_key_outside_its_interval_is_refused(keys: Keys, directory: Directory):
    """A key that ended at noon signs nothing that is issued at noon."""
    entry = directory.node(CHIYODA)
    ended = replace(entry, signing=(replace(entry.signing[0], until=NOON),))
    following = directory.revise([ended], issued=NOON, expires=directory.expires)
    with pytest.raises(ForgedEnvelope, match="not good then"):
        received(written(keys, directory), keys, following)
    earlier = replace(REQUEST, issued=NOON - timedelta(seconds=1))

    assert received(written(keys, directory, earlier), keys, following) == earlier


def test_an_expired_directory_is_not_believed(keys: Keys, directory: Directory):
    """Whoever keeps new editions from a node does not keep it trusting for ever."""
    with pytest.raises(StaleDirectory):
        received(written(keys, directory), keys, directory, at=directory.expires)


def test_what_the_table_does_not_have_is_not_written(keys: Keys, directory: Directory):
    """A node learns at home that it may not send this."""
    with pytest.raises(NotPermitted):
        written(keys, directory, replace(REQUEST, recipient=TOKYO))


def test_what_the_table_does_not_have_is_not_read(keys: Keys, directory: Directory):
    """A receiver whose directory does not permit it refuses, whatever the sender's says."""
    promoted = directory.node(CHIYODA)
    wrong = directory.revise(
        [replace(promoted, kind=directory.node(TOKYO).kind, prefecture=None)],
        issued=NOON,
        expires=directory.expires,
    )
    with pytest.raises(NotPermitted):
        received(written(keys, directory), keys, wrong)


def without_sealing_key(_keys: Keys, directory: Directory) -> Directory:
    """The centre has no good sealing key."""
    entry = directory.node(CENTRE)
    ended = replace(entry, sealing=(replace(entry.sealing[0], until=NOON),))
    return directory.revise([ended], issued=NOON, expires=directory.expires)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param(lambda keys, directory: revoked(keys, directory, CENTRE), RevokedNode, id="revoked"),
        pytest.param(without_sealing_key, UnlistedNode, id="without a good key"),
    ],
)
def test_nothing_is_sealed_to_a_recipient(
    keys: Keys, directory: Directory, change: Any, error: type[PeerError]
):
    """Nothing is written to a node that could not, or may not, read it."""
    with pytest.raises(error):
        written(keys, change(keys, directory))


def test_an_oversized_message_is_not_written(keys: Keys, directory: Directory):
    """What compresses badly and is larger than the network carries is refused at home."""
    with pytest.raises(OversizedMessage):
        written(keys, directory, replace(REQUEST, body=os.urandom(1_100_000)))


def test_the_newest_sealing_key_is_used(keys: Keys, directory: Directory):
    """After a change of keys the recipient opens new messages with the new key, old ones with the old."""
    fresh = NodeKeys.generate(CENTRE)
    entry = directory.node(CENTRE)
    both = replace(entry, sealing=(*listing(fresh, since=NOON).sealing, *entry.sealing))
    following = directory.revise([both], issued=NOON, expires=directory.expires)
    raw = written(keys, following)
    with pytest.raises(MisaddressedEnvelope):
        received(raw, keys, following)
    keys[CENTRE] = replace(keys[CENTRE], sealing={**keys[CENTRE].sealing, **fresh.sealing})

    assert received(raw, keys, following) == REQUEST


def answered(keys: Keys, directory: Directory, sent: bytes, **changes: Any) -> bytes:
    """The centre's answer to the request."""
    reply = REQUEST.reply(b"codes", request=sent, id="cd" * 16, issued=NOON)
    return written(keys, directory, replace(reply, **changes))


def read_answer(raw: bytes, sent: bytes, keys: Keys, directory: Directory) -> Message:
    """What Chiyoda reads from an answer."""
    return read_reply(raw, request=REQUEST, sent=sent, keys=keys[CHIYODA], directory=directory, at=NOON)


def test_an_answer_arrives(keys: Keys, directory: Directory):
    """An answer needs no row of its own: the request's is enough."""
    sent = written(keys, directory)
    reply = read_answer(answered(keys, directory, sent), sent, keys, directory)

    assert (reply.sender, reply.recipient, reply.type, reply.body) == (
        CENTRE,
        CHIYODA,
        "designate-codes",
        b"codes",
    )


def test_an_answer_to_another_request_is_refused(keys: Keys, directory: Directory):
    """The same question asked twice has two envelopes, and an answer belongs to one of them."""
    sent, other = written(keys, directory), written(keys, directory)
    with pytest.raises(MisaddressedEnvelope, match="another request"):
        read_answer(answered(keys, directory, other), sent, keys, directory)


def test_a_request_is_no_answer(keys: Keys, directory: Directory):
    """A message that answers nothing does not pass as an answer."""
    sent = written(keys, directory)
    ring = Message.request("pull", b"", sender=CENTRE, recipient=CHIYODA, id="ef" * 16, issued=NOON)
    with pytest.raises(MisaddressedEnvelope):
        read_answer(written(keys, directory, ring), sent, keys, directory)


def test_an_answer_from_elsewhere_is_refused(keys: Keys, directory: Directory):
    """Whoever intercepts a request cannot answer it in its own name."""
    sent = written(keys, directory)
    with pytest.raises(MisaddressedEnvelope, match="elsewhere"):
        read_answer(answered(keys, directory, sent, sender=TOKYO), sent, keys, directory)


def test_an_answer_of_another_kind_is_refused(keys: Keys, directory: Directory):
    """An answer has the name of its request."""
    sent = written(keys, directory)
    with pytest.raises(MisaddressedEnvelope):
        read_answer(answered(keys, directory, sent, type="generate-numbers"), sent, keys, directory)


def test_an_answer_is_no_request(keys: Keys, directory: Directory):
    """An answer does not pass where a request is expected."""
    sent = written(keys, directory)
    with pytest.raises(MisaddressedEnvelope):
        received(answered(keys, directory, sent), keys, directory, me=CHIYODA, sender=CENTRE)
