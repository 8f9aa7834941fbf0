#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""load beside odc-stac's definition in numpy and GDAL: each item warped by itself onto the cube's grid, then the first valid one.

  check_load.py CUBELOOM_CLI DATA      prints what differs; exit status 1 if anything does
"""
import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from osgeo import gdal
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform_bounds

CLI = sys.argv[1]
gdal.UseExceptions()
failures = []
compared = 0

# Two tiles of neighbouring UTM zones that overlap at 120 degrees west, where the zones meet.
TILES = {'10SGJ': (32610, 759980.0, 4000020.0), '11SKD': (32611, 219980.0, 4000120.0)}
SIZE, PIXEL = 120, 20.0
# The second tile of a pass is seen some seconds later; the last pass is early in UTC's next day, in the afternoon by the sun.
DATES = ['2022-03-01T18:40:11Z', '2022-03-06T18:40:09Z', '2022-03-12T00:30:05Z']
BANDS = {'B04': ('red', 'uint16', 0), 'B08': ('nir', 'uint16', 0), 'SCL': (None, 'uint8', 0)}


def run(pipeline, expected=0):
    done = subprocess.run([CLI, 'run', '--progress', 'none', '--workers', '2', *pipeline], capture_output=True, text=True)
    if done.returncode != expected:
        raise SystemExit(f'{pipeline}: exit {done.returncode}: {done.stderr}')
    return done.stderr


def made(folder):
    """The items with their files: {id: (datetime, tile, {band: path})}."""
    random = np.random.default_rng(7)
    items = {}
    features = []
    for d, date in enumerate(DATES):
        for t, (tile, (epsg, x, y)) in enumerate(TILES.items()):
            moment = dt.datetime.fromisoformat(date.replace('Z', '+00:00')) + dt.timedelta(seconds=14 * t)
            name = f'S2_{tile}_{moment:%Y%m%d}'
            transform = Affine(PIXEL, 0, x, 0, -PIXEL, y)
            row, col = np.mgrid[0:SIZE, 0:SIZE]
            # The swath's slanted border: nodata beyond it.
            outside = (col - 0.4 * row > 95 - 10 * d) if t == 0 else (col + 0.3 * row < 30 + 10 * d)
            assets, paths = {}, {}
            for b, (band, (common, dtype, nodata)) in enumerate(BANDS.items()):
                if dtype == 'uint8':
                    values = (1 + (row // 7 + col // 5 + d + t) % 11).astype(dtype)
                else:
                    values = (1000 + 300 * b + 2000 * t + 3 * row + 5 * col + 100 * d + random.integers(0, 50, row.shape)).astype(dtype)
                values[outside] = nodata
                path = folder / f'{name}_{band}.tif'
                with rasterio.open(path, 'w', driver='GTiff', width=SIZE, height=SIZE, count=1, dtype=dtype, nodata=nodata,
                                   crs=CRS.from_epsg(epsg), transform=transform, tiled=True, blockxsize=32, blockysize=32,
                                   compress='deflate') as out:
                    out.write(values, 1)
                paths[band] = path
                assets[band] = {'href': f'./{path.name}', 'type': 'image/tiff; application=geotiff', 'roles': ['data'],
                                'proj:shape': [SIZE, SIZE], 'proj:transform': list(transform)[:6],
                                'raster:bands': [{'data_type': dtype, 'nodata': nodata}]}
                if common:
                    assets[band]['eo:bands'] = [{'name': band, 'common_name': common}]
            box = transform_bounds(CRS.from_epsg(epsg), CRS.from_epsg(4326), x, y - SIZE * PIXEL, x + SIZE * PIXEL, y)
            features.append({'type': 'Feature', 'stac_version': '1.0.0', 'id': name, 'bbox': list(box), 'links': [], 'assets': assets,
                             'properties': {'datetime': moment.strftime('%Y-%m-%dT%H:%M:%SZ'), 'proj:epsg': epsg,
                                            'eo:cloud_cover': 10 * t if d != 1 else 10 - 10 * t}})
            items[name] = (moment, tile, paths)
    (folder / 'items.json').write_text(json.dumps({'type': 'FeatureCollection', 'features': features}))
    links = []
    for feature in features:
        (folder / f'{feature["id"]}.json').write_text(json.dumps(feature))
        links.append({'rel': 'item', 'href': f'./{feature["id"]}.json'})
    (folder / 'collection.json').write_text(json.dumps({
        'type': 'Collection', 'stac_version': '1.0.0', 'id': 'tiles', 'description': 'two zones', 'license': 'other', 'links': links,
        'extent': {'spatial': {'bbox': [[-180, -90, 180, 90]]}, 'temporal': {'interval': [[None, None]]}}}))
    return items


def warped(path, cube, method):
    """The band of a file on the cube's grid, NaN where there is nothing valid."""
    transform, rows, cols = transform_of(cube), cube.sizes['y'], cube.sizes['x']
    right, bottom = transform * (cols, rows)
    with rasterio.open(path) as source:
        nodata = source.nodata
    out = gdal.Warp('', str(path), format='MEM', dstSRS=crs_of(cube).to_wkt(), width=cols, height=rows,
                    outputBounds=(transform.c, bottom, right, transform.f), resampleAlg=method, errorThreshold=0, srcNodata=nodata,
                    dstNodata=nodata, overviewLevel=None, warpMemoryLimit=1000,
                    warpOptions=['XSCALE=1', 'YSCALE=1'] if method != 'average' else []).ReadAsArray()
    return np.where(out == nodata, np.nan, out.astype('f8'))


def transform_of(cube):
    numbers = [float(n) for n in cube['spatial_ref'].attrs['GeoTransform'].split()]
    return Affine.from_gdal(*numbers)


def crs_of(cube):
    return CRS.from_wkt(cube['spatial_ref'].attrs['crs_wkt'])


def cube_of(folder, words, name):
    path = folder / f'{name}.nc'
    run(['!', 'load', *words, '!', 'write', str(path), 'overwrite=true'])
    with xr.open_dataset(path, decode_cf=True, mask_and_scale=True) as cube:
        return cube.load()


def values_of(cube):
    names = [n for n in cube.data_vars if {'y', 'x'} <= set(cube[n].dims)]
    return cube[names[0]].astype('f8')


def same(what, ours, truth, tolerance=0.0, most=0):
    """`most`: values that may differ, where two ways to the same place round differently on the border of pixels."""
    global compared
    compared += 1
    ours = np.asarray(ours, 'f8')
    if ours.shape != truth.shape:
        failures.append(f'{what}: shape {ours.shape}, not {truth.shape}')
        return
    wrong = ~((np.isnan(ours) & np.isnan(truth)) | (np.abs(ours - truth) <= tolerance))
    if wrong.sum() > most:
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        failures.append(f'{what}: {wrong.sum()} of {wrong.size} differ, first at {at}: {ours[at]}, not {truth[at]}')


def first_valid(planes):
    out = planes[0].copy()
    for plane in planes[1:]:
        out = np.where(np.isnan(out), plane, out)
    return out


def solar_days(items):
    """Groups by odc-stac's rule: UTC by whole hours of the cube's longitude, 8 hours behind at 120 degrees west."""
    groups = {}
    for name, (moment, _, _) in sorted(items.items(), key=lambda item: (item[1][0], item[0])):
        groups.setdefault((moment - dt.timedelta(hours=8)).date(), []).append(name)
    return groups


def main():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        items = made(folder)
        groups = solar_days(items)
        if [str(day) for day in groups] != ['2022-03-01', '2022-03-06', '2022-03-11']:
            raise SystemExit('the test data are not what they should be')
        for source in ('items.json', 'collection.json'):
            path = str(folder / source)
            grid = ['crs=EPSG:32610', 'resolution=20', 'bounds=760000,3997600,764400,4000200']
            # Each way of resampling, red by its common name.
            for method in ('nearest', 'bilinear', 'cubic', 'average'):
                cube = cube_of(folder, [path, 'bands=red,B08', 'groupby=solar_day', f'resampling={method}', 'kernel=plain', *grid], 'cube')
                ours = values_of(cube)
                if ours.dims != ('time', 'band', 'y', 'x'):
                    failures.append(f'dims are {ours.dims}')
                times = [str(np.datetime64(t, 's')) for t in cube['time'].values]
                truth = [min(items[name][0] for name in names).strftime('%Y-%m-%dT%H:%M:%S') for names in groups.values()]
                if times != truth:
                    failures.append(f'times are {times}, not {truth}')
                for t, names in enumerate(groups.values()):
                    for b, band in enumerate(('B04', 'B08')):
                        planes = [warped(items[name][2][band], cube, method) for name in names]
                        same(f'{source} {method} {band} {t}', ours[t, b], first_valid(planes), 0 if method == 'nearest' else 1, 4)
            # Each instant by itself, in degrees, means of what overlaps.
            cube = cube_of(folder, [path, 'bands=B04', 'crs=EPSG:4326', 'resolution=0.0004', 'datetime=../2022-03-07'], 'degrees')
            ours = values_of(cube)
            early = sorted((n for n in items if items[n][0] < dt.datetime(2022, 3, 7, tzinfo=dt.timezone.utc)), key=lambda n: items[n][0])
            same(f'{source} instants', [len(ours['time'])], np.array([len(early)], 'f8'))
            for t, name in enumerate(early):
                same(f'{source} instant {name}', ours[t, 0], warped(items[name][2]['B04'], cube, 'nearest'), 0, 4)
            for method, combine in (('mean', np.nanmean), ('max', np.nanmax), ('median', np.nanmedian), ('min', np.nanmin)):
                words = [path, 'bands=nir', 'groupby=solar_day', f'method={method}', 'resampling=bilinear', 'kernel=plain', *grid]
                cube = cube_of(folder, words, 'overlap')
                for t, names in enumerate(groups.values()):
                    planes = np.stack([warped(items[name][2]['B08'], cube, 'bilinear') for name in names])
                    with np.errstate(all='ignore'):
                        truth = np.full(planes.shape[1:], np.nan)
                        some = ~np.isnan(planes).all(axis=0)
                        truth[some] = combine(planes[:, some], axis=0)
                    same(f'{source} {method} {t}', values_of(cube)[t, 0], truth, 1, 4)
            # The clearer item first, classes by nearest although others are bilinear.
            words = [path, 'bands=SCL,B04', 'groupby=solar_day', 'sort_by=cloud_cover', 'resampling=bilinear', 'kernel=plain', *grid]
            cube = cube_of(folder, words, 'clear')
            for t, names in enumerate(groups.values()):
                clearer = sorted(names, key=lambda n: ('10S' in n) == (t == 1))
                planes = [warped(items[name][2]['SCL'], cube, 'nearest') for name in clearer]
                same(f'{source} classes {t}', values_of(cube)[t, 0], first_valid(planes), 0, 4)
                planes = [warped(items[name][2]['B04'], cube, 'bilinear') for name in clearer]
                same(f'{source} clear red {t}', values_of(cube)[t, 1], first_valid(planes), 1, 4)
        # One zone alone is on its own grid: not one value is computed.
        (folder / 'one').mkdir()
        for name, (_, tile, paths) in items.items():
            if tile == '10SGJ':
                (folder / 'one' / paths['B04'].name).write_bytes(paths['B04'].read_bytes())
        cube = cube_of(folder, [str(folder / 'one')], 'folder')
        for t, name in enumerate(n for n in items if '10S' in n):
            with rasterio.open(items[name][2]['B04']) as source:
                raw = source.read(1).astype('f8')
            same(f'folder {name}', values_of(cube)[t, 0], np.where(raw == 0, np.nan, raw))
        (folder / 'catalog.yaml').write_text(
            'sources:\n  red:\n    driver: rasterio\n    args:\n      urlpath: "{{ CATALOG_DIR }}/one/*_B04.tif"\n')
        again = cube_of(folder, [str(folder / 'catalog.yaml'), 'entry=red'], 'entry')
        same('intake entry', values_of(again), np.asarray(values_of(cube)))
    print(f'{compared} comparisons, {len(failures)} failures')
    for failure in failures[:20]:
        print(failure)
    return 1 if failures else 0


sys.exit(main())
