-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- provisions of a time, for statistics: rows are added in the order of time, so that their blocks say enough
CREATE INDEX provision_at ON provision USING brin (at);
