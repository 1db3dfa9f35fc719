"""Hapke's model against limits that are known."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped.datasets.simulators import hapke


def test_a_grain_that_absorbs_nothing_scatters_everything():
    assert hapke.albedo(0.) == 1
    assert hapke.radiance_factor(np.array([0.]), 30., 0., 30.)[0] == 0


def test_albedo_and_thickness_invert_each_other():
    thickness = np.array([0.01, 0.3, 4.])
    assert np.allclose(hapke.optical_thickness(hapke.albedo(thickness)),
                       thickness)


def test_hemispherical_reflectance_is_inverted():
    w = np.array([0.1, 0.6, 0.95, 0.999])
    r = hapke.hemispherical_reflectance(w)
    assert (np.diff(r) > 0).all()
    assert np.allclose(hapke.albedo_from_hemispherical(r), w)


def test_a_white_surface_reflects_all_that_falls_on_it():
    assert np.isclose(hapke.hemispherical_reflectance(1.), 1)


def test_energy_of_isotropic_scatterers_is_conserved():
    # The integral of I/F over all emission angles is what the surface sends
    # back: all for w = 1, and 1 - gamma H(mu0) otherwise. With an isotropic
    # phase function, and the approximate H within a few percent.
    mu = np.linspace(0.0005, 0.9995, 1000)
    mu0 = np.cos(np.radians(30.))
    for w in (0.3, 0.8, 1.0):
        multiple = hapke.h_function(mu0, w) * hapke.h_function(mu, w)
        returned = 2 * np.mean(mu * w / 4 / (mu0 + mu) * multiple)
        expected = hapke.hemispherical_reflectance(w, 30.)
        assert abs(returned - expected) < 0.04


def test_h_function_is_1_without_scattering_and_1_plus_2x_at_most():
    assert hapke.h_function(0.7, 0.) == pytest.approx(1)
    assert hapke.h_function(0.7, 1.) == pytest.approx(1 + 2 * 0.7)
    # Chandrasekhar's tabulated H(1) for w = 0.9 is 1.8501.
    assert abs(hapke.h_function(1., 0.9) - 1.8501) < 0.04


def test_phase_function_is_1_over_the_sphere_and_brightest_forwards():
    cosine = np.linspace(-1, 1, 20001)
    values = hapke.phase_function(np.arccos(cosine))
    assert np.mean(values) == pytest.approx(1, abs=1e-3)
    assert values.argmax() == 0 and np.isclose(values[0], 1.65)


def test_reflectance_is_reciprocal():
    # Exchanging lamp and camera changes I/F by mu0/mu only.
    w = np.array([0.4, 0.9])
    there = hapke.radiance_factor(w, 20., 50., 40.)
    back = hapke.radiance_factor(w, 50., 20., 40.)
    ratio = np.cos(np.radians(20.)) / np.cos(np.radians(50.))
    assert np.allclose(there / back, ratio)


def test_fine_and_dark_grains_weigh_more_than_their_mass():
    w = np.array([[[0.4], [0.9]]])
    mass, density = np.array([[0.5, 0.5]]), np.array([3., 3.])
    even = hapke.mixed_albedo(mass, density, np.array([[80., 80.]]), w)
    fine = hapke.mixed_albedo(mass, density, np.array([[40., 80.]]), w)
    assert np.isclose(even, 0.65)
    assert np.isclose(fine, (2 * 0.4 + 0.9) / 3)


def test_a_pure_sample_has_its_own_albedo():
    w = np.random.RandomState(0).uniform(0, 1, (1, 3, 4))
    mixed = hapke.mixed_albedo(np.array([[0., 1., 0.]]),
                               np.array([3.3, 3.3, 2.7]),
                               np.full((1, 3), 85.), w)
    assert np.array_equal(mixed[0], w[0, 1])
