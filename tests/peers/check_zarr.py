#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cubeloom-cli writes as Zarr, as xarray and zarr-python of Debian read it; and what xarray writes, as cubeloom-cli reads it.

  check_zarr.py CUBELOOM_CLI DATA      prints what differs; exit status 1 if anything does
"""
import json
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import xarray
import zarr
from osgeo import gdal, osr

gdal.UseExceptions()
osr.UseExceptions()
CLI, DATA = sys.argv[1], Path(sys.argv[2])
failures = []


def check(what, actual, expected):
    same = np.array_equal(actual, expected, equal_nan=True) if isinstance(expected, np.ndarray) and expected.dtype.kind == 'f' else \
        np.all(np.asarray(actual == expected))
    if not same:
        failures.append(f'{what}: {actual!r}, expected {expected!r}')


def run(*arguments):
    done = subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f'{" ".join(map(str, arguments))} failed: {done.stderr}')
    return done.stdout


def write(folder, name, *steps):
    path = folder / name
    run('run', '--progress', 'none', *steps, '!', 'write', path)
    return path


def same_crs(dataset, epsg):
    ours, theirs = osr.SpatialReference(), osr.SpatialReference()
    ours.ImportFromWkt(dataset.spatial_ref.attrs['crs_wkt'])
    theirs.ImportFromEPSG(epsg)
    return bool(ours.IsSame(theirs))


def raster(path):
    return gdal.Open(str(path))


def envi_cube(folder):
    """BIL with wavelengths, UTM and nodata."""
    source = DATA / 'envi/enmap_potsdam_96x64.bil'
    truth = raster(source)
    pixels = truth.ReadAsArray()  # (band, y, x)
    left, width, _, top, _, height = truth.GetGeoTransform()
    for compress in ('', 'zstd', 'deflate', 'none'):
        steps = ['!', 'open', source, '!', 'transpose', 'dims=wavelength,y,x']
        path = folder / f'cube_{compress}.zarr'
        run('run', '--progress', 'none', *steps, '!', 'write', path, *([f'compress={compress}'] if compress else []))
        raw = zarr.open_consolidated(str(path))
        check(f'{path.name}: pixels', raw['enmap_potsdam_96x64'][:], pixels)
        check(f'{path.name}: fill value', raw['enmap_potsdam_96x64'].fill_value, -32768)
    with xarray.open_zarr(str(folder / 'cube_.zarr')) as dataset:
        cube = dataset['enmap_potsdam_96x64']
        check('cube: dims', cube.dims, ('wavelength', 'y', 'x'))
        check('cube: masked pixels', cube.values, np.where(pixels == -32768, np.nan, pixels).astype('f4'))
        check('cube: x', cube.x.values, left + width * (np.arange(96) + 0.5))
        check('cube: y', cube.y.values, top + height * (np.arange(64) + 0.5))
        check('cube: units of wavelengths', cube.wavelength.attrs['units'], 'nm')
        header = truth.GetMetadata('ENVI')
        numbers = lambda key: np.array([float(v) for v in header[key].strip('{}').split(',')])
        check('cube: wavelengths', cube.wavelength.values, numbers('wavelength'))
        check('cube: fwhm', cube.fwhm.values, numbers('fwhm'))
        check('cube: good bands', cube.good.values, numbers('bbl').astype('i8'))
        check('cube: CRS', same_crs(dataset, 32633), True)
        check('cube: GeoTransform', [float(v) for v in dataset.spatial_ref.attrs['GeoTransform'].split()], list(truth.GetGeoTransform()))


def south_up(folder):
    """Geographic, rows from south to north, NaN as nodata."""
    source = DATA / 'geotiff/sentinel2_south_up.tif'
    truth = raster(source)
    left, width, _, south, _, height = truth.GetGeoTransform()
    with xarray.open_zarr(str(write(folder, 'south.zarr', '!', 'open', source))) as dataset:
        array = dataset['sentinel2_south_up']
        check('south up: dims', array.dims, ('band', 'y', 'x'))
        check('south up: pixels', array.values, truth.ReadAsArray())
        check('south up: rows ascend', bool(np.all(np.diff(array.y.values) > 0)), True)
        check('south up: y', np.round(array.y.values, 12), np.round(south + height * (np.arange(truth.RasterYSize) + 0.5), 12))
        check('south up: units', array.y.attrs['units'], 'degrees_north')
        check('south up: bands', array.band.values, np.arange(1, 5))
        check('south up: CRS', same_crs(dataset, 4326), True)


def integers(folder):
    """No nodata, rotated: no coordinates for y and x, all six numbers in GeoTransform."""
    source = DATA / 'geotiff/skewed_utm11n_f64.tif'
    truth = raster(source)
    with xarray.open_zarr(str(write(folder, 'skewed.zarr', '!', 'open', source, '!', 'astype', 'dtype=uint16'))) as dataset:
        array = dataset['skewed_utm11n_f64']
        check('rotated: type', array.dtype, np.dtype('u2'))
        check('rotated: coordinates', 'x' in dataset.coords or 'y' in dataset.coords, False)
        check('rotated: GeoTransform', [float(v) for v in dataset.spatial_ref.attrs['GeoTransform'].split()], list(truth.GetGeoTransform()))
        check('rotated: pixels', array.values, np.clip(np.round(truth.ReadAsArray().reshape(array.shape)), 0, 65535).astype('u2'))


def times(folder):
    """CF times through and back, a slice of them."""
    with xarray.open_zarr(str(write(folder, 'times.zarr', '!', 'open', DATA / 'zarr/campaign.zarr', 'variable=reflectance', '!', 'isel',
                                    'time=1:3'))) as dataset, \
            xarray.open_zarr(str(DATA / 'zarr/campaign.zarr'), consolidated=False) as truth:
        array = dataset['reflectance']
        check('times: dims', array.dims, ('time', 'wavelength', 'northing', 'easting'))
        check('times: times', array.time.values, truth.time.values[1:])
        check('times: names', list(array.wavelength_name.values), ['blue', 'near-infrared é'])
        check('times: unpacked pixels', array.values, truth['reflectance'].values[1:])
        check('times: CRS', same_crs(dataset, 32610), True)


def theirs(folder):
    """A dataset as xarray writes it, chunks and codec by default, packed and dated."""
    values = np.random.default_rng(3).normal(20, 5, (4, 30, 50)).round(2)
    values[1, 2, 3] = np.nan
    dataset = xarray.Dataset(
        {'rain': (('time', 'lat', 'lon'), values, {'units': 'mm'})},
        {'time': np.array(['2021-12-31T18', '2022-01-01', '2022-01-01T06', '2022-01-02'], 'M8[ns]'), 'lat': np.linspace(50, 47.1, 30),
         'lon': np.linspace(5, 9.9, 50)})
    for name, encoding in (('plain', {}), ('packed', {'dtype': 'i2', 'scale_factor': 0.01, '_FillValue': -32768, 'chunks': (1, 16, 16)})):
        path = folder / f'{name}.zarr'
        dataset.to_zarr(str(path), encoding={'rain': encoding})
        info = json.loads(run('info', path, '--json', '--checksum'))
        variable = info['variables'][0]
        with xarray.open_zarr(str(path)) as back:
            expected = back['rain'].values
        check(f'{name}: type', variable['dtype'], str(expected.dtype))
        check(f'{name}: checksum', info['crc32'], f'{zlib.crc32(np.ascontiguousarray(expected).tobytes()):08x}')
        check(f'{name}: times', variable['coordinates']['time']['labels'][0], '2021-12-31T18:00:00Z')
        check(f'{name}: grid', [round(v, 9) for v in variable['geotransform']], [4.95, 0.1, 0, 50.05, 0, -0.1])


with tempfile.TemporaryDirectory() as name:
    for part in (envi_cube, south_up, integers, times, theirs):
        part(Path(name))
print('\n'.join(failures) or f'xarray {xarray.__version__} and zarr {zarr.__version__} agree')
sys.exit(1 if failures else 0)
