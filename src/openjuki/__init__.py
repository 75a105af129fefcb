# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""OpenJuki: an open resident register network (住民基本台帳ネットワーク)."""
