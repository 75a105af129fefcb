-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- What the ledger keeps is written as it came: half of it is random, and to compress the rest took longer than all
-- else that is done for a line of a hundred persons. What stands there stays as it is.

ALTER TABLE ledger_line ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE ledger_answer ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE ledger_envelope ALTER COLUMN promise SET STORAGE EXTERNAL;
