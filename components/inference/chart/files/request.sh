# Read by the scripts beside it. BASE, REQUEST_* and API_KEY come from the environment.
here=$(dirname "$0")

# One sample request; the answer goes to the file given, or with - to the output. Fails unless the status is 2xx.
send_request() {
  output=$1
  set -- --silent --show-error --fail --output "$output" --max-time "$REQUEST_TIMEOUT" \
    --request "$REQUEST_METHOD" --header "Content-Type: application/json" --header @-
  [ -f "$here/body" ] && set -- "$@" --data-binary "@$here/body"
  # The key goes through a pipe: arguments can be read by other processes. Servers differ in the header they read.
  { [ -z "${API_KEY:-}" ] || printf 'Authorization: Bearer %s\nX-API-Key: %s\n' "$API_KEY" "$API_KEY"; } |
    curl "$@" "$BASE$REQUEST_PATH"
}
