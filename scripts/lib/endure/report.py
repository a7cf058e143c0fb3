"""The bars: each check prints a line, and the run fails where one is missed."""


class Report:
    """Prints `NAME figure bar PASS|MISS` for each check and remembers whether one was missed.

    The short form runs beside other work on two cores, where a process may stand still for seconds.
    There a time may be 20 times its bar, and 10 seconds in any case; a share of a peak may be half
    of its bar. Counts of what must not happen have no slack.
    """

    SHORT_TIME_FACTOR = 20.0
    SHORT_TIME_LEAST = 10.0
    SHORT_SHARE_FACTOR = 0.5

    def __init__(self, is_short: bool) -> None:
        self.is_short = is_short
        self.missed: list[str] = []

    def time_bar(self, bar: float) -> float:
        """The bar of a time, with the slack of the form that runs."""
        if not self.is_short:
            return bar
        return max(bar * self.SHORT_TIME_FACTOR, self.SHORT_TIME_LEAST)

    def seconds(self, name: str, figure: float, bar: float) -> None:
        """A time in seconds, `bar` at most."""
        bar = self.time_bar(bar)
        self._line(name, f"{figure * 1e3:.0f} ms", f"at most {bar * 1e3:.0f} ms", figure <= bar)

    def share(self, name: str, figure: float, bar: float) -> None:
        """A share of what was measured before, `bar` at least."""
        bar *= self.SHORT_SHARE_FACTOR if self.is_short else 1
        self._line(name, f"{figure:.2f}", f"at least {bar:.2f}", figure >= bar)

    def at_most(self, name: str, figure: float, bar: float, unit: str = "") -> None:
        """A count or an amount, `bar` at most."""
        self._line(name, f"{figure:g}{unit}", f"at most {bar:g}{unit}", figure <= bar)

    def at_least(self, name: str, figure: float, bar: float, unit: str = "") -> None:
        """A count or an amount, `bar` at least."""
        self._line(name, f"{figure:g}{unit}", f"at least {bar:g}{unit}", figure >= bar)

    def equal(self, name: str, figure: float, bar: float) -> None:
        """A count that is known beforehand."""
        self._line(name, f"{figure:g}", f"{bar:g}", figure == bar)

    def holds(self, name: str, figure: str, bar: str, is_held: bool) -> None:
        """What is no figure."""
        self._line(name, figure, bar, is_held)

    def note(self, name: str, figure: str) -> None:
        """A figure without a bar."""
        print(f"{name:<52} {figure}", flush=True)

    def _line(self, name: str, figure: str, bar: str, is_held: bool) -> None:
        print(f"{name:<52} {figure:>12}  {bar:<20} {'PASS' if is_held else 'MISS'}", flush=True)
        if not is_held:
            self.missed.append(name)
