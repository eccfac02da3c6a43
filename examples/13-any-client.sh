#!/usr/bin/env bash
# A client of any kind against the fake Bigin, here curl: it uploads, lists, downloads and deletes,
# and then the answer to a deletion is lost.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)

# Where the package is installed this is node_modules/.bin/effect-bigin-testing.
# The first line of its output tells where it is found and what it knows.
coproc FAKE { exec node packages/testing/bin/effect-bigin-testing.js; }
fake=$FAKE_PID
trap 'kill -INT "$fake"; wait "$fake"; rm -r "$folder"' EXIT
read -r first <&"${FAKE[0]}"
read -r origin control token module record < <(
  node -p 'const told = JSON.parse(process.argv[1]);
    [told.origin, told.control, told.accessToken, told.module, told.recordId].join(" ")' "$first"
)
attachments="$origin/bigin/v1/$module/$record/Attachments"

bigin() { curl -sS --fail-with-body -H "Authorization: Zoho-oauthtoken $token" "$@"; }
each() { node -p "JSON.parse(require('fs').readFileSync(0, 'utf8')).data.map((one) => $1).join(', ')"; }

printf 'every byte' > "$folder/größe.txt"
id=$(bigin -F "file=@$folder/größe.txt" "$attachments" | each one.details.id)
echo "uploaded $id"
echo "listed $(bigin "$attachments" | each one.File_Name)"

bigin -o "$folder/back.txt" "$attachments/$id"
cmp "$folder/größe.txt" "$folder/back.txt"
echo "downloaded $(cat "$folder/back.txt")"

echo "deleted: $(bigin -X DELETE "$attachments/$id" | each one.message)"

curl -sS -d '{ "fault": "loseAnswer", "method": "DELETE" }' "$origin$control/faults"
bigin -X DELETE "$attachments/2883756000000261017" 2> "$folder/said" || echo "lost: $(cut -d ' ' -f 2 "$folder/said")"
echo "listed $(bigin "$attachments" | each one.File_Name)"
