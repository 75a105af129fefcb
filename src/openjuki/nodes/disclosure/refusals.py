# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Why something about a disclosure is not done (開示の拒否), each with the article it obeys."""

from __future__ import annotations

from typing import Final

from openjuki.refusal import Refusal

NOT_DISCLOSING: Final = Refusal(
    code="JK-DISCLOSURE-0001",
    rule="office-discloses",
    article="法36条の2第1項",
    message_ja="この部署は開示の事務（disclosure）を担当していません。管理者に相談してください。",
    message_en="The office does not hold the work of disclosure; the administrator grants it.",
)
UNKNOWN_REQUEST: Final = Refusal(
    code="JK-DISCLOSURE-0002",
    rule="request-known",
    article=None,
    message_ja="この番号の開示請求はありません。",
    message_en="There is no request for disclosure of this id.",
)
SEVERAL_BEAR_IT: Final = Refusal(
    code="JK-DISCLOSURE-0003",
    rule="one-person-found",
    article="法30条の32第1項",
    message_ja="請求書の記載に当てはまる人が複数います。住民票コード又は住所を加えてください。",
    message_en="Several persons are as the request says; add the resident code or the address.",
)
NOT_THE_PERSON: Final = Refusal(
    code="JK-DISCLOSURE-0004",
    rule="request-of-the-living",
    article="法30条の32第1項",
    message_ja="本人による請求と認められません。",
    message_en="The request cannot be the person's own.",
)
NOT_TO_BE_TOLD: Final = Refusal(
    code="JK-DISCLOSURE-0005",
    rule="telling-a-representative",
    article="個人情報の保護に関する法律81条",
    message_ja="この請求には、記録があるかどうかを含めてお答えできません。",
    message_en="This request cannot be answered, not even whether anything is held.",
)
DECIDED_ALREADY: Final = Refusal(
    code="JK-DISCLOSURE-0006",
    rule="decided-once",
    article=None,
    message_ja="この開示請求は、既に開示又は不開示を決定しています。",
    message_en="The request was decided already.",
)
TIME_IS_OVER: Final = Refusal(
    code="JK-DISCLOSURE-0007",
    rule="extended-in-time",
    article="法30条の33第2項",
    message_ja="期限の延長は、受理した日から起算して30日以内に理由と新しい期限を示して通知しなければなりません。",
    message_en="That it takes longer is said within the thirty days, once, with a reason and a later day.",
)
NOT_DISCLOSED: Final = Refusal(
    code="JK-DISCLOSURE-0008",
    rule="corrected-after-disclosure",
    article="法30条の35",
    message_ja="訂正等の申出ができるのは、本人確認情報の開示を受けた人だけです。",
    message_en="Only what was disclosed can be claimed to be wrong.",
)
NOTHING_TO_EXAMINE: Final = Refusal(
    code="JK-DISCLOSURE-0009",
    rule="claim-to-examine",
    article="法30条の35",
    message_ja="調査を待っている申出ではありません。",
    message_en="There is no such claim that waits to be examined.",
)
NOT_DECIDED: Final = Refusal(
    code="JK-DISCLOSURE-0011",
    rule="document-after-decision",
    article=None,
    message_ja="この開示請求は、まだ決定していません。",
    message_en="The request is not decided yet.",
)
ON_PAPER: Final = Refusal(
    code="JK-DISCLOSURE-0012",
    rule="other-form-by-consent",
    article="法30条の32第2項",
    message_ja="請求者の同意がないため、書面で開示します。ファイルで渡すことはできません。",
    message_en="Without the applicant's consent it is disclosed on paper, and not as a file.",
)
ERASED: Final = Refusal(
    code="JK-DISCLOSURE-0010",
    rule="document-still-kept",
    article=None,
    message_ja="開示した書面は、保存期間が過ぎたため消去されています。",
    message_en="The document was erased when its time was over.",
)
