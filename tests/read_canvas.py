"""A package for Canvas as both of its importers read it, by their rules written down once more.

What an importer would guess, drop or take for something else is an error here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html

QTI = {"q": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"}
CP = {"c": "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"}
META = {"m": "http://canvas.instructure.com/xsd/cccv1p0"}
BESIDE = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
OTHER_MEANINGS = re.compile(r"general_|_all|wrong|incorrect|correct|solution|_I?C$", re.I)


@dataclass(frozen=True)
class Answer:
    """One choice: what it says and what is said to it, as HTML, and its share of the points."""

    text: str
    feedback: str
    weight: float


@dataclass(frozen=True)
class Read:
    """One question."""

    name: str
    stem: str
    points: float
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Package:
    """What an importer makes of the file."""

    kind: str
    """assessment or objectbank"""
    title: str
    settings: dict[str, str]
    questions: tuple[Read, ...]


def read(packed: bytes) -> Package:
    """The package; ValueError for what one of the importers would not take as it is meant."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = etree.fromstring(files.pop("imsmanifest.xml"))
    named = found(manifest, "//c:file/@href", CP)
    need(sorted(named) == sorted(files), f"the manifest names {named}, there are {list(files)}")
    place = one(manifest, "//c:resource[@type='imsqti_xmlv1p2']/c:file/@href", CP)
    (top,) = etree.fromstring(files[place])
    kind = etree.QName(top).localname
    settings = dict(_settings(manifest, files))
    title = top.get("title") if kind == "assessment" else fields(top)["bank_title"]
    need(settings.get("title", title) == title, "two titles")
    need(not found(top, "//q:section/@title"), "a section's title becomes a question")
    return Package(kind, title, settings, tuple(map(_item, found(top, ".//q:item"))))


def _settings(manifest: Any, files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """What stands in the file of settings that the quiz depends on."""
    for name in found(manifest, "//c:dependency/@identifierref", CP):
        beside = one(manifest, f"//c:resource[@identifier='{name}' and @type='{BESIDE}']", CP)
        for element in found(etree.fromstring(files[beside.get("href")]), "/m:quiz/m:*", META):
            yield etree.QName(element).localname, element.text or ""


def _item(item: Any) -> Read:
    about = fields(item)
    need(about["question_type"] == "multiple_choice_question", about["question_type"])
    need(one(item, ".//q:response_lid/@rcardinality") == "Single", "several answers")
    names = found(item, ".//q:response_label/@ident")
    need(about["original_answer_ids"].split(",") == names and all(map(str.isdigit, names)), "names")
    classic, new = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    told: dict[str, str] = {}
    for condition in found(item, ".//q:respcondition"):
        choice = one(condition, "./q:conditionvar/q:varequal[@respident='response1']/text()")
        points = found(condition, "./q:setvar[@varname='SCORE' and @action='Set']/text()")
        classic[choice] = float(points[0]) if points else 0.0  # the last condition decides
        new[choice] += sum(map(float, points))
        for shown in found(condition, "./q:displayfeedback/@linkrefid"):
            need(not OTHER_MEANINGS.search(shown) and choice not in told, f"feedback {shown}")
            told[choice] = shown
    need(classic == new and sorted(new.values())[-2:] == [0, 100], f"points {classic}, {new}")
    feedback = {one.get("ident"): one for one in found(item, "./q:itemfeedback")}
    need(list(feedback) == list(told.values()), "feedback that nobody sees")
    answers = tuple(
        Answer(_html(label), _html(feedback[told[name]], "/q:flow_mat"), new[name])
        for name, label in zip(names, found(item, ".//q:response_label"), strict=True)
    )
    stem = _html(one(item, "./q:presentation"))
    return Read(item.get("title"), stem, float(about["points_possible"]), answers)


def _html(parent: Any, inside: str = "") -> str:
    """The HTML of the one text in an element, which has to be one paragraph."""
    text = one(parent, f".{inside}/q:material/q:mattext[@texttype='text/html']/text()")
    inner = text.removeprefix("<div>").removesuffix("</div>")
    kinds = [getattr(part, "tag", "text") for part in html.fragments_fromstring(inner)]
    need(kinds == ["p"], f"no paragraph: {text}")
    return str(text)


def fields(element: Any) -> dict[str, str]:
    """The metadata of an element itself, by name."""
    around = (
        "./q:itemmetadata/q:qtimetadata" if element.tag.endswith("}item") else "./q:qtimetadata"
    )
    pairs = found(element, f"{around}/q:qtimetadatafield")
    return {
        one(pair, "./q:fieldlabel/text()"): one(pair, "./q:fieldentry/text()") for pair in pairs
    }


def found(element: Any, path: str, names: dict[str, str] = QTI) -> list[Any]:
    return list(element.xpath(path, namespaces=names))


def one(element: Any, path: str, names: dict[str, str] = QTI) -> Any:
    everything = found(element, path, names)
    need(len(everything) == 1, f"{len(everything)} of {path}")
    return everything[0]


def need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
