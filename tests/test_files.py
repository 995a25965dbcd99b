"""A file is replaced whole or not at all, and the reason is said in words."""

import errno
import os

import pytest

from assaykit.errors import OutputError
from assaykit.files import replace_atomically


def test_the_file_stands_whole_under_its_name(tmp_path):
    target = tmp_path / "a b 'ü'.xlsx"
    target.write_bytes(b"old")
    with replace_atomically(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".xlsx"
        temporary.write_bytes(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, error):
    target = tmp_path / "r.xlsx"
    target.write_bytes(b"old")

    def interrupted():
        with replace_atomically(target) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "denied"), "it is open in another program"),
        (OSError(errno.EROFS, "read-only"), "is read-only. Write somewhere else with --out"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_what_went_wrong_is_said_in_words(tmp_path, error, words):
    target = tmp_path / "r.xlsx"
    target.write_bytes(b"old")
    with pytest.raises(OutputError) as caught, replace_atomically(target):
        raise error
    assert words in str(caught.value)
    assert str(caught.value).startswith("r.xlsx could not be written")
    assert "Nothing that stood there was changed." in str(caught.value)
    assert target.read_bytes() == b"old"


def test_a_folder_that_is_not_there_or_in_the_way(tmp_path):
    with (
        pytest.raises(OutputError, match=r"does not exist\. Create it first"),
        replace_atomically(tmp_path / "no" / "r.xlsx") as temporary,
    ):
        temporary.write_bytes(b"x")
    (tmp_path / "r.xlsx").mkdir()
    with (
        pytest.raises(OutputError, match="a folder of that name is in the way"),
        replace_atomically(tmp_path / "r.xlsx") as temporary,
    ):
        temporary.write_bytes(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["r.xlsx"]


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may write anywhere"
)
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with (
            pytest.raises(OutputError, match="is read-only"),
            replace_atomically(tmp_path / "r.xlsx") as temporary,
        ):
            temporary.write_bytes(b"x")
    finally:
        tmp_path.chmod(0o700)
