# shellcheck shell=dash disable=SC2154,SC2086
# One service after the other, each with its own stalls, and the count of the
# service's own process beside that of the plugin. Told: levels="NS..." (of
# stall per million instructions), seconds.
services=
for ns in $levels; do
  make_cgroup "online/s$ns"
  services="$services
<Service \"s$ns\">
  Cgroup \"/online/s$ns\"
</Service>"
done
enable_controllers online
start_collectd 1 <<CONF
$services
CONF
sleep 2
for ns in $levels; do
  if [ "$ns" = 0 ]; then
    work="alu $seconds"
  else
    work="stall 1000000 $ns $seconds"
  fi
  (run_in "online/s$ns" count run work $work) >/tmp/counted
  say process "s$ns" "$(sed 's/^@process //' /tmp/counted)"
  sleep 1
done
stop_collectd
