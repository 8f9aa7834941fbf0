# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the package share: the sample cube, the test data, runs to compare with."""
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import cubeloom

CLI = os.environ['CUBELOOM_CLI']


@pytest.fixture(scope='session')
def data():
    """The folder tests/data."""
    return Path(os.environ['CUBELOOM_TEST_DATA'])


@pytest.fixture(scope='session')
def sample(tmp_path_factory):
    """The header of the sample cube: 400 lines, 53 bands, 480 samples, float32, nodata -9999."""
    made = subprocess.run([str(Path(CLI).with_name('cubeloom-sample')), str(tmp_path_factory.mktemp('sample'))], check=True,
                          capture_output=True, text=True)
    return made.stdout.strip()


@pytest.fixture(scope='session')
def sample_values(sample):
    """Its values as the file has them, (y, wavelength, x), by numpy."""
    return np.fromfile(sample.removesuffix('.hdr'), '<f4').reshape(400, 53, 480)


@pytest.fixture(scope='session')
def small(tmp_path_factory):
    """The header of a cube of 200 lines, 53 bands, 160 samples, like the sample."""
    made = subprocess.run([str(Path(CLI).with_name('cubeloom-sample')), str(tmp_path_factory.mktemp('small')), '200x160x53'], check=True,
                          capture_output=True, text=True)
    return made.stdout.strip()


def only(dataset):
    """The one data variable."""
    assert len(dataset.data_vars) == 1, dataset
    return dataset[next(iter(dataset.data_vars))]


def raw(chain_or_path, **options):
    """The values as they are stored, nodata and all."""
    return only(cubeloom.open_dataset(chain_or_path, mask_and_scale=False, **options))


def run_to_netcdf(chain, path):
    """What a run writes, read by xarray without any decoding of values."""
    cubeloom.run(chain.write(path, format='NetCDF'), progress=False)
    with xr.open_dataset(path, engine='netcdf4', mask_and_scale=False) as dataset:
        return dataset.load()
