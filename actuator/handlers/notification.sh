# shellcheck shell=sh
# What every handler needs: the notification on standard input. Sourced.

# Sets $action, $suspect, $service and $seconds; ends the handler where the
# notification is not one to act on.
read_notification() {
  severity='' plugin='' action='' suspect='' service='' seconds=0
  while IFS= read -r line && [ -n "$line" ]; do
    value=${line#*: }
    case $line in
      "Severity: "*) severity=$value ;;
      "Plugin: "*) plugin=$value ;;
      "action: "*) action=$value ;;
      "suspect: "*) suspect=$value ;;
      "service: "*) service=$value ;;
      # collectd writes numbers as 1.800000e+03.
      "freeze_seconds: "*) seconds=$(printf '%.0f' "$value") || seconds=0 ;;
    esac
  done
  [ "$severity" = FAILURE ] && [ "$plugin" = cpi ] &&
    [ "$action" = reschedule ] || exit 0
}

# has_room FROZEN NODES SHARE: whether one more may be closed.
has_room() {
  awk -v frozen="$1" -v nodes="$2" -v share="$3" \
    'BEGIN { exit !(frozen + 1 <= int(share * nodes + 1e-9)) }'
}

say() {
  echo "collectd-cpi ${0##*/}: $*" >&2
}

# later SECONDS: runs this handler with --expired then, without holding on to
# whatever started it.
later() {
  (
    sleep "$1"
    exec "$0" --expired
  ) </dev/null >/dev/null 2>&1 &
}
