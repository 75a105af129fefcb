# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notice of identification information (本人確認情報の通知): its bytes, and what is not one."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.lives import A, B, change, coming_from, lived
from openjuki.codes.resident import ANY_CHECK_DIGIT
from openjuki.errors import BadNotice
from openjuki.refusal import Refusal
from openjuki.residents import stays
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.notice import LARGEST, Notice, digest
from openjuki.residents.stays import AdmittedNotice, AlarmKind
from openjuki.residents.writing import LONGEST

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/notice.json").read_text(encoding="utf-8"))["notices"]
PAGE = (ROOT / "docs/spec/notice.md").read_text(encoding="utf-8")

MOVED_IN = lived(change(Reason.MOVED_IN, "2026-04-10", town=B, predecessor=coming_from(A, 1))).notice
ITEMS = MOVED_IN.to_dict()
BORN = lived(change(Reason.BORN, "2026-04-10", town=B)).notice
NAMES = ("furigana", "former_surname", "former_surname_furigana", "alias")


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["note"] for sample in SAMPLES])
def test_every_sample_is_read_and_written_again_for_ever(sample):
    """The bytes of version 1 never change: read, written and hashed they are what they were."""
    raw = sample["text"].encode()

    assert raw == Notice.from_bytes(raw).to_bytes()
    assert sample["sha256"] == digest(raw).hex()


def test_the_example_on_the_page_is_a_sample():
    """docs/spec/notice.md opens with real bytes."""
    example = PAGE.split("```json\n")[1].split("```")[0]

    assert orjson.loads(example) in [orjson.loads(sample["text"]) for sample in SAMPLES]


def test_every_item_reason_refusal_and_alarm_stands_on_the_page():
    """docs/spec/notice.md explains the items, the reasons and what they are sent as, refusals and alarms."""
    rows = {line.split("|")[1].strip(" `"): line for line in PAGE.splitlines() if line.startswith("|")}
    refusals = [value for value in vars(stays).values() if isinstance(value, Refusal)]

    assert rows.keys() > ITEMS.keys()
    assert rows.keys() > {f"{refusal.code} {refusal.rule}" for refusal in refusals}
    assert rows.keys() > {kind.value for kind in AlarmKind}
    for reason in Reason:
        assert rows[reason.value].split(" | ")[1:3] == [reason.action.value, reason.japanese]
    for reason in MunicipalReason:
        sent = f"{reason.statutory.value} {reason.statutory.japanese}" if reason.statutory else "not sent"
        assert rows[reason.japanese].endswith(f"| {reason.action.value} | {sent} |")


def test_the_columns_of_the_fold_stand_on_the_page():
    """What a store keeps is listed in the order in which it is read."""
    listed = PAGE.split("with these columns:\n")[1].split("\n")[0]

    assert tuple(re.findall("`(\\w+)`", listed)) == AdmittedNotice._fields


def test_one_moment_has_one_spelling():
    """A database hands back the same moment in another zone; the bytes are the same."""
    elsewhere = replace(MOVED_IN, recorded_at=MOVED_IN.recorded_at.astimezone(UTC))

    assert MOVED_IN.to_bytes() == elsewhere.to_bytes()


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()), st.integers(1, 10**6))  # noqa: DTZ001
def test_what_is_written_is_read(recorded_at, version):
    """Writing and reading gives the same notice, whatever the moment and the version."""
    notice = replace(MOVED_IN, recorded_at=recorded_at, version=version)

    again = Notice.from_bytes(notice.to_bytes())

    assert again.recorded_at.timestamp() == recorded_at.timestamp()
    assert again == replace(notice, recorded_at=again.recorded_at)


@pytest.mark.parametrize("item", sorted(ITEMS))
@pytest.mark.parametrize("items", [ITEMS, BORN.to_dict()], ids=["moved in", "born"])
def test_a_missing_item_is_named(items, item):
    """A notice without one of its items is refused, and the item is named: null is said, too."""
    with pytest.raises(BadNotice) as caught:
        Notice.from_dict({name: value for name, value in items.items() if name != item})

    assert caught.value.where.column == item


@pytest.mark.parametrize(
    ("item", "value"),
    [
        pytest.param("stay", 0, id="stays count from one"),
        pytest.param("stay", True, id="a truth value is no ordinal"),
        pytest.param("version", "1", id="an ordinal is a number"),
        pytest.param("version", 1.0, id="an ordinal is a whole number"),
        pytest.param("stay", 10**9, id="nobody lives to see so many stays"),
        pytest.param("version", 2**63, id="a version that no book can hold"),
        pytest.param("reason", "A07", id="no such reason"),
        pytest.param("reason", "誤記修正", id="a municipal reason never leaves the municipality"),
        pytest.param("date_of_change", "2026-02-29", id="no such day"),
        pytest.param("date_of_change", None, id="a change has a day"),
        pytest.param("date_of_change", "20260410", id="a day is spelt with hyphens"),
        pytest.param("recorded_at", "2026-04-10T09:00:00", id="a time without its zone is none"),
        pytest.param("recorded_at", 0, id="a time is text"),
        pytest.param("recorded_at", "9999-12-31T23:59:59-12:00", id="a time after all calendars"),
        pytest.param("recorded_at", "0001-01-01T00:00:00+09:00", id="a time before all calendars"),
        pytest.param("resident_code", "24727059609", id="a wrong check digit"),
        pytest.param("resident_code", None, id="nobody is without a code"),
        pytest.param("individual_number", "123456789010", id="a wrong check digit of a number"),
        pytest.param("previous_resident_code", "1", id="a malformed previous code"),
        pytest.param("resident_code", "2472-7059608", id="a code in groups"),
        pytest.param("resident_code", "２４７２７０５９６０８", id="a code in full width"),
        pytest.param("previous_resident_code", "24727 059608", id="a previous code in groups"),
        pytest.param("individual_number", "1234-5678-9018", id="a number in groups"),
        pytest.param("previous_individual_number", " 123456789018", id="a previous number behind a space"),
        pytest.param("municipality", "13-1016", id="a municipality in groups"),
        pytest.param("predecessor_municipality", "１３１０１６", id="a predecessor in full width"),
        pytest.param("previous_individual_number", "1", id="a malformed previous number"),
        pytest.param("name", "", id="nobody is without a name"),
        pytest.param("name", "山\x00田", id="a name holds no control characters"),
        pytest.param("name", "山" * 201, id="a name longer than any register takes"),
        pytest.param("furigana", 1, id="furigana is text"),
        pytest.param("furigana", "ヤ" * 201, id="a reading longer than any register takes"),
        pytest.param("alias", "山" * 201, id="an alias longer than any register takes"),
        pytest.param("former_surname", "山" * 201, id="a former surname longer than any register takes"),
        pytest.param("birth_date", "unknown", id="not a recorded date"),
        pytest.param("sex", "other", id="no such entry for sex"),
        pytest.param("municipality", "131017", id="a wrong check digit of a municipality"),
        pytest.param("address", None, id="nobody is without an address"),
        pytest.param("address", "町" * 201, id="an address longer than any register takes"),
        pytest.param("predecessor_municipality", "999999", id="no such municipality before"),
        pytest.param("predecessor_stay", None, id="a predecessor has its ordinal"),
    ],
)
def test_a_malformed_item_is_named_and_its_value_is_not(item, value):
    """What cannot be read is refused by the item's name; personal data stay out of the message."""
    with pytest.raises(BadNotice) as caught:
        Notice.from_dict({**ITEMS, item: value})

    assert caught.value.where.column == item
    assert str(caught.value) == f"missing or malformed: {item}"


@pytest.mark.parametrize("stay", [1, 0, "1", {}, 2**40])
def test_there_is_no_ordinal_without_its_municipality(stay):
    """Which stay was before is said of a municipality, or not at all."""
    with pytest.raises(BadNotice) as caught:
        Notice.from_dict({**BORN.to_dict(), "predecessor_stay": stay})

    assert caught.value.where.column == "predecessor_stay"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half of it"),
        pytest.param(b"\xff", id="not text"),
    ],
)
def test_what_is_not_json_is_no_notice(raw):
    """Bytes that are not JSON are refused as such."""
    with pytest.raises(BadNotice, match="not JSON"):
        Notice.from_bytes(raw)


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"text"', b"1"])
def test_json_that_is_no_object_is_no_notice(raw):
    """A notice is an object."""
    with pytest.raises(BadNotice):
        Notice.from_bytes(raw)


@pytest.mark.parametrize("depth", [1_022, 1_023, 1_024])
def test_a_notice_that_is_read_is_read_again_within_the_row_of_a_journal(depth):
    """A journal has it one level deeper; a row that cannot be read stops whoever follows the changes of everybody."""
    raw = orjson.dumps(ITEMS)[:-1] + b',"new_item":%b%b}' % (b"[" * depth, b"]" * depth)
    try:
        Notice.from_bytes(raw)
    except BadNotice:
        assert depth > 1_022
    else:
        assert orjson.loads(b'{"notice":%b}' % raw)["notice"]["name"] == ITEMS["name"]


def test_a_code_stands_in_a_notice_as_it_is_looked_for():
    """Who is forgotten is found in the rows of the journal by their code: no figure of it hides behind an escape."""
    code = ITEMS["resident_code"].encode()
    plain = orjson.dumps(ITEMS)
    hidden = plain.replace(b'"%b"' % code, b'"\\u003%b%b"' % (code[:1], code[1:]))
    assert orjson.loads(hidden) == ITEMS

    with pytest.raises(BadNotice):
        Notice.from_bytes(hidden)
    with pytest.raises(BadNotice):
        Notice.from_bytes(plain[:-1] + b',"new":"\\\\\\u0041"}')
    needed = {**ITEMS, "new": '\\u0041 "\x1f'}
    assert Notice.from_bytes(orjson.dumps(needed)) == MOVED_IN


@pytest.mark.parametrize("raw", [b"{},{}", b"", b" "], ids=["two", "nothing", "white space"])
def test_a_notice_is_one_object(raw):
    """Neither several nor none."""
    with pytest.raises(BadNotice):
        Notice.from_bytes(raw)


def test_a_notice_is_as_long_as_its_items_may_be_and_not_much_longer():
    """Ten thousand are read at a time: what a town adds to each is bounded, and later versions have room."""
    room = LARGEST - len(orjson.dumps({**ITEMS, "new_item": ""}))
    longest = Notice.from_dict({**ITEMS, **dict.fromkeys((*NAMES, "name", "address"), "\x01" * LONGEST)})

    assert Notice.from_bytes(orjson.dumps({**ITEMS, "new_item": "?" * room})) == MOVED_IN
    with pytest.raises(BadNotice):
        Notice.from_bytes(orjson.dumps({**ITEMS, "new_item": "?" * (room + 1)}))
    assert Notice.from_bytes(longest.to_bytes()) == longest


def test_items_of_later_versions_are_passed_over():
    """A newer node may say more; an older one reads what it knows."""
    assert Notice.from_dict({**ITEMS, "new_item": "?"}) == MOVED_IN


def test_a_node_may_accept_codes_whatever_their_check_digit():
    """The Minister's formula is not public: a node can be told to take real codes as they are."""
    items = {**ITEMS, "resident_code": "24727059609"}

    notice = Notice.from_bytes(orjson.dumps(items), code_rule=ANY_CHECK_DIGIT)

    assert notice.identification.resident_code == "24727059609"


def test_nothing_but_the_items_of_the_article_and_of_the_change_is_sent():
    """法30条の6第1項 and 令30条の5: identification information and what is said of the change, no more."""
    assert set(MOVED_IN.identification.to_dict()) | {
        "stay",
        "version",
        "reason",
        "date_of_change",
        "recorded_at",
        "previous_resident_code",
        "previous_individual_number",
        "predecessor_municipality",
        "predecessor_stay",
    } == set(ITEMS)
