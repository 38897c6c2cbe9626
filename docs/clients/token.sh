#!/usr/bin/env bash
# Prints a read-only token made for an account: token.sh URL LOGIN PASSWORD [exact]
set -euo pipefail
url=$1 login=$2 password=$3 exact=false
[ "${4:-}" = exact ] && exact=true
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT
call() { curl -sS --fail-with-body -b "$jar" -c "$jar" -H 'Content-Type: application/json' "$@"; }
json() { python3 -c 'import json, sys; print(json.dumps(dict(zip(sys.argv[1::2], sys.argv[2::2]))))' "$@"; }
call -o /dev/null -d "$(json login "$login" password "$password")" "$url/api/auth/login"
body=$(python3 -c 'import json, sys; exact = sys.argv[1] == "true"
print(json.dumps({"name": "GIS", "purpose": "planning", "exact": exact, "days": 1} | ({"password": sys.argv[2]} if exact else {})))' "$exact" "$password")
call -d "$body" "$url/api/auth/tokens" |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["secret"])'
