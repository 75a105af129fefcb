# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the statute book says no with (提供の拒否): each with its rule, its article and a sentence in two languages."""

from __future__ import annotations

from typing import Final

from openjuki.refusal import Refusal

NO_CONDITIONS: Final = Refusal(
    code="JK-LAW-0001",
    rule="no-conditions",
    article="法30条の25",
    message_ja="提供の条件が定められていません。条件のない提供はできません。",
    message_en="No condition was composed; without conditions nothing is granted.",
)
UNKNOWN_AFFAIR: Final = Refusal(
    code="JK-LAW-0002",
    rule="unknown-affair",
    article="法30条の25",
    message_ja="法令の台帳にない事務です。事務の番号を確かめてください。",
    message_en="The statute book does not know this affair.",
)
NOT_IN_FORCE: Final = Refusal(
    code="JK-LAW-0003",
    rule="affair-not-in-force",
    article="法30条の25",
    message_ja="この事務の規定は、この日には施行されていません。",
    message_en="The affair is not in force on this day.",
)
RECIPIENT_NOT_LISTED: Final = Refusal(
    code="JK-LAW-0004",
    rule="recipient-not-listed",
    article="法30条の25",
    message_ja="この事務について情報を受けられる機関ではありません。",
    message_en="The law does not name this kind of office as a recipient for the affair.",
)
AFFAIR_NOT_HELD: Final = Refusal(
    code="JK-LAW-0005",
    rule="affair-not-held",
    article="法30条の29",
    message_ja="操作者の部署はこの事務を担当していません。",
    message_en="The operator's office does not hold this affair.",
)
NOBODY_ASKS: Final = Refusal(
    code="JK-LAW-0006",
    rule="operator-and-terminal-named",
    article="法30条の24",
    message_ja="操作者と端末を示してください。誰がどこから照会したかを記録します。",
    message_en="A question names its operator and its terminal.",
)
NO_REASON: Final = Refusal(
    code="JK-LAW-0007",
    rule="reason-given",
    article="法30条の29",
    message_ja="照会の理由（受付番号など）を入力してください。",
    message_en="A question says why it is asked.",
)
PROVIDER_NOT_COMPETENT: Final = Refusal(
    code="JK-LAW-0008",
    rule="provider-not-competent",
    article="法30条の25",
    message_ja="照会先の機関は、この事務について情報を提供できません。",
    message_en="The law does not let the node that is asked provide for this affair.",
)
METHOD_NOT_OPEN: Final = Refusal(
    code="JK-LAW-0009",
    rule="method-not-open",
    article="令30条の8",
    message_ja="この事務では、この方法による照会はできません。",
    message_en="This method is not open for the affair.",
)
KEYS_TOO_WIDE: Final = Refusal(
    code="JK-LAW-0010",
    rule="keys-too-wide",
    article="法30条の24",
    message_ja="照会条件が足りないか、使えない条件があります。住民票コード、個人番号、氏名と生年月日、氏名と住所のいずれかで照会してください。",
    message_en="Ask by code, by number, by name and birth date, or by name and address; never by less.",
)
THROUGH_THE_GOVERNOR: Final = Refusal(
    code="JK-LAW-0011",
    rule="through-the-governor",
    article="法30条の12第1項",
    message_ja="他の都道府県の住民についての照会は、都道府県知事を経て行います。",
    message_en="About persons of another prefecture one asks through one's own governor.",
)
OUTSIDE_THE_AREA: Final = Refusal(
    code="JK-LAW-0012",
    rule="outside-the-area",
    article="法30条の25",
    message_ja="この人の情報は、この事務の根拠条文の範囲にありません。",
    message_en="No basis of the affair is about this person.",
)
NOT_YET_ENTERED: Final = Refusal(
    code="JK-LAW-0013",
    rule="affair-not-yet-entered",
    article="法30条の25",
    message_ja="条例にある事務ですが、法令の台帳にまだ登録されていません。登録されるまで利用できません。",
    message_en="The ordinance has this affair, but it is not yet entered in the statute book.",
)
KEY_NOT_OPEN: Final = Refusal(
    code="JK-LAW-0014",
    rule="key-not-open",
    article="法30条の24",
    message_ja="この事務では使えない照会条件（個人番号、住民票コードなど）があります。",
    message_en="A key is not open for the affair, as the individual number where the law does not permit it.",
)
ITEM_NOT_OPEN: Final = Refusal(
    code="JK-LAW-0017",
    rule="item-not-open",
    article="法30条の25",
    message_ja="この事務では照合できない項目があります。提供できる項目だけを照合してください。",
    message_en="Only items that the affair lets be told can be verified.",
)
HISTORY_NOT_OPEN: Final = Refusal(
    code="JK-LAW-0018",
    rule="history-not-open",
    article="法30条の25",
    message_ja="この事務では、現在の記録だけを提供できます。履歴を求めずに照会してください。",
    message_en="The affair lets only the present record be told; ask without the history.",
)
BODY_NOT_AGREED: Final = Refusal(
    code="JK-LAW-0016",
    rule="body-agreed",
    article="法30条の25",
    message_ja="照会した機関の属する都道府県が、機関の名簿と法令の台帳とで異なります。どちらかを直すまで提供できません。",
    message_en="The node directory and the statute book do not agree whose body asks.",
)
QUOTA_USED_UP: Final = Refusal(
    code="JK-LAW-0015",
    rule="within-quota",
    article="法30条の24",
    message_ja="この部署が照会できる件数の上限に達しました。",
    message_en="The office has asked about as many persons as it may.",
)
