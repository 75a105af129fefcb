-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Admitted notices in the order of the journal, without whatever else stands between them: the snapshot is folded from
-- them, and changes are told from them.
CREATE INDEX journal_applied ON journal (index) WHERE kind = 'notice.applied';
