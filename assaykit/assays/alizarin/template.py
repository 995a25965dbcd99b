"""The template of Alizarin red."""

from __future__ import annotations

from assaykit.assays import plate_reader
from assaykit.assays.alizarin.parameters import AlizarinParameters
from assaykit.workbook.spec import TemplateSpec, Variable

TEMPLATE = TemplateSpec(
    assay="alizarin",
    title="Alizarin red plate (pictures, extracted dye)",
    title_ja="アリザリンレッド プレート(画像・抽出色素)",
    variables=(
        *plate_reader.PLATE_VARIABLES,
        Variable("dna_ng", "number", "DNA of the culture well", unit="ng", on_plate=False),
        Variable("protein_ug", "number", "protein of the culture well", unit="µg", on_plate=False),
    ),
    channels=("od_562",),
    channel_pattern=r"od_\d{3,4}",
    channel_unit="OD",
    parameters=AlizarinParameters,
    steps=(
        "Pictures: put them into a folder beside this workbook and write how their names are built "
        "beside pictures on the sheet Settings, such as pictures/{{well}}_{{field}}.jpg. If the "
        "files do not say how large a pixel is, write it beside um_per_px.",
        "Give unmineralized wells (no osteogenic medium) the role negative_control: the threshold "
        "of mineral comes from them. Then: assaykit check shows which picture goes to which well.",
        "Extracted dye: paste the optical densities of the extracts into the block od_562 on the "
        "sheet Plate (name the block od_405 for extraction with acetic acid, and set extraction).",
        "Give each well its role: standard, blank (extraction reagent alone), sample, "
        "negative_control.",
        "Give the standards their nominal_concentration of Alizarin red.",
        "Give each sample its name, its biological_replicate and its arm; wells of one culture "
        "well share the sample's name.",
        "For amounts per well, fill extraction_volume on the sheet Settings.",
    ),
    steps_ja=(
        "画像: このファイルと同じ場所のフォルダーに入れ、シート Settings の pictures に名前の"
        "付け方を書きます(例: pictures/{{well}}_{{field}}.jpg)。画像に1画素の大きさの情報が"
        "ない場合は um_per_px に入力します。",
        "石灰化させていないウェル(骨分化培地なし)の役割を negative_control とします。石灰化の"
        "しきい値はここから決まります。assaykit check で画像とウェルの対応を確認できます。",
        "抽出色素: シート Plate の od_562 ブロックに抽出液の吸光度を貼り付けます(酢酸抽出の場合は"
        "ブロック名を od_405 とし、設定 extraction を変更してください)。",
        "各ウェルに役割(role)を指定します: standard、blank(抽出液のみ)、sample、negative_control。",
        "標準品にはアリザリンレッドの nominal_concentration(濃度)を入力します。",
        "各サンプルに名前、biological_replicate(生物学的反復)、群を入力します。",
        "ウェルあたりの量を求める場合は、シート Settings の extraction_volume を入力します。",
    ),
)
