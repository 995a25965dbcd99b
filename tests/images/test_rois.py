"""Cells go out to ImageJ as ROIs and come back; roifile stands for what a person does there."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from roifile import ImagejRoi

from assaykit.errors import InputError, UnreadableFileError
from assaykit.images.circles import disc
from assaykit.images.rois import mask_of, read_roi_zip, roi_zip

CLASSES = ("osteoclast", "mononuclear", "debris")
SHAPE = (300, 400)


@pytest.fixture
def cells():
    """Five cells of which three are osteoclasts, one of them hooked."""
    labels = np.zeros(SHAPE, np.int32)
    for label, (y, x, r) in enumerate(
        [(50, 60, 30), (60, 200, 12), (200, 90, 40), (220, 300, 9)], 1
    ):
        labels[disc(*SHAPE, x, y, r)] = label
    labels[150:190, 250:260] = labels[180:190, 250:300] = 5
    table = pd.DataFrame(
        {
            "label": [1, 2, 3, 4, 5],
            "class": ["osteoclast", "mononuclear", "osteoclast", "debris", "osteoclast"],
            "nuclei": pd.array([4, 1, pd.NA, 0, 3], dtype="Int64"),
        }
    )
    return labels, table


def rewritten(data, without=(), extra=()):
    """The zip as ImageJ would save it after some ROIs were deleted and others drawn."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            if name.removesuffix(".roi") not in without:
                new.writestr(name, old.read(name))
        for roi in extra:
            new.writestr(f"{roi.name}.roi", roi.tobytes())
    return buffer.getvalue()


def test_every_pixel_comes_back(cells):
    labels, table = cells
    for outline in read_roi_zip(roi_zip(labels, table, CLASSES), CLASSES):
        assert np.array_equal(mask_of(outline, SHAPE), labels == outline.label)


def test_names_hold_label_class_and_nuclei_where_known(cells):
    outlines = read_roi_zip(roi_zip(*cells, CLASSES), CLASSES)
    assert [outline.name for outline in outlines] == [
        "0001 osteoclast 4", "0002 mononuclear 1", "0003 osteoclast", "0004 debris 0",
        "0005 osteoclast 3",
    ]  # fmt: skip
    assert [outline.label for outline in outlines] == [1, 2, 3, 4, 5]
    assert [outline.kind for outline in outlines] == cells[1]["class"].tolist()


def test_only_the_wanted_classes_go_out(cells):
    outlines = read_roi_zip(roi_zip(*cells, ["osteoclast"]), CLASSES)
    assert [outline.label for outline in outlines] == [1, 3, 5]


def test_two_deleted_and_one_drawn_change_the_count_by_exactly_that(cells):
    data = roi_zip(*cells, ["osteoclast"])
    drawn = ImagejRoi.frompoints([[10, 250], [40, 250], [40, 290], [10, 290]], name="mine")
    edited = rewritten(data, without=("0001 osteoclast 4", "0005 osteoclast 3"), extra=(drawn,))
    outlines = read_roi_zip(edited, CLASSES)
    assert [(outline.name, outline.kind, outline.label) for outline in outlines] == [
        ("0003 osteoclast", "osteoclast", 3), ("mine", "osteoclast", 0),
    ]  # fmt: skip
    assert mask_of(outlines[1], SHAPE).sum() == 30 * 40


def test_the_class_can_be_changed_by_the_name(cells):
    labels, table = cells
    roi = ImagejRoi.frompoints([[0, 0], [9, 0], [9, 9]], name="0001 mononuclear")
    edited = rewritten(roi_zip(labels, table, ["osteoclast"]), ("0001 osteoclast 4",), (roi,))
    kinds = {outline.label: outline.kind for outline in read_roi_zip(edited, CLASSES)}
    assert kinds == {1: "mononuclear", 3: "osteoclast", 5: "osteoclast"}


def test_one_roi_alone_is_read_and_the_same_cells_give_the_same_bytes(cells):
    roi = ImagejRoi.frompoints([[0, 0], [9, 0], [9, 9]], name="one")
    assert [outline.name for outline in read_roi_zip(roi.tobytes(), CLASSES)] == ["one"]
    assert roi_zip(*cells, CLASSES) == roi_zip(*cells, CLASSES)


def test_no_cell_is_an_empty_zip():
    empty = pd.DataFrame({"label": [], "class": [], "nuclei": []})
    assert read_roi_zip(roi_zip(np.zeros(SHAPE, np.int32), empty, CLASSES), CLASSES) == []


def test_lines_and_points_are_named_all_at_once(cells):
    bad = [ImagejRoi.frompoints([[1, 1], [5, 5]], name=name) for name in ("line 1", "line 2")]
    with pytest.raises(InputError) as error:
        read_roi_zip(rewritten(roi_zip(*cells, CLASSES), extra=bad), CLASSES, "A1.zip")
    assert len(error.value.problems) == 2
    assert "A1.zip: the ROI 'line 1' is a line or a point" in str(error.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nonsense", b"<html></html>"])
def test_what_is_no_zip_of_rois_is_refused(data):
    with pytest.raises(UnreadableFileError, match="no zip of ImageJ ROIs"):
        read_roi_zip(data, CLASSES, "A1.zip")
