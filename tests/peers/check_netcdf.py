#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Debian's xarray, netCDF4-python and rioxarray make of our NetCDF, GeoTIFF and COG outputs, and we of theirs.

  check_netcdf.py CUBELOOM_CLI TEST_DATA      prints one line per check; exit status 1 if one fails
"""
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import netCDF4
import numpy as np
import rioxarray
import xarray as xr

CLI, DATA = sys.argv[1], Path(sys.argv[2])
FAILED = []


def check(what, holds):
    print(('ok    ' if holds else 'FAIL  ') + what)
    if not holds:
        FAILED.append(what)


def run(pipeline):
    done = subprocess.run([CLI, 'run', '--progress', 'none', '!', *pipeline.split()], capture_output=True, text=True)
    if done.returncode != 0:
        check(f'{pipeline}: {done.stderr.strip()}', False)


def info(path):
    done = subprocess.run([CLI, 'info', '--json', str(path)], capture_output=True, text=True)
    return json.loads(done.stdout)


def envi_cube(name):
    """The cube as [y, band, x], by numpy alone."""
    return np.fromfile(DATA / 'envi' / name, '<f4').reshape(64, 224, 96)


def check_cube(folder):
    """EnMAP L2A, BIL: dims, coordinates, spectra, CRS, nodata, every value."""
    source, raw = DATA / 'envi/enmap_potsdam_96x64.bil', envi_cube('enmap_potsdam_96x64.bil')
    for name, options in (('deflated', ''), ('plain', ' compress=none')):
        path = f'{folder}/{name}.nc'
        run(f'open {source} ! write {path}{options}')
        with xr.open_dataset(path, mask_and_scale=False) as d:
            array = d['enmap_potsdam_96x64']
            check(f'{name}: xarray sees the dims as written', array.dims == ('y', 'wavelength', 'x'))
            check(f'{name}: xarray reads every value', array.dtype == np.float32 and np.array_equal(array.values, raw))
            check(f'{name}: nodata is _FillValue', array.attrs['_FillValue'] == -32768)
            check(f'{name}: pixel centres', d.x.values[0] == 364110 and d.x.values[-1] == 366960 and d.y.values[0] == 5809950)
            check(f'{name}: fwhm and good are coordinates along wavelength',
                  array.fwhm.dims == ('wavelength',) and int((array.good == 0).sum()) == 6)
            check(f'{name}: wavelengths in nm', d.wavelength.attrs['units'] == 'nm' and abs(d.wavelength.values[0] - 418.24) < 0.01)
            check(f'{name}: selection by wavelength', array.sortby('wavelength').sel(wavelength=660, method='nearest').dims == ('y', 'x'))
        with xr.open_dataset(path) as d:
            masked = d['enmap_potsdam_96x64'].values
            check(f'{name}: xarray masks nodata', np.array_equal(np.isnan(masked), raw == -32768))
        with netCDF4.Dataset(path) as d:
            v = d['enmap_potsdam_96x64']
            v.set_auto_mask(False)
            check(f'{name}: netCDF4 reads every value', np.array_equal(v[:], raw))
            check(f'{name}: CF-1.8, grid mapping, no history', d.Conventions == 'CF-1.8' and v.grid_mapping == 'spatial_ref' and
                  'history' not in d.ncattrs() and d['spatial_ref'].grid_mapping_name == 'transverse_mercator')
            check(f'{name}: storage', (v.chunking() == 'contiguous') == (name == 'plain') and v.filters()['zlib'] == (name == 'deflated'))
        path = f'{folder}/{name}_bands.nc'
        run(f'open {source} ! transpose dims=wavelength,y,x ! write {path}{options}')
        with rioxarray.open_rasterio(path) as d:
            array = d['enmap_potsdam_96x64']
            check(f'{name}: rioxarray reads CRS and grid', array.rio.crs.to_epsg() == 32633 and
                  tuple(array.rio.transform())[:6] == (30, 0, 364095, 0, -30, 5809965))
            check(f'{name}: rioxarray reads nodata and values', array.rio.nodata == -32768 and
                  np.array_equal(array.values.reshape(224, 64, 96), raw.transpose(1, 0, 2)))
        with xr.open_dataset(path, decode_coords='all') as d:
            check(f'{name}: rioxarray finds the CRS by CF', d['enmap_potsdam_96x64'].rio.crs.to_epsg() == 32633)


def check_time(folder):
    """Dates, and the grid mapping of UTM south."""
    path = f'{folder}/time.nc'
    source = DATA / 'netcdf/planet_time_utm.nc'
    run(f'open {source} ! write {path}')
    with xr.open_dataset(path, decode_coords='all') as ours, xr.open_dataset(source, decode_coords='all') as theirs:
        check('time: the same dates', np.array_equal(ours.time.values, theirs.time.values))
        check('time: the same values', np.array_equal(ours.blue.values, theirs.blue.values, equal_nan=True))
        check('time: EPSG:32722', ours.blue.rio.crs.to_epsg() == 32722)
        check('time: NaN is nodata', np.isnan(ours.blue.encoding['_FillValue']))
    path = f'{folder}/sst.nc'
    run(f'open {DATA / "netcdf/oisst_0_360.nc"} ! write {path}')
    with xr.open_dataset(path) as ours, xr.open_dataset(DATA / 'netcdf/oisst_0_360.nc') as theirs:
        check('sst: ascending latitudes, longitudes to 360', ours.lat.values[0] == -89 and ours.lon.values[-1] == 358)
        check('sst: decoded as xarray decodes',
              ours.sst.dtype == theirs.sst.dtype and np.array_equal(ours.sst.values, theirs.sst.values, equal_nan=True))
        check('sst: dims and dates', ours.sst.dims == theirs.sst.dims and np.array_equal(ours.time.values, theirs.time.values))


def check_tiff(folder):
    source, raw = DATA / 'envi/enmap_potsdam_96x64.bil', envi_cube('enmap_potsdam_96x64.bil')
    for name, options in (('strips.tif', ''), ('cog.tif', ' format=COG compress=deflate'),
                          ('pixels.tif', ' format=COG compress=zstd interleave=pixel')):
        path = f'{folder}/{name}'
        run(f'open {source} ! transpose dims=wavelength,y,x ! write {path}{options}')
        with rioxarray.open_rasterio(path) as array:
            check(f'{name}: rioxarray reads dims and every value', array.dims == ('band', 'y', 'x') and
                  np.array_equal(array.values, raw.transpose(1, 0, 2)))
            check(f'{name}: CRS, grid, nodata', array.rio.crs.to_epsg() == 32633 and array.rio.nodata == -32768 and
                  tuple(array.rio.transform())[:6] == (30, 0, 364095, 0, -30, 5809965))
            check(f'{name}: pixel centres', array.x.values[0] == 364110 and array.y.values[0] == 5809950)


def check_scale(folder):
    """Stored integers with a scale: what xarray decodes are the true values; rioxarray finds the scale of each band."""
    source = DATA / 'geotiff/int16_scale_offset.tif'
    with rioxarray.open_rasterio(source) as stored:
        raw, scales, offsets = stored.values, stored.attrs['scales'], stored.attrs['offsets']
    true = np.where(raw[0] == 0, np.nan, raw[0] * scales[0] + offsets[0])
    for name in ('one.nc', 'one.zarr'):
        run(f'open {source} ! isel band=0 ! write {folder}/{name}')
        with xr.open_dataset(f'{folder}/{name}', engine='zarr' if name.endswith('zarr') else None) as d:
            check(f'{name}: xarray decodes the true values', np.allclose(d.int16_scale_offset.values, true, rtol=1e-6, equal_nan=True))
    for name in ('bands.nc', 'bands.zarr'):
        run(f'open {source} ! write {folder}/{name}')
        with xr.open_dataset(f'{folder}/{name}', engine='zarr' if name.endswith('zarr') else None, mask_and_scale=False) as d:
            check(f'{name}: counts beside their scales', np.array_equal(d.int16_scale_offset.values, raw) and
                  tuple(d.int16_scale_offset.scale.values) == scales and tuple(d.int16_scale_offset.offset.values) == offsets)
    run(f'open {source} ! isel band=1,0 ! write {folder}/numbers.tif')
    with rioxarray.open_rasterio(f'{folder}/numbers.tif') as d:
        check('bands.tif: a scale for each band', d.attrs['scales'] == scales[::-1] and d.attrs['offsets'] == offsets[::-1])


def check_theirs(folder):
    """What xarray and rioxarray write, in every way that is common, comes back out of our reader."""
    values = np.arange(2 * 3 * 40 * 50, dtype='f4').reshape(2, 3, 40, 50)
    values[0, 0, :3, :3] = np.nan
    array = xr.DataArray(values, dims=('time', 'band', 'y', 'x'), name='v', coords={
        'time': np.array(['2022-02-24', '2022-03-08'], 'datetime64[ns]'), 'y': 4e6 - 10.0 * np.arange(40), 'x': 5e5 + 10.0 * np.arange(50)})
    array = array.rio.write_crs('EPSG:32610')
    encodings = {'default': {}, 'chunked': {'zlib': True, 'chunksizes': (1, 2, 16, 16)},
                 'packed': {'dtype': 'i2', 'scale_factor': 0.5, '_FillValue': -32768}, 'checked': {'fletcher32': True}}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for name, encoding in encodings.items():
            for kind in ('NETCDF4', 'NETCDF3_64BIT'):
                if kind != 'NETCDF4' and name in ('chunked', 'checked'):
                    continue
                path, back = f'{folder}/theirs_{name}_{kind}.nc', f'{folder}/back_{name}_{kind}.nc'
                array.to_netcdf(path, format=kind, encoding={'v': encoding})
                run(f'open {path} ! write {back}')
                with xr.open_dataset(back, decode_coords='all') as d, xr.open_dataset(path) as t:
                    check(f'{kind} {name}: values, dates, CRS', np.array_equal(d.v.values, t.v.values, equal_nan=True) and
                          np.array_equal(d.time.values, t.time.values) and d.v.rio.crs.to_epsg() == 32610)


def check_stack(folder):
    """One file a date, joined as open_mfdataset joins them."""
    values = np.arange(3 * 8 * 9, dtype='f4').reshape(3, 8, 9)
    for i, date in enumerate(('20220224', '20220308', '20220316')):
        array = xr.DataArray(values[i], dims=('y', 'x'), name='v', coords={'y': 100.0 - np.arange(8), 'x': 200.0 + np.arange(9)})
        array.rio.write_crs('EPSG:32610').to_netcdf(f'{folder}/date_{date}.nc')
    run(f'open {folder}/date_*.nc ! write {folder}/stacked.nc')
    with xr.open_dataset(f'{folder}/stacked.nc') as d:
        check('stack: three dates in order', np.array_equal(d.time.values.astype('datetime64[D]').astype(str),
                                                             ['2022-02-24', '2022-03-08', '2022-03-16']))
        check('stack: the values of each', np.array_equal(d.v.values, values))


def check_calendars(folder):
    """Years that the world does not have: joined on one epoch and written, cftime sees the same dates as in the files."""
    cases = {'noleap': (('days since 2001-01-01', [0, 58, 59]), ('days since 2000-01-01', [363, 364])),
             'all_leap': (('hours since 2001-02-29', [0, 36]), ('seconds since 1900-01-01', [5097600, 5184000])),
             '360_day': (('days since 2001-01-30', [0, 1]), ('days since 2000-02-30', [0, 1, 2.125])),
             'julian': (('minutes since 1900-02-29', [0, 1440]), ('days since 1582-10-04', [0, 10]))}
    for calendar, parts in cases.items():
        for i, (units, times) in enumerate(parts):
            values = np.arange(6.0 * len(times)).reshape(-1, 2, 3) + 100 * i
            time = ('time', np.array(times, 'f8'), {'units': units, 'calendar': calendar})
            xr.Dataset({'v': (('time', 'y', 'x'), values)}, {'time': time, 'y': [3.0, 2.0], 'x': [1.0, 2.0, 3.0]}).to_netcdf(
                f'{folder}/{calendar}_{i}.nc')
        for output, engine in ((f'{folder}/{calendar}.nc', 'netcdf4'), (f'{folder}/{calendar}.zarr', 'zarr')):
            run(f'open {folder}/{calendar}_*.nc variable=v ! write {output}')
            theirs = xr.concat([xr.open_dataset(f'{folder}/{calendar}_{i}.nc', use_cftime=True) for i in range(len(parts))], 'time').sortby('time')
            with xr.open_dataset(output, engine=engine, use_cftime=True) as ours:
                check(f'{engine}: dates and values of {calendar}', list(ours.time.values) == list(theirs.time.values) and
                      np.array_equal(ours.v.values, theirs.v.values))
            with xr.open_dataset(output, engine=engine, decode_times=False) as raw:
                check(f'{engine}: units and calendar of {calendar}', raw.time.attrs['units'] == parts[1][0] and
                      raw.time.attrs['calendar'] == calendar and list(raw.time.values[:len(parts[1][1])]) == parts[1][1])


def check_names(folder):
    """xarray's coordinates of text select by name; names of bands that we write come back, for both."""
    array = xr.DataArray(np.arange(24.0).reshape(2, 3, 4), dims=('station', 'y', 'x'), name='v',
                         coords={'station': ['north', 'süd'], 'y': [3.0, 2.0, 1.0], 'x': [1.0, 2.0, 3.0, 4.0]})
    for name, options in (('string', {}), ('unlimited', {'unlimited_dims': ['station']}), ('char', {'encoding': {'station': {'dtype': 'S1'}}}),
                          ('classic', {'format': 'NETCDF3_CLASSIC'}), ('records', {'format': 'NETCDF3_64BIT', 'unlimited_dims': ['station']})):
        array.to_netcdf(f'{folder}/names_{name}.nc', **options)
        run(f'open {folder}/names_{name}.nc ! sel station=süd ! write {folder}/south_{name}.nc')
        with xr.open_dataset(f'{folder}/south_{name}.nc') as d:
            check(f'{name}: selected by its name', np.array_equal(d.v.values, array.values[1]))
        run(f'open {folder}/names_{name}.nc ! write {folder}/copy_{name}.nc')
        labels = info(f'{folder}/copy_{name}.nc')['variables'][0]['coordinates']['station']['labels']
        with xr.open_dataset(f'{folder}/copy_{name}.nc') as d:
            check(f'{name}: names of a copy, read by both', labels == ['north', 'süd'] and list(d.station.values) == labels)
            check(f'{name}: xarray selects by them', np.array_equal(d.v.sel(station='süd').values, array.values[1]))
        run(f'open {folder}/names_{name}.nc ! write {folder}/copy_{name}.zarr')
        with xr.open_zarr(f'{folder}/copy_{name}.zarr') as d:
            check(f'{name}: names of a Zarr copy', list(d.station.values) == labels)


def check_numbers_of_bands(folder):
    """Bands are counted in whole numbers."""
    run(f'open {DATA}/geotiff/rgb_mask_tiny.tif ! write {folder}/numbers.nc')
    run(f'open {DATA}/geotiff/rgb_mask_tiny.tif ! write {folder}/numbers.zarr')
    with xr.open_dataset(f'{folder}/numbers.nc') as nc, xr.open_zarr(f'{folder}/numbers.zarr') as zarr:
        for name, d in (('NetCDF', nc), ('Zarr', zarr)):
            check(f'{name}: integers', d.band.dtype == np.int64 and list(d.band.values) == list(range(1, d.band.size + 1)))


def main():
    with tempfile.TemporaryDirectory() as folder:
        for part in (check_cube, check_time, check_tiff, check_scale, check_theirs, check_stack, check_calendars, check_names,
                     check_numbers_of_bands):
            try:
                part(folder)
            except Exception as problem:  # one part that cannot be done does not hide the others
                check(f'{part.__name__}: {type(problem).__name__}: {problem}', False)
    print(f'{len(FAILED)} failed')
    return 1 if FAILED else 0


if __name__ == '__main__':
    sys.exit(main())
