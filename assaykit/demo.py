"""The main job over the example plates: analyse each of them, then compare their arms."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from assaykit.errors import OutputError


@dataclass(frozen=True)
class Demo:
    """What the demo made: files by name, sentences, and the text that the command prints."""

    outputs: dict[str, Path]
    summary: tuple[str, ...]
    text: str


def example_plates() -> Path:
    """The folder of the example plates, as installed or in a checkout."""
    inside = Path(__file__).parent / "example_plates"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "example_plates"


def run_demo(out: Path) -> Demo:
    """Copy the example plates, analyse each one and compare their arms.

    Parameters
    ----------
    out
        Folder for the copies and their results; made if it is not there.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    from tqdm import tqdm

    from assaykit.report import write_study_report
    from assaykit.study import compare_results

    plates = _copied(example_plates(), out)
    bar = tqdm(plates, desc="plates", unit="plate", file=sys.stderr, disable=None, leave=False)
    results = [_analysed(plate) for plate in bar]
    study = compare_results(results, title="demo study")
    made = write_study_report(study, out / "study")
    outputs = {path.stem: path for path in results} | made
    return Demo(outputs, study.summary, _text(results, study.summary, made["workbook"], out))


def _copied(source: Path, out: Path) -> list[Path]:
    """The filled templates of all example plates, each copied with its folder."""
    templates = sorted(source.glob("*/*.xlsx"))
    folders = [path.parent for path in templates if path.stem == path.parent.name]
    try:
        for folder in folders:
            shutil.copytree(folder, out / folder.name, dirs_exist_ok=True)
    except OSError as error:
        raise OutputError(f"The example plates cannot be copied to {out}: {error}") from error
    return [out / folder.name / f"{folder.name}.xlsx" for folder in folders]


def _analysed(plate: Path) -> Path:
    """The results workbook of one plate."""
    from assaykit.assays import assay_of
    from assaykit.report import write_plate_report
    from assaykit.study import analyse_plate

    study = analyse_plate(plate, assay_of(plate).name)
    return write_plate_report(study, plate.with_name(f"{plate.stem}_results"))["workbook"]


def _text(results: list[Path], summary: tuple[str, ...], study: Path, out: Path) -> str:
    plates = "\n".join(f"  {path}" for path in results)
    answers = "\n".join(f"  {sentence}" for sentence in summary)
    return (
        f"The filled templates are in {out}.\n\n"
        f"Results of each plate, with pictures beside them:\n{plates}\n\n"
        f"The comparison:\n{answers}\n\n"
        f"Look first at {study}"
    )
