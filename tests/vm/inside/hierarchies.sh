# shellcheck shell=dash disable=SC2154
# A service, and a batch job whose quota the setuid helper turns down and gives
# back at the word of an unprivileged collectd.
make_cgroup online/steady batch/job
enable_controllers online
enable_controllers batch
install_helper <<'JSON'
{"callers": [900],
 "aliases": {"batch": {"cgroup": "/batch", "depth": 1, "exclusive": true}}}
JSON
start_collectd 1 <<'CONF'
<Service "steady">
  Cgroup "/online/steady"
</Service>
<Batch "jobs">
  Cgroup "/batch/*"
</Batch>
CONF
(run_in online/steady work service /dev/shm/none 0 500000 20000 40) &
(run_in batch/job work alu 40) &

ask selftest selftest
say before "$(quota_of batch/job)"
sleep 4
say time free "$(now)"
ask lower lower batch/job 250 --lease 600
say lowered "$(quota_of batch/job)"
sleep 5
say time lowered "$(now)"
ask raise raise batch/job 400 --lease 5
say raised "$(quota_of batch/job)"
sleep 6
$helper restore --expired >/dev/null
say expired "$(quota_of batch/job)"
ask lower_again lower batch/job 100 --lease 600
ask release release --all
say released "$(quota_of batch/job)"
sleep 4
say time released "$(now)"

ask freeze freeze 8 --reason test
for root in $hierarchies; do
  # A hybrid's tree of v2 as well, though runtimes do not mind it there.
  [ -e "$root/batch/cgroup.max.descendants" ] || continue
  refusal=$(mkdir "$root/batch/late" 2>&1) || say refused "$refusal"
done
ask status status
sleep 9
$helper restore --expired >/dev/null
ask thawed status
make_cgroup batch/late && say late made
stop_collectd
