# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Disclosure (自己の本人確認情報の開示, 法30条の32–30条の35): people are told what is held about them, and who was told.

Each module has one rule: `lines` finds what was told about somebody, with proofs.
"""

from openjuki.nodes.disclosure.lines import Line, lines_about

__all__ = ["Line", "lines_about"]
