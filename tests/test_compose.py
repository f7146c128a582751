"""compose.yaml can be read, leads to each system of the labs, and opens nothing to the network.

Whether its images do what they should, no test says: it needs a container engine.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from course_lib.brokers.kinds import KINDS

FILE = Path(__file__).resolve().parent.parent / "compose.yaml"
TEXT = FILE.read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
SAID = re.compile(r"^    # (COURSE_\w+)=(.+)$", re.MULTILINE)
ELSEWHERE = {"COURSE_STRIPE", "COURSE_GITHUB"}
"""Of systems that run at their maker's alone."""
each = pytest.mark.parametrize("name", SERVICES)


def test_each_systems_variable_is_there() -> None:
    """With an address, but for those who have no image; and no variable that nobody reads."""
    read = {type(kind.server()).variable for kind in KINDS}
    assert {name for name, _ in SAID.findall(TEXT)} == read - ELSEWHERE
    assert read & ELSEWHERE <= set(re.findall(r"COURSE_\w+", TEXT))


@each
def test_a_service_is_an_image_with_what_it_depends_on(name: str) -> None:
    """Under names that are in the file."""
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:[\w.-]+", service["image"])
    assert set(service.get("depends_on", [])) <= SERVICES.keys()


@each
def test_nothing_is_open_to_the_network(name: str) -> None:
    """Each port is one of the loopback interface."""
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_no_two_services_want_the_same_port() -> None:
    """So that all of them can run together."""
    ports = [port.split(":")[1] for one in SERVICES.values() for port in one.get("ports", [])]
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize("said", [*SAID.finditer(TEXT)], ids=lambda said: said[1])
def test_an_address_leads_to_a_port_that_is_published(said: re.Match[str]) -> None:
    """By the service in which it stands; the client of Service Bus knows one port."""
    above = [name for name in SERVICES if TEXT.index(f"\n  {name}:") < said.start()]
    published = [port.split(":")[1] for port in SERVICES[above[-1]]["ports"]]
    [port] = re.findall(r"127\.0\.0\.1:(\d+)", said[2]) or ["5672"]
    assert port in published


def test_no_password_is_in_it() -> None:
    """The one that is needed comes from whoever runs it."""
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value == "${MSSQL_SA_PASSWORD:-}"
