# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The closed table of terms: one Japanese word, one English word, one identifier.

`docs/glossary.md` is generated from it; a test asserts that it is one-to-one and that every public
class of `codes` and `residents` is a row. If a word is not here, add the row before the code.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term (用語): the law's or the trade's word, ours, and where it stands."""

    #: The Japanese word.
    japanese: str
    #: The English word, as in prose.
    english: str
    #: Where the word stands: an article, a standard, or "ours".
    source: str
    #: Identifiers in the code that carry it, if any.
    identifiers: tuple[str, ...] = ()


#: 法 = 住民基本台帳法, 令 = 同施行令, 規則 = 同施行規則, 番号法 = 行政手続における特定の個人を識別するための番号の利用等に関する法律.
TERMS: tuple[Term, ...] = (
    # The Act and its registers
    Term("住民基本台帳", "basic resident register", "法5条・6条"),
    Term("住民基本台帳法", "Basic Resident Registration Act", "法1条"),
    Term("住民基本台帳ネットワークシステム", "Basic Resident Registration Network System (Juki-Net)", "法30条の6–30条の8"),
    Term("住民票", "resident record", "法6条・7条", ("ResidentRecord",)),
    Term("除票", "closed record", "法15条の2"),
    Term("世帯", "household", "法6条・7条4号", ("Household",)),
    Term("世帯主", "head of household", "法7条4号", ("head",)),
    Term("続柄", "relationship", "法7条4号", ("relationship",)),
    Term("戸籍", "koseki", "戸籍法"),
    Term("本籍", "registered domicile", "法7条5号", ("registered_domicile",)),
    Term("筆頭者", "head of koseki", "法7条5号", ("head_of_koseki",)),
    # Numbers
    Term("住民票コード", "Resident Record Code", "法7条13号・30条の2", ("ResidentCode",)),
    Term("個人番号", "Individual Number", "番号法2条5項", ("IndividualNumber",)),
    Term("全国地方公共団体コード", "local government code", "総務省", ("LocalGovernmentCode",)),
    Term("検査数字", "check digit", "規則1条"),
    Term("宛名番号", "resident number", "標準仕様書 1.1.13", ("resident_number",)),
    Term("世帯番号", "household number", "標準仕様書 1.1.13", ("household_number",)),
    Term("空きコード", "unused code", "標準仕様書 4.3.1", ("code_stock",)),
    # Identification information
    Term("本人確認情報", "identification information", "法30条の6", ("IdentificationInformation",)),
    Term("氏名", "name", "法7条1号", ("PersonName", "name")),
    Term("氏名の振り仮名", "furigana", "法7条1号の2", ("furigana",)),
    Term("旧氏", "former surname", "令30条の13", ("former_surname",)),
    Term("通称", "alias", "令30条の16", ("alias",)),
    Term("出生の年月日", "birth date", "法7条2号", ("birth_date",)),
    Term("男女の別", "sex", "法7条3号", ("Sex",)),
    Term("住所", "address", "法7条7号", ("Address",)),
    Term("外国人住民", "foreign resident", "法30条の45", ("ForeignResidentItems",)),
    Term("年月日の記録", "recorded date", "標準仕様書 1.1.8; ours", ("RecordedDate",)),
    Term("年月日の精度", "precision of a date", "標準仕様書 1.1.8; ours", ("Precision",)),
    # Changes
    Term("異動", "change", "標準仕様書 1.2", ("Change",)),
    Term("異動事由", "reason of a change", "規則11条", ("Reason",)),
    Term("住民票の記載等の区分", "action", "法8条", ("Action",)),
    Term("市区町村限りの異動事由", "municipal reason", "標準仕様書 1.2.2", ("MunicipalReason",)),
    Term("異動年月日", "date of change", "令30条の5", ("date_of_change",)),
    Term("記載", "entry", "法8条", ("ENTRY",)),
    Term("消除", "deletion", "法8条", ("DELETION",)),
    Term("修正", "correction", "法8条", ("CORRECTION",)),
    Term("職権", "ex officio", "令12条"),
    Term("転入", "moving in", "法22条", ("MOVED_IN",)),
    Term("転居", "moving within", "法23条", ("MOVED_WITHIN",)),
    Term("転出", "moving out", "法24条", ("MOVED_OUT",)),
    Term("転出先", "destination", "令13条", ("Destination",)),
    Term("従前の住所地", "predecessor", "法9条1項; ours", ("Predecessor",)),
    Term("居住期間", "stay", "ours: the n-th municipality of a person's life"),
    Term("更新順番号", "version", "privacy assessments (likely)", ("version",)),
    # Notices and the road
    Term("届出", "notification (by a person)", "法21条の4"),
    Term("通知", "notice (between offices)", "法30条の6・30条の7", ("Notice",)),
    Term("転入通知", "move-in notice", "法9条1項"),
    Term("転出証明書情報", "certificate of moving out", "法24条の2第4項"),
    Term("機構", "the Centre (J-LIS)", "法30条の2"),
    Term("市町村", "municipality", "法1条"),
    Term("都道府県", "prefecture", "法30条の6"),
    Term("コミュニケーションサーバ", "CS (communication server)", "標準仕様書 7.1"),
    Term("提供", "provision", "法30条の9–30条の15"),
    Term("保留", "held notice", "ours"),
    Term("拒否", "refusal", "ours", ("Refusal",)),
    Term("用語", "term", "ours", ("Term",)),
)
