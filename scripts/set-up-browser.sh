#!/bin/sh
# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
#
# The browser that opens the live page in the tests: the system's Chromium. Root on Debian gets one installed;
# anybody else is told how, and the tests that need it say that they were skipped.
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "setup: installing Chromium for the tests (apt-get install chromium)"
  export DEBIAN_FRONTEND=noninteractive
  log="$(mktemp)"
  if { apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk; } >"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  echo "setup: Chromium could not be installed; see $log" >&2
fi
[ -n "$CI" ] && exit 4
echo "setup: no Chromium here, so the live page is not tested in a browser; on Debian: sudo apt-get install chromium" >&2
exit 0
