import pandas as pd
import pytest

from assaykit import tables
from assaykit.errors import InputError


def observation(**changes):
    row = {"plate": "p", "well": "A1", "role": "sample", "assay": "elisa", "value": 1,
           "endpoint": "concentration", "unit": "pg/mL", "scale": "log"}  # fmt: skip
    return pd.DataFrame([row | changes])


def test_every_column_has_a_meaning_and_names_are_unique():
    for schema in tables.SCHEMAS:
        assert len(set(schema.names)) == len(schema.names)
        assert all(column.meaning for column in schema.columns)


def test_columns_come_in_their_order_and_factors_behind():
    table = tables.check_observations(observation(treatment="x")[["treatment", *observation()]])
    assert list(table.columns)[:3] == ["plate", "well", "role"]
    assert table.columns[-1] == "treatment"


def test_text_is_never_missing_and_labels_are_text():
    table = tables.check_observations(observation(sample=None, biological_replicate=1.0))
    assert table["sample"].tolist() == [""]
    assert table["biological_replicate"].tolist() == ["1"]


def test_all_missing_columns_are_listed_at_once():
    with pytest.raises(InputError) as caught:
        tables.check_readings(pd.DataFrame({"plate": ["p"]}))
    assert len(caught.value.problems) == 3


def test_a_column_that_stands_twice_is_an_error():
    twice = pd.concat([observation(), observation()[["value"]]], axis=1)
    with pytest.raises(InputError, match="the column 'value' twice"):
        tables.check_observations(twice)


def test_text_where_a_number_belongs_is_an_error():
    with pytest.raises(InputError, match="column 'value'"):
        tables.check_observations(observation(value="high"))


@pytest.mark.parametrize(("column", "value"), [("role", "sampel"), ("scale", "ln")])
def test_unknown_words_are_named(column, value):
    with pytest.raises(InputError, match=f"'{value}' is not a {column}"):
        tables.check_observations(observation(**{column: value}))


def test_factors_are_text_columns_that_no_schema_knows():
    table = observation(treatment="x", dna_ng=3.0, response_unit="OD", genotype="WT")
    assert tables.factor_columns(table) == ["treatment", "genotype"]


def test_checking_does_not_change_the_table():
    table = observation(sample=None)
    before = table.copy()
    tables.check_observations(table)
    pd.testing.assert_frame_equal(table, before)


def test_counts_may_be_missing_and_stay_whole_numbers():
    row = {"assay": "elisa", "endpoint": "c", "contrast": "a vs b", "estimate": 1.0,
           "scale": "ratio", "n_biological": None}  # fmt: skip
    checked = tables.check_effects(pd.DataFrame([row, row | {"n_biological": 4}]))
    assert checked["n_biological"].tolist()[1] == 4
    assert checked["n_biological"].isna().tolist() == [True, False]


def test_yes_and_no_are_read_as_such():
    checked = tables.check_observations(observation(excluded="yes"))
    assert checked["excluded"].tolist() == [True]
