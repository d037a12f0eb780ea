"""Figures for Prometheus, counted when they are asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notifier.store import Figures


@dataclass(frozen=True)
class Reading(Collector):
    """One reading. `lag` is how many messages the inbox is behind, None when NATS does not say."""

    figures: Figures
    due: int
    lag: int | None
    well: bool
    now: datetime

    def collect(self) -> Iterable[Metric]:
        """Give every figure a name."""
        oldest = self.figures.oldest_unsent
        age = (self.now - oldest).total_seconds() if oldest else 0.0
        yield CounterMetricFamily("moa_notifier_reminders_sent", "Reminders sent.", self.figures.sent)
        yield CounterMetricFamily("moa_notifier_reminders_failed", "Reminders given up.", self.figures.failed)
        yield GaugeMetricFamily("moa_notifier_reminders_due", "Reminders due today and not sent.", self.due)
        yield GaugeMetricFamily("moa_notifier_oldest_unsent_seconds", "Age of the oldest claim not settled.", age)
        yield GaugeMetricFamily("moa_notifier_reports_waiting", "Reports not acknowledged.", self.figures.unreported)
        yield GaugeMetricFamily("moa_notifier_parked", "Messages set aside.", self.figures.parked)
        yield GaugeMetricFamily("moa_notifier_inbox_position", "Last log position taken.", self.figures.position)
        yield GaugeMetricFamily("moa_notifier_ready", "1 when every part works.", int(self.well))
        if self.lag is not None:
            yield GaugeMetricFamily("moa_notifier_inbox_lag", "Messages behind the registry's log.", self.lag)


def page(reading: Reading) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(reading)
    return generate_latest(registry)
