"""What every member of ASSAYS must be."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import tifffile

from assaykit.assays import ASSAYS, find_assay
from assaykit.errors import UsageError
from assaykit.parameters import describe
from assaykit.plate import annotate
from assaykit.simulate.osteoclast_pictures import osteoclast_field
from assaykit.tables import SCALES, WELLS, check_observations

EVERY = pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)


def qpcr_wells(columns):
    """Two reactions of a target and one of its reference gene."""
    rows = [("A1", "RUNX2", 25.0), ("A2", "RUNX2", 25.2), ("A3", "ACTB", 18.0)]
    table = pd.DataFrame(rows, columns=["well", "target", "value"]).assign(plate="p")
    readings = table[["plate", "well", "value"]].assign(channel="cq", unit="cycles")
    roles = ["target", "target", "reference"]
    wells = table[["plate", "well", "target"]].assign(role="sample", target_role=roles, **columns)
    return annotate(readings, wells)


@pytest.fixture(scope="module")
def trap_picture(tmp_path_factory):
    """A simulated field whose file says how large a pixel is."""
    path = tmp_path_factory.mktemp("trap") / "A1.tif"
    image = osteoclast_field(seed=1, size_px=(300, 400)).image
    tifffile.imwrite(path, image, imagej=True, resolution=(1 / 0.76, 1 / 0.76),
                     metadata={"unit": "um"})  # fmt: skip
    return path


def trap_wells(columns, path):
    """Two samples with the same picture."""
    names = pd.DataFrame({"plate": "p", "well": ["A1", "A2"]})
    wells = names.assign(role="sample", **columns)
    readings = names.assign(channel="picture", value=np.nan, source=path.name, picture=str(path))
    return annotate(readings, wells)


@pytest.fixture
def plates(elisa_plate, alizarin_plate, trap_picture):
    columns = {"sample": "s1", "biological_replicate": "M1", "treatment": "control"}
    return {
        "elisa": elisa_plate.add(3, "sample", 100.0, **columns).annotated(),
        "alizarin": alizarin_plate.add(3, "sample", 300.0, **columns).annotated(),
        "qpcr": qpcr_wells(columns),
        "trap": trap_wells(columns, trap_picture),
    }


def test_names_are_unique_and_found():
    names = [assay.name for assay in ASSAYS]
    assert len(set(names)) == len(names)
    assert all(find_assay(name).name == name for name in names)
    with pytest.raises(UsageError, match=r"'elsia' is not an assay\. Did you mean 'elisa'"):
        find_assay("elsia")


@EVERY
def test_parameters_are_frozen_and_each_has_its_words(assay):
    parameters = assay.template.parameters
    assert parameters.__dataclass_params__.frozen
    assert all(item.meaning for item in describe(parameters))
    parameters()  # every parameter has a default
    with pytest.raises(dataclasses.FrozenInstanceError):
        parameters().analyte = "x"


@EVERY
def test_endpoints_have_a_scale_and_words(assay):
    assert assay.endpoints
    for endpoint in assay.endpoints:
        assert endpoint.scale in SCALES
        assert endpoint.axis_label
        assert endpoint.meaning.endswith(".")
        assert assay.endpoint(endpoint.name) is endpoint


@EVERY
def test_the_template_offers_what_the_assay_reads(assay):
    template = assay.template
    assert template.assay == assay.name
    assert all(template.is_channel(name) for name in template.channels)
    names = [variable.name for variable in template.variables]
    assert len(set(names)) == len(names)
    names += [column.name for listed in template.lists for column in listed.columns]
    assert {"role", "sample", "biological_replicate", "excluded", "reason"} <= set(names)
    assert template.steps
    assert len(template.steps) == len(template.steps_ja)


@EVERY
def test_observations_are_valid_complete_and_of_declared_endpoints(assay, plates):
    wells = plates[assay.name]
    made = assay.quantify(wells, assay.template.parameters())
    table = check_observations(made.observations)
    declared = {endpoint.name for endpoint in assay.endpoints}
    assert set(table["endpoint"]) <= declared
    assert set(table["assay"]) == {assay.name}
    assert set(table["unit"]) != {""}
    asked = wells["role"] == "sample"
    if "target_role" in wells:  # reference genes are part of the results of others
        asked &= wells["target_role"] == "target"
    for _, own in table.groupby("endpoint"):
        assert own["well"].tolist() == wells.loc[asked, "well"].tolist()
    assert table["treatment"].eq("control").all()
    of_wells = [name for name in WELLS.names if name in table]
    assert list(table.columns[: len(of_wells)]) == of_wells


@EVERY
def test_quantifying_changes_nothing_in_place(assay, plates):
    wells = plates[assay.name]
    before = wells.copy()
    assay.quantify(wells, assay.template.parameters())
    assert wells.equals(before)


@EVERY
def test_the_steps_are_sentences_with_references(assay, plates):
    steps = assay.quantify(plates[assay.name], assay.template.parameters()).steps
    assert all(step.sentence.endswith(".") for step in steps)
    assert any(step.references for step in steps)
