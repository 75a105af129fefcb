-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Turns are kept for ever: whether it is time for the next one is not to depend on how many there were.

CREATE INDEX clientele_turn_asked ON clientele_turn (clientele, asked_at);
