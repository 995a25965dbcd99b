"""Optical density and unmixing, against densities that were put in and against scikit-image."""

import numpy as np
import pytest

from assaykit.errors import UsageError
from assaykit.images.colour import (
    STAINS,
    estimate_stain_vectors,
    optical_density,
    parse_stain_vector,
    unmix,
    unmixing,
)

ALIZARIN = STAINS["alizarin_red"].rgb


def picture_of(density: np.ndarray) -> np.ndarray:
    """Transmitted light of an OD, against full white."""
    return np.round(256 * 10.0**-density - 1).clip(0, 255).astype(np.uint8)


def test_density_is_the_logarithm_of_white_over_transmitted():
    picture = np.array([[[255, 127, 24]]], np.uint8)
    expected = -np.log10(np.array([256, 128, 25]) / 256)
    assert optical_density(picture)[0, 0] == pytest.approx(expected, abs=1e-6)


def test_unmixing_gives_back_the_amounts_that_were_put_in():
    """Exactly known: amounts of stain, of grey and of what is neither, within 8-bit rounding."""
    rng = np.random.default_rng(5)
    amounts = rng.uniform([0, 0.05, -0.05], [0.6, 0.4, 0.05], (40, 50, 3))
    axes = np.linalg.inv(np.asarray(unmixing(ALIZARIN).weights))
    found = unmix(picture_of(amounts @ axes.T), unmixing(ALIZARIN))
    assert np.abs(found - amounts).mean(axis=(0, 1)) == pytest.approx([0, 0, 0], abs=0.006)


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_neutral_darkening_leaves_the_stain_alone(share):
    """Vignetting and exposure take the same share of every channel."""
    amounts = np.linspace(0, 0.4, 60).reshape(6, 10, 1)
    density = amounts * np.asarray(ALIZARIN) / np.linalg.norm(ALIZARIN)
    light, dark = picture_of(density), picture_of(density - np.log10(share))
    difference = unmix(dark, unmixing(ALIZARIN)) - unmix(light, unmixing(ALIZARIN))
    assert np.abs(difference[..., 0]).max() < 0.03  # one grey level of 255 in a dark channel
    assert abs(difference[..., 0].mean()) < 0.003
    assert difference[..., 1].mean() == pytest.approx(-np.log10(share) * 3**0.5, abs=0.003)


def test_unmixing_agrees_with_scikit_image():
    """The same three vectors in skimage.color.separate_stains, which has another unit of OD."""
    from skimage.color import separate_stains

    rng = np.random.default_rng(1)
    picture = rng.integers(20, 250, (30, 40, 3), dtype=np.uint8)
    weights = np.asarray(unmixing(ALIZARIN).weights)
    exact = (picture.astype(float) + 1) / 256
    # skimage counts OD in units of log(1e6) and stops below zero
    theirs = separate_stains(exact, weights.T) * 6
    ours = unmix(picture, unmixing(ALIZARIN))
    positive = theirs > 1e-9
    assert positive.mean() > 0.3
    assert np.abs(ours - theirs)[positive].max() < 2e-5


def test_unmixing_does_not_depend_on_the_length_of_the_vector():
    twice = tuple(2 * value for value in ALIZARIN)
    np.testing.assert_allclose(unmixing(twice).weights, unmixing(ALIZARIN).weights, atol=1e-12)


@pytest.mark.parametrize("vector", [(1, 1, 1), (0.5, 0.5), (-0.1, 0.6, 0.6), (0, 0, 0)])
def test_an_impossible_vector_is_refused(vector):
    with pytest.raises(UsageError):
        unmixing(vector)


def test_a_vector_is_three_numbers_or_a_name():
    assert parse_stain_vector("0.33, 0.67; 0.66") == (0.33, 0.67, 0.66)
    assert parse_stain_vector("alizarin_red") == ALIZARIN
    with pytest.raises(UsageError, match="is no stain vector"):
        parse_stain_vector("red")


def test_two_vectors_are_found_again_in_a_picture_that_holds_both():
    """Macenko's estimate on simulated mixtures of two known stains."""
    rng = np.random.default_rng(3)
    vectors = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
    amounts = rng.exponential(0.3, (20000, 2)) * rng.integers(0, 2, (20000, 2))
    picture = picture_of(amounts @ vectors)[None]
    first, second = estimate_stain_vectors(picture, (255, 255, 255))
    angle = [
        np.degrees(np.arccos(np.dot(a, b) / np.linalg.norm(b)))
        for a, b in zip((first, second), vectors, strict=True)
    ]
    assert max(angle) < 3
    with pytest.raises(UsageError, match="Only 0 pixels"):
        estimate_stain_vectors(np.full((9, 9, 3), 255, np.uint8), (255, 255, 255))
