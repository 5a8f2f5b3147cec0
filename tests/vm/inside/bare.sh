# shellcheck shell=dash disable=SC2034
# A kernel on which nobody has set anything up: perf as strict as Debian ships
# it, and cgroup v2 whose controllers nothing has ever enabled.
mkdir -p /sys/fs/cgroup/online
doctor() {
  /usr/bin/setpriv --reuid collectd --regid collectd --clear-groups \
    --inh-caps +perfmon --ambient-caps +perfmon cpictl doctor >"/out/$1"
  say "$1" $?
}
watch() {
  start_collectd 1 <<'CONF'
<Service "online">
  Cgroup "/online"
</Service>
CONF
}
doctor strict
paranoid=3
watch
sleep 3
stop_collectd
mv /out/collectd.log /out/strict.log
paranoid=2
echo $paranoid >/proc/sys/kernel/perf_event_paranoid
doctor bare
watch
(run_in online work alu 22) &
work=$!
sleep 4
say enabled "$(date +%s)"
echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
doctor cured
# The plugin tries again every ten seconds.
sleep 13
stop_collectd
