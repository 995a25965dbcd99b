"""What the statements of a plate must have in common, whatever the assay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assaykit.design import COMPARISON_CODES, check_arms
from assaykit.errors import Problem
from assaykit.excel.cells import Sheet
from assaykit.values import match_key, normalise
from assaykit.workbook.design_settings import BLOCKS
from assaykit.workbook.design_sheet import FACTOR, REFERENCE, DesignRead
from assaykit.workbook.fields import Field, Vocabulary, at, in_wells, warning, well_of
from assaykit.workbook.statements import Said, Statements

if TYPE_CHECKING:
    import pandas as pd

_REPLICATE = "biological_replicate"
_NOMINAL = "nominal_concentration"
_DILUTION = "dilution_factor"
PICTURES = "pictures"
_OF_ARMS = (
    "no_reference_arm", "one_arm", "few_replicates", "wells_as_replicates", "replicates_not_shared",
    "arm_confounded_with_block",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What the checks look at.

    Parameters
    ----------
    statements
        What is said of the wells.
    fields
        The blocks and columns that it was said in.
    vocabulary
        What their names mean.
    readings_file
        Name of the instrument's file that holds the readings; empty where they are here.
    pictures
        Pattern of the picture files that are measured; empty where there are none.
    """

    statements: Statements
    fields: tuple[Field, ...]
    vocabulary: Vocabulary
    readings_file: str = ""
    pictures: str = ""

    def wells(self, role: str) -> list[str]:
        """Wells of a role that nobody has excluded."""
        return [
            well
            for well, said in self.statements.of("role").items()
            if said.value == role and not self.is_excluded(well)
        ]

    def is_excluded(self, well: str) -> bool:
        """Whether a person has decided to leave the well out."""
        said = self.statements.of("excluded").get(well)
        return said is not None and said.value is True

    @property
    def asks_wells(self) -> bool:
        """Whether replicate, levels and blocks must be said of wells, not on a list sheet."""
        return self.vocabulary.spec.factor_list is None

    def offers(self, variable: str) -> bool:
        """Whether the assay's template knows the variable."""
        return self.vocabulary.variable(variable) is not None

    def field(self, name: str) -> Field | None:
        """The first block or column of a name."""
        return next((item for item in self.fields if item.name == name), None)

    def is_filled(self, name: str) -> bool:
        """Whether anything stands in a block or column of a name."""
        return any(item.entries for item in self.fields if item.name == name)


def check_statements(evidence: Evidence) -> list[Problem]:
    """Everything that the wells of a plate say wrongly or leave unsaid."""
    return [problem for check in CHECKS for problem in check(evidence)]


def _no_role(evidence: Evidence) -> list[Problem]:
    roles = evidence.statements.of("role")
    return [
        _beside_role(evidence, well, "no_role", "the well is used, but its role is empty",
                     "Give it a role, or empty its other cells.")
        for well in _mapped(evidence.statements)
        if well not in roles and not _role_was_wrong(evidence, well)
    ]  # fmt: skip


def _mapped(statements: Statements) -> list[str]:
    """Wells of which anything but a reading is said."""
    return list(dict.fromkeys(well for said in statements.values.values() for well in said))


def _role_was_wrong(evidence: Evidence, well: str) -> bool:
    """Whether something stands in the well's role that could not be read."""
    return any(e.well == well for f in evidence.fields if f.name == "role" for e in f.entries)


def _beside_role(evidence: Evidence, well: str, code: str, message: str, remedy: str) -> Problem:
    """A problem at the first cell that says something of the well."""
    said = next(values[well] for values in evidence.statements.values.values() if well in values)
    return at(*said.cell, code, message, remedy=remedy, well=well)


def _missing(evidence: Evidence, role: str, variable: str, remedy: str) -> list[Problem]:
    """Wells of a role that do not say something they must."""
    roles, said = evidence.statements.of("role"), evidence.statements.of(variable)
    typed = {e.well for f in evidence.fields if f.name == variable for e in f.entries}
    message = f"this {role} has no {variable}"
    silent = [well for well in evidence.wells(role) if well not in said and well not in typed]
    return [
        at(*roles[well].cell, f"no_{variable}", message, remedy=remedy, well=well)
        for well in silent
    ]


def _no_nominal(evidence: Evidence) -> list[Problem]:
    in_file = evidence.readings_file and evidence.vocabulary.spec.lists
    if in_file or not evidence.offers(_NOMINAL):
        return []
    return _missing(
        evidence, "standard", _NOMINAL, "Type the concentration; 0 for a zero standard."
    )


def _no_replicate(evidence: Evidence) -> list[Problem]:
    """Samples that cannot count as n; without factors there is nothing to compare them for."""
    if not (evidence.offers(_REPLICATE) and evidence.asks_wells):
        return []
    remedy = "Name the culture, donor, animal or day; repeated wells share it."
    problems = _missing(evidence, "sample", _REPLICATE, remedy)
    return problems if evidence.vocabulary.factors else [warning(p) for p in problems]


def _no_level(evidence: Evidence) -> list[Problem]:
    return [
        problem
        for factor in evidence.vocabulary.factors
        if evidence.field(factor.name) is not None and evidence.asks_wells
        for problem in _missing(
            evidence, "sample", factor.name, f"Use one of: {', '.join(factor.choices)}."
        )
    ]


def _no_block(evidence: Evidence) -> list[Problem]:
    """Samples that do not say a block which others say."""
    remedy = "Fill it for every sample well, or for none."
    return [
        problem
        for block in evidence.vocabulary.blocks
        if evidence.is_filled(block.name) and evidence.asks_wells
        for problem in _missing(evidence, "sample", block.name, remedy)
    ]


def _negative(evidence: Evidence) -> list[Problem]:
    message = f"{_NOMINAL} is negative, expected 0 or more"
    return _wrong(evidence, _NOMINAL, lambda x: x < 0, "negative_concentration", message)


def _dilution(evidence: Evidence) -> list[Problem]:
    zero = f"{_DILUTION} is 0 or negative, expected 1 or more"
    below = f"{_DILUTION} is below 1, which means that the sample was concentrated"
    remarks = _wrong(evidence, _DILUTION, lambda x: 0 < x < 1, "dilution_below_one", below)
    remedy = "A dilution of 1:5 is written 5."
    return [
        *_wrong(evidence, _DILUTION, lambda x: x <= 0, "dilution_factor", zero),
        *(replace(warning(remark), remedy=remedy) for remark in remarks),
    ]


def _wrong(
    evidence: Evidence, variable: str, is_wrong: Callable[[float], bool], code: str, message: str
) -> list[Problem]:
    return [
        at(*said.cell, code, message, remedy="Correct the number.", well=well)
        for well, said in evidence.statements.of(variable).items()
        if isinstance(said.value, float) and is_wrong(said.value)
    ]


def _excluded(evidence: Evidence) -> list[Problem]:
    """An exclusion without a reason, and a reason without an exclusion."""
    reasons = evidence.statements.of("reason")
    bare = [
        warning(at(*said.cell, "no_reason", "the well is excluded without a reason",
                   remedy="Write why under 'reason'.", well=well))
        for well, said in evidence.statements.of("excluded").items()
        if said.value is True and well not in reasons
    ]  # fmt: skip
    idle = [
        warning(at(*said.cell, "not_excluded",
                   "there is a reason, but the well is not excluded; it counts",
                   remedy="Write yes under 'excluded' to leave it out.", well=well))
        for well, said in reasons.items()
        if not evidence.is_excluded(well)
    ]  # fmt: skip
    return bare + idle


def _confusable(evidence: Evidence) -> list[Problem]:
    """Names that differ only in case or spaces; two spellings of one replicate would double n."""
    problems = []
    for variable in (_REPLICATE, *(block.name for block in evidence.vocabulary.blocks)):
        problems += spellings(evidence.statements.of(variable), variable)
    listed = {sheet.key for sheet in evidence.vocabulary.spec.lists}
    for variable in ("sample", "analyte"):
        if variable not in listed:
            problems += map(warning, spellings(evidence.statements.of(variable), variable))
    return problems


def spellings(said: Mapping[str, Said], variable: str) -> list[Problem]:
    """Statements of one variable that differ only in case or spaces from an earlier one."""
    first: dict[str, Said] = {}
    problems = []
    for well, one in said.items():
        other = first.setdefault(normalise(str(one.value)).casefold(), one)
        if other.value != one.value:
            message = (
                f"{variable} '{one.value}' differs from '{other.value}' ({other.place}) only in "
                "case or spaces"
            )
            remedy = "Write both alike if they are one, or tell them apart."
            problems.append(at(*one.cell, "confusable", message, remedy=remedy, well=well))
    return problems


def _rows_disagree(evidence: Evidence) -> list[Problem]:
    """Rows of one well that do not agree on what the well as a whole is."""
    problems = []
    for variable in ("role", "sample"):
        first: dict[str, Said] = {}
        for key, said in evidence.statements.of(variable).items():
            other = first.setdefault(well_of(key), said)
            if other.value != said.value:
                message = f"{variable} is '{said.value}' here, but '{other.value}' in {other.place}"
                remedy = "The rows of one well hold the same sample; only the target differs."
                problems.append(
                    at(*said.cell, "rows_disagree", message, remedy=remedy, well=well_of(key))
                )
    return problems


def _no_reading(evidence: Evidence) -> list[Problem]:
    """Wells of the map without a reading, for each channel that has readings."""
    roles = evidence.statements.of("role")
    used = [well for well, said in roles.items() if said.value != "empty"]
    problems = []
    for channel, readings in evidence.statements.readings.items():
        item = evidence.field(channel)
        typed = {e.well for f in evidence.fields if f.name == channel for e in f.entries}
        silent = [well for well in used if well not in readings and well not in typed]
        if readings and silent and item is not None:
            message = f"{channel} has no reading for {_some(silent)} of the plate map"
            remedy = "Paste the readings, or empty the role of wells that were not read."
            problems.append(
                warning(at(item.sheet, item.address, "no_reading", message, remedy=remedy))
            )
    return problems


def _not_in_map(evidence: Evidence) -> list[Problem]:
    """Readings of wells of which nothing else is said."""
    mapped = {e.well for f in evidence.fields for e in f.entries if evidence.offers(f.name)}
    problems = []
    for channel, readings in evidence.statements.readings.items():
        unknown = [well for well in readings if well not in mapped]
        if unknown:
            message = f"{channel} has readings of {_some(unknown)}, which the plate map lacks"
            first = readings[unknown[0]]
            remedy = "Give them a role, or 'empty'; they are not analysed."
            problems.append(warning(at(*first.cell, "not_in_map", message, remedy=remedy)))
    return problems


def _some(wells: Iterable[str]) -> str:
    listed = list(wells)
    return f"the {'well' if len(listed) == 1 else 'wells'} {in_wells(listed)}"


def _source_of_readings(evidence: Evidence) -> list[Problem]:
    """No readings at all, or readings from two sources."""
    spec, file = evidence.vocabulary.spec, evidence.readings_file
    typed = [f for f in evidence.fields if spec.is_channel(f.name) and f.entries]
    if typed and file:
        message = f"{typed[0].name} has readings, but those of the file '{file}' are used"
        remedy = "Empty the block, or the setting readings_file."
        place = typed[0].sheet, typed[0].address
        return [warning(at(*place, "readings_twice", message, remedy=remedy))]
    if typed or file or evidence.pictures or not spec.channels:
        return []
    message = f"there are no readings: the block {spec.channels[0]} is empty"
    remedy = "Paste the readings, or name the instrument's file as readings_file on Settings."
    if hasattr(spec.parameters, PICTURES):
        remedy = f"{remedy[:-1]}, or the picture files as {PICTURES}."
    return [warning(Problem("no_readings", message, sheet="Plate", remedy=remedy))]


CHECKS: tuple[Callable[[Evidence], list[Problem]], ...] = (
    _no_role,
    _no_nominal,
    _no_replicate,
    _no_level,
    _no_block,
    _negative,
    _dilution,
    _excluded,
    _confusable,
    _rows_disagree,
    _no_reading,
    _not_in_map,
    _source_of_readings,
)


def check_factors(
    sheet: Sheet, read: DesignRead, vocabulary: Vocabulary, fields: Iterable[Field]
) -> list[Problem]:
    """Factors of the Design sheet without a block or column, and filled ones without levels.

    Parameters
    ----------
    sheet, read
        The Design sheet and what it says.
    vocabulary
        Tells whether Plate and Wells, or a list sheet, should have the factors.
    fields
        All blocks and columns there are.
    """
    listed = list(fields)
    where = _where(vocabulary, "no block on Plate and no column in Wells", "no column on {}")
    there = {item.name for item in listed}
    filled = {item.name: item.sheet.name for item in listed if item.entries}
    missing = [
        at(sheet, read.cells[name, FACTOR], "missing_factor",
           f"the factor '{name}' has {where}",
           remedy="Add one with this name, or remove the factor here.")
        for name in read.design.factor_names
        if name not in there
    ]  # fmt: skip
    without = [
        at(sheet, read.cells[name, FACTOR], "no_level",
           f"the factor '{name}' is filled on {filled[name]}, but has no levels here",
           remedy="List its levels below its name, and its reference level.")
        for name in read.unused
        if name in filled
    ]  # fmt: skip
    taken = [
        at(sheet, read.cells[name, FACTOR], "reserved_name",
           f"a factor cannot be called '{name}', as a column of this template is",
           remedy="Choose another name, here and at its column.")
        for name in (*read.design.factor_names, *read.unused)
        if match_key(name) in vocabulary.spec.reserved_names
    ]  # fmt: skip
    return missing + without + taken


def _where(vocabulary: Vocabulary, on_wells: str, on_list: str) -> str:
    """Words for where factors and blocks belong in this template."""
    listed = vocabulary.spec.factor_list
    return on_list.format(listed.name) if listed else on_wells


def check_blocks(
    sheet: Sheet, read: DesignRead, vocabulary: Vocabulary, fields: Iterable[Field]
) -> list[Problem]:
    """Blocks of the Design sheet whose name has another use, and those that nobody filled."""
    own = {block.name for block in vocabulary.blocks}
    filled = {item.name for item in fields if item.entries}
    silent = _where(vocabulary, "no well says its '{}', neither on Plate nor in Wells",
                    "no row of {} says its '{{}}'")  # fmt: skip
    taken = [
        at(sheet, read.settings[BLOCKS], "reserved_name",
           f"blocks: '{name}' is the name of something else in this template",
           remedy="Choose another name, here and at its block or column.")
        for name in read.design.blocks
        if name not in own
    ]  # fmt: skip
    empty = [
        warning(at(sheet, read.settings[BLOCKS], "empty_block",
                   f"blocks: {silent.format(name)}",
                   remedy=f"Add a block or column '{name}', or remove the name here."))
        for name in read.design.blocks
        if name in own and name not in filled
    ]  # fmt: skip
    return taken + empty


def arms_are_known(evidence: Evidence) -> bool:
    """Whether role, levels, blocks and replicate of every sample well could be read.

    Otherwise what is said of the arms would only repeat what is wrong with their wells.
    """
    vocabulary = evidence.vocabulary
    own = (variable.name for variable in (*vocabulary.factors, *vocabulary.blocks))
    names = ("role", _REPLICATE, *own)
    unread = any(
        entry.well not in evidence.statements.of(item.name)
        for item in evidence.fields
        if item.name in names
        for entry in item.entries
    )
    checks = (_no_role, _no_level, _no_block, _no_replicate)
    return not (unread or any(check(evidence) for check in checks))


def check_design(sheet: Sheet, read: DesignRead, wells: pd.DataFrame) -> list[Problem]:
    """Where the arms of the plate do not fit its design.

    What only stops a comparison is a warning here: the other arms may be on another plate.
    """
    return [
        _on_design(problem, sheet, read)
        for problem in check_arms(wells, read.design)
        if problem.code in _OF_ARMS
    ]


def _on_design(problem: Problem, sheet: Sheet, read: DesignRead) -> Problem:
    row = REFERENCE if problem.code == "no_reference_arm" else FACTOR
    place = read.cells[read.design.factor_names[0], row]
    if problem.code == "arm_confounded_with_block":
        place = read.settings[BLOCKS]
    placed = at(sheet, place, problem.code, problem.message, remedy=problem.remedy)
    if problem.code in COMPARISON_CODES or problem.severity == "warning":
        return warning(placed)
    return placed
