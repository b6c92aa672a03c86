#!/usr/bin/env bash
# Installs what the tests need, from Debian's packages where run as root.
# Elsewhere it says what is missing; the tests that need it are then skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
# Words of scanned pages, with English and the detection of turned pages.
command -v tesseract >/dev/null || missing+=(tesseract-ocr tesseract-ocr-eng tesseract-ocr-osd)

if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "installing: ${missing[*]}"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
	else
		echo "missing: ${missing[*]}; the tests that need them are skipped (as root, make test installs them)"
	fi
fi

if command -v npm >/dev/null && [ -f test/browser/package-lock.json ]; then
	if [ ! -d test/browser/node_modules ] || [ test/browser/package-lock.json -nt test/browser/node_modules ]; then
		(cd test/browser && npm ci --silent --no-audit --no-fund && touch node_modules)
	fi
fi
