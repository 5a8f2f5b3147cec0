"""CountTime with real counters."""

import scenario

SERVICES = ("steady", "bursty")


class CountTime(scenario.Scenario):
    """Counting is switched off and on every second, with other work about."""

    @classmethod
    def setUpClass(cls):
        cls.result = scenario.workload_guest().run(
            "count_time", scenario.inside("count_time"))

    def each(self, name):
        for service in SERVICES:
            values = scenario.series(self.result.out,
                                     f"cpi-service_{service}/gauge-{name}")
            self.assertGreater(len(values), 5)
            for _, value in values:
                yield self.subTest(service=service, kernel=self.kernel()), value

    def kernel(self):
        return self.result.fact("kernel")

    def test_the_cpi_is_right(self):
        for where, cpi in self.each("cpi"):
            with where:
                self.assertWithin(cpi, 8, 0.01)

    def test_the_pause_is_in_no_clock(self):
        worst = 0
        for name, known in (("ns_per_instruction", 8), ("effective_ghz", 1)):
            for where, value in self.each(name):
                with where:
                    worst = max(worst, abs(value / known - 1))
                    self.assertWithin(value, known, 0.02)
        self.note(f"largest error of a clock, kernel {self.kernel()}",
                  f"{worst:.2%}")
