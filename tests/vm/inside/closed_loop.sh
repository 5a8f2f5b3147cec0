# shellcheck shell=dash disable=SC2154
# The whole loop. A service whose CPI rises with what batch does, an innocent
# job beside it all the time, an antagonist for a while, and one that harms
# whatever its quota is.
make_cgroup online/web batch/innocent batch/antagonist batch/stubborn
enable_controllers online
enable_controllers batch
# As hosts have it on which services come first: it hardly waits for the CPU.
echo 10000 >/sys/fs/cgroup/online/cpu.weight
install_helper <<'JSON'
{"callers": [900], "longest_lease": 600, "freeze_gap": 0,
 "aliases": {"batch": {"cgroup": "/batch", "depth": 1, "floor_millicores": 20,
                       "exclusive": true}}}
JSON
(while :; do
  "$helper" restore --expired >/dev/null 2>&1
  sleep 1
done) & # collectd-cpi-restore.timer
start_collectd 1 <<'CONF'
Act true
# A day's life in minutes.
WarmUp 0
MinSamples 120
StartupGrace 0
SaveInterval 5
QuietTime 5
Step 0.5
HoldTime 60
Lease 20
FreezeTime 40
FreezeJitter 0
# One CPU has to do for everybody.
BatchIdle 0.1
MinSuspectCPU 0.05
MinQuota 0.02
RescheduleBelow 0
# A CPI that never varies would be harmed by next to nothing.
MinSpread 0.02
SafeShare 0.5
# Nobody is to be moved before turning down was tried.
SevereDeviation 1000
<Service "web">
  Cgroup "/online/web"
</Service>
<Batch "jobs">
  Cgroup "/batch/*"
</Batch>
CONF
quota() { cut -d " " -f 1 "/sys/fs/cgroup/batch/$1/cpu.max" 2>/dev/null; }
descendants() { cat /sys/fs/cgroup/batch/cgroup.max.descendants; }
second() {
  sleep 1
  say second "$(now)" "$(quota innocent)" "$(quota antagonist)" \
    "$(quota stubborn)" "$(descendants)"
}
# watch_until SECONDS COMMAND...: a line of every second until that succeeds.
watch_until() {
  deadline=$(($(now) + $1))
  shift
  until "$@" || [ "$(now)" -ge $deadline ]; do second; done
}
has_a_model() { # of CPI that may lead to actions
  grep -o '"idle_samples":[0-9]*' /var/lib/collectd/cpi/models/web.model \
    2>/dev/null | head -n 1 | grep -Eq ':([6-9]|[0-9]{2})[0-9]'
}
windows() { cat /out/csv/guest/cpi-service_web/gauge-cpi-20* | wc -l; }
wait_for_a_window() { # to end: what starts now starts with the next one
  before=$(windows)
  while [ "$(windows)" = "$before" ]; do sleep 0.05; done
}
is_whole() { [ "$(quota antagonist)" = max ]; }
is_closed() { [ "$(descendants)" != max ]; }
is_open() { ! is_closed; }
start() { # CGROUP WORK...; its process in $started
  (run_in "$@") &
  started=$!
}
stop() {
  kill "$1"
  wait "$1" 2>/dev/null
}

start online/web work service /dev/shm/harm 2 500000 10000 9999
start batch/innocent work service /dev/shm/none 0 100000 10000 9999
watch_until 120 has_a_model
wait_for_a_window
say phase antagonist "$(work now)"
start batch/antagonist work batch /dev/shm/harm 1 9999
watch_until 70 false
stop "$started"
say phase calm "$(now)"
watch_until 120 is_whole
second # with what ended the wait
say phase stubborn "$(now)"
start batch/stubborn work hog /dev/shm/harm 20 9999
watch_until 90 is_closed
# The scheduler takes it away, as it was asked, and tries to start another one.
say phase frozen "$(now)"
refusal=$(mkdir /sys/fs/cgroup/batch/late 2>&1) || say refused "$refusal"
second
stop "$started"
rmdir /sys/fs/cgroup/batch/stubborn
watch_until 70 is_open
say phase open "$(now)"
mkdir /sys/fs/cgroup/batch/late && say late made
stop_collectd
cp -r /var/lib/collectd/cpi /out/state
