# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way of indexing that xarray has, beside numpy on the whole array."""
import numpy as np
import pytest
import xarray as xr
from conftest import only, raw

import cubeloom
from cubeloom.arrays import EngineArray, _index


@pytest.fixture(scope='module')
def array(sample):
    return raw(sample, cache=False)


KEYS = {
    'steps': (slice(3, 390, 7), slice(None, None, 10), slice(100, 103)),
    'backwards': (slice(None, None, -1), slice(50, 3, -9), slice(-1, -11, -2)),
    'from the end': (slice(-5, None), -1, slice(None, -470)),
    'numbers': (3, -2, 5),
    'lists': ([5, 2, 2, -1], [0], slice(0, 480, 100)),
    'an empty slice': (slice(5, 5), slice(None), 3),
    'an empty list': ([], slice(None), slice(0, 2)),
    'beyond the end': (slice(395, 1000), slice(60, 80), 0),
    'numpy': (np.array([9, 8, 7, 300]), np.int64(4), np.array([479, 0])),
}


@pytest.mark.parametrize('name', KEYS)
def test_outer_indexing(name, array, sample_values):
    key = KEYS[name]
    expected = sample_values
    for d in reversed(range(3)):
        expected = expected[(slice(None),) * d + (key[d],)]
    np.testing.assert_array_equal(array[key].values, expected)


def test_booleans(array, sample_values):
    bad = array.good.values == 0
    np.testing.assert_array_equal(array[:3, bad, :4].values, sample_values[:3][:, bad][:, :, :4])


def test_points_and_values(array, sample_values):
    rows, cols = xr.DataArray([3, 9, 3], dims='point'), xr.DataArray([470, 0, 1], dims='point')
    np.testing.assert_array_equal(array.isel(y=rows, x=cols).transpose('point', 'wavelength').values, sample_values[[3, 9, 3], :, [470, 0, 1]])
    nearest = int(np.abs(array.wavelength.values - 865).argmin())
    np.testing.assert_array_equal(array.sel(wavelength=865, method='nearest').values, sample_values[:, nearest])


def test_a_value_of_no_dims(sample, sample_values):
    chain = cubeloom.chain().open(sample).reduce(dims=['y', 'x', 'wavelength'], statistic='max')
    value = only(chain.to_xarray())
    assert value.shape == () and float(value) == sample_values.max()


def test_out_of_bounds(array):
    with pytest.raises(IndexError):
        array[400].values  # noqa: B018


def test_lazy(sample, monkeypatch):
    """Opening and selecting reads no pixel."""
    def fail(*_):
        raise AssertionError('pixels were read')
    monkeypatch.setattr(EngineArray, 'read', fail)
    array = only(cubeloom.open_dataset(sample))
    assert array[3:7].sel(wavelength=650, method='nearest').T.shape == (480, 4)
    repr(array)


@pytest.mark.parametrize('most_bytes', [4, 100_000, 5_000_000])
def test_more_than_fits_comes_in_pieces(most_bytes, array, sample_values):
    data = EngineArray(array.variable._data.array.array.place, 'shift_sample', None, ('y', 'wavelength', 'x'), (400, 53, 480), np.float32,
                       (25, 53, 480), most_bytes) if hasattr(array.variable._data, 'array') else None
    if data is None:
        pytest.skip('xarray keeps its arrays elsewhere')
    key = (slice(10, 13), slice(None, None, -20), [4, 2, 400]) if most_bytes == 4 else (slice(100, 300, 2), slice(None), slice(5, None))
    np.testing.assert_array_equal(data.read(key), sample_values[key] if most_bytes > 4 else sample_values[10:13, ::-20][:, :, [4, 2, 400]])


def test_an_array_larger_than_the_engines_budget(small):
    """103 MiB by an engine with 110 MiB for everything: the package halves what is refused."""
    chain = cubeloom.chain().open(small).reproject(crs=32610, resolution=1.25, resampling='nearest')
    whole = raw(chain).values
    assert whole.nbytes > 100 << 20
    before = cubeloom.configure()
    try:
        cubeloom.shutdown()
        cubeloom.configure(memory='110MiB', workers=1)
        array = raw(chain, cache=False)
        data = array.variable._data.array.array
        data.most_bytes = 1 << 40  # so that the engine has to say it
        with pytest.raises(cubeloom.OverBudgetError, match='MiB'):
            data._ask([np.arange(size) for size in data.shape])
        np.testing.assert_array_equal(array.values, whole)
    finally:
        cubeloom.program._settings = before
        cubeloom.shutdown()


def test_indices_are_asked_for_in_the_shortest_way():
    assert _index(np.arange(10), 10) is None
    assert _index(np.arange(2, 9, 3), 10) == '2:9:3'
    assert _index(np.arange(9, -1, -3), 10) == '9::-3'
    assert _index(np.array([4]), 10) == '4:5'
    assert _index(np.array([4, 4]), 10) == [4, 4]
    assert _index(np.array([], int), 10) == '0:0'
    assert np.arange(10)[slice(*[int(part) if part else None for part in '9::-3'.split(':')])].tolist() == [9, 6, 3, 0]
