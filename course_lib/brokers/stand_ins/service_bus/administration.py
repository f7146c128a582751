"""Makes, shows and deletes queues for the client that administers a namespace, over HTTP.

Reference: Azure Service Bus REST API, queues: an Atom entry with a QueueDescription.
"""

from __future__ import annotations

import re
from html import escape
from typing import NamedTuple
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree

from .namespace import Namespace, allowed
from .rules import Rules

SERVICE_BUS = "{http://schemas.microsoft.com/netservices/2010/10/servicebus/connect}"
ENTRY = """\
<entry xmlns="http://www.w3.org/2005/Atom"><title>{name}</title><content type="application/xml">\
<QueueDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect">\
<LockDuration>PT{lock:g}S</LockDuration><RequiresSession>{sessions}</RequiresSession>\
<MaxDeliveryCount>{deliveries}</MaxDeliveryCount></QueueDescription></content></entry>"""
NAME = re.compile(r"[A-Za-z0-9](?:[\w./-]{0,258}[A-Za-z0-9])?")
DURATION = re.compile(r"P(?:T(?:(\d+)M)?(?:([\d.]+)S)?)")
LONGEST_LOCK = 300.0  # seconds


class Reply(NamedTuple):
    """What is answered."""

    status: int
    body: str = ""


def administer(
    namespace: Namespace, method: str, target: str, signature: str, body: bytes
) -> Reply:
    """Do what a request of HTTP asks for."""
    if not allowed(signature):
        return Reply(401, "<Error><Code>401</Code><Detail>The signature is wrong.</Detail></Error>")
    name = unquote(urlparse(target).path).strip("/")
    if method == "PUT":
        return _create(namespace, name, body)
    if method == "DELETE":
        return Reply(200 if namespace.delete(name) else 404)
    queue = namespace.find(name)
    if method != "GET" or queue is None:
        return Reply(404)
    return Reply(200, _entry(queue.name, queue.rules))


def _create(namespace: Namespace, name: str, body: bytes) -> Reply:
    try:
        rules = _rules(body)
        if not NAME.fullmatch(name):
            raise ValueError(f"a queue cannot be called {name!r}")
    except (ValueError, ElementTree.ParseError) as error:
        return Reply(400, f"<Error><Code>400</Code><Detail>{escape(str(error))}</Detail></Error>")
    try:
        return Reply(201, _entry(namespace.create(name, rules).name, rules))
    except ValueError as error:
        return Reply(409, f"<Error><Code>409</Code><Detail>{escape(str(error))}</Detail></Error>")


def _rules(body: bytes) -> Rules:
    """Raises ValueError for a rule that Service Bus would not take, too."""
    entry, usual = ElementTree.fromstring(body), Rules()
    said = {e.tag.removeprefix(SERVICE_BUS): (e.text or "").strip() for e in entry.iter()}
    lock = _seconds(said["LockDuration"]) if "LockDuration" in said else usual.lock
    if not 0 < lock <= LONGEST_LOCK:
        raise ValueError(f"a lock of {lock:g} s is not possible; {LONGEST_LOCK:g} s are the most")
    deliveries = int(said.get("MaxDeliveryCount", usual.deliveries))
    return Rules(lock, deliveries, said.get("RequiresSession", "false") == "true")


def _seconds(duration: str) -> float:
    found = DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration!r} is no duration, such as PT30S")
    return 60 * int(found[1] or 0) + float(found[2] or 0)


def _entry(name: str, rules: Rules) -> str:
    words = str(rules.sessions).lower()
    return ENTRY.format(name=name, lock=rules.lock, sessions=words, deliveries=rules.deliveries)
