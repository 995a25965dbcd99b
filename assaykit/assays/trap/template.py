"""The template of TRAP."""

from __future__ import annotations

from assaykit.assays import plate_reader
from assaykit.assays.trap.parameters import TrapParameters
from assaykit.workbook.spec import TemplateSpec

_OF_CURVES = ("nominal_concentration", "dilution_factor", "spiked_concentration")

TEMPLATE = TemplateSpec(
    assay="trap",
    title="TRAP plate (osteoclasts in pictures)",
    title_ja="TRAP プレート(破骨細胞の画像)",
    variables=tuple(v for v in plate_reader.PLATE_VARIABLES if v.name not in _OF_CURVES),
    channels=(),
    channel_pattern=r"(?!)",
    channel_unit="",
    parameters=TrapParameters,
    steps=(
        "Put the pictures into a folder beside this workbook and write how their names are built "
        "beside pictures on the sheet Settings, such as pictures/{{well}}_{{field}}.jpg. If the "
        "files do not say how large a pixel is, write it beside um_per_px.",
        "Give each well its role (sample, negative_control), and each sample its name, its "
        "biological_replicate and its arm.",
        "Then: assaykit check shows which picture goes to which well.",
    ),
    steps_ja=(
        "画像をこのファイルと同じ場所のフォルダーに入れ、シート Settings の pictures に名前の"
        "付け方を書きます(例: pictures/{{well}}_{{field}}.jpg)。画像に1画素の大きさの情報が"
        "ない場合は um_per_px に入力します。",
        "各ウェルの役割(sample、negative_control)と、各サンプルの名前、"
        "biological_replicate(生物学的反復)、群を入力します。",
        "assaykit check で画像とウェルの対応を確認できます。",
    ),
)
