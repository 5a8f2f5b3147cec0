/* Workloads with a known number of cycles per instruction, for arm64 guests
 * whose clock is their instruction count: code that runs has the CPI of the
 * guest, and a stall adds cycles without instructions.
 *
 *   work alu SECONDS               runs
 *   work stall INSNS NS SECONDS    again and again INSNS instructions, then a
 *                                  stall of NS: CPI = 2^shift + NS / INSNS
 *   work batch SHM HARM SECONDS    runs, adding up in file SHM: HARM for every
 *                                  instruction
 *   work hog SHM NS SECONDS        runs, adding 1 for every NS of time, however
 *                                  little of it is its own
 *   work service SHM GAIN INSNS US SECONDS
 *                                  every US microseconds one request of INSNS
 *                                  instructions; stalls GAIN ns for every
 *                                  unit that others have added to SHM
 *                                  meanwhile; waits for the next
 *   work now                       prints the time, as collectd writes it
 *
 * A stall is time in which the CPU is this process's and retires nothing:
 * semihosting's "read a character", on a console where none ever comes, halts
 * QEMU's CPU in user mode. A timer of ours steps over it. The cycle counter
 * runs on, at one per ns. Stalls under 0.2 ms are saved up, because each costs
 * the kernel some thousand instructions for the timer.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define SHORTEST_STALL 200000u
#define BLOCK 100000u /* instructions between two looks at the clock */

/* arm_and_stall(timer, flags, spec, old): timer_settime, then the stall. */
__asm__(
    ".text\n"
    ".globl arm_and_stall, stall_begin, stall_end\n"
    "arm_and_stall: mov x8, #110\n svc #0\n"
    "stall_begin: mov x0, #7\n mov x1, #0\n hlt #0xf000\n"
    "stall_end: ret\n");
extern int arm_and_stall(int, int, const struct itimerspec*, void*);
extern char stall_begin[], stall_end[];

static int timer_id;

static void step_over(int signal, siginfo_t* info, void* context) {
  uint64_t* pc = (uint64_t*)&((ucontext_t*)context)->uc_mcontext.pc;
  (void)signal;
  (void)info;
  if (*pc >= (uint64_t)stall_begin && *pc < (uint64_t)stall_end) {
    *pc = (uint64_t)stall_end;
  }
}

static void no_stalls(int signal) {
  static const char text[] = "work: this guest cannot stall\n";
  (void)signal;
  if (write(2, text, sizeof text - 1) < 0) _exit(4);
  _exit(3);
}

static void prepare_stalls(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = no_stalls;
  sigaction(SIGILL, &action, NULL);
  action.sa_sigaction = step_over;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, NULL);
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer_id)) {
    perror("timer_create");
    exit(1);
  }
}

static void stall(uint64_t ns) {
  const struct itimerspec once = {
      {0, 0}, {(time_t)(ns / 1000000000), (long)(ns % 1000000000)}};
  arm_and_stall(timer_id, 0, &once, NULL);
}

static void run(uint64_t instructions) {
  uint64_t n = instructions / 2;
  __asm__ volatile("1: subs %0, %0, #1\n b.ne 1b" : "+r"(n)::"cc");
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t after(const char* seconds) {
  return now_ns() + (uint64_t)(atof(seconds) * 1e9);
}

static volatile uint64_t* shared(const char* path) {
  const int file = open(path, O_RDWR | O_CREAT, 0666);
  void* memory = MAP_FAILED;
  if (file >= 0 && ftruncate(file, 4096) == 0) {
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  if (memory == MAP_FAILED) {
    perror(path);
    exit(1);
  }
  return memory;
}

static void hog(volatile uint64_t* sum, uint64_t ns, uint64_t end) {
  for (uint64_t last = now_ns(), now; (now = now_ns()) < end; last = now) {
    run(BLOCK);
    *sum += (now - last) / ns;
  }
}

static int serve(volatile uint64_t* others, double gain, uint64_t instructions,
                 uint64_t every_ns, uint64_t end) {
  uint64_t seen = *others;
  uint64_t due = 0;
  uint64_t next = now_ns();
  prepare_stalls();
  while (now_ns() < end) {
    run(instructions);
    const uint64_t done = *others;
    due += (uint64_t)(gain * (double)(done - seen));
    seen = done;
    if (due >= SHORTEST_STALL) {
      stall(due);
      due = 0;
    }
    next += every_ns;
    const struct timespec until = {(time_t)(next / 1000000000),
                                   (long)(next % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
  return 0;
}

int main(int argc, char** argv) {
  const char* kind = argc > 1 ? argv[1] : "";
  if (!strcmp(kind, "now") && argc == 2) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    printf("%lld.%03ld\n", (long long)time.tv_sec, time.tv_nsec / 1000000);
    return 0;
  }
  if (!strcmp(kind, "alu") && argc == 3) {
    for (const uint64_t end = after(argv[2]); now_ns() < end;) run(BLOCK);
    return 0;
  }
  if (!strcmp(kind, "stall") && argc == 5) {
    prepare_stalls();
    for (const uint64_t end = after(argv[4]); now_ns() < end;) {
      run(strtoull(argv[2], NULL, 0));
      stall(strtoull(argv[3], NULL, 0));
    }
    return 0;
  }
  if (!strcmp(kind, "batch") && argc == 5) {
    volatile uint64_t* sum = shared(argv[2]);
    const uint64_t harm = strtoull(argv[3], NULL, 0) * BLOCK;
    for (const uint64_t end = after(argv[4]); now_ns() < end;) {
      run(BLOCK);
      *sum += harm;
    }
    return 0;
  }
  if (!strcmp(kind, "hog") && argc == 5) {
    hog(shared(argv[2]), strtoull(argv[3], NULL, 0), after(argv[4]));
    return 0;
  }
  if (!strcmp(kind, "service") && argc == 7) {
    return serve(shared(argv[2]), atof(argv[3]), strtoull(argv[4], NULL, 0),
                 strtoull(argv[5], NULL, 0) * 1000, after(argv[6]));
  }
  fprintf(stderr,
          "usage: work alu SECONDS | stall INSNS NS SECONDS | batch SHM "
          "HARM SECONDS | hog SHM NS SECONDS | service SHM GAIN INSNS US "
          "SECONDS\n");
  return 2;
}
