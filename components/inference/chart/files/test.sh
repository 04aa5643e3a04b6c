# One real inference through the Service, or the health check when no sample request is known.
set -eu
. "$(dirname "$0")/request.sh"

if [ -n "$REQUEST_PATH" ]; then
  send_request -
else
  curl --silent --show-error --fail --max-time "$REQUEST_TIMEOUT" "$BASE$HEALTH_PATH"
fi
echo
echo "ok"
