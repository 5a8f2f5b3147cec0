# shellcheck shell=dash disable=SC2154
# The whole loop. A service whose CPI rises with what batch does, an innocent
# job beside it all the time, an antagonist for a while, and one that harms even
# when it is turned down as far as it goes. Every limit is scaled to one CPU and
# windows of one second.
make_cgroup online/web batch/innocent batch/antagonist batch/stubborn
enable_controllers online
enable_controllers batch
# As hosts have it on which services come first: it hardly waits for the CPU.
echo 10000 >/sys/fs/cgroup/online/cpu.weight
install_helper <<'JSON'
{"callers": [900], "longest_lease": 600, "freeze_gap": 0,
 "aliases": {"batch": {"cgroup": "/batch", "depth": 1, "exclusive": true}}}
JSON
(while :; do
  "$helper" restore --expired >/dev/null 2>&1
  sleep 1
done) & # collectd-cpi-restore.timer
start_collectd 1 <<'CONF'
Act true
WarmUp 0
MinSamples 40
StartupGrace 0
SaveInterval 5
MinSuspectCPU 0.05
QuietTime 3
Step 0.5
HoldTime 10
Lease 20
RescheduleBelow 0
MaxAdjustments 4
FreezeTime 40
FreezeJitter 0
<Service "web">
  Cgroup "/online/web"
</Service>
<Batch "jobs">
  Cgroup "/batch/*"
</Batch>
CONF
seconds=0
quota() { cut -d " " -f 1 "/sys/fs/cgroup/batch/$1/cpu.max" 2>/dev/null; }
watch_for() { # SECONDS: a line of every one
  until=$((seconds + $1))
  while [ $seconds -lt $until ]; do
    sleep 1
    seconds=$((seconds + 1))
    say second "$(now)" "$(quota innocent)" "$(quota antagonist)" \
      "$(quota stubborn)" "$(cat /sys/fs/cgroup/batch/cgroup.max.descendants)"
  done
}

(run_in online/web work service /dev/shm/harm 2 500000 10000 9999) &
(run_in batch/innocent work service /dev/shm/none 0 200000 10000 9999) &
watch_for 55
say phase antagonist "$(now)"
(run_in batch/antagonist work batch /dev/shm/harm 1 60) &
watch_for 61
say phase calm "$(now)"
watch_for 40
say phase stubborn "$(now)"
(run_in batch/stubborn work batch /dev/shm/harm 8 9999) &
stubborn=$!
# Until the host is closed to new batch work; then the container goes, as the
# scheduler was asked.
tries=0
until [ "$(cat /sys/fs/cgroup/batch/cgroup.max.descendants)" != max ] ||
  [ $tries -ge 60 ]; do
  watch_for 1
  tries=$((tries + 1))
done
say phase frozen "$(now)"
refusal=$(mkdir /sys/fs/cgroup/batch/late 2>&1) || say refused "$refusal"
kill $stubborn
rmdir /sys/fs/cgroup/batch/stubborn 2>/dev/null
watch_for 50
mkdir /sys/fs/cgroup/batch/late && say late made
stop_collectd
cp -r /var/lib/collectd/cpi /out/state
