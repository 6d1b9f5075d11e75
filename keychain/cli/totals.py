"""The sums of all workers, as metrics: what Prometheus reads. Only the exporter's process imports this.

``keychain.web.meters`` says what a worker sends. A worker is known by its process id, and shown under the smallest
number that is free, so that the labels stay the same however often workers are replaced.
"""

import json
import os
import platform
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate, count
from socketserver import TCPServer
from typing import NamedTuple
from wsgiref.simple_server import WSGIRequestHandler

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from keychain.settings import Settings
from keychain.web.meters import BUCKETS

# Seconds. Every worker reports each second; of one that is silent for so long nobody knows what it is doing.
GONE_AFTER = 10.0


class _Counted(NamedTuple):
    name: str
    meaning: str
    labels: tuple[str, ...]


_COUNTERS = {
    "requests": _Counted("keychain_requests", "Requests that were answered.", ("door", "method", "status", "code")),
    "validations": _Counted("keychain_validations", "Payloads that were answered, by code.", ("asked", "code")),
    "first_uses": _Counted("keychain_first_uses", "Uids that were put on record at first sight.", ()),
}
_GAUGES = {
    "waiting": ("keychain_requests_waiting", "Requests that wait for a person."),
    "connections": ("keychain_database_connections", "Database connections that are in use."),
}
_SECONDS = ("keychain_request_duration_seconds", "How long answers took, inside the application.")
_ENDS = [*map(str, BUCKETS), "+Inf"]


@dataclass
class _Worker:
    number: str
    heard: float
    gauges: Mapping[str, float]
    process: ProcessCollector


class Totals(Collector):
    """What the workers of one service reported, and what they are doing."""

    def __init__(self, settings: Settings) -> None:
        self._limits = {
            "workers": settings.workers,
            "connections": settings.threads_used,
            "waiting": settings.waiting if settings.serves_repo else 0,
        }
        self._lock = threading.Lock()  # reports come in one thread, and each scrape has one of its own
        self._sums: dict[tuple[str, ...], list[float]] = {("first_uses",): [0.0]}
        self._workers: dict[int, _Worker] = {}

    def take(self, datagram: bytes, now: float) -> None:
        """One report. ``now`` is of a clock that never goes back."""
        report = json.loads(datagram)
        with self._lock:
            worker = self._worker(report["worker"], now)
            worker.gauges = report.get("gauges", worker.gauges)
            for key, amounts in report.get("sums", ()):
                known = self._sums.setdefault(tuple(key), [0.0] * len(amounts))
                known[:] = map(sum, zip(known, amounts, strict=True))

    def forget(self, now: float) -> None:
        """Forget workers that are gone, or were not heard of lately; what they counted stays counted."""
        with self._lock:
            for pid, each in list(self._workers.items()):
                if now - each.heard >= GONE_AFTER or not _lives(pid):
                    del self._workers[pid]

    def _worker(self, pid: int, now: float) -> _Worker:
        if pid not in self._workers:
            taken = {each.number for each in self._workers.values()}
            number = next(str(number) for number in count(1) if str(number) not in taken)
            process = ProcessCollector(namespace="keychain", pid=lambda: pid, registry=None)
            self._workers[pid] = _Worker(number, now, {}, process)
        self._workers[pid].heard = now
        return self._workers[pid]

    def collect(self) -> Iterator[Metric]:
        """Everything, for one scrape."""
        with self._lock:
            sums = {key: tuple(amounts) for key, amounts in self._sums.items()}
            workers = list(self._workers.values())
        build = {"version": version("oneid-keychain"), "python": platform.python_version()}
        yield _gauge("keychain_build_info", "Which release this is.", [(build, 1)])
        yield _gauge("keychain_workers", "Worker processes that report.", [({}, len(workers))])
        limits = [({"of": name}, limit) for name, limit in self._limits.items()]
        yield _gauge("keychain_limit", "How many there may be, of each worker but for the workers.", limits)
        yield from _counters(sums)
        yield _durations(sums)
        for gauge, (name, meaning) in _GAUGES.items():
            values = [({"worker": each.number}, each.gauges[gauge]) for each in workers if gauge in each.gauges]
            yield _gauge(name, meaning, values)
        yield from _processes(workers)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _gauge(name: str, meaning: str, values: Iterable[tuple[Mapping[str, str], float]]) -> Metric:
    family = GaugeMetricFamily(name, meaning)
    for labels, value in values:
        family.add_sample(name, dict(labels), value)
    return family


def _counters(sums: Mapping[tuple[str, ...], tuple[float, ...]]) -> Iterator[Metric]:
    for kind, (name, meaning, labels) in _COUNTERS.items():
        family = CounterMetricFamily(name, meaning, labels=labels)
        for (of, *values), (amount, *_) in sums.items():
            if of == kind:
                family.add_metric(values, amount)
        yield family


def _durations(sums: Mapping[tuple[str, ...], tuple[float, ...]]) -> Metric:
    family = HistogramMetricFamily(*_SECONDS, labels=["door"])
    for (kind, *door), (*counts, total) in sums.items():
        if kind == "seconds":
            family.add_metric(door, list(zip(_ENDS, accumulate(counts), strict=True)), total)
    return family


def _processes(workers: Iterable[_Worker]) -> Iterator[Metric]:
    """What the system says of each worker's process."""
    families: dict[str, Metric] = {}
    for worker in workers:
        for metric in worker.process.collect():
            family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
            for sample in metric.samples:
                family.add_sample(sample.name, {"worker": worker.number}, sample.value)
    yield from families.values()


class _Handler(WSGIRequestHandler):
    timeout = 10  # seconds that a scrape may say nothing

    def log_message(self, *_: object) -> None:
        """Nothing: who reads the metrics is no news."""


class _Server(ThreadingWSGIServer):
    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """As the library's, but it asks no name server what this machine is called: one may not answer."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


def serve(totals: Totals, host: str, port: int) -> None:
    """Show ``totals`` to whoever asks there, in threads of this process.

    Raises:
        OSError: if nobody can listen there.
    """
    registry = CollectorRegistry()
    registry.register(totals)
    server = _Server(host, port)
    server.set_app(make_wsgi_app(registry))
    threading.Thread(target=server.serve_forever, daemon=True).start()
