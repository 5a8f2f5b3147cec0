"""Our package on an amd64 host with systemd and pure cgroup v2."""

import json

import build
import guest
import scenario

# What dpkg and maintainer scripts expect of every Debian.
ESSENTIAL = ("dash", "dpkg", "init-system-helpers", "libc-bin",
             "perl-base", "systemd-sysv", "tar")


def host():
    machine = guest.Guest(arch="amd64", systemd=True,
                          packages=guest.RUNTIME + ESSENTIAL)
    machine.add("", "/var/lib/dpkg/status")
    return machine.add(build.package(), "/collectd-cpi.deb")


class Systemd(scenario.Scenario):
    """Two boots: units with quotas, throttled; and what a reboot leaves."""

    @classmethod
    def setUpClass(cls):
        cls.result = host().run("systemd", scenario.inside("systemd"))
        machine = host()
        machine.add(cls.result.out / "journal.json", "/journal.json")
        cls.rebooted = machine.run("systemd-rebooted",
                                   scenario.inside("systemd"))

    def reply(self, name, result=None):
        """(exit status, JSON) of a call of the helper."""
        status, text = (result or self.result).fact(name).split(" ", 1)
        return int(status), json.loads(text[text.index("{"):
                                            text.rindex("}") + 1])

    def usage(self, phase):
        times = dict(text.split() for text in self.result.facts["time"])
        return scenario.mean(
            [(when, value) for when, value in scenario.series(
                self.result.out, "cpi-batch_training/percent-cpu_usage")
             if float(times[phase]) - 2 < when <= float(times[phase])])

    def test_the_package_installs(self):
        self.assertEqual(self.result.fact("installed"), "0")

    def test_in_collectds_sandbox_the_helper_finds_itself_able(self):
        self.assertEqual(self.reply("selftest")[0], 0)

    def test_without_a_pmu_it_says_so_once_and_goes_on(self):
        lines = [line for line in self.log(self.result).splitlines()
                 if "no cycles and instructions" in line]
        # Once of each time it was started.
        self.assertEqual(len(lines), self.log(self.result).count(
            "Initialization complete"))
        self.assertEqual(scenario.series(self.result.out,
                                         "cpi-service_web/gauge-cpi"), [])
        wait = scenario.series(self.result.out,
                               "cpi-service_web/gauge-cpu_wait")
        self.assertGreater(max(value for _, value in wait), 0.2)

    def test_a_quota_of_systemds_is_lowered_with_its_burst(self):
        self.assertEqual(self.result.fact("before"), "80000 100000")
        self.assertEqual(self.reply("lower")[0], 0)
        self.assertEqual(self.reply("lower")[1]["original_millicores"], 800)
        self.assertEqual(self.result.fact("lowered"),
                         "10000 100000 burst 10000")
        self.assertWithin(self.usage("lowered"), 10, 0.1)

    def test_a_quota_that_daemon_reload_put_back_is_lowered_again(self):
        self.assertEqual(self.result.fact("reloaded"), "80000 100000")
        self.assertEqual(self.reply("again")[0], 0)
        self.assertEqual(self.result.fact("lowered_again"), "10000 100000")

    def test_a_smaller_quota_of_the_slice_is_no_obstacle(self):
        self.assertWithin(self.usage("nested"), 5, 0.2)
        self.assertEqual(self.reply("nested")[0], 0)

    def test_a_release_brings_back_quota_and_burst(self):
        self.assertEqual(self.result.fact("released"),
                         "80000 100000 burst 20000")

    def test_collectd_survives_it_all_and_no_unit_failed(self):
        self.assertTrue(self.result.fact("restarted").startswith("active"))
        self.assertEqual(self.result.fact("failed").strip(), "")

    def test_a_restart_of_collectd_gives_back_what_was_lowered(self):
        self.assertEqual(self.result.fact("restarted"), "active 80000 100000")

    def test_a_lease_that_nobody_renews_ends_without_collectd(self):
        self.assertEqual(self.result.fact("expiring_quota"), "10000 100000")
        self.assertEqual(self.result.fact("expired"), "80000 100000")

    def test_a_journal_of_before_a_reboot_is_of_no_effect(self):
        self.assertEqual(self.reply("live")[0], 0)
        status, reply = self.reply("status", self.rebooted)
        self.assertEqual(status, 0)
        self.assertEqual(reply["throttles"], [])
        self.assertEqual(self.rebooted.fact("restore"), "0 80000 100000")
