"""Questions as a content package of QTI 2.1, one zip to import.

QTI is 1EdTech's format for exchange (https://www.imsglobal.org/question/); 2.1 is what most systems
import. The package holds one file a question, a test that asks them in order, and a
manifest. A right choice gives one point; each choice has its feedback. The section is not visible
as such, for some systems would make a question of its title. Canvas has a file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from course_lib.quiz import Question
from course_lib.quiz.markup import inline

from .package import packed

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
XMLNS = (
    f'xmlns="{NAMESPACE}" xmlns:xsi="{SCHEMA}"\n  xsi:schemaLocation="{NAMESPACE} {NAMESPACE}.xsd"'
)
ITEM = """\
<assessmentItem {xmlns}
  identifier="{name}" title="{title}" adaptive="false" timeDependent="false">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
    <correctResponse><value>{key}</value></correctResponse>
  </responseDeclaration>
  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float">
    <defaultValue><value>0</value></defaultValue>
  </outcomeDeclaration>
  <outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float">
    <defaultValue><value>1</value></defaultValue>
  </outcomeDeclaration>
  <outcomeDeclaration identifier="FEEDBACK" cardinality="single" baseType="identifier"/>
  <itemBody>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">
      <prompt>{stem}</prompt>
{choices}
    </choiceInteraction>
  </itemBody>
  <responseProcessing>
    <responseCondition>
      <responseIf>
        <match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>
        <setOutcomeValue identifier="SCORE">
          <baseValue baseType="float">1</baseValue>
        </setOutcomeValue>
      </responseIf>
      <responseElse>
        <setOutcomeValue identifier="SCORE">
          <baseValue baseType="float">0</baseValue>
        </setOutcomeValue>
      </responseElse>
    </responseCondition>
    <setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>
  </responseProcessing>
{feedback}
</assessmentItem>
"""
TEST = """\
<assessmentTest {xmlns}
  identifier="{name}" title="{title}">
  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>
  <testPart identifier="part" navigationMode="nonlinear" submissionMode="simultaneous">
    <assessmentSection identifier="section" title="{title}" visible="false">
{items}
    </assessmentSection>
  </testPart>
  <outcomeProcessing>
    <setOutcomeValue identifier="SCORE">
      <sum><testVariables variableIdentifier="SCORE"/></sum>
    </setOutcomeValue>
  </outcomeProcessing>
</assessmentTest>
"""
MANIFEST = """\
<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="package-{name}">
  <metadata>
    <schema>QTIv2.1 Package</schema>
    <schemaversion>1.0.0</schemaversion>
  </metadata>
  <organizations/>
  <resources>
    <resource identifier="resource-test" type="imsqti_test_xmlv2p1" href="test.xml">
      <file href="test.xml"/>
{dependencies}
    </resource>
{resources}
  </resources>
</manifest>
"""


def qti(questions: Sequence[Question], name: str, title: str) -> bytes:
    """The bytes of a package with these questions, their choices in the order given.

    `name` is the test's identifier: letters, digits, _ and -. The bytes depend on the questions
    alone.
    """
    items = {f"items/{one.id}.xml": _item(one) for one in questions}
    files = {
        "imsmanifest.xml": _manifest(questions, name),
        "test.xml": _test(questions, name, title),
        **items,
    }
    return packed(files)


def _item(question: Question) -> str:
    pairs = list(zip(question.letters, question.choices, strict=True))
    choices = [
        f'      <simpleChoice identifier="{letter}">{inline(choice.text)}</simpleChoice>'
        for letter, choice in pairs
    ]
    feedback = [
        f'  <modalFeedback outcomeIdentifier="FEEDBACK" identifier="{letter}" showHide="show">'
        f"{inline(choice.feedback)}</modalFeedback>"
        for letter, choice in pairs
    ]
    return ITEM.format(
        xmlns=XMLNS,
        name=_name(question),
        title=escape(question.id),
        key=question.key,
        stem=inline(question.stem),
        choices="\n".join(choices),
        feedback="\n".join(feedback),
    )


def _test(questions: Sequence[Question], name: str, title: str) -> str:
    items = [
        f'      <assessmentItemRef identifier="{_name(one)}" href="items/{one.id}.xml"/>'
        for one in questions
    ]
    return TEST.format(xmlns=XMLNS, name=name, title=escape(title), items="\n".join(items))


def _manifest(questions: Sequence[Question], name: str) -> str:
    dependencies = [
        f'      <dependency identifierref="resource-{_name(one)}"/>' for one in questions
    ]
    resources = [
        f'    <resource identifier="resource-{_name(one)}" type="imsqti_item_xmlv2p1" '
        f'href="items/{one.id}.xml">\n      <file href="items/{one.id}.xml"/>\n    </resource>'
        for one in questions
    ]
    return MANIFEST.format(
        name=name, dependencies="\n".join(dependencies), resources="\n".join(resources)
    )


def _name(question: Question) -> str:
    """Its identifier in the package, which must not begin with a digit."""
    return f"q-{question.id}"
