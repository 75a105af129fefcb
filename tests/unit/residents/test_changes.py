# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Reasons and changes (異動事由, 規則11条)."""

import pytest

from fixtures.lives import change
from openjuki.residents.changes import CODE_REASONS, NUMBER_REASONS, Action, MunicipalReason, Reason

#: The regulation's list, in its order: code (ours), action, statutory name, place.
STATUTORY = """
A01 記載 国内転入                       規則11条1項1号
A02 記載 国外転入等                     規則11条1項2号
A03 記載 出生                           規則11条1項3号
A04 記載 職権記載等（帰化等）           規則11条1項4号
A05 記載 職権記載等（国籍喪失）         規則11条1項5号
A06 記載 職権記載等                     規則11条1項6号
D01 消除 国内転出                       規則11条2項1号
D02 消除 国外転出                       規則11条2項2号
D03 消除 死亡                           規則11条2項3号
D04 消除 職権消除等（帰化等）           規則11条2項4号
D05 消除 職権消除等（国籍喪失）         規則11条2項5号
D06 消除 職権消除等                     規則11条2項6号
M01 修正 転居                           規則11条3項1号
M02 修正 軽微な修正                     規則11条3項2号
M03 修正 職権修正等                     規則11条3項3号
N01 修正 個人番号の変更請求             規則11条4項1号
N02 修正 個人番号の職権修正             規則11条4項2号
N03 修正 個人番号の職権記載等           規則11条4項3号
C01 修正 住民票コードの変更請求         規則11条5項1号
C02 修正 住民票コードの職権記載等       規則11条5項2号
"""

#: The standard specification's further reasons (標準仕様書 1.2.2): action, name, what it is sent as.
MUNICIPAL = """
記載 改製（記載）           -
記載 再製（記載）           -
記載 異動の取消し（増）     A06
消除 改製（消除）           -
消除 再製（消除）           -
消除 異動の取消し（減）     D06
修正 誤記修正               M03
修正 世帯分離               -
修正 世帯合併               -
修正 世帯変更               -
修正 世帯主変更             -
修正 旧氏の記載             M03
修正 旧氏の変更             M03
修正 旧氏の削除             M03
修正 通称の記載             M03
修正 通称の削除             M03
修正 異動の取消し（修正）   M03
修正 転出予定の変更         D01
修正 転出の確定             D01
修正 転出先の判明           -
"""


def test_the_twenty_statutory_reasons_are_those_of_the_regulation():
    """Regulation 11 lists twenty reasons; ours bear its names, places and actions, and no other."""
    expected = [tuple(line.split()) for line in STATUTORY.split("\n") if line]

    assert expected == [(r.value, r.action.value, r.japanese, r.article) for r in Reason]


def test_municipal_reasons_are_those_of_the_standard_specification_and_three_of_ours():
    """Each of the further reasons has the action of its group and a statutory reason, or is not sent."""
    expected = [tuple(line.split()) for line in MUNICIPAL.split("\n") if line]

    assert expected == [
        (r.action.value, r.japanese, r.statutory.value if r.statutory else "-") for r in MunicipalReason
    ]


def test_cancelling_a_move_within_is_no_reason():
    """The standard specification forbids 転居取消 as a reason."""
    assert not any("転居取消" in reason.japanese for reason in (*Reason, *MunicipalReason))


def test_a_municipal_reason_is_sent_under_one_that_touches_the_record_alike():
    """An entry is sent as an entry and a correction as a correction; only moving out is stated anew."""
    unlike = {
        reason
        for reason in MunicipalReason
        if reason.statutory is not None and reason.statutory.action is not reason.action
    }

    assert {MunicipalReason.MOVE_OUT_REDIRECTED, MunicipalReason.MOVE_OUT_CONFIRMED} == unlike


@pytest.mark.parametrize(
    ("reason", "sent_as", "action"),
    [
        pytest.param(Reason.BORN, Reason.BORN, Action.ENTRY, id="a statutory reason is sent as itself"),
        pytest.param(
            MunicipalReason.ENTRY_BY_CANCELLATION,
            Reason.ENTERED_EX_OFFICIO,
            Action.ENTRY,
            id="a deletion that is cancelled is an entry ex officio",
        ),
        pytest.param(
            MunicipalReason.HEAD_CHANGED, None, Action.CORRECTION, id="a new head is nobody's business"
        ),
    ],
)
def test_a_change_knows_how_it_is_sent(reason, sent_as, action):
    """A change is sent under a statutory reason, or not at all."""
    made = change(reason, "2026-04-01")

    assert (sent_as, action) == (made.statutory_reason, made.action)


def test_codes_and_numbers_have_reasons_of_their_own():
    """規則11条4項 and 5項: three reasons for a number, two for a code."""
    assert {reason for reason in Reason if reason.value[0] == "C"} == CODE_REASONS
    assert {reason for reason in Reason if reason.value[0] == "N"} == NUMBER_REASONS
