/* The judge's own counters, with nothing of the project in them.
 *
 *   count run COMMAND [ARG...]   cycles and instructions of that process, as
 *                                "@process CYCLES INSTRUCTIONS"
 *   count occupy N               N groups {cycles, instructions} of the whole
 *                                first CPU, until killed: other users of the
 * PMU count blink CGROUP US N      one group on a cgroup, its leader disabled
 * and enabled every US microseconds, N times; prints
 *                                "@blink CYCLES INSTRUCTIONS ENABLED RUNNING
 *                                TASK_CLOCK", the last of a second event
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct count {
  uint64_t nr, enabled, running, cycles, instructions;
};

static int open_event(uint32_t type, uint64_t config, int what, int cpu,
                      int leader, unsigned long flags, int on_exec) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = type;
  attr.config = config;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
                     PERF_FORMAT_TOTAL_TIME_RUNNING;
  attr.disabled = attr.enable_on_exec = on_exec;
  const long fd = syscall(SYS_perf_event_open, &attr, what, cpu, leader, flags);
  if (fd < 0) {
    perror("perf_event_open");
    exit(1);
  }
  return (int)fd;
}

static int open_group(int what, int cpu, unsigned long flags, int on_exec) {
  const int leader = open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES,
                                what, cpu, -1, flags, on_exec);
  open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, what, cpu, leader,
             flags, 0);
  return leader;
}

static struct count read_group(int leader) {
  struct count count;
  if (read(leader, &count, sizeof count) != (ssize_t)sizeof count) {
    perror("read");
    exit(1);
  }
  return count;
}

static int run(char** command) {
  int gate[2];
  if (pipe(gate)) return 1;
  const pid_t child = fork();
  if (child == 0) {
    char byte;
    close(gate[1]);
    if (read(gate[0], &byte, 1) != 1) _exit(126);
    execvp(command[0], command);
    _exit(127);
  }
  const int leader = open_group(child, -1, 0, 1);
  if (write(gate[1], "x", 1) != 1) return 1;
  int status;
  waitpid(child, &status, 0);
  const struct count count = read_group(leader);
  printf("@process %" PRIu64 " %" PRIu64 "\n", count.cycles,
         count.instructions);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int occupy(int groups) {
  while (groups-- > 0) open_group(-1, 0, 0, 0);
  pause();
  return 0;
}

static int blink(const char* cgroup, useconds_t us, int times) {
  const int directory = open(cgroup, O_RDONLY | O_DIRECTORY);
  const int leader = open_group(directory, 0, PERF_FLAG_PID_CGROUP, 0);
  const int clock = open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK,
                               directory, 0, -1, PERF_FLAG_PID_CGROUP, 0);
  while (times-- > 0) {
    usleep(us);
    ioctl(leader, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
    ioctl(clock, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
    usleep(us);
    ioctl(leader, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
    ioctl(clock, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
  }
  const struct count count = read_group(leader);
  uint64_t task_clock[4];
  if (read(clock, task_clock, sizeof task_clock) !=
      (ssize_t)sizeof task_clock) {
    return 1;
  }
  printf("@blink %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
         " %" PRIu64 "\n",
         count.cycles, count.instructions, count.enabled, count.running,
         task_clock[3], task_clock[1]);
  return 0;
}

int main(int argc, char** argv) {
  if (argc >= 3 && !strcmp(argv[1], "run")) return run(argv + 2);
  if (argc == 3 && !strcmp(argv[1], "occupy")) return occupy(atoi(argv[2]));
  if (argc == 5 && !strcmp(argv[1], "blink")) {
    return blink(argv[2], (useconds_t)atoi(argv[3]), atoi(argv[4]));
  }
  fprintf(stderr,
          "usage: count run COMMAND... | occupy N | "
          "blink CGROUP MICROSECONDS TIMES\n");
  return 2;
}
