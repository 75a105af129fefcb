# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Counts that two prefectures have published; what they are stands in `README.md`."""
