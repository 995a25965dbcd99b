"""The template of a qPCR plate: samples and targets in lists, reactions on the plate."""

from __future__ import annotations

from assaykit.assays.qpcr.parameters import QpcrParameters
from assaykit.tables import ROLES
from assaykit.workbook.spec import ListSheet, TemplateSpec, Variable

TARGET_ROLES = ("target", "reference", "spike_in")
_TARGET_WORDS = (("toi", "target"), ("ref", "reference"))

_REACTION_VARIABLES = (
    Variable("role", "text", "what the reaction is for", choices=tuple(ROLES),
             also=("Sample Type", "Task", "Content"),
             words=(("unkn", "sample"), ("unknown", "sample"), ("std", "standard"),
                    ("nac", "nrt"), ("pos", "positive_control"), ("cal", "calibrator"))),
    Variable("sample", "text", "name of the sample, as on the sheet Samples",
             also=("Sample Name",)),
    Variable("target", "text", "name of the target, as on the sheet Targets",
             also=("Target Name", "Assay", "Gene", "Detector")),
    Variable("nominal_concentration", "number", "declared quantity of a standard, in any unit",
             also=("Quantity",), least=0.0),
    Variable("target_role", "text", "what the target is for, as on the sheet Targets",
             choices=TARGET_ROLES, also=("Target Type",), words=_TARGET_WORDS, on_plate=False),
    Variable("dye", "text", "fluorophore", on_plate=False),
    Variable("technical_replicate", "text", "number of the repeated reaction", on_plate=False),
    Variable("excluded", "yes_no", "leave this reaction out", choices=("yes", "no"),
             on_plate=False),
    Variable("reason", "text", "why the reaction is left out", on_plate=False),
)  # fmt: skip

SAMPLES = ListSheet(
    "Samples",
    "sample",
    (
        Variable("biological_replicate", "text",
                 "independent culture, donor, animal or day: this is n"),
        Variable("batch", "text", "reverse transcription or extraction that it belongs to"),
        Variable("material", "text", "what the RNA comes from, such as osteoblasts or vesicles"),
        Variable("rna_ng", "number", "RNA in the reverse transcription", "ng", least=0.0),
        Variable("a260_280", "number", "purity of the RNA", least=0.0),
        Variable("rin", "number", "integrity of the RNA", least=0.0, most=10.0),
    ),
    with_factors=True,
    meaning="one row for each sample, with its biological replicate and its arm",
    examples=(("M1 control", "M1"), ("M1 vesicle", "M1")),
)  # fmt: skip

TARGETS = ListSheet(
    "Targets",
    "target",
    (
        Variable("target_role", "text", "what it is for: what is asked about, a reference gene, or "
                 "a spike-in", choices=TARGET_ROLES, also=("Target Type",), words=_TARGET_WORDS),
        Variable("rt_group", "text", "reverse transcription that it comes from, such as random "
                 "primers or stem-loop; a reference gene must share it"),
        Variable("efficiency", "number", "amplification efficiency, 1.00 = 100 %; empty: from the "
                 "plate's standards, else 1.00", least=0.0, most=2.0),
        Variable("efficiency_source", "text", "where a declared efficiency comes from"),
        Variable("expected_tm", "number", "where its product melts", "°C"),
    ),
    meaning="one row for each target, reference genes among them",
    examples=(("RUNX2", "target"), ("ACTB", "reference")),
)  # fmt: skip

_EXAMPLES = (
    ("role", (("sample",) * 4 + ("ntc",),) * 2),
    ("sample", (("M1 control", "M1 control", "M1 vesicle", "M1 vesicle", "water"),) * 2),
    ("target", (("RUNX2",) * 5, ("ACTB",) * 5)),
    (
        "cq",
        ((25.31, 25.24, 26.3, 26.41, "Undetermined"), (18.2, 18.16, 18.31, 18.25, "Undetermined")),
    ),
)
"""Rows of the Example sheet by variable."""

TEMPLATE = TemplateSpec(
    assay="qpcr",
    title="RT-qPCR plate",
    title_ja="RT-qPCR プレート",
    variables=_REACTION_VARIABLES,
    channels=("cq",),
    channel_pattern=r"cq|tm_\d+|melt_peak_height_\d+",
    channel_unit="cycles",
    parameters=QpcrParameters,
    steps=(
        "List the samples on the sheet Samples, each with its biological_replicate and its arm.",
        "List the targets on the sheet Targets; say which are reference genes or spike-ins, and "
        "which reverse transcription (rt_group) each comes from.",
        "Put the cycler's export beside this workbook and write its name into the setting "
        "readings_file; or paste Cq into Plate or Wells with sample and target of each reaction.",
        "Give controls the role ntc (no template) or nrt (no reverse transcription), a dilution "
        "series the role standard with its quantities.",
        "An undetermined Cq is written as Undetermined; never as 0 or 40.",
    ),
    steps_ja=(
        "シート Samples に全サンプルを、biological_replicate(生物学的反復)と群とともに記入します。",
        "シート Targets に全ターゲットを記入し、リファレンス遺伝子、スパイクイン、および逆転写反応"
        "(rt_group)を指定します。",
        "装置の出力ファイルをこのブックと同じフォルダーに置き、設定 readings_file に名前を"
        "記入します。"
        "または Plate か Wells に Cq、サンプル、ターゲットを貼り付けます。",
        "コントロールの役割は ntc(鋳型なし)または nrt(逆転写なし)、検量線は standard とし、量を"
        "記入します。",
        "検出されなかった Cq は Undetermined と記入します。0 や 40 は使いません。",
    ),
    lists=(SAMPLES, TARGETS),
    well_key=("well", "target"),
    wells_order=("sample", "role", "target", "target_role", "dye", "cq"),
    channel_also=(("ct", "cq"), ("cp", "cq"), ("crt", "cq")),
    examples=_EXAMPLES,
)  # fmt: skip
