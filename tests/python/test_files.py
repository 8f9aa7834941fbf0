# SPDX-License-Identifier: GPL-3.0-or-later
"""Rasters without a chain: values, dims, coordinates and nodata beside rasterio, netCDF4 and zarr."""
import warnings

import h5py
import netCDF4
import numpy as np
import pytest
import rasterio
import xarray as xr
import zarr
from conftest import only, raw

import cubeloom

warnings.simplefilter('ignore')


@pytest.mark.parametrize('name', ['enmap_potsdam_tile_160_64.tif', 'sentinel2_l2a_nan.tif', 'skewed_utm11n_f64.tif', 'int16_scale_offset.tif',
                                  'emit_cwc_dangermond_20230219.tif', 'sentinel2_south_up.tif', 'complex_int16_gcps.tif'])
def test_geotiff_beside_rasterio(name, data):
    array = raw(data / 'geotiff' / name)
    with rasterio.open(data / 'geotiff' / name) as file:
        values = file.read()
        if array.ndim == 2:
            values = values[0]
        np.testing.assert_array_equal(array.values, values)
        if not np.iscomplexobj(values):
            assert array.dtype == values.dtype
        if file.crs:
            assert rasterio.crs.CRS.from_wkt(array.spatial_ref.attrs['crs_wkt']) == file.crs
        if file.nodata is not None and not np.iscomplexobj(values):
            np.testing.assert_equal(float(array.attrs['_FillValue']), file.nodata)


@pytest.mark.parametrize('name', ['ang20170323t202244_rdn_7000-7010.hdr', 'enmap_berlin_10x7.hdr', 'enmap_potsdam_96x64.hdr',
                                  'envi_rgbsmall_bil.hdr', 'envi_rgbsmall_bip.hdr'])
def test_envi_beside_rasterio(name, data):
    header = data / 'envi' / name
    file = next(path for suffix in ('', '.img', '.bil', '.bsq') if (path := header.with_suffix(suffix)).exists())
    array = raw(header)
    bands = next(dim for dim in array.dims if dim not in ('y', 'x'))
    with rasterio.open(file) as other:
        np.testing.assert_array_equal(array.transpose(bands, 'y', 'x').values, other.read())


@pytest.mark.parametrize('name, variable', [('planet_time_utm.nc', 'blue'), ('daymet_lcc_km.nc', 'prcp'), ('chunked.nc', 'plain_i2'),
                                            ('chunked.nc', 'deflated_i2'), ('classic.nc', None)])
def test_netcdf_beside_netcdf4(name, variable, data):
    dataset = cubeloom.open_dataset(data / 'netcdf' / name, mask_and_scale=False, node=variable)
    array = dataset[next(iter(dataset.data_vars))]
    with netCDF4.Dataset(data / 'netcdf' / name) as file:
        other = file[array.name]
        other.set_auto_maskandscale(False)
        assert array.dims == other.dimensions
        assert array.dtype == other.dtype
        np.testing.assert_array_equal(array.values, other[...])


@pytest.mark.parametrize('name', ['tmmx_20190121.nc', 'oisst_0_360.nc', 'planet_time_utm.nc'])
def test_netcdf_beside_xarrays_own_engine(name, data):
    """All variables at once, masked, scaled, with dates, as users of xarray have them."""
    ours = cubeloom.open_dataset(data / 'netcdf' / name)
    with xr.open_dataset(data / 'netcdf' / name, engine='netcdf4') as theirs:
        for variable, array in ours.data_vars.items():
            np.testing.assert_allclose(array.values, theirs[variable].values, rtol=1e-6, err_msg=variable)
            for dim in array.dims:
                if array[dim].dtype.kind == 'M' and theirs[dim].dtype.kind == 'M':
                    np.testing.assert_array_equal(array[dim].values, theirs[dim].values)
                elif dim in array.coords and dim in theirs.coords:
                    np.testing.assert_allclose(np.asarray(array[dim].values, float), np.asarray(theirs[dim].values, float), rtol=1e-6)


def test_zarr_beside_zarr(data):
    dataset = cubeloom.open_dataset(data / 'zarr' / 'kinds.zarr', mask_and_scale=False)
    group = zarr.open(str(data / 'zarr' / 'kinds.zarr'), mode='r')
    compared = 0
    for variable, array in dataset.data_vars.items():
        if variable in group and array.dtype == group[variable].dtype.newbyteorder('='):
            np.testing.assert_array_equal(array.values, group[variable][...])
            compared += 1
    assert compared >= 1


def test_a_variable_of_a_group_by_its_name_alone(data):
    array = raw(data / 'netcdf' / 'chunked.nc', node='nested')
    found = []
    with h5py.File(data / 'netcdf' / 'chunked.nc') as file:
        file.visititems(lambda name, item: found.append(item[...]) if name.endswith('/nested') else None)
    np.testing.assert_array_equal(array.values, found[0])


def test_values_that_a_file_packs(data):
    """`open` unpacks NetCDF as xarray does; with decode=false the stored numbers are there, and xarray unpacks them."""
    path = data / 'netcdf' / 'oisst_0_360.nc'
    stored = raw(cubeloom.chain().open(path, variable='sst', decode='false'))
    with netCDF4.Dataset(path) as file:
        file['sst'].set_auto_maskandscale(False)
        assert stored.dtype == np.int16
        np.testing.assert_array_equal(stored.values, file['sst'][...])
    with xr.open_dataset(path) as theirs:
        np.testing.assert_allclose(only(cubeloom.open_dataset(path, node='sst')).values, theirs.sst.values, rtol=1e-6)


def test_calendars_of_models_and_dates(tmp_path):
    """datetime64 where the calendar allows it, else cftime, as xarray has them."""
    for calendar, kind in (('standard', 'M'), ('noleap', 'O'), ('360_day', 'O')):
        times = xr.cftime_range('2001-02-27', periods=4, freq='D', calendar=calendar)
        values = np.arange(4 * 3 * 5, dtype='f4').reshape(4, 3, 5)
        made = xr.Dataset({'t': (('time', 'y', 'x'), values)}, {'time': times, 'y': [2.0, 1, 0], 'x': np.arange(5.0)})
        path = tmp_path / f'{calendar}.nc'
        made.to_netcdf(path)
        with xr.open_dataset(path) as theirs:
            ours = only(cubeloom.open_dataset(path))
            assert ours.time.dtype.kind == kind == theirs.time.dtype.kind, calendar
            assert (ours.time.values == theirs.time.values).all()
            np.testing.assert_array_equal(ours.values, values)


def test_a_scale_is_applied_by_xarray(tmp_path):
    values = np.array([[1, 2, -1], [3, 4, 5]], 'i2')
    made = xr.Dataset({'t': (('y', 'x'), np.where(values == -1, np.nan, values * 0.5 + 10))}, {'y': [1.0, 0], 'x': [0.0, 1, 2]})
    made.t.encoding = {'dtype': 'i2', 'scale_factor': 0.5, 'add_offset': 10.0, '_FillValue': np.int16(-1)}
    made.to_netcdf(tmp_path / 'packed.nc')
    np.testing.assert_array_equal(only(cubeloom.open_dataset(tmp_path / 'packed.nc')).values, made.t.values)


def test_many_files_by_a_pattern(tmp_path):
    for day in (1, 2, 3):
        part = xr.Dataset({'t': (('y', 'x'), np.full((2, 3), day, 'f4'))}, {'y': [1.0, 0], 'x': [0.0, 1, 2]})
        part.to_netcdf(tmp_path / f't_2022020{day}.nc')
    stack = only(cubeloom.open_dataset(str(tmp_path / 't_*.nc')))
    assert stack.dims == ('time', 'y', 'x')
    np.testing.assert_array_equal(stack.time.values, np.array(['2022-02-01', '2022-02-02', '2022-02-03'], 'datetime64[ns]'))
    np.testing.assert_array_equal(stack.values[:, 0, 0], [1, 2, 3])
