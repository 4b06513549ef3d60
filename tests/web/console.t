#!/bin/sh
# console.t - the parts of the web console that need no browser: texts, numbers,
# paths, the chart's arithmetic.
set -eu
if ! command -v node >/dev/null; then
    echo "1..0 # SKIP node is not installed"
    exit 0
fi
cd "${srcdir:-.}/web/ui"
if [ ! -d node_modules/d3-shape ]; then
    echo "1..0 # SKIP web/ui/node_modules is not there (npm ci)"
    exit 0
fi
exec node --test --test-reporter=tap test/*.test.js
