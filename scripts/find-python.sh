#!/bin/sh
# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
#
# Print the path of a Python >= 3.12 that can make virtual environments; with an argument such as 3.12,
# of one of exactly that version. Candidates are run, not just looked up: a pyenv shim may exist and still fail.
exactly="$1"
[ -n "$exactly" ] && PYTHON=""
for candidate in "$PYTHON" python3.14 python3.13 python3.12 python3 \
  $(ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3 2>/dev/null | sort -rV) \
  /usr/local/bin/python3.1[2-9] /usr/bin/python3.1[2-9]; do
  [ -n "$candidate" ] || continue
  "$candidate" -c "
import sys, venv, ssl
version = sys.version_info[:2]
sys.exit(version < (3, 12) or '$exactly' not in ('', '%d.%d' % version))
" >/dev/null 2>&1 || continue
  "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))' && exit 0
done
[ -n "$exactly" ] && exit 1
echo "OpenJuki needs Python 3.12 or newer; set PYTHON=/path/to/python3 and try again." >&2
exit 4
