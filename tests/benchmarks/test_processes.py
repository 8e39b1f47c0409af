"""What several processes carry is measured on those that serve, and on all of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import processes
from benchmarks.people import make_world
from benchmarks.processes import Cost, Site
from benchmarks.run import Run, begin

CLIENTS = 6
PROGRAMS = {"gcc": "", "nginx": "/usr/sbin", "redis-server": ""}

missing = [name for name, path in PROGRAMS.items() if not shutil.which(name, path=path or None)]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with begin(is_quick=True) as run:
        run.once("world", lambda: make_world(run, CLIENTS))
        yield run


@pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")
class TestASite:
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, run: Run) -> Site:
        return processes.start(run, 2)

    def test_knows_who_does_what(self, site: Site) -> None:
        def names(pids: list[int]) -> set[str]:
            return {Path(f"/proc/{pid}/comm").read_text().strip() for pid in pids}

        assert len(site.processes) == 2
        assert names(site.processes) == {"python"}
        assert names(site.nginx) == {"nginx"}
        assert names(site.redis) == {"redis-server"}

    def test_has_people_on_both_processes_who_are_told(self, run: Run, site: Site) -> None:
        found = processes.cost(run, site, CLIENTS)

        assert found.deliveries == found.messages * CLIENTS > 0
        assert min(found.busiest, found.nginx, found.redis) > 0
        assert found.busiest < found.processes  # so the other one has worked too


class TestCarrying:
    def test_is_what_the_busiest_does_in_a_second_of_its_core(self) -> None:
        found = Cost(
            messages=100, deliveries=5_000, processes=0.9, busiest=0.5, nginx=0.1, redis=0.1
        )

        assert found.carried == 10_000
