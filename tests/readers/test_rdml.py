"""RDML files of versions 1.0 to 1.4, made here as the schemas describe them."""

from __future__ import annotations

import re
import zipfile

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read, sniff

SAMPLES = (
    "<sample id='WT'><type>unkn</type></sample><sample id='NTC'><type>ntc</type></sample>"
    "<sample id='S1'><type>std</type><quantity><value>1000</value><unit>cop</unit></quantity>"
    "</sample>"
)
FORMAT = (
    "<pcrFormat><rows>8</rows><columns>12</columns><rowLabel>ABC</rowLabel>"
    "<columnLabel>123</columnLabel></pcrFormat>"
)


def reaction(number, sample, cq, target="RUNX2", more=""):
    cq = f"<cq>{cq}</cq>" if cq is not None else ""
    data = f"<data><tar id='{target}'/>{cq}{more}</data>"
    return f"<react id='{number}'><sample id='{sample}'/>{data}</react>"


def run(reactions, name="r", form=FORMAT):
    return f"<run id='{name}'>{form}{''.join(reactions)}</run>"


def rdml(runs, version="1.2", samples=SAMPLES):
    space = "xmlns='http://www.rdml.org'"
    inside = f"{samples}<target id='RUNX2'/><experiment id='e'>{''.join(runs)}</experiment>"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><rdml version='{version}' {space}>{inside}</rdml>"
    )


@pytest.fixture
def packed(tmp_path):
    def pack(text, name="run 5.rdml", part="rdml_data.xml"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(part, text)
        return tmp_path / name

    return pack


CURVE = "".join(f"<adp><cyc>{c}</cyc><tmp>60</tmp><fluor>{c}.5</fluor></adp>" for c in (1, 2, 40))
WHOLE = rdml([run([
    reaction(1, "WT", 21.5), reaction(13, "WT", "-1.0"), reaction(14, "WT", "N/A"),
    reaction(15, "WT", None), reaction(16, "S1", "18.25", more="<excl>bubble</excl>"),
    reaction(96, "NTC", "40.0", more=CURVE),
])])  # fmt: skip


def rows_of(readings, *columns):
    return readings[list(columns)].to_numpy().tolist()


def test_version_1_2_with_numbered_reactions(packed):
    path = packed(WHOLE)
    readings = read(path)
    assert sniff(path) == "rdml"
    assert rows_of(readings, "well", "sample", "target", "task", "flag") == [
        ["A1", "WT", "RUNX2", "sample", ""],
        ["B1", "WT", "RUNX2", "sample", "undetermined"],
        ["B2", "WT", "RUNX2", "sample", "undetermined"],
        ["B3", "WT", "RUNX2", "sample", "undetermined"],
        ["B4", "S1", "RUNX2", "standard", "masked"],
        ["H12", "NTC", "RUNX2", "ntc", "undetermined"],
    ]
    assert readings["value"].tolist()[0] == 21.5
    assert readings["value"].tolist()[4] == 18.25
    assert readings["quantity"].tolist()[4] == 1000
    assert set(readings["plate"]) == {"run 5"}
    assert readings["source"][0] == "run 5.rdml, run 'r', reaction 1"


def test_the_number_of_cycles_is_not_a_cq_and_one_below_it_is(packed):
    cqs = ["39.9", "40.0", "40.2"]
    reactions = [reaction(i + 1, "WT", cq, more=CURVE) for i, cq in enumerate(cqs)]
    assert read(packed(rdml([run(reactions)])))["flag"].tolist() == ["", *["undetermined"] * 2]


def test_version_1_0_names_its_wells_and_has_references_as_text(packed):
    react = "<react id='A12'><sample>WT</sample><data><tar>RUNX2</tar><cq>21.5</cq></data></react>"
    text = rdml([run([react], form="<pcrFormat>free format</pcrFormat>")], "1.0")
    assert rows_of(read(packed(text)), "well", "sample", "target", "task") == [
        ["A12", "WT", "RUNX2", "sample"]
    ]


def test_version_1_3_has_types_and_quantities_for_each_target_and_a_melting_temperature(packed):
    samples = (
        "<sample id='S'><type targetId='RUNX2'>std</type><type targetId='GAPDH'>unkn</type>"
        "<quantity targetId='RUNX2'><value>10</value><unit>cop</unit></quantity></sample>"
    )
    both = reaction(1, "S", 20, more="<meltTemp>84.5</meltTemp>").replace("</react>", "")
    text = both + "<data><tar id='GAPDH'/><cq>18</cq></data></react>"
    readings = read(packed(rdml([run([text])], "1.3", samples)))
    assert rows_of(readings, "target", "task", "channel", "value") == [
        ["RUNX2", "standard", "cq", 20], ["RUNX2", "standard", "tm_1", 84.5],
        ["GAPDH", "sample", "cq", 18],
    ]  # fmt: skip
    assert readings["quantity"].notna().tolist() == [True, True, False]


def test_several_runs_are_several_plates(packed):
    text = rdml([run([reaction(1, "WT", 20)], "day 1"), run([reaction(1, "WT", 21)], "day 2")])
    assert describe(read(packed(text))).startswith("2 plates (day 1, day 2), 2 wells")


def test_a_namespace_prefix_and_a_bare_xml_are_the_same(packed, write):
    bare = read(write(WHOLE, "run 5.rdml"))
    prefixed = re.sub(r"<(/?)(\w+)", r"<\1rdml:\2", WHOLE.replace("xmlns=", "xmlns:rdml="))
    assert "<rdml:rdml version" in prefixed
    assert read(packed(prefixed, part="other name.xml")).equals(bare)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rdml([run([reaction(1, "WT", None, more=CURVE)])]),
         r"run 5\.rdml: it holds no Cq, only what stands beside it in its runs \('r'\)"),
        (rdml([]), "it holds no Cq, and no run"),
        (rdml([run([reaction(1, "WT", 20)], "a"), run([reaction(1, "WT", None, more=CURVE)], "b")]),
         "run 'b': the run has amplification curves and no Cq, unlike other runs"),
        (rdml([run([reaction(97, "WT", 20)])]),
         "run 'r', reaction 97: it is outside of the run's plate of 8 x 12 wells"),
        (rdml([run([reaction(1, "WT", 20)], form=FORMAT.replace("8", "72"))]),
         "reaction 1: its well is not known: the run's format of 72 x 12 is no plate"),
        (rdml([run([reaction(1, "WT", 20)], form="")]), "the run's format of 0 x 0 is no plate"),
        (rdml([run([reaction("ZZ9", "WT", 20)])]), "its id 'ZZ9' is neither a number nor a well"),
        (rdml([run([reaction(1, "WT", "ODD")])]),
         r"run 5\.rdml, run 'r', reaction 1: found 'ODD', expected a number"),
        (rdml([run([reaction(1, "WT", "-3")])]), "reaction 1: found -3, expected a Cq between"),
        (rdml([run([reaction(1, "WT", 20), reaction(1, "WT", 21)])]), "is read twice"),
        (rdml([run([reaction(1, "WT", 20)])], samples="<sample id='WT'><type>odd</type></sample>"),
         "reaction 1: 'odd' is not a task that is known"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_reaction(packed, text, words):
    with pytest.raises(InputError, match=words):
        read(packed(text))
