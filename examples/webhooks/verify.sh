#!/bin/sh
# Checks one delivery of Latchkey, such as in a CGI script: the body on standard input, headers in HTTP_WEBHOOK_ID,
# HTTP_WEBHOOK_TIMESTAMP and HTTP_WEBHOOK_SIGNATURE, the secret in WEBHOOK_SECRET. Prints the body, or ends with status 1.
set -eu

body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat > "$body"

now=$(date +%s)
case $HTTP_WEBHOOK_TIMESTAMP in '' | *[!0-9]*) exit 1 ;; esac
[ $((now - HTTP_WEBHOOK_TIMESTAMP)) -le 300 ] && [ $((HTTP_WEBHOOK_TIMESTAMP - now)) -le 300 ] || exit 1

key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
expected=$({ printf '%s.%s.' "$HTTP_WEBHOOK_ID" "$HTTP_WEBHOOK_TIMESTAMP" && cat "$body"; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

set -f
for each in $HTTP_WEBHOOK_SIGNATURE; do
  [ "$each" = "v1,$expected" ] && exec cat "$body"
done
exit 1
