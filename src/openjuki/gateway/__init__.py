# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An agency's gateway (照会窓口): REST for its systems and a page for its operators, on the LAN of its office."""
