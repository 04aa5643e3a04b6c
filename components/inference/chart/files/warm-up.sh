# Holds the pod back from Ready until the server has answered REQUESTS sample requests: MARKER exists from then on.
# The first requests after a start are many times slower than the rest; users should not be the ones to send them.
. "$(dirname "$0")/request.sh"

# In the background and waited for, so that SIGTERM ends the wait at once.
trap 'exit 0' TERM INT
wait_for() { "$@" & wait "$!"; }

warm_up() {
  sent=0
  while [ "$sent" -lt "$REQUESTS" ]; do
    wait_for send_request /dev/null || return 1
    sent=$((sent + 1))
  done
}

rm -f "$MARKER"
while :; do
  wait_for curl --silent --fail --output /dev/null --max-time 5 "$BASE$HEALTH_PATH"
  case $? in
    0)
      if [ ! -e "$MARKER" ]; then
        if warm_up; then touch "$MARKER" && echo "warm after $REQUESTS requests"
        else echo "warm-up request $REQUEST_METHOD $REQUEST_PATH failed; trying again"; fi
      fi ;;
    # Connection refused: the server restarts and is cold again. A slow or failing answer is no restart.
    7) rm -f "$MARKER" ;;
  esac
  wait_for sleep "${POLL_SECONDS:-2}"
done
