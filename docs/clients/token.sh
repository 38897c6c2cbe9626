#!/usr/bin/env bash
# Prints a read-only token made for an account: token.sh URL LOGIN [exact]
# The password is read from the standard input, typed or given, and never shows in a list of processes.
set -euo pipefail
url=$1 login=$2 exact=false
[ "${3:-}" = exact ] && exact=true
[ -t 0 ] && echo "Password of $login:" >&2
IFS= read -rs password || [ -n "$password" ]
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT
post() { curl -sS --fail-with-body -b "$jar" -c "$jar" -H 'Content-Type: application/json' -d @- "$url/api/auth/$1"; }
# json PROGRAM: what it makes of p, the password, as JSON.
json() { printf %s "$password" | python3 -c "import json, sys; p = sys.stdin.read(); print(json.dumps($1))" "$login" "$exact"; }
json '{"login": sys.argv[1], "password": p}' | post login >/dev/null
json '{"name": "GIS", "purpose": "planning", "days": 1} | ({"exact": True, "password": p} if sys.argv[2] == "true" else {"exact": False})' | post tokens |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["secret"])'
