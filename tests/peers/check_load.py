#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""load beside odc-stac's definition in numpy and GDAL: each item warped by itself onto the cube's grid, then the first valid one.

  check_load.py CUBELOOM_CLI DATA      prints what differs; exit status 1 if anything does
"""
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
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


def check_work(folder, items):
    """The same bytes for any workers and budget, within what was projected."""
    global compared
    first = None
    for workers, memory in ((1, '2GiB'), (2, '512MiB'), (7, '300MiB')):
        out, report = folder / f'work{workers}.tif', folder / f'report{workers}.json'
        chain = ['!', 'load', str(folder / 'items.json'), 'bands=red,nir', 'crs=EPSG:32611', 'resolution=3', 'groupby=solar_day',
                 'method=median', 'resampling=cubic', '!', 'isel', 'time=1', '!', 'write', str(out), 'overwrite=true']
        done = subprocess.run([CLI, 'run', '--progress', 'none', '--workers', str(workers), '--memory', memory, '--report', str(report), *chain],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        told = json.loads(report.read_text())
        compared += 1
        if not told['measured_peak_bytes'] <= told['projected_peak_bytes'] <= told['memory_budget_bytes']:
            failures.append(f'{workers} workers: measured {told["measured_peak_bytes"]}, projected {told["projected_peak_bytes"]}, '
                            f'budget {told["memory_budget_bytes"]}')
        first = first or out.read_bytes()
        if out.read_bytes() != first:
            failures.append(f'{workers} workers: other bytes')


def check_error(what, words, *parts, expected=2):
    global compared
    compared += 1
    done = subprocess.run([CLI, 'run', '--progress', 'none', '!', 'load', *words], capture_output=True, text=True)
    if done.returncode != expected or not all(part in done.stderr for part in parts):
        failures.append(f'{what}: exit {done.returncode}: {done.stderr.strip()}')


def check_laziness(folder):
    """What lies outside is never looked at; what lies inside and is missing is named."""
    global compared
    document = json.loads((folder / 'items.json').read_text())
    for feature in document['features']:
        if '11SKD' in feature['id'] or '202203' in feature['id'] and feature['id'].endswith('06'):
            for asset in feature['assets'].values():
                asset['href'] = './gone/' + asset['href'][2:]
    sparse = folder / 'sparse.json'
    sparse.write_text(json.dumps(document))
    out = ['!', 'write', str(folder / 'sparse.nc'), 'overwrite=true']
    west = 'bounds=759980,3998000,760080,3999000'
    run(['!', 'load', str(sparse), 'bands=red', 'crs=EPSG:32610', 'resolution=20', west, 'datetime=2022-03-01', *out])
    compared += 1
    check_error('missing by time', [str(sparse), 'bands=red', 'crs=EPSG:32610', 'resolution=20', west, *out], 'S2_10SGJ_20220306', 'gone', expected=3)
    check_error('missing by place', [str(sparse), 'bands=red', 'crs=EPSG:32610', 'datetime=2022-03-01', *out], 'S2_11SKD_20220301', 'gone', expected=3)
    check_error('several systems', [str(sparse), 'bands=red', *out], 'EPSG:32610', 'EPSG:32611', 'crs=')
    check_error('no such band', [str(sparse), 'bands=rde', *out], 'rde', 'did you mean')
    check_error('no such time', [str(sparse), 'datetime=2021', *out], 'none of 6 items', '2022-03-01')
    check_error('no time', [str(sparse), 'datetime=soon', *out], 'soon', '2022-03')
    check_error('elsewhere', [str(sparse), 'bbox=10,50,11,51', *out], 'none of 6 items', 'degrees')
    check_error('no such method', [str(sparse), 'resampling=sharp', *out], 'sharp', 'bilinear')
    check_error('no such property', [str(sparse), 'crs=EPSG:32610', 'bands=red', 'sort_by=clouds', west, 'datetime=2022-03-01', *out], 'clouds')
    for feature in document['features']:
        for asset in feature['assets'].values():
            asset['href'] = 'https://example.org/' + asset['href'][2:]
    (folder / 'remote.json').write_text(json.dumps(document))
    check_error('network', [str(folder / 'remote.json'), 'bands=red', 'crs=EPSG:32610', *out], 'network', 'S2_10SGJ_20220301', expected=3)


def check_disagreement(folder):
    """Items that say other than their files: the file counts, and a warning says so."""
    global compared
    document = json.loads((folder / 'items.json').read_text())
    truth = None
    words = ['bands=B04', 'groupby=solar_day', 'crs=EPSG:32610', 'resolution=20']

    def saying(change):
        changed = json.loads(json.dumps(document))
        for feature in changed['features']:
            change(feature, feature['assets']['B04'])
        path = folder / 'saying.json'
        path.write_text(json.dumps(changed))
        return str(path)

    def nothing(feature, asset):
        for key in ('proj:shape', 'proj:transform', 'raster:bands', 'eo:bands'):
            del asset[key]
        del feature['bbox'], feature['properties']['proj:epsg']

    cases = {'as it is': lambda feature, asset: None, 'silent items': nothing,
             'another nodata': lambda feature, asset: asset['raster:bands'][0].update(nodata=7),
             'another type': lambda feature, asset: asset['raster:bands'][0].update(data_type='uint8'),
             'another grid': lambda feature, asset: asset.update({'proj:transform': [20, 0, 700000, 0, -20, 4000000]})}
    for what, change in cases.items():
        cube = values_of(cube_of(folder, [saying(change), *words], 'saying')).values
        truth = cube if truth is None else truth
        same(what, cube, truth)
        said = subprocess.run([CLI, 'plan', '!', 'load', saying(change), *words, '!', 'write', str(folder / 'x.nc')], capture_output=True, text=True)
        compared += 1
        if ('the file counts' in said.stdout + said.stderr) != what.startswith('another'):
            failures.append(f'{what}: {said.stdout} {said.stderr}')

    # A scale that all items have goes with the values; one that changes makes them true ones.
    def scaled(feature, asset):
        asset['raster:bands'][0].update(scale=0.0001, offset=-0.1)

    def later(feature, asset):
        asset['raster:bands'][0].update(scale=0.0001, offset=-0.1 if feature['id'].endswith('01') else 0)

    cube = values_of(cube_of(folder, [saying(scaled), *words], 'scaled')).values
    same('one scale', cube, truth * 0.0001 - 0.1, 1e-6)
    cube = values_of(cube_of(folder, [saying(later), *words], 'later')).values
    same('changing scale', cube, truth * 0.0001 - np.array([0.1, 0, 0])[:, None, None, None], 1e-6)
    cube = values_of(cube_of(folder, [saying(scaled), *words, 'decode=true'], 'true')).values
    same('true values', cube, truth * 0.0001 - 0.1, 1e-6)

    # One item alone says another grid than its file, behind the sample that is looked at.
    def liar(feature, asset):
        if feature['id'] == 'S2_11SKD_20220306':
            asset['proj:transform'] = [20, 0, 220020, 0, -20, 4000120]

    def many_bands(feature, asset):
        asset['raster:bands'] *= 3
        asset['eo:bands'] = [{'name': name} for name in ('x', 'y', 'z')]

    check_error('too many bands', [saying(many_bands), 'bands=z', 'crs=EPSG:32610', '!', 'write', str(folder / 'z.nc')], 'S2_10SGJ_20220301', '1 band',
                "'z'")
    check_error('one liar', [saying(liar), *words, '!', 'write', str(folder / 'liar.nc'), 'overwrite=true'], 'S2_11SKD_20220306', 'grid', expected=1)


def check_antimeridian(folder):
    """Two tiles of zones 60 and 1 meet at 180 degrees."""
    place = folder / 'pacific'
    place.mkdir()
    for name, epsg, x, first in (('a_20220101', 32760, 812000, 100), ('b_20220101', 32701, 180500, 1000)):
        with rasterio.open(place / f'{name}.tif', 'w', driver='GTiff', width=100, height=100, count=1, dtype='int16', nodata=-1,
                           crs=CRS.from_epsg(epsg), transform=Affine(100, 0, x, 0, -100, 8120000)) as out:
            out.write((first + np.arange(10000).reshape(100, 100) % 97).astype('int16'), 1)
    for words in (['crs=EPSG:4326', 'resolution=0.001'], ['crs=EPSG:32760', 'resolution=100'],
                  ['crs=EPSG:4326', 'resolution=0.001', 'bbox=-180.02,-17.05,-179.97,-17']):
        cube = cube_of(folder, [str(place / '*.tif'), *words], 'pacific')
        planes = [warped(place / f'{name}.tif', cube, 'nearest') for name in ('a_20220101', 'b_20220101')]
        same(f'antimeridian {words}', values_of(cube)[0, 0], first_valid(planes))


def check_many(folder):
    """A thousand items plan in about a second, and few files are open at once."""
    global compared
    place = folder / 'many'
    place.mkdir()
    transform = Affine(10, 0, 600000, 0, -10, 4000000)
    features = []
    for i in range(1000):
        path = place / f'{i}.tif'
        with rasterio.open(path, 'w', driver='GTiff', width=8, height=8, count=1, dtype='uint16', nodata=0, crs=CRS.from_epsg(32610 + i % 2),
                           transform=transform * Affine.translation(i % 40, i // 40)) as out:
            out.write(np.full((8, 8), i + 1, 'uint16'), 1)
            numbers = list(out.transform)[:6]
        moment = dt.datetime(2022, 1, 1, 18) + dt.timedelta(days=i // 4)
        features.append({'type': 'Feature', 'id': f'i{i}', 'stac_version': '1.0.0', 'links': [],
                         'properties': {'datetime': f'{moment:%Y-%m-%dT%H:%M:%SZ}', 'proj:epsg': 32610 + i % 2},
                         'assets': {'red': {'href': f'./{i}.tif', 'type': 'image/tiff', 'proj:shape': [8, 8], 'proj:transform': numbers,
                                            'raster:bands': [{'data_type': 'uint16', 'nodata': 0}]}}})
    collection = place / 'items.json'
    collection.write_text(json.dumps({'type': 'FeatureCollection', 'features': features}))
    words = [str(collection), 'crs=EPSG:32610', 'resolution=1000', 'groupby=solar_day']
    began = time.monotonic()
    subprocess.run([CLI, 'plan', '!', 'load', *words, '!', 'write', str(place / 'x.zarr')], capture_output=True, check=True)
    compared += 1
    if time.monotonic() - began > 5:  # a fifth of it on a machine that does nothing else
        failures.append(f'1,000 items plan in {time.monotonic() - began:.1f} s')
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))
    mosaic = [str(collection), 'groupby=none', 'method=count', 'crs=EPSG:32610', 'bounds=599900,3999000,600600,4000100']
    done = subprocess.run([CLI, 'run', '--progress', 'none', '!', 'load', *mosaic, '!', 'write', str(place / 'count.nc')], preexec_fn=few,
                          capture_output=True, text=True)
    if done.returncode != 0:
        failures.append(f'many files: {done.stderr}')
        return
    with xr.open_dataset(place / 'count.nc') as cube:
        same('how many tiles lie on each other', [float(values_of(cube).sum())], np.array([500 * 64.0]))


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
        check_work(folder, items)
        check_laziness(folder)
        check_disagreement(folder)
        check_antimeridian(folder)
        check_many(folder)

    print(f'{compared} comparisons, {len(failures)} failures')
    for failure in failures[:20]:
        print(failure)
    return 1 if failures else 0


sys.exit(main())
