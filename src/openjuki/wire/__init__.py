# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What passes between nodes (機関間の電文): envelopes, the directory, links, and what carries them."""
