#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one folder per cube beside itself, with the cube as classic NetCDF, netCDF-4, HDF5, Zarr v2 and kerchunk references; of the cubes
that are named, else of all.

What a cube is must not depend on the store it lies in. netCDF4-python, h5py and xarray's zarr write; nothing of this project does.
"""
import json
import shutil
import sys
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import xarray as xr

HERE = Path(__file__).parent
T, Y, X = 2, 3, 4
VALUES = (np.arange(T * Y * X) * 3 - 5).reshape(T, Y, X)


def time(units, calendar=None):
    return ('time',), np.array([59, 60], '<i4'), {'units': units, 'standard_name': 'time', **({'calendar': calendar} if calendar else {})}


def degrees(name, values):
    return (name,), np.asarray(values, '<f8'), {'units': 'degrees_east' if name == 'lon' else 'degrees_north', 'standard_name':
                                                'longitude' if name == 'lon' else 'latitude'}


def metres(name, values):
    return (name,), np.asarray(values, '<f8'), {'units': 'm', 'standard_name': f'projection_{name}_coordinate'}


def cubes():
    """Name of the cube -> its variables, each (dims, values, attributes); "v" is the one with pixels."""
    lon, lat = np.array([10, 11, 12, 13.0]), np.array([52, 51, 50.0])
    about = {'long_name': 'a cube', 'units': 'K', 'level': np.float64(0.25), 'flags': np.array([1, 2], '<i4')}
    floats = VALUES.astype('<f4') / 2
    utm = {'grid_mapping_name': 'transverse_mercator', 'longitude_of_central_meridian': 9.0, 'latitude_of_projection_origin': 0.0,
           'scale_factor_at_central_meridian': 0.9996, 'false_easting': 500000.0, 'false_northing': 0.0, 'semi_major_axis': 6378137.0,
           'inverse_flattening': 298.257223563}
    yield 'lonlat', {'time': time('days since 2000-01-01', 'standard'), 'lat': degrees('lat', lat), 'lon': degrees('lon', lon),
                     'v': (('time', 'lat', 'lon'), floats, {**about, '_FillValue': np.float32(-9999)})}
    off = lon.copy()
    off[2] += 0.005
    yield 'lonlat_off', {'time': time('days since 2000-01-01'), 'lat': degrees('lat', lat), 'lon': degrees('lon', off),
                         'v': (('time', 'lat', 'lon'), floats, about)}
    far = lon.copy()
    far[2] += 0.05
    yield 'uneven', {'time': time('hours since 2000-02-27 12:00:00', 'proleptic_gregorian'), 'lat': degrees('lat', lat),
                     'lon': degrees('lon', far), 'v': (('time', 'lat', 'lon'), floats, {**about, '_FillValue': np.float32(np.nan)})}
    yield 'seam', {'time': time('days since 2000-01-01'), 'lat': degrees('lat', lat), 'lon': degrees('lon', [356.5, 358, 359.5, 1]),
                   'v': (('time', 'lat', 'lon'), floats, about)}
    yield 'utm', {'time': time('days since 2000-01-01', 'noleap'), 'y': metres('y', [5800045, 5800015, 5799985]),
                  'x': metres('x', [400015, 400045, 400075, 400105]), 'crs': ((), np.array(0, '<i4'), utm),
                  'v': (('time', 'y', 'x'), floats, {**about, 'grid_mapping': 'crs', '_FillValue': np.float32(-9999)})}
    across, along = np.meshgrid(lon, lat)
    yield 'curvilinear', {'time': time('days since 2000-01-01', '360_day'),
                          'lat': (('row', 'column'), along + across / 100, degrees('lat', lat)[2]),
                          'lon': (('row', 'column'), across + along / 100, degrees('lon', lon)[2]),
                          'v': (('time', 'row', 'column'), floats, {**about, 'coordinates': 'lat lon', '_FillValue': np.float32(-9999)})}
    yield 'packed', {'time': time('days since 1999-12-01', 'gregorian'), 'lat': degrees('lat', lat), 'lon': degrees('lon', lon),
                     'v': (('time', 'lat', 'lon'), VALUES.astype('<i2'), {**about, 'scale_factor': 0.01, 'add_offset': 273.15,
                                                                          '_FillValue': np.int16(-5)})}
    # The mapping of other coordinates comes first; CF's extended form says which is whose.
    yield 'two_mappings', {'time': time('days since 0000-01-01', 'standard'), 'y': metres('y', [7000, 5000, 3000]),
                           'x': metres('x', [-9000, -7000, -5000, -3000]),
                           'lat': (('y', 'x'), along, degrees('lat', lat)[2]), 'lon': (('y', 'x'), across, degrees('lon', lon)[2]),
                           'globe': ((), np.array(0, '<i4'), {'grid_mapping_name': 'latitude_longitude', 'semi_major_axis': 6378137.0,
                                                              'inverse_flattening': 298.257223563}),
                           'cone': ((), np.array(0, '<i4'), {'grid_mapping_name': 'lambert_conformal_conic', 'standard_parallel': 47.5,
                                                             'longitude_of_central_meridian': 13.5,
                                                             'latitude_of_projection_origin': 48.0}),
                           'v': (('time', 'y', 'x'), floats, {**about, 'coordinates': 'lat lon',
                                                              'grid_mapping': 'globe: lat lon cone: x y'})}
    yield 'two_fills', {'time': time('months since 1979-03-01', 'gregorian'), 'lat': degrees('lat', lat), 'lon': degrees('lon', lon),
                        'v': (('time', 'lat', 'lon'), VALUES.astype('<i2'), {**about, '_FillValue': np.int16(-5),
                                                                             'missing_value': np.int16(-2)})}
    yield 'text_scale', {'time': time('months since 1979-03-31', 'gregorian'), 'lat': degrees('lat', lat), 'lon': degrees('lon', lon),
                         'v': (('time', 'lat', 'lon'), VALUES.astype('<i2'), {**about, 'scale_factor': '0.25', 'add_offset': '-3',
                                                                              '_FillValue': np.int16(1), 'missing_value': np.int16(4)})}
    # No integer is NaN: for xarray there are no missing values here, and so it decodes as float64.
    yield 'shifted', {'time': time('days since 1999-12-01', 'gregorian'), 'lat': degrees('lat', lat), 'lon': degrees('lon', lon),
                      'v': (('time', 'lat', 'lon'), VALUES.astype('<i2'), {**about, 'scale_factor': 0.01, 'add_offset': 273.15,
                                                                           'missing_value': np.nan})}


def sizes(variables):
    return {d: n for dims, values, _ in variables.values() for d, n in zip(dims, values.shape)}


def netcdf(path, variables, kind):
    with netCDF4.Dataset(path, 'w', format=kind) as file:
        file.setncattr('title', 'one cube in every store')
        for dim, size in sizes(variables).items():
            file.createDimension(dim, size)
        for name, (dims, values, attributes) in variables.items():
            rest = dict(attributes)
            variable = file.createVariable(name, values.dtype, dims, fill_value=rest.pop('_FillValue', None))
            variable.set_auto_maskandscale(False)
            variable.setncatts(rest)
            variable[...] = values


def hdf5(path, variables):
    """With dimension scales; pixels in chunks that are not compressed, where the references below find them."""
    with h5py.File(path, 'w') as file:
        file.attrs['title'] = 'one cube in every store'
        for dim, size in sizes(variables).items():
            if variables.get(dim, (None,))[0] == (dim,):
                file[dim] = variables[dim][1]
                file[dim].make_scale(dim)
        for name, (dims, values, attributes) in variables.items():
            if name not in file:
                chunks = (1, *values.shape[1:]) if name == 'v' else None
                file.create_dataset(name, data=values, chunks=chunks)
            for key, value in attributes.items():
                file[name].attrs[key] = value
            for d, dim in enumerate(dims):
                if dim in file and dim != name:
                    file[name].dims[d].attach_scale(file[dim])
                elif dim not in file:
                    file.create_dataset(dim, data=np.zeros(values.shape[d], '>f4')).make_scale(f'This is a netCDF dimension but not a netCDF '
                                                                                              f'variable. {values.shape[d]:9d}')
                    file[name].dims[d].attach_scale(file[dim])


def zarr(path, variables):
    """As xarray writes it: _FillValue becomes the array's fill_value."""
    shutil.rmtree(path, ignore_errors=True)
    cube = xr.Dataset({name: xr.Variable(dims, values, {k: v for k, v in attributes.items() if k != 'coordinates'})
                       for name, (dims, values, attributes) in variables.items()}, attrs={'title': 'one cube in every store'})
    cube = cube.set_coords([name for name in variables if name in variables['v'][2].get('coordinates', '').split()])
    # Left alone, xarray declares NaN for every float.
    none = {name: {'_FillValue': None} for name, (_, _, attributes) in variables.items() if '_FillValue' not in attributes}
    cube.to_zarr(path, consolidated=True, encoding=none)


def references(path, store, h5):
    """kerchunk's: metadata inlined, as the Zarr store has them, and chunks by their place in the HDF5 file."""
    refs = {}
    with h5py.File(h5) as file:
        for meta in sorted(Path(store).rglob('.z*')):
            key = meta.relative_to(store).as_posix()
            if key == '.zmetadata':
                continue
            refs[key] = json.loads(meta.read_text())
            if not key.endswith('.zarray'):
                continue
            name = key.split('/')[0]
            dataset, array = file[name], refs[key]
            array.update(compressor=None, filters=None, chunks=list(dataset.chunks or dataset.shape))
            if dataset.chunks is None:
                zero = '.'.join('0' * dataset.ndim) or '0'
                refs[f'{name}/{zero}'] = [Path(h5).name, dataset.id.get_offset(), int(dataset.nbytes)]
                continue
            for i in range(dataset.id.get_num_chunks()):
                chunk = dataset.id.get_chunk_info(i)
                place = '.'.join(str(at // side) for at, side in zip(chunk.chunk_offset, dataset.chunks))
                refs[f'{name}/{place}'] = [Path(h5).name, chunk.byte_offset, chunk.size]
    refs = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in refs.items()}
    Path(path).write_text(json.dumps({'version': 1, 'refs': refs}, indent=0))


if __name__ == '__main__':
    for name, variables in cubes():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        netcdf(folder / 'classic.nc', variables, 'NETCDF3_CLASSIC')
        netcdf(folder / 'netcdf4.nc', variables, 'NETCDF4')
        hdf5(folder / 'hdf5.h5', variables)
        zarr(str(folder / 'cube.zarr'), variables)
        references(folder / 'kerchunk.json', folder / 'cube.zarr', folder / 'hdf5.h5')
