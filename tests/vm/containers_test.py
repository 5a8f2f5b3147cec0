"""Container runtimes with our hook, before, during and after a freeze."""

import guest
import scenario


class Containers(scenario.Scenario):
    """crun and runc, each in a guest of its own, on pure cgroup v2."""

    @classmethod
    def setUpClass(cls):
        cls.runs = {}
        for runtime in ("crun", "runc"):
            machine = scenario.workload_guest(
                packages=guest.RUNTIME + (runtime,))
            cls.runs[runtime] = machine.run(
                f"containers-{runtime}",
                scenario.inside("containers", runtime=f"/usr/bin/{runtime}"))

    def assertStarted(self, name):
        for runtime, result in self.runs.items():
            with self.subTest(runtime=runtime):
                self.assertEqual(result.fact(name).split()[0], "0",
                                 result.fact(name))

    def assertRefused(self, name, words):
        for runtime, result in self.runs.items():
            with self.subTest(runtime=runtime):
                self.assertNotEqual(result.fact(name).split()[0], "0")
                self.assertRegex(result.fact(name), words)

    def test_without_a_freeze_everything_starts(self):
        for name in ("batch_before", "shared_before", "service_before"):
            self.assertStarted(name)

    def test_the_hook_refuses_new_batch_work_and_says_until_when_and_why(self):
        self.assertStarted("freeze")
        self.assertRefused(
            "shared_frozen",
            r"no new batch work until 2\d{3}-.*\(interference\)")

    def test_the_kernel_refuses_it_below_a_parent_that_is_batch_alone(self):
        self.assertRefused("batch_frozen", "Resource temporarily unavailable|"
                                           "resource temporarily unavailable")

    def test_services_and_exempt_work_start_during_a_freeze(self):
        self.assertStarted("service_frozen")
        self.assertStarted("exempt_frozen")

    def test_what_ran_before_the_freeze_runs_on(self):
        for runtime, result in self.runs.items():
            with self.subTest(runtime=runtime):
                self.assertEqual(
                    result.fact("running").split(),
                    ["batch_before", "exempt_frozen", "service_before",
                     "service_frozen", "shared_before"])

    def test_after_the_thaw_batch_work_starts_again(self):
        self.assertStarted("thaw")
        self.assertStarted("batch_after")
        self.assertStarted("shared_after")
