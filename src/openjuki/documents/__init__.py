# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What people are handed (書面): documents, and the words in which they and the pages speak."""
