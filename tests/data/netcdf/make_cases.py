#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the small NetCDF and HDF5 files of this folder, and facts.json: what netCDF4-python, h5py and xarray read of them and of the
real files beside them.

  make_cases.py      in this folder, with Debian 12's python3-netcdf4, python3-h5py and python3-xarray
"""
import json
import zlib
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import xarray as xr

HERE = Path(__file__).parent


def ramp(shape, dtype):
    return (np.arange(np.prod(shape)).reshape(shape) % 251 + 0.0).astype(dtype)


def grid(dataset, rows, cols, descending=True):
    dataset.createDimension('y', rows)
    dataset.createDimension('x', cols)
    y = dataset.createVariable('y', 'f8', ('y',))
    y.standard_name, y.units = 'projection_y_coordinate', 'm'
    y[:] = 4000000 + 30.0 * (np.arange(rows)[::-1] if descending else np.arange(rows))
    x = dataset.createVariable('x', 'f8', ('x',))
    x.standard_name, x.units = 'projection_x_coordinate', 'm'
    x[:] = 500000 + 30.0 * np.arange(cols)


def utm_by_parameters(dataset):
    crs = dataset.createVariable('crs', 'i4')
    crs.grid_mapping_name = 'transverse_mercator'
    crs.longitude_of_central_meridian = -123.0
    crs.latitude_of_projection_origin = 0.0
    crs.scale_factor_at_central_meridian = 0.9996
    crs.false_easting, crs.false_northing = 500000.0, 0.0
    crs.semi_major_axis, crs.inverse_flattening = 6378137.0, 298.257223563


def classic(format_name, name):
    """Records of two variables of different size interleave; a packed one among them; a year-long calendar that is not read."""
    with netCDF4.Dataset(HERE / name, 'w', format=format_name) as d:
        d.createDimension('time', None)
        grid(d, 7, 9, descending=False)
        utm_by_parameters(d)
        t = d.createVariable('time', 'f8', ('time',))
        t.units, t.calendar = 'hours since 2022-02-24 06:00', 'standard'
        a = d.createVariable('a', 'f4', ('time', 'y', 'x'))
        a.grid_mapping = 'crs'
        b = d.createVariable('b', 'i2', ('time', 'y', 'x'), fill_value=-5)
        b.scale_factor = np.float64(0.5)
        b.grid_mapping = 'crs'
        fixed = d.createVariable('fixed', 'i4', ('y', 'x'))
        odd = d.createVariable('odd', 'i1', ('time', 'x'))
        fixed[:] = ramp((7, 9), 'i4')
        for r in range(5):
            t[r] = 24.5 * r
            a[r] = ramp((7, 9), 'f4') + 1000 * r
            b[r] = 0.5 * (ramp((7, 9), 'i2') + 3 * r)
            odd[r] = ramp((9,), 'i1') + r


def chunked():
    """Every filter that is undone here, szip's cousins left to the library, holes, odd edges, both byte orders, unsigned in signed."""
    with netCDF4.Dataset(HERE / 'chunked.nc', 'w') as d:
        d.createDimension('band', 3)
        grid(d, 30, 25)
        utm_by_parameters(d)
        options = {'plain': {}, 'deflated': {'zlib': True}, 'shuffled': {'zlib': True, 'shuffle': True},
                   'checked': {'zlib': True, 'shuffle': True, 'fletcher32': True}, 'sums': {'fletcher32': True}}
        for name, how in options.items():
            for dtype in ('u1', 'i2', 'f4', 'f8'):
                how = {'shuffle': False, **how}
                v = d.createVariable(f'{name}_{dtype}', dtype, ('band', 'y', 'x'), chunksizes=(2, 16, 10), endian='native', **how)
                v.grid_mapping = 'crs'
                v[:] = ramp((3, 30, 25), dtype)
        big = d.createVariable('big_f4', 'f4', ('band', 'y', 'x'), chunksizes=(2, 16, 10), endian='big', zlib=True)
        big[:] = ramp((3, 30, 25), 'f4')
        bigger = d.createVariable('big_contiguous', 'i4', ('y', 'x'), endian='big')
        bigger[:] = ramp((30, 25), 'i4')
        holes = d.createVariable('holes', 'i2', ('band', 'y', 'x'), chunksizes=(1, 16, 10), zlib=True, fill_value=-7)
        holes[1, 0:16, 10:20] = ramp((16, 10), 'i2')
        never = d.createVariable('never_written', 'f4', ('y', 'x'), chunksizes=(16, 10), fill_value=-1)
        never.units = 'K'
        signed = d.createVariable('signed', 'i1', ('y', 'x'), chunksizes=(16, 10), fill_value=-1)
        signed._Unsigned = 'true'
        signed.set_auto_maskandscale(False)
        signed[:] = ramp((30, 25), 'u1').view('i1')
        packed = d.createVariable('packed', 'u2', ('y', 'x'), chunksizes=(16, 10), zlib=True, fill_value=65535)
        packed.scale_factor, packed.add_offset = np.float32(0.01), np.float32(-3)
        packed.set_auto_maskandscale(False)
        values = ramp((30, 25), 'u2')
        values[3:5, 7] = 65535
        packed[:] = values
        factor = d.createVariable('factor', 'i2', ('y', 'x'), fill_value=-9)
        factor.scale_factor = 0.1
        factor.set_auto_maskandscale(False)
        values = ramp((30, 25), 'i2')
        values[0, 0] = -9
        factor[:] = values
        outer = d.createGroup('outer')
        outer.createDimension('w', 4)
        inner = outer.createGroup('inner').createVariable('nested', 'f4', ('w', 'y', 'x'))
        inner[:] = ramp((4, 30, 25), 'f4')
        w = outer.createVariable('w', 'f4', ('w',))
        w[:] = [3, 1, 4, 1.5]
        s = d.createDimension('wavelength', 4)
        wl = d.createVariable('wavelength', 'f4', ('wavelength',))
        wl.units = 'um'
        wl[:] = [0.4, 0.5, 0.75, 1.0]
        fwhm = d.createVariable('fwhm', 'f4', ('wavelength',))
        fwhm[:] = [0.01, 0.01, 0.02, 0.02]
        spectra = d.createVariable('spectra', 'f4', ('y', 'x', 'wavelength'))
        spectra[:] = ramp((30, 25, 4), 'f4')


def other_filters():
    with h5py.File(HERE / 'other_filters.h5', 'w') as f:
        f.create_dataset('scaled', data=ramp((30, 40), 'i4'), chunks=(8, 16), scaleoffset=0)
        f.create_dataset('compact', data=ramp((3, 4), 'f4'))
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((5, 6))
        h5py.h5d.create(f.id, b'really_compact', h5py.h5t.IEEE_F64BE, space, layout).write(
            h5py.h5s.ALL, h5py.h5s.ALL, ramp((5, 6), 'f8'))
        f.create_dataset('half', data=ramp((3, 4), 'f2'))
        f.create_dataset('text', data=np.array([[b'ab', b'c']]))
        f['flag'] = ramp((4, 4), 'u1') % 2 == 0
        # Attributes of variable length, as h5py writes str; the dims of netCDF-4 lie in such a one too.
        f['compact'].attrs['units'] = 'm s-1'
        f['compact'].attrs['two'] = ['first', 'second']


def foreign_filter():
    """A cube behind a filter that HDF5 does not come with (32015, Zstandard), and arrays beside it that can be read."""
    with h5py.File(HERE / 'foreign_filter.h5', 'w', track_order=True) as f:
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_chunk((5, 4, 6))
        layout.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple((5, 4, 6))
        cube = h5py.h5d.create(f.id, b'radiance', h5py.h5t.IEEE_F32LE, space, layout)
        cube.write_direct_chunk((0, 0, 0), b'not read', 0)
        f.create_dataset('quality', data=ramp((4, 6), 'u1'))
        f.create_dataset('half', data=ramp((4, 6), 'f2'))


def layouts():
    """Bytes of the user's before the file proper; the newest of HDF5's own formats, with attributes too many for an object's header."""
    with h5py.File(HERE / 'user_block.h5', 'w', userblock_size=1024) as f:
        for name, values, units in (('lat', 10 - np.arange(4.0), 'degrees_north'), ('lon', np.arange(5.0), 'degrees_east')):
            scale = f.create_dataset(name, data=values)
            scale.make_scale(name)
            scale.attrs['units'] = units
        for name, how in (('dense', {}), ('chunked', {'chunks': (2, 3), 'compression': 4})):
            v = f.create_dataset(name, data=ramp((4, 5), 'f8'), **how)
            v.dims[0].attach_scale(f['lat'])
            v.dims[1].attach_scale(f['lon'])
    with h5py.File(HERE / 'latest.h5', 'w', libver='latest', track_order=True) as f:
        v = f.create_dataset('v', data=ramp((20, 30), 'f8'), chunks=(7, 8), compression=4, maxshape=(None, None))
        f.create_dataset('deep/deeper/q', data=ramp((2, 3), 'i2').astype('>i2'))
        for i in range(20):
            v.attrs[f'note{i}'] = 'x' * i


def hostile():
    with h5py.File(HERE / 'hostile.h5', 'w') as f:
        f.create_dataset('honest', data=ramp((4, 5), 'f4'))
        f.create_dataset('external', shape=(4, 5), dtype='u1', external=[('/etc/passwd', 0, 20)])
        f['linked'] = h5py.ExternalLink('planet_time_utm.nc', '/blue')
        f['soft'] = h5py.SoftLink('/honest')
        layout = h5py.VirtualLayout(shape=(2, 10, 10), dtype='f8')
        layout[:] = h5py.VirtualSource('planet_time_utm.nc', 'blue', shape=(2, 10, 10))
        f.create_virtual_dataset('virtual', layout)
        group = f.create_group('loop')
        group['again'] = f['/']


def places():
    """CRSs by parameters, angles, ascending rows, uneven rows, two-dimensional longitudes, times that are not read."""
    with netCDF4.Dataset(HERE / 'geostationary.nc', 'w') as d:
        d.createDimension('y', 6)
        d.createDimension('x', 8)
        for name, first, step in (('x', -0.1, 5.6e-05), ('y', 0.12, -5.6e-05)):
            v = d.createVariable(name, 'i2', (name,))
            v.scale_factor, v.add_offset = np.float32(step), np.float32(first)
            v.units, v.axis = 'rad', name.upper()
            v.standard_name = f'projection_{name}_coordinate'
            v.set_auto_maskandscale(False)
            v[:] = np.arange(len(d.dimensions[name]))
        crs = d.createVariable('goes_imager_projection', 'i4')
        crs.grid_mapping_name = 'geostationary'
        crs.perspective_point_height, crs.longitude_of_projection_origin = 35786023.0, -75.0
        crs.semi_major_axis, crs.semi_minor_axis = 6378137.0, 6356752.31414
        crs.sweep_angle_axis = 'x'
        v = d.createVariable('CMI', 'i2', ('y', 'x'), fill_value=-1)
        v.grid_mapping, v.scale_factor, v.add_offset, v.valid_range = 'goes_imager_projection', 0.002, 1.0, np.array([0, 40], 'i2')
        v.set_auto_maskandscale(False)
        v[:] = ramp((6, 8), 'i2')
    with netCDF4.Dataset(HERE / 'swath.nc', 'w') as d:
        d.createDimension('time', 2)
        d.createDimension('line', 5)
        d.createDimension('sample', 6)
        lat = d.createVariable('lat', 'f4', ('line', 'sample'))
        lat.units = 'degrees_north'
        lon = d.createVariable('lon', 'f4', ('line', 'sample'))
        lon.units = 'degrees_east'
        t = d.createVariable('time', 'i4', ('time',))
        t.units, t.calendar = 'days since 2000-01-01', '360_day'
        t[:] = [0, 30]
        v = d.createVariable('rain', 'f4', ('time', 'line', 'sample'), fill_value=np.nan)
        v.coordinates = 'time lat lon'
        v[:] = ramp((2, 5, 6), 'f4')
        lat[:], lon[:] = ramp((5, 6), 'f4') / 100 + 30, ramp((5, 6), 'f4') / 100 - 120
    with netCDF4.Dataset(HERE / 'gaussian.nc', 'w') as d:
        d.createDimension('lat', 4)
        d.createDimension('lon', 8)
        lat = d.createVariable('lat', 'f8', ('lat',))
        lat.units = 'degrees_north'
        lat[:] = [-80.0, -30.0, 30.0, 80.0]
        lon = d.createVariable('lon', 'f8', ('lon',))
        lon.units = 'degrees_east'
        lon[:] = np.arange(8) * 45.0
        d.createVariable('t', 'f4', ('lat', 'lon'))[:] = ramp((4, 8), 'f4')


def names():
    """Coordinates of text: of variable length, characters in a dim more, records of the classic format, and padded Latin-1."""
    for name, kind, dtype, size in (('names_string.nc', 'NETCDF4', str, 2), ('names_char.nc', 'NETCDF4', 'S1', 2),
                                    ('names_classic.nc', 'NETCDF3_CLASSIC', 'S1', None)):
        with netCDF4.Dataset(HERE / name, 'w', format=kind) as d:
            d.createDimension('station', size)
            grid(d, 3, 4)
            v = d.createVariable('v', 'f4', ('station', 'y', 'x'))
            v[:] = ramp((2, 3, 4), 'f4')
            if dtype is str:
                d.createVariable('station', str, ('station',))[:] = np.array(['north', 'süd'], object)
            else:
                d.createDimension('letters', 6)
                d.createVariable('station', 'S1', ('station', 'letters'))[:] = np.array(
                    [list(text.encode().ljust(6, fill)) for text, fill in (('north', b'\0'), ('süd', b' '))], 'u1').view('S1')
    with h5py.File(HERE / 'names_latin1.h5', 'w') as f:
        f['v'] = ramp((2, 3, 4), 'f4')
        f['station'] = np.array([b'north', 'süd'.encode('latin-1')], 'S6')
        f['y'], f['x'] = 90.0 - np.arange(3), np.arange(4.0)
        for i, name in enumerate(('station', 'y', 'x')):
            f[name].make_scale(name)
            f['v'].dims[i].attach_scale(f[name])


def facts_of(path):
    """Per variable of at least two dims: dims, type as opened, CRC-32 of the little-endian values, fill."""
    facts = {}
    def visit(group, prefix):
        for name, v in group.variables.items():
            if v.ndim < 2 or v.dtype == str or v.dtype.kind not in 'iuf' or name == 'half':  # float16 is not read
                continue
            v.set_auto_maskandscale(False)
            scaled = hasattr(v, 'scale_factor') or hasattr(v, 'add_offset')
            with xr.open_dataset(path, group=prefix or None, decode_times=False, mask_and_scale=scaled, engine='netcdf4') as d:
                values = d[name].values if name in d else v[:]
            if str(getattr(v, '_Unsigned', '')) == 'true' and not scaled:
                values = values.view(values.dtype.str.replace('i', 'u'))
            values = values.astype(values.dtype.newbyteorder('<'))
            nans = np.isnan(values) if values.dtype.kind == 'f' else np.zeros(values.shape, bool)
            values = np.where(nans, np.array(0, values.dtype), values)
            facts[(prefix + '/' if prefix else '') + name] = {
                'dims': list(v.dimensions), 'shape': list(v.shape), 'dtype': str(values.dtype),
                'crc32_nan_as_0': zlib.crc32(np.ascontiguousarray(values).tobytes()), 'nans': int(nans.sum())}
        for name, g in group.groups.items():
            visit(g, f'{prefix}/{name}' if prefix else name)
    with netCDF4.Dataset(path) as d:
        visit(d, '')
    return facts


def main():
    classic('NETCDF3_CLASSIC', 'classic.nc')
    classic('NETCDF3_64BIT_OFFSET', 'offset64.nc')
    classic('NETCDF3_64BIT_DATA', 'cdf5.nc')
    chunked()
    other_filters()
    foreign_filter()
    layouts()
    hostile()
    places()
    names()
    files = sorted(p.name for p in HERE.iterdir() if p.suffix in ('.nc', '.h5', '.he5') and p.name not in ('hostile.h5', 'foreign_filter.h5'))
    facts = {name: facts_of(HERE / name) for name in files}
    (HERE / 'facts.json').write_text(json.dumps(facts, indent=1) + '\n')


if __name__ == '__main__':
    main()
