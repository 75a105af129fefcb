# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes for a clientele (対象者の異動の提供): who has forty million persons on a list is told which of them changed.

Theory of operation. An agency's list stays at its gateway, as a sorted file (`listing`). Every few seconds, or once a
day, the agency asks (`asking`): it names the provider's journal as far as it has been told, and what happened there
since is joined with the list, which the provider pulls chunk by chunk, holds against the changes, and drops
(`telling`). What a change means is decided from the records before and after it (`meaning`). Whom it tells about is a
part of the provision log, committed with its row of the journal before a line leaves; the agency keeps the changes
with the cursor in one transaction, so that each arrives once, whatever breaks on the way.
"""
