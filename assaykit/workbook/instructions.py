"""Writing the sheets that are only read by people: Instructions and Example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from assaykit.excel.cells import Area
from assaykit.plate import row_letters
from assaykit.tables import ROLES
from assaykit.workbook.paper import Paper
from assaykit.workbook.spec import TEMPLATE_VERSION, ListSheet, TemplateSpec
from assaykit.workbook.styles import ROLE_COLOURS, print_setup, row_height, text_width
from assaykit.workbook.write_lists import Listed
from assaykit.workbook.write_plate import Part, colour_roles


@dataclass(frozen=True)
class Language:
    """The general words of the Instructions sheet in one language.

    ``{assay}`` in a step is replaced by the name of the assay.
    """

    about: str
    steps_heading: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    roles_heading: str
    roles: Mapping[str, str]
    variables_heading: str
    rules_heading: str
    rules: tuple[str, ...]


ENGLISH = Language(
    about="One workbook holds one plate: what is in each well, what was varied, and the readings.",
    steps_heading="How to fill it",
    before=(
        "Settings: give the plate a name and its number of wells. Leave a parameter as it is if "
        "you are not sure.",
        "Design: name each factor (such as treatment), list its levels, and say which level is "
        "the reference. Say what one biological replicate is: a mouse, a donor, a culture, a day.",
        "Plate: fill the blocks. The dark corner of a block names what it holds; each cell is one "
        "well. The sheet Wells takes the same as a list, if you prefer.",
    ),
    after=(
        "Save the workbook, then check it: assaykit check FILE.xlsx. Every problem is listed with "
        "its cell, and a copy FILE_checked.xlsx with coloured cells is written.",
        "Analyse it: assaykit {assay} FILE.xlsx",
    ),
    roles_heading="Roles of wells",
    roles=ROLES,
    variables_heading="What can be said of each well",
    rules_heading="Good to know",
    rules=(
        "biological_replicate is what counts as n. Wells of the same animal, donor or culture "
        "have the same name there, however many wells there are.",
        "Leave wells that were not used empty. Nothing is guessed: what is empty is not known.",
        "Do not rename corners and headers. Rows and columns may be inserted, blocks may be "
        "moved or deleted, and further blocks may be added.",
        "To leave a well out, write yes in a block (or column) 'excluded', and why in 'reason'. "
        "Its row stays in the results.",
        "Names are text: 007, NA and SEPT2 stay what they are. Do not merge cells.",
    ),
)

JAPANESE = Language(
    about="1つのブックに1枚のプレート(各ウェルの内容、実験条件、測定値)を記入します。",
    steps_heading="記入方法",
    before=(
        "Settings: プレート名とウェル数を入力します。よく分からないパラメータは"
        "そのままにしてください。",
        "Design: 因子(例: treatment)の名前、その水準(level)、基準となる水準(reference_level)を"
        "入力します。生物学的反復の単位(マウス、ドナー、培養、実験日など)も入力します。",
        "Plate: ブロックに記入します。濃い色の左上のセルがブロックの内容を表し、1つのセルが1つの"
        "ウェルに対応します。一覧表の形で入力したい場合は、代わりにシート Wells を使えます。",
    ),
    after=(
        "ブックを保存し、確認します: assaykit check FILE.xlsx。問題点がすべてセル番地とともに"
        "表示され、"
        "該当セルに色を付けた FILE_checked.xlsx が作成されます。",
        "解析します: assaykit {assay} FILE.xlsx",
    ),
    roles_heading="ウェルの役割(role)",
    roles={
        "sample": "実験の試料が入ったウェル",
        "standard": "検量線用の濃度既知の標準品",
        "blank": "測定対象以外のすべてを含むウェル(ブランク)",
        "ntc": "鋳型なしコントロール(NTC)",
        "nrt": "逆転写酵素なしコントロール(NRT)",
        "positive_control": "シグナルが出るはずの陽性コントロール",
        "negative_control": "シグナルが出ないはずの陰性コントロール",
        "calibrator": "相対定量の基準となる試料",
        "qc": "濃度が分かっている管理試料",
        "empty": "何も入っていないウェル",
    },
    variables_heading="",
    rules_heading="注意事項",
    rules=(
        "n は biological_replicate(生物学的反復)の数です。同じ動物・ドナー・培養に由来する"
        "ウェルには、ウェルがいくつあっても同じ名前を入力してください。",
        "使用しなかったウェルは空欄のままにします。空欄が推測で補われることはありません。",
        "ブロックの左上のセルと見出しの名前は変更しないでください。行や列の挿入、ブロックの移動・削除・"
        "追加は自由です。",
        "解析から除外するウェルは、excluded に yes、reason に理由を"
        "入力します。その行は結果に残ります。",
        "名前は文字列として扱われ、007、NA、SEPT2 もそのまま"
        "読み取られます。セルの結合はしないでください。",
    ),
)

_TEXT_WIDTH = 104

_EXAMPLES: Mapping[str, Sequence[Sequence[str | float]]] = {
    "role": (
        ["standard"] * 2 + ["sample"] * 4,
        ["standard"] * 2 + ["sample"] * 4,
        ["blank"] * 2 + ["sample"] * 4,
    ),
    "sample": [["", "", *(f"{name} {i}" for name in ("control", "vesicle") for _ in "12")]
               for i in (1, 2, 3)],
    "treatment": [["", "", "control", "control", "vesicle", "vesicle"]] * 3,
    "biological_replicate": [["", "", *[f"mouse {i}"] * 4] for i in (1, 2, 3)],
    "nominal_concentration": ([100, 100, "", "", "", ""], [0, 0, "", "", "", ""], [""] * 6),
}  # fmt: skip


def write_instructions(
    paper: Paper, spec: TemplateSpec, offered: Sequence[Part], listed: Listed = ()
) -> None:
    """Write the sheet Instructions: English, then Japanese.

    Parameters
    ----------
    paper
        The workbook.
    spec
        The template.
    offered, listed
        Its blocks and its list sheets, which are explained.
    """
    about = f"assay {spec.assay}, template version {TEMPLATE_VERSION}"
    worksheet = paper.sheet("Instructions", spec.title, about)
    row = _write_language(paper, worksheet, 3, spec, ENGLISH)
    row = _write_section(paper, worksheet, row, ENGLISH.variables_heading, ())
    for part in offered:
        row = _write_line(paper, worksheet, row, part.variable.name, part.words)
    for sheet, columns in listed:
        lines = [("", sheet.words), *((part.variable.name, part.words) for part in columns)]
        row = _write_section(paper, worksheet, row + 1, f"Sheet {sheet.name}", lines) - 1
    worksheet.write_string(row + 2, 0, spec.title_ja, paper.styles.title)
    _write_language(paper, worksheet, row + 4, spec, JAPANESE)
    worksheet.set_column(0, 0, 24)
    worksheet.set_column(1, 1, _TEXT_WIDTH)
    print_setup(worksheet, landscape=False)


def _write_language(
    paper: Paper, worksheet: Any, row: int, spec: TemplateSpec, words: Language
) -> int:
    own = spec.steps if words is ENGLISH else spec.steps_ja
    steps = (*words.before, *own, *words.after)
    worksheet.write_string(row, 0, words.about, paper.styles.remark)
    row = _write_section(
        paper, worksheet, row + 2, words.steps_heading,
        [(f"{i}", text.format(assay=spec.assay)) for i, text in enumerate(steps, start=1)],
    )  # fmt: skip
    first = row + 1
    roles = _roles(spec)
    row = _write_section(
        paper, worksheet, row, words.roles_heading, [(role, words.roles[role]) for role in roles]
    )
    colour_roles(paper, worksheet, Area(first + 1, 1, first + len(roles), 1))
    return _write_section(
        paper, worksheet, row, words.rules_heading, [("•", text) for text in words.rules]
    )


def _roles(spec: TemplateSpec) -> tuple[str, ...]:
    """The roles that this assay's template offers."""
    offered = next((v.choices for v in spec.variables if v.name == "role"), ())
    return tuple(role for role in ROLE_COLOURS if role in offered)


def _write_section(
    paper: Paper, worksheet: Any, row: int, heading: str, lines: Sequence[tuple[str, str]]
) -> int:
    """A heading with its lines; the row after it and an empty one."""
    worksheet.write_string(row, 0, heading, paper.styles.heading)
    worksheet.write_blank(row, 1, None, paper.styles.heading)
    row += 1
    for label, text in lines:
        row = _write_line(paper, worksheet, row, label, text)
    return row + 1 if lines else row


def _write_line(paper: Paper, worksheet: Any, row: int, label: str, text: str) -> int:
    worksheet.write_string(row, 0, label, paper.styles.words)
    worksheet.write_string(row, 1, text, paper.styles.words)
    worksheet.set_row(row, row_height((text, _TEXT_WIDTH)))
    return row + 1


def write_example(
    paper: Paper, spec: TemplateSpec, offered: Sequence[Part], listed: Listed = ()
) -> None:
    """Write the sheet Example: a corner of a filled plate, which is never read.

    Parameters
    ----------
    paper
        The workbook.
    spec
        The template, which may have examples of its own.
    offered, listed
        The template's blocks and list sheets; those that have an example are shown.
    """
    hint = "Only to look at: nothing on this sheet is read. It shows rows A to C of a small plate."
    worksheet = paper.sheet("Example", "What filled blocks look like", hint)
    row = 3
    examples: Mapping[str, Sequence[Sequence[str | float]]] = dict(spec.examples) or _EXAMPLES
    for part in offered:
        cells = examples.get(part.variable.name)
        if cells:
            _write_example(paper, worksheet, row, part, cells)
            row += len(cells) + 2
    worksheet.set_column(0, 0, 24)
    worksheet.set_column(1, 6, 12)
    shown = [(sheet, _shown(sheet, columns)) for sheet, columns in listed if sheet.examples]
    for sheet, columns in shown:
        row = _write_list_example(paper, worksheet, row, sheet, columns)
    for column, parts in enumerate(zip_longest(*(columns for _, columns in shown))):
        names = [part.variable.name for part in parts if part]
        worksheet.set_column(column, column, text_width(names, 12 if column else 24))
    print_setup(worksheet)


def _write_example(
    paper: Paper, worksheet: Any, top: int, part: Part, cells: Sequence[Sequence[str | float]]
) -> None:
    paper.header(worksheet, top, 0, part.variable.name)
    for column in range(len(cells[0])):
        worksheet.write_number(top, column + 1, column + 1, paper.styles.number_label)
    for row, values in enumerate(cells):
        worksheet.write_string(top + row + 1, 0, row_letters(row), paper.styles.label)
        for column, value in enumerate(values):
            paper.entry(worksheet, top + row + 1, column + 1, value, text=part.is_text)
    if part.variable.name == "role":
        colour_roles(paper, worksheet, Area(top + 2, 2, top + 1 + len(cells), 1 + len(cells[0])))


def _shown(sheet: ListSheet, columns: Sequence[Part]) -> Sequence[Part]:
    """The columns of a list sheet that its examples fill."""
    return columns[: max(map(len, sheet.examples))]


def _write_list_example(
    paper: Paper, worksheet: Any, top: int, sheet: ListSheet, columns: Sequence[Part]
) -> int:
    """Some rows of a list sheet; the row after them and an empty one."""
    worksheet.write_string(top, 0, f"Sheet {sheet.name}", paper.styles.heading)
    for column, part in enumerate(columns):
        paper.header(worksheet, top + 1, column, part.variable.name)
    for row, values in enumerate(sheet.examples, start=top + 2):
        for column, (part, value) in enumerate(zip(columns, values, strict=False)):
            paper.entry(worksheet, row, column, value, text=part.is_text)
    return top + len(sheet.examples) + 3
