"""Questions as a package for Canvas: QTI 1.2 with the fields that Canvas itself exports.

Canvas takes QTI 2.1 as well, but drops the feedback of every choice. Its rules are in Instructure's
public source: canvas-lms has what it writes (lib/cc/qti) and, with QTIMigrationTool, what Classic
Quizzes read (gems/plugins/qti_exporter); the gem qti is what New Quizzes read. From there:

- a choice keeps its feedback if a condition of its own, above the one that gives the points,
  displays an itemfeedback whose text is one paragraph;
- names of feedback must not hold correct, wrong, general_ or _all, nor end in _C: those mean
  something else;
- a section with no title does not become a question.

A quiz is an assessment with its settings in a file beside it. A pool is an objectbank: a bank of
questions for Classic Quizzes, and one more quiz for New Quizzes. A right choice gives one point.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from course_lib.quiz import Question
from course_lib.quiz.markup import inline

from .package import packed

FIRST = 1001  # names of choices are numbers in Canvas's own files
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
MANIFEST = """\
<manifest identifier="package-{name}" xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1">
  <metadata>
    <schema>IMS Content</schema>
    <schemaversion>1.1.3</schemaversion>
  </metadata>
  <organizations/>
  <resources>
    <resource identifier="{name}" type="imsqti_xmlv1p2">
      <file href="{name}/{name}.xml"/>{dependency}
    </resource>{settings}
  </resources>
</manifest>
"""
DEPENDENCY = """
      <dependency identifierref="{name}-settings"/>"""
SETTINGS = """
    <resource identifier="{name}-settings" href="{name}/assessment_meta.xml"
      type="associatedcontent/imscc_xmlv1p1/learning-application-resource">
      <file href="{name}/assessment_meta.xml"/>
    </resource>"""
META = """\
<quiz identifier="{name}" xmlns="{canvas}" xmlns:xsi="{schema}"
  xsi:schemaLocation="{canvas} https://canvas.instructure.com/xsd/cccv1p0.xsd">
  <title>{title}</title>
  <description></description>
  <shuffle_answers>false</shuffle_answers>
  <scoring_policy>keep_highest</scoring_policy>
  <quiz_type>assignment</quiz_type>
  <points_possible>{points}.0</points_possible>
  <show_correct_answers>false</show_correct_answers>
  <allowed_attempts>1</allowed_attempts>
  <available>false</available>
</quiz>
"""
FILE = """\
<questestinterop xmlns="{qti}" xmlns:xsi="{schema}"
  xsi:schemaLocation="{qti} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd">
{content}
</questestinterop>
"""
ASSESSMENT = """\
  <assessment ident="{name}" title="{title}">
    <qtimetadata>
{fields}
    </qtimetadata>
    <section ident="root_section">
{items}
    </section>
  </assessment>"""
BANK = """\
  <objectbank ident="{name}">
    <qtimetadata>
{fields}
    </qtimetadata>
{items}
  </objectbank>"""
FIELD = """\
      <qtimetadatafield>
        <fieldlabel>{label}</fieldlabel>
        <fieldentry>{entry}</fieldentry>
      </qtimetadatafield>"""
ITEM = """\
<item ident="{name}" title="{title}">
  <itemmetadata>
    <qtimetadata>
{fields}
    </qtimetadata>
  </itemmetadata>
  <presentation>
    <material>
      {stem}
    </material>
    <response_lid ident="response1" rcardinality="Single">
      <render_choice>
{choices}
      </render_choice>
    </response_lid>
  </presentation>
  <resprocessing>
    <outcomes>
      <decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/>
    </outcomes>
{told}
    <respcondition continue="No">
      <conditionvar>
        <varequal respident="response1">{key}</varequal>
      </conditionvar>
      <setvar action="Set" varname="SCORE">100</setvar>
    </respcondition>
  </resprocessing>
{feedback}
</item>"""
CHOICE = """\
        <response_label ident="{number}">
          <material>
            {text}
          </material>
        </response_label>"""
TOLD = """\
    <respcondition continue="Yes">
      <conditionvar>
        <varequal respident="response1">{number}</varequal>
      </conditionvar>
      <displayfeedback feedbacktype="Response" linkrefid="{number}_fb"/>
    </respcondition>"""
FEEDBACK = """\
  <itemfeedback ident="{number}_fb">
    <flow_mat>
      <material>
        {text}
      </material>
    </flow_mat>
  </itemfeedback>"""


def canvas_quiz(questions: Sequence[Question], name: str, title: str) -> bytes:
    """The bytes of a package with a quiz of these questions, their choices in the order given.

    It is not published, takes one attempt and does not show what was right: change that there.
    `name` is its identifier and `title` what people see.
    """
    fields = FIELD.format(label="cc_maxattempts", entry=1)
    words = {"name": name, "title": escape(title)}
    content = ASSESSMENT.format(**words, fields=fields, items=_items(questions, 6))
    meta = META.format(**words, points=len(questions), canvas=CANVAS, schema=SCHEMA)
    return _package(name, content, {f"{name}/assessment_meta.xml": meta})


def canvas_bank(questions: Sequence[Question], name: str, title: str) -> bytes:
    """The same with a bank of questions, and no quiz."""
    fields = FIELD.format(label="bank_title", entry=escape(title))
    return _package(name, BANK.format(name=name, fields=fields, items=_items(questions, 4)), {})


def _package(name: str, content: str, beside: dict[str, str]) -> bytes:
    settings = {
        "dependency": DEPENDENCY.format(name=name) if beside else "",
        "settings": SETTINGS.format(name=name) if beside else "",
    }
    return packed(
        {
            "imsmanifest.xml": MANIFEST.format(name=name, **settings),
            f"{name}/{name}.xml": FILE.format(qti=QTI, schema=SCHEMA, content=content),
            **beside,
        }
    )


def _items(questions: Sequence[Question], depth: int) -> str:
    lines = "\n".join(_item(question) for question in questions).split("\n")
    return "\n".join(" " * depth + line for line in lines)


def _item(question: Question) -> str:
    numbers = [str(FIRST + place) for place in range(len(question.choices))]
    pairs = list(zip(numbers, question.choices, strict=True))
    fields = {
        "question_type": "multiple_choice_question",
        "points_possible": "1.0",
        "original_answer_ids": ",".join(numbers),
    }
    return ITEM.format(
        name=f"q-{question.id}",
        title=escape(question.id),
        fields="\n".join(FIELD.format(label=k, entry=v) for k, v in fields.items()),
        stem=_html(f"<div><p>{inline(question.stem)}</p></div>"),
        key=numbers[question.letters.index(question.key)],
        choices="\n".join(
            CHOICE.format(number=n, text=_html(f"<p>{inline(choice.text)}</p>"))
            for n, choice in pairs
        ),
        told="\n".join(TOLD.format(number=number) for number in numbers),
        feedback="\n".join(
            FEEDBACK.format(number=n, text=_html(_paragraph(choice.feedback)))
            for n, choice in pairs
        ),
    )


def _paragraph(text: str) -> str:
    """The text as one paragraph; Classic Quizzes would show the entities of one that has no mark
    up, so there they get some.
    """
    html = inline(text)
    if "&" in html and "<" not in html:
        html = f'<span lang="en">{html}</span>'
    return f"<p>{html}</p>"


def _html(html: str) -> str:
    return f'<mattext texttype="text/html">{escape(html, quote=False)}</mattext>'
