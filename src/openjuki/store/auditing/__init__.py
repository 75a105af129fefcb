# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Counting again what was provided (提供の記録の再計算): the record against what the journal says of it.

That the journal itself is whole is `store.verification`'s; that the record says what the journal says is this
room's. `online` goes through the questions, `bulk` through the parts, `index` through what leads to their rows.
"""

from openjuki.store.auditing.bulk import audit_parts
from openjuki.store.auditing.findings import SENTENCES, Audited, Discrepancy, What
from openjuki.store.auditing.index import audit_index
from openjuki.store.auditing.online import audit_online

__all__ = ["SENTENCES", "Audited", "Discrepancy", "What", "audit_index", "audit_online", "audit_parts"]
