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
    Term(
        "住民基本台帳ネットワークシステム",
        "Basic Resident Registration Network System (Juki-Net)",
        "法30条の6–30条の8",
    ),
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
    Term("検査数字", "check digit", "規則1条", ("check_digit",)),
    Term("検査数字の算式", "check rule", "規則1条", ("CheckRule", "Modulus11", "AnyCheckDigit")),
    Term("地方公共団体の種類", "kind of local government", "地方自治法1条の3; ours", ("Kind",)),
    Term("政令指定都市", "designated city", "地方自治法252条の19", ("designated_city",)),
    Term("行政区", "ward", "法38条", ("WARD",)),
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
    Term("文字図形", "shape of a character", "文字情報基盤", ("Shape",)),
    Term("異体字列", "variation sequence", "Unicode UTS #37"),
    Term("字形の確認", "question about a shape", "ours", ("ShapeQuestion",)),
    Term("受付済みの文字列", "admitted text", "ours", ("AdmittedText",)),
    Term("文字の縮退", "loss of a character", "MJ縮退マップ", ("Loss",)),
    Term("異体字", "variant", "文字情報基盤・Unihan"),
    Term("年月日", "recorded date", "標準仕様書 1.1.8; ours", ("RecordedDate",)),
    Term("不詳日の種類", "precision of a date", "標準仕様書 1.1.8; ours", ("Precision",)),
    Term("元号", "era", "元号法", ("Era",)),
    # Changes
    Term("異動", "change", "標準仕様書 1.2", ("Change",)),
    Term("異動事由", "reason of a change", "規則11条", ("Reason",)),
    Term("記載等の区分", "action", "法8条", ("Action",)),
    Term("市区町村限りの異動事由", "municipal reason", "標準仕様書 1.2.2", ("MunicipalReason",)),
    Term("異動履歴", "history", "標準仕様書 1.2.1", ("History",)),
    Term("異動履歴の行", "row of a history", "標準仕様書 1.2.1; ours", ("HistoryRow",)),
    Term("履歴番号", "history number", "標準仕様書 1.2.1", ("history_number",)),
    Term("住民状態", "state", "標準仕様書 1.1.1; ours", ("State", "PersonState")),
    Term("異動年月日", "date of change", "令30条の5", ("date_of_change",)),
    Term("記載", "entry", "法8条", ("ENTRY",)),
    Term("消除", "deletion", "法8条", ("DELETION",)),
    Term("修正", "correction", "法8条", ("CORRECTION",)),
    Term("職権", "ex officio", "令12条"),
    Term("転入", "moving in", "法22条", ("MOVED_IN",)),
    Term("転居", "moving within", "法23条", ("MOVED_WITHIN",)),
    Term("転出", "moving out", "法24条", ("MOVED_OUT",)),
    Term("転出先", "destination", "令13条", ("Destination",)),
    Term("転入前の住所地", "predecessor", "法9条1項; ours", ("Predecessor",)),
    Term("居住", "stay", "ours: the time in one municipality", ("StaySummary",)),
    Term("居住回次", "ordinal of a stay", "ours: the n-th stay of a person's life", ("stay",)),
    Term("更新順番号", "version", "privacy assessments (likely)", ("version",)),
    # Notices and the road
    Term("届出", "notification (by a person)", "法21条の4"),
    Term("通知", "notice (between offices)", "法30条の6・30条の7", ("Notice",)),
    Term("通知の受入れ", "admission of a notice", "ours", ("Admitted",)),
    Term("通知の行", "row of a notice", "ours", ("AdmittedNotice",)),
    Term("本人", "person", "法30条の32", ("Person",)),
    Term("同一性の確認に用いる項目", "what tells persons apart", "ours", ("Bearer",)),
    Term("転入通知", "move-in notice", "法9条1項"),
    Term("転出証明書情報", "certificate of moving out", "法24条の2第4項"),
    Term("機構", "the Centre (J-LIS)", "法30条の2"),
    Term("市町村", "municipality", "法1条", ("Municipality",)),
    Term("都道府県", "prefecture", "法30条の6"),
    Term("コミュニケーションサーバ", "CS (communication server)", "標準仕様書 7.1"),
    Term("提供", "provision", "法30条の9–30条の15"),
    Term("住民票コードの指定", "designation of codes", "法30条の2", ("code_designation",)),
    Term("個人番号の生成", "generation of numbers", "番号法8条", ("number_generation",)),
    # The network and the books
    Term("機関", "node", "ours"),
    Term("機関名簿", "node directory", "ours", ("Directory",)),
    Term("署名文書", "signed document", "ours"),
    Term("電文", "message", "ours", ("Message",)),
    Term("封緘", "sealing", "ours", ("Sealed",)),
    Term("通知の束", "batch of notices", "ours", ("NoticeBatch",)),
    Term("中継電文", "relayed message", "ours", ("Relay",)),
    Term("通知経路", "link", "ours", ("link",)),
    Term("受領位置", "mark", "ours", ("Mark", "mark")),
    Term("記録簿", "journal", "ours", ("journal",)),
    Term("ハッシュ木", "Merkle tree", "RFC 6962", ("Tree",)),
    Term("葉", "leaf", "RFC 6962", ("Leaf",)),
    Term("ハッシュの板", "tile", "C2SP tlog-tiles", ("tile",)),
    Term("包含証明", "inclusion proof", "RFC 6962", ("Proof",)),
    Term("整合性証明", "consistency proof", "RFC 6962", ("consistency_proof",)),
    Term("署名付き文面", "signed note", "C2SP signed-note", ("Note",)),
    Term("検証鍵", "verifier key", "C2SP signed-note", ("Verifier",)),
    Term("到達点", "checkpoint", "C2SP tlog-checkpoint", ("Checkpoint", "checkpoint")),
    Term("立会人", "witness", "C2SP tlog-witness", ("witness",)),
    Term("立会署名", "cosignature", "C2SP tlog-cosignature", ("cosignature",)),
    Term("記録の約束", "promise", "ours", ("Promises",)),
    Term("保留通知", "held notice", "ours", ("Held", "held")),
    Term("警報", "alarm", "ours", ("Alarm", "alarm")),
    Term("警報の種類", "kind of alarm", "ours", ("AlarmKind",)),
    # The statute book, and who acts
    Term("法令の台帳", "statute book", "ours", ("Book",)),
    Term("法令の台帳の版", "edition of the statute book", "ours", ("Edition",)),
    Term("提供の根拠", "basis", "法30条の9–30条の15", ("Basis",)),
    Term("事務", "affair", "法30条の9–30条の15", ("Affair",)),
    Term("照会条件", "key of a look-up", "privacy assessments (likely)", ("Key",)),
    Term("照会の条件", "look-up", "法30条の10第1項第4号; ours", ("LookUp",)),
    Term("照合の方法", "matching", "標準仕様書 j330; ours", ("Matching",)),
    Term("該当者", "hit", "ours", ("Hit",)),
    Term("照会結果", "result of a look-up", "ours", ("Result",)),
    Term("本人確認の申出", "claim", "ours", ("Claim",)),
    Term("検索に用いる氏名", "names to find", "ours", ("NamesToFind",)),
    Term("提供の方法", "method of provision", "令30条の8・規則22条", ("Method",)),
    Term("対象の範囲", "area of a basis", "ours", ("Area",)),
    Term("提供の経路", "route of provision", "法30条の12第1項; ours", ("Route",)),
    Term("通知都道府県", "notifying prefecture", "法30条の10第1項"),
    Term("提供の求め", "request for provision", "法30条の10第1項第4号", ("Request",)),
    Term("提供の許可", "grant", "ours", ("Grant",)),
    Term("提供の条件", "condition of provision", "ours", ("Condition",)),
    Term("保存期間の種類", "retention of a record", "ours", ("Retention",)),
    Term("利用目的の説明", "purpose", "法30条の29; ours", ("Purpose",)),
    Term("照会の経路", "road of a question", "ours", ("Road",)),
    Term("備付けの台帳", "shelf", "ours", ("Shelf",)),
    Term("新旧対照", "difference of editions", "ours", ("Difference",)),
    Term("改正", "amendment", "ours", ("Amendment",)),
    Term("受領者", "recipient", "法30条の28", ("Body",)),
    Term("受領者の表", "tables of recipients", "ours", ("Recipients",)),
    Term("受領者の登録", "listing of a recipient", "ours", ("Listing",)),
    Term("名宛の類型", "class of names", "ours", ("NameClass",)),
    Term("台帳の行", "line of the statute book", "ours", ("Line",)),
    Term("台帳のファイル", "file of the statute book", "ours", ("File",)),
    Term("台帳のファイル一式", "files of the statute book", "ours", ("Files",)),
    Term("行の読込み", "reading of lines", "ours", ("Lines",)),
    Term("読込みの結果", "outcome of a reading", "ours", ("Found",)),
    Term("付属の表", "accompanying tables", "ours", ("Tables",)),
    Term("条", "article", "the Act's own numbering", ("Article",)),
    Term("個人番号の提供の可否", "number rule", "法30条の9; 番号法9条1項", ("NumberRule",)),
    Term("部署", "office", "ours", ("office",)),
    Term("操作者", "operator", "法36条の2; municipal rules", ("operator", "Operator")),
    Term("端末", "terminal", "municipal rules", ("terminal", "Terminal")),
    Term("操作者の資格", "standing of an operator", "ours", ("Standing",)),
    Term("担当事務", "held affair", "ours", ("held_affair",)),
    # Words of the program
    Term("拒否", "refusal", "ours", ("Refusal",)),
)
