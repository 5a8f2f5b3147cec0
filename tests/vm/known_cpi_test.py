"""CPI that is known in advance, through collectd into its csv files."""

import scenario

SHIFTS = (3, 1)
# Stall per million instructions, ns: without one, and three levels that add up
# to 2 cycles to every instruction. Longer stalls are known less well: the
# kernel's tick goes on in them, with some 2,600 instructions a millisecond that
# nobody planned.
LEVELS = (0, 500_000, 1_000_000, 2_000_000)
SECONDS = 5


class KnownCpi(scenario.Scenario):
    """Four guests: two costs of an instruction, both versions of cgroups."""

    @classmethod
    def setUpClass(cls):
        cls.runs = {}
        for cgroup in ("v2", "v1"):
            for shift in SHIFTS:
                machine = scenario.workload_guest(cgroup=cgroup, shift=shift)
                cls.runs[cgroup, shift] = machine.run(
                    f"known_cpi-{cgroup}-{shift}",
                    scenario.inside("known_cpi", seconds=SECONDS,
                                    levels=" ".join(map(str, LEVELS))))

    def each(self):
        """(subtest, stall, CPI by construction, result) of every service."""
        for (cgroup, shift), result in self.runs.items():
            for ns in LEVELS:
                where = self.subTest(cgroup=cgroup, shift=shift, stall_ns=ns)
                yield where, ns, 2 ** shift + ns / 1e6, result

    def test_every_window_has_the_cpi_the_service_was_made_with(self):
        worst = {False: 0, True: 0}
        for where, ns, known, result in self.each():
            with where:
                values = self.full_windows(result.out, ns)
                self.assertGreaterEqual(len(values), SECONDS - 2)
                for cpi in values:
                    self.assertWithin(cpi, known, 0.02 if ns else 0.01)
                    worst[ns > 0] = max(worst[ns > 0], abs(cpi / known - 1))
        self.note("largest error of a window without, with stalls",
                  f"{worst[False]:.2%}, {worst[True]:.2%}")

    def full_windows(self, out, ns):
        """The CPI of windows all of which the service ran through; in its
        first and last it also started and ended."""
        service = f"cpi-service_s{ns}/"
        usage = dict(scenario.series(out, service + "percent-cpu_usage"))
        return [cpi for when, cpi
                in scenario.series(out, service + "gauge-cpi")
                if usage.get(when, 0) > 90]

    def test_the_cpi_is_that_of_the_process_by_its_own_counter(self):
        worst = 0
        for where, ns, _, result in self.each():
            with where:
                counts = dict(text.split(" ", 1)
                              for text in result.facts["process"])
                cycles, instructions = map(float, counts[f"s{ns}"].split())
                values = self.full_windows(result.out, ns)
                cpi = sum(values) / len(values)
                self.assertWithin(cpi, cycles / instructions, 0.01)
                worst = max(worst, abs(cpi * instructions / cycles - 1))
        self.note("largest difference to the process's own counter",
                  f"{worst:.2%}")

    def test_nanoseconds_per_instruction_are_cycles_at_one_gigahertz(self):
        for where, ns, known, result in self.each():
            with where:
                time = scenario.mean(scenario.series(
                    result.out,
                    f"cpi-service_s{ns}/gauge-ns_per_instruction"))
                self.assertWithin(time, known, 0.03)

    def test_the_daemon_complains_of_nothing_and_ends_well(self):
        for (cgroup, shift), result in self.runs.items():
            with self.subTest(cgroup=cgroup, shift=shift):
                self.assertEqual(result.fact("collectd_status"), "0")
                self.assertNotRegex(self.log(result), r"\[(error|warning)\]")


class Crowded(scenario.Scenario):
    """More groups of counters than the PMU has counters for."""

    @classmethod
    def setUpClass(cls):
        cls.result = scenario.workload_guest().run(
            "crowded", scenario.inside("crowded"))
        cls.until = dict(text.split() for text in cls.result.facts["phase"])

    def during(self, name, phase):
        """Values of windows that lie wholly in a phase."""
        ends = [0, *map(float, self.until.values())]
        index = list(self.until).index(phase)
        return [(when, value) for when, value in scenario.series(
            self.result.out, f"cpi-service_steady/gauge-{name}")
            if ends[index] + 2 < when <= ends[index + 1]]

    def test_alone_the_counters_run_all_the_time(self):
        self.assertEqual(scenario.mean(self.during("running_ratio", "alone")),
                         1)

    def test_beside_four_groups_the_ratio_is_published_and_the_cpi_right(self):
        ratio = scenario.mean(self.during("running_ratio", "five_groups"))
        self.assertWithin(ratio, 0.6, 0.05)
        values = self.during("cpi", "five_groups")
        self.assertGreaterEqual(len(values), 2)
        for _, cpi in values:
            self.assertWithin(cpi, 8, 0.01)
        self.note("running ratio with 5 groups on 3 places", f"{ratio:.3f}")

    def test_beside_eight_the_cpi_is_withheld_and_the_ratio_says_why(self):
        ratio = scenario.mean(self.during("running_ratio", "nine_groups"))
        self.assertWithin(ratio, 1 / 3, 0.05)
        self.assertEqual(self.during("cpi", "nine_groups"), [])
