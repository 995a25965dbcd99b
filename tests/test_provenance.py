import hashlib

from assaykit.provenance import Step, input_file, versions


def test_an_input_is_known_by_its_bytes(tmp_path):
    file = tmp_path / "plate 1.csv"
    file.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1: the SHA-256 of "abc".
    assert input_file(file).sha256.startswith("ba7816bf8f01cfea414140de5dae2223")
    assert input_file(file).name == "plate 1.csv"
    assert input_file(file).size_bytes == 3
    assert input_file(file).sha256 == hashlib.sha256(b"abc").hexdigest()


def test_versions_name_what_computes():
    found = versions()
    assert {"python", "numpy", "pandas", "openpyxl", "XlsxWriter"} <= set(found)
    assert all(found.values())


def test_a_step_is_frozen_and_has_no_references_unless_given():
    step = Step("blank", "The blank was subtracted.")
    assert step.references == ()
    assert dict(step.parameters) == {}
