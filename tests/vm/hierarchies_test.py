"""Discovery, counting, quotas and freezes on every layout of cgroups."""

import json

import scenario

# As the guest's init mounts them; where the files of quotas are.
LAYOUTS = {"v2": "max", "v1": "-1", "hybrid": "-1", "hybrid-perf2": "-1"}


class Hierarchies(scenario.Scenario):
    """A guest each: v2, v1, hybrid with perf_event on v1, and on v2."""

    @classmethod
    def setUpClass(cls):
        cls.runs = {
            layout: scenario.workload_guest(cgroup=layout).run(
                f"hierarchies-{layout}", scenario.inside("hierarchies"))
            for layout in LAYOUTS}

    def each(self):
        for layout, result in self.runs.items():
            yield self.subTest(layout=layout), layout, result

    def reply(self, result, name):
        """(exit status, JSON) of a call of the helper."""
        status, text = result.fact(name).split(" ", 1)
        return int(status), json.loads(text[:text.rindex("}") + 1])

    def during(self, result, identifier, phase):
        """The last three windows before a time that the guest named."""
        times = dict(text.split() for text in result.facts["time"])
        end = float(times[phase])
        return [(when, value)
                for when, value in scenario.series(result.out, identifier)
                if end - 3 < when <= end]

    def test_the_service_is_found_and_its_cpi_is_right(self):
        for where, _, result in self.each():
            with where:
                values = scenario.series(result.out,
                                         "cpi-service_steady/gauge-cpi")
                self.assertGreater(len(values), 10)
                for _, cpi in values:
                    self.assertWithin(cpi, 8, 0.01)

    def test_the_helper_finds_itself_able(self):
        for where, _, result in self.each():
            with where:
                self.assertEqual(self.reply(result, "selftest")[0], 0)

    def test_a_lowered_quota_is_in_the_file_and_in_force(self):
        for where, layout, result in self.each():
            with where:
                self.assertEqual(self.reply(result, "lower")[0], 0)
                self.assertEqual(result.fact("before"),
                                 f"{LAYOUTS[layout]} 100000")
                self.assertEqual(result.fact("lowered"), "25000 100000")
                usage = scenario.mean(self.during(
                    result, "cpi-batch_jobs/percent-cpu_usage", "lowered"))
                self.assertWithin(usage, 25, 0.05)
                self.note(f"{layout}: CPU of a batch job at 250 millicores",
                          f"{usage:.1f} %")

    def test_a_raised_quota_is_what_was_asked_for(self):
        for where, _, result in self.each():
            with where:
                self.assertEqual(self.reply(result, "raise")[0], 0)
                self.assertEqual(result.fact("raised"), "40000 100000")

    def test_a_lease_that_ran_out_and_a_release_bring_back_the_original(self):
        for where, _, result in self.each():
            with where:
                self.assertEqual(result.fact("expired"), result.fact("before"))
                self.assertEqual(self.reply(result, "release")[0], 0)
                self.assertEqual(result.fact("released"), result.fact("before"))
                usage = scenario.mean(self.during(
                    result, "cpi-batch_jobs/percent-cpu_usage", "released"))
                self.assertGreater(usage, 60)

    def test_a_freeze_says_whether_the_kernel_alone_enforces_it(self):
        for where, layout, result in self.each():
            with where:
                self.assertEqual(self.reply(result, "freeze")[0], 0)
                self.assertEqual(
                    self.reply(result, "status")[1]["enforced"],
                    "kernel+hook" if layout == "v2" else "hook")

    def test_a_tree_of_v2_refuses_new_cgroups_while_frozen(self):
        for where, layout, result in self.each():
            with where:
                refused = result.facts.get("refused", [])
                self.assertEqual(len(refused), 0 if layout == "v1" else 1)
                for words in refused:
                    self.assertIn("Resource temporarily unavailable", words)

    def test_a_freeze_ends_by_itself_when_its_time_is_up(self):
        for where, _, result in self.each():
            with where:
                self.assertGreater(self.reply(result, "status")[1]["frozen"], 0)
                self.assertEqual(self.reply(result, "thawed")[1]["frozen"], 0)
                self.assertEqual(result.fact("late"), "made")

    def test_the_daemon_complains_of_nothing(self):
        for where, _, result in self.each():
            with where:
                self.assertEqual(result.fact("collectd_status"), "0")
                self.assertNotRegex(self.log(result), r"\[(error|warning)\]")
