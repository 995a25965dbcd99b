"""RDML files that are cut, protected, too large or made to do harm end in words."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from assaykit.errors import UnreadableFileError
from assaykit.excel import DEFAULT_LIMITS
from assaykit.readers.rdml_document import holds_rdml, rdml_document
from assaykit.readers.source import open_source

XML = "<?xml version='1.0'?><rdml version='1.1'><run id='r'>µ</run></rdml>"


def packed(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_rdml_is_known_by_its_content():
    assert holds_rdml(packed({"rdml_data.xml": XML}))
    assert holds_rdml(packed({"BioRad.xml": XML, "notes.txt": ""}))
    assert holds_rdml(XML.encode())
    assert not holds_rdml(packed({"[Content_Types].xml": "", "xl/workbook.xml": ""}))
    assert not holds_rdml(packed({"mimetype": "", "content.xml": ""}))
    assert not holds_rdml(b"<html>")


def test_a_document_is_opened_whatever_its_ending(tmp_path):
    path = tmp_path / "run 5.zip"
    path.write_bytes(packed({"rdml_data.xml": XML}))
    source = open_source(path)
    assert (source.kind, source.plate, source.sheets, source.seen) == (
        "rdml", "run 5", (), "an RDML file",
    )  # fmt: skip
    assert source.document.find("run").text == "µ"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_encodings(encoding):
    text = XML.replace("<?xml version='1.0'?>", f"<?xml version='1.0' encoding='{encoding}'?>")
    data = packed({"rdml_data.xml": text.encode(encoding)})
    assert rdml_document(data, "a.rdml").findtext("run") == "µ"


ENTITIES = "<!DOCTYPE rdml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><rdml>&b;</rdml>"


HARM = {
    "entities": (packed({"rdml_data.xml": ENTITIES}), "declares its own entities"),
    "outside": (
        ENTITIES.replace("[", "SYSTEM 'file:///etc/hosts' [").encode(), "declares its own entities",
    ),
    "cut XML": (packed({"rdml_data.xml": XML[:50]}), r"cut off or damaged \(unclosed token"),
    "cut zip": (packed({"rdml_data.xml": XML})[:60], "cut off or damaged"),
    "other root": (packed({"rdml_data.xml": "<other/>"}), "XML that is not RDML.*root is 'other'"),
    "two": (packed({"rdml_data.xml": XML, "b.xml": XML}), "several XML files.*expected one"),
    "path": (packed({"../rdml_data.xml": XML, "rdml.xml": XML}), "wants to be written outside"),
    "bomb": (packed({"rdml_data.xml": "<rdml>" + " " * 3_000_000}), "times larger by unpacking"),
    "deep": (packed({"rdml_data.xml": "<rdml>" + "<a>" * 60}), "too large for a run"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARM)
def test_harm_and_damage_are_words(tmp_path, name):
    data, words = HARM[name]
    path = tmp_path / "run.rdml"
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=rf"^run\.rdml: .*{words}"):
        open_source(path)


def test_the_limits_hold_for_what_comes_out_not_for_what_is_promised():
    tight = replace(DEFAULT_LIMITS, unpacked_bytes=50)
    with pytest.raises(UnreadableFileError, match="unpacked it has more than"):
        rdml_document(XML.encode(), "a.rdml", tight)
    with pytest.raises(UnreadableFileError, match="too large for a run"):
        rdml_document(packed({"rdml_data.xml": XML}), "a.rdml", tight)


def test_a_protected_file_is_refused():
    data = bytearray(packed({"rdml_data.xml": XML}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableFileError, match="protected with a password"):
        rdml_document(bytes(data), "a.rdml")


def test_points_of_curves_are_counted_and_not_kept():
    points = "".join(f"<adp><cyc>{c}</cyc><fluor>1</fluor></adp>" for c in range(1, 46))
    melts = "<mdp><tmp>60</tmp><fluor>1</fluor></mdp>" * 50
    text = f"<rdml><data>{points}{melts}<cq>20</cq></data><data><cq>21</cq></data></rdml>"
    first, second = rdml_document(text.encode(), "a.rdml")
    assert [child.tag for child in first] == ["cq"]
    assert (first.get("cycles"), second.get("cycles")) == ("45", None)
