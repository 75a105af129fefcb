-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- Who holds a promise names its row by time and commitment; the rows that are promised are found by their time.
CREATE INDEX journal_provided ON journal (recorded_at) WHERE kind IN ('provision.granted', 'provision.refused');
