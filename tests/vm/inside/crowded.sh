# shellcheck shell=dash
# A service while other users of the PMU leave it less and less time: three
# groups fit at once.
make_cgroup online/steady
enable_controllers online
start_collectd 1 <<'CONF'
<Service "steady">
  Cgroup "/online/steady"
</Service>
CONF
sleep 1
(run_in online/steady work alu 16) &
sleep 3
say phase alone "$(date +%s)"
count occupy 4 &
four=$!
sleep 5
say phase five_groups "$(date +%s)"
count occupy 4 &
eight=$!
sleep 5
say phase nine_groups "$(date +%s)"
kill $four $eight
sleep 3
stop_collectd
