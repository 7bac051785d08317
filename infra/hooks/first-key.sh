#!/bin/sh
# Before `azd provision`: makes a key for the first caller unless there are keys, since the API does not start without.
# Azure gets its hash; the key stays in the azd environment: azd env get-value LEYDEN_API_KEY
set -eu
[ -z "${LEYDEN_KEYS:-}" ] || exit 0
if [ -n "${CI:-}" ]; then
  echo "LEYDEN_KEYS is not set, and a key that is made here would be lost with this machine. Set it to NAME=HASH." >&2
  exit 1
fi
key="ley_$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')"
hash=$(printf %s "$key" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
azd env set LEYDEN_API_KEY "$key"
azd env set LEYDEN_KEYS "first=$hash"
echo "Made a key for the first caller: azd env get-value LEYDEN_API_KEY"
