# shellcheck shell=dash
# Counting half of every second: one service that runs all the time, one that
# comes and goes, and other work between them.
make_cgroup online/steady online/bursty batch/job
enable_controllers online
enable_controllers batch
say kernel "$(uname -r)"
start_collectd 1 <<'CONF'
CountTime 0.5
<Service "steady">
  Cgroup "/online/steady"
</Service>
<Service "bursty">
  Cgroup "/online/bursty"
</Service>
CONF
sleep 1
(run_in online/steady work alu 12) &
(run_in online/bursty work service /dev/shm/none 0 200000 10000 12) &
(run_in batch/job work alu 12) &
sleep 12
stop_collectd
