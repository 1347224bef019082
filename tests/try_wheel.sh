#!/bin/sh
# Build a wheel from the checkout, install it in an empty environment, and run a scenario outside the checkout.
# Usage: sh tests/try_wheel.sh [python]
set -eu
python=${1:-python3}
checkout=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

mkdir "$place/source"
for part in pyproject.toml README.md LICENSE runen_ecs systems scenarios; do  # pip would leave a build folder behind
    cp -R "$checkout/$part" "$place/source"
done
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip --quiet --disable-pip-version-check wheel --no-deps --wheel-dir "$place/wheel" "$place/source"
"$place/venv/bin/python" -m pip --quiet --disable-pip-version-check install "$place"/wheel/*.whl
mkdir "$place/empty"
cd "$place/empty"
"$place/venv/bin/runen" list
"$place/venv/bin/runen" run columnar --duration 2s --quiet
test -s spikes.png
test -s neuron-trace.png
for name in systems scenarios tests; do
    test ! -e "$place"/venv/lib/python*/site-packages/"$name" || { echo "the wheel puts $name into site-packages"; exit 1; }
done
echo "the wheel works"
