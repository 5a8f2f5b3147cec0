"""What the doctor and the plugin say on a kernel nobody has set up."""

import scenario


class Doctor(scenario.Scenario):
    """Debian's defaults: perf_event_paranoid 3, a bare cgroup v2."""

    @classmethod
    def setUpClass(cls):
        cls.result = scenario.workload_guest(cgroup="v2-bare").run(
            "bare", scenario.inside("bare"))

    def said(self, name):
        return (self.result.out / name).read_text()

    def test_a_kernel_to_which_cap_perfmon_is_not_enough_is_explained(self):
        self.assertEqual(self.result.fact("strict"), "1")
        self.assertRegex(self.said("strict"),
                         r"missing +permission +perf_event_paranoid 3.*\n"
                         r"(.*\n)?.*perf_event_paranoid to 2")

    def test_the_plugin_says_once_which_setting_keeps_it_from_counting(self):
        said = [line for line in self.said("strict.log").splitlines()
                if "perf_event_paranoid" in line]
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], r"\[warning\].*no cycles and instructions|"
                                  r"\[warning\].*/online is not counted")

    def test_a_bare_cgroup_v2_is_explained_with_what_to_write(self):
        self.assertEqual(self.result.fact("bare"), "1")
        self.assertRegex(self.said("bare"),
                         r"missing +cgroup events .*\n(.*\n)?.*subtree_control")

    def test_the_plugin_says_the_same_in_its_log(self):
        self.assertRegex(self.log(self.result),
                         "/online is not counted: .*subtree_control")

    def test_once_anything_is_enabled_the_doctor_has_nothing_to_add(self):
        self.assertEqual(self.result.fact("cured"), "0")
        self.assertRegex(self.said("cured"), "ok +cgroup events")
        self.assertRegex(self.said("cured"), "ok +pmu")

    def test_the_plugin_counts_from_then_on_by_itself(self):
        self.assertIn("/online is counted now", self.log(self.result))
        enabled = float(self.result.fact("enabled"))
        values = scenario.series(self.result.out,
                                 "cpi-service_online/gauge-cpi")
        self.assertTrue(values)
        self.assertGreater(values[0][0], enabled)
        for _, cpi in values:
            self.assertWithin(cpi, 8, 0.01)
