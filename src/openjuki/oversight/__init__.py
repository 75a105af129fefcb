# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking over what is provided (運用状況): how often, for which affair, to whom, under which article."""
