# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates (鍵と証明書): who a node is, and how others know."""
