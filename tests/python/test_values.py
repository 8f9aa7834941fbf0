# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays of chains are, bit for bit, what a run writes; with its dims, coordinates, nodata and CRS."""
import numpy as np
import pytest
import rioxarray  # noqa: F401
import xarray as xr
from conftest import only, raw, run_to_netcdf

import cubeloom


def opened(path):
    return cubeloom.chain().open(path)


CHAINS = {
    'as it is': lambda path: opened(path),
    'selection': lambda path: opened(path).isel(y=slice(50, 190, 3), x=[7, 3, 150], wavelength=slice(None, None, 5)),
    'selection by value': lambda path: opened(path).sel(wavelength=[550, 650, 865]),
    'order of dims': lambda path: opened(path).transpose('wavelength', 'y', 'x'),
    'nearest': lambda path: opened(path).reproject(crs=32610, resolution=25, resampling='nearest'),
    'another CRS': lambda path: opened(path).reproject(crs=4326, resampling='bilinear'),
    'average': lambda path: opened(path).reproject(crs=32611, resolution=40, resampling='average'),
    'mean of the bands': lambda path: opened(path).reduce(dims='wavelength', statistic='mean'),
    'median of the place': lambda path: opened(path).reduce(dims=['y', 'x'], statistic='median'),
    'two inputs': lambda path: opened(path).isel(wavelength=20).calc(opened(path).isel(wavelength=9),
                                                                     expression='(in1.x - in2.x) / (in1.x + in2.x)'),
    'an index': lambda path: opened(path).ndvi(),
    'neighbours': lambda path: opened(path).isel(wavelength=slice(0, 4)).focal(size=5, statistic='mean'),
    'along the spectrum': lambda path: opened(path).smooth(),
    'learned first': lambda path: opened(path).pca(components=4),
    'learned from what was learned': lambda path: opened(path).standardize(dims=['y', 'x']).pca(components=2),
    'clusters': lambda path: opened(path).pca(components=3).kmeans(clusters=4, dim='component'),
}


@pytest.mark.parametrize('name', CHAINS)
def test_a_chain_is_what_a_run_writes(name, small, tmp_path):
    chain = CHAINS[name](small)
    array, written = raw(chain), run_to_netcdf(chain, tmp_path / 'out.nc')
    other = only(written.drop_vars('spatial_ref', errors='ignore'))
    assert array.name == other.name
    assert array.dims == other.dims and array.dtype == other.dtype
    np.testing.assert_array_equal(array.values.view(np.uint8), other.values.view(np.uint8))
    assert set(array.coords) == set(written.coords) | ({'spatial_ref'} if 'spatial_ref' in written else set())
    for coordinate in written.coords:
        if coordinate != 'spatial_ref':
            np.testing.assert_array_equal(array[coordinate].values, written[coordinate].values, err_msg=coordinate)
            assert array[coordinate].dtype == written[coordinate].dtype, coordinate


@pytest.mark.parametrize('name', ['selection', 'another CRS', 'two inputs', 'learned first', 'mean of the bands'])
def test_pieces_in_any_order_are_the_whole(name, small):
    array = raw(CHAINS[name](small), cache=False)
    whole = array.values
    random = np.random.default_rng(5)
    for _ in range(12):
        index = tuple(random.choice(size, random.integers(1, min(size, 9) + 1)) if random.random() < 0.5 else
                      slice(int(random.integers(size)), None, int(random.integers(1, 4))) for size in whole.shape)
        expected = whole
        for d, one in enumerate(index):
            expected = expected[(slice(None),) * d + (one,)]
        np.testing.assert_array_equal(array.isel(dict(zip(array.dims, index))).values, expected)


def test_nodata_is_masked_as_xarray_does_it(sample, sample_values):
    array = only(cubeloom.open_dataset(sample))
    np.testing.assert_array_equal(array.values, np.where(sample_values == -9999, np.nan, sample_values))
    assert array.encoding['_FillValue'] == -9999 and '_FillValue' not in array.attrs
    assert array.encoding['dtype'] == np.dtype('float32')
    stored = raw(sample)
    np.testing.assert_array_equal(stored.values, sample_values)
    assert stored.attrs['_FillValue'] == -9999


def test_a_written_copy_is_the_same(sample, tmp_path):
    dataset = cubeloom.open_dataset(sample).isel(y=slice(0, 20))
    dataset.to_netcdf(tmp_path / 'copy.nc')
    with xr.open_dataset(tmp_path / 'copy.nc', decode_coords='all') as copy:
        xr.testing.assert_identical(only(copy).load().drop_vars('spatial_ref'), only(dataset).load().drop_vars('spatial_ref'))
        assert copy.rio.crs == dataset.rio.crs


def test_the_crs_is_rioxarrays(sample):
    dataset = cubeloom.open_dataset(sample)
    assert dataset.rio.crs.to_epsg() == 32610
    assert tuple(dataset.rio.transform())[:6] == (5, 0, 717720, 0, -5, 3865865)
    assert tuple(only(dataset).transpose('wavelength', 'y', 'x').rio.bounds()) == (717720, 3863865, 720120, 3865865)
    other = cubeloom.chain().open(sample).reproject(crs=4326, resampling='nearest').to_xarray()
    assert other.rio.crs.to_epsg() == 4326


def test_the_node_is_chosen(sample, tmp_path):
    chain = cubeloom.chain().open(sample).named('cube').isel(wavelength=slice(0, 3)).named('bands').reduce(dims='wavelength', statistic='max')
    chain.write(tmp_path / 'out.tif').save(tmp_path / 'c.cubeloom')
    path = str(tmp_path / 'c.cubeloom')
    assert only(xr.open_dataset(path, engine=cubeloom.XarrayBackend)).dims == ('y', 'x')  # the last before the output
    assert only(xr.open_dataset(path, engine=cubeloom.XarrayBackend, node='bands')).sizes['wavelength'] == 3
    assert only(xr.open_dataset(path, engine=cubeloom.XarrayBackend, node='write')).dims == ('y', 'x')
    with pytest.raises(cubeloom.InvalidChainError, match="no node 'band'.*cube, bands") as caught:
        xr.open_dataset(path, engine=cubeloom.XarrayBackend, node='band')
    assert caught.value.parameter == 'node'


def test_paths_are_relative_to_the_chain_file(sample, tmp_path, monkeypatch):
    import json
    import shutil
    for file in (sample, sample.removesuffix('.hdr')):
        shutil.copy(file, tmp_path)
    chain = {'cubeloom': 1, 'nodes': [{'id': 'cube', 'op': 'open', 'params': {'path': 'shift_sample.hdr'}}]}
    (tmp_path / 'c.cubeloom').write_text(json.dumps(chain))
    assert only(xr.open_dataset(tmp_path / 'c.cubeloom', engine=cubeloom.XarrayBackend)).shape == (400, 53, 480)
    monkeypatch.chdir(tmp_path)
    assert only(xr.open_dataset('c.cubeloom', engine=cubeloom.XarrayBackend)).shape == (400, 53, 480)
    assert only(cubeloom.open_dataset('! open shift_sample.hdr ! isel y=0')).shape == (53, 480)
