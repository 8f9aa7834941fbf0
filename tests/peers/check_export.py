#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation as an exported Python program, run by xarray, rioxarray and dask beside the engine: the same dims and values.

  check_export.py CUBELOOM_CLI DATA [OPERATION...]      prints what differs; exit status 1 if anything does
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import rioxarray  # noqa: F401
import xarray as xr
from osgeo import gdal, osr

warnings.simplefilter('ignore')
gdal.UseExceptions()
osr.UseExceptions()
CLI, ONLY = sys.argv[1], set(sys.argv[3:])
os.environ['CUBELOOM_CLI'] = CLI
# Where a program leaves the engine's ways, and by how much values may differ, relative to the largest.
EXACT = {'isel', 'sel', 'transpose', 'flip', 'clip', 'sortby', 'rename', 'squeeze', 'expand_dims', 'assign_coords', 'set_labels', 'drop_bands',
         'assign_nodata', 'assign_crs', 'assign_grid', 'open', 'concat', 'stack', 'mask', 'orthorectify', 'astype', 'reclassify', 'clamp'}
failures = []


def cli(*words):
    return subprocess.run([CLI, *words], capture_output=True, text=True)


def write_inputs():
    """The sample cube; labels and a lookup table on its grid; features; a series with gaps; a raster with control points."""
    sample = Path(CLI).with_name('cubeloom-sample')
    subprocess.run([sample, '.', '71x67x64'], check=True, capture_output=True)
    for name in ('', '.hdr'):
        os.rename('shift_71x67x64' + name, 'cube' + name)
    lines, samples = 71, 67
    grid = gdal.Open('cube').GetGeoTransform()
    wkt = osr.SpatialReference()
    wkt.ImportFromEPSG(32610)

    def tiff(name, bands, gdal_type, placed=True):
        out = gdal.GetDriverByName('GTiff').Create(name, bands.shape[2], bands.shape[1], bands.shape[0], gdal_type)
        if placed:
            out.SetGeoTransform(grid)
            out.SetProjection(wkt.ExportToWkt())
        out.WriteArray(bands)
        return out

    row, col = np.mgrid[0:lines, 0:samples]
    tiff('labels.tif', ((row // 9 + col // 7) % 5)[None].astype('u1'), gdal.GDT_Byte)
    i = np.arange(80 * 90).reshape(80, 90)
    sample_number, line = i // 90 - 5 + i % 90 // 9, i % 90 - 6
    inside = (sample_number >= 1) & (line >= 1) & (sample_number <= samples) & (line <= lines)
    tiff('glt.tif', np.where(inside, [sample_number, line], 0).astype('i4'), gdal.GDT_Int32)
    k = np.arange(lines * samples).reshape(1, lines, samples)
    points = tiff('points.tif', np.where(k % 13 == 0, -999, k % 101).astype('i2'), gdal.GDT_Int16, placed=False)
    points.GetRasterBand(1).SetNoDataValue(-999)
    points.SetGCPs([gdal.GCP(500000 + 9 * c + 4 * r, 4000000 - 9 * r + 3 * c, 0, c, r) for c in (0, 67) for r in (0, 71)], wkt.ExportToWkt())
    points = None

    def at(c, r):
        return [grid[0] + c * grid[1], grid[3] + r * grid[5]]

    def box(left, top, right, bottom):
        return [at(left, top), at(right, top), at(right, bottom), at(left, bottom), at(left, top)]

    def features(name, all_of):
        Path(name).write_text(json.dumps({
            'type': 'FeatureCollection', 'crs': {'type': 'name', 'properties': {'name': 'urn:ogc:def:crs:EPSG::32610'}},
            'features': [{'type': 'Feature', 'properties': p, 'geometry': {'type': t, 'coordinates': c}} for p, t, c in all_of]}), encoding='utf-8')

    features('fields.geojson', [({'name': 'a', 'crop': 'maize'}, 'Polygon', [box(3.2, 14.1, 30.7, 42.6), box(18.5, 19.5, 22.2, 24.9)]),
                                ({'name': 'b', 'crop': 'wheat'}, 'MultiPolygon', [[box(20.3, 20.2, 40.9, 51.4)], [box(50.1, 50.2, 58.3, 55.7)]])])
    features('plots.geojson', [({'name': 'p1'}, 'Point', at(23.4, 27.7)), ({'name': 'p2'}, 'Point', at(40.2, 36.1)),
                               ({'name': 'off'}, 'Point', at(-3, 5))])
    t = np.arange(61)
    dates = pd.Timestamp('1999-11-15') + pd.to_timedelta(23 * t + t % 5, unit='D') + pd.to_timedelta(t % 3, unit='h')
    i = np.arange(9 * 8)
    values = 20 * np.sin(0.4 * t[:, None]) + (i * 31 + t[:, None] * 17) % 23 + 0.05 * t[:, None] + 40
    cloudy = ((t[:, None] * 7 + i * 3) % 11 == 0) | ((i % 29 == 0) & (t[:, None] % 4 != 1))
    series = xr.DataArray(np.where(cloudy, np.nan, values).astype('f4').reshape(61, 9, 8), dims=('time', 'y', 'x'), name='series',
                          coords={'time': dates, 'y': 4000000 - 30 * np.arange(9) - 15.0, 'x': 500000 + 30 * np.arange(8) + 15.0})
    series.rio.write_crs(32610).to_netcdf('series.nc', encoding={'series': {'_FillValue': np.float32(-9999)}})


def words_of(operation, example):
    """What the example takes, and the step itself, as words of a pipeline."""
    step = shlex.split(example)
    if operation['role'] == 'source':
        return [], step
    first = 'series.nc' if operation['category'] == 'Time' else 'points.tif' if operation['id'] == 'georeference' else 'cube.hdr'
    words, names = ['!', 'first=', 'open', first], ['[first]']
    for port in operation['inputs'][1:]:
        labels = port['name'] == 'labels' and not any(word.startswith('polygons=') for word in step)
        if port['optional'] and not labels:
            break
        name = port['name'].replace(' ', '')
        words += ['!', f'{name}=', 'open', f'{name}.tif' if name in ('labels', 'glt') else first]
        names.append(f'[{name}]')
    return words, [step[0], *names, *step[1:]]


def variants(operation):
    """The examples, and the first of them with every choice in turn."""
    examples = [operation['example'], *operation['more_examples']]
    if operation['id'] == 'reproject':  # its example is coarser than the cube: GDAL's averages see nothing there
        examples.insert(0, 'reproject crs=EPSG:32611 resolution=20 resampling=nearest')
    for example in examples:
        yield example
    for parameter in operation['parameters']:
        for choice in parameter.get('choices') or []:
            rest = [word for word in shlex.split(examples[0]) if not word.startswith(parameter['name'] + '=')]
            yield shlex.join([*rest, f'{parameter["name"]}={choice}'])


def both(operation):
    """[(example, program, file of the engine's result)], and what went wrong. An example that does not bind with a choice is left out, and
    so is one that would compare the engine with itself once more."""
    pairs, run, problems = [], [], []
    for number, example in enumerate(variants(operation)):
        inputs, step = words_of(operation, example)
        exported = cli('export', '--to', 'python', *inputs, '!', 'step=', *step)
        if number > 0 and (exported.returncode in (2, 3) or 'by_cubeloom([' in exported.stdout):
            continue
        if exported.returncode:
            problems.append(f'{example}\n  {exported.stderr}')
            continue
        file = f'{operation["id"]}{number}.nc'
        opened = [inputs[i:i + 4] for i in range(0, len(inputs), 4)]
        run += [word for words in opened if words[1] not in run for word in words]
        run += ['!', *step, '!', 'write', file]
        pairs.append((example, exported.stdout, file))
    done = cli('run', '--progress', 'none', *run)
    if done.returncode:
        problems.append(f'{operation["id"]}\n  {done.stderr}')
    return [] if done.returncode else pairs, problems


def ran(program):
    """What the program prints at its end."""
    printed = []
    exec(compile(program, 'program.py', 'exec'), {'__name__': '__main__', 'print': printed.append})
    return printed[-1]


def compare(operation, ours, theirs):
    if theirs.dims != ours.dims or theirs.shape != ours.shape:
        return f'dims {theirs.dims} {theirs.shape}, ours are {ours.dims} {ours.shape}'
    for dim in ours.dims:
        if dim in ours.coords and dim in theirs.coords:
            a, b = np.asarray(ours[dim]), np.asarray(theirs[dim])
            numbers = a.dtype.kind in 'iuf' and b.dtype.kind in 'iuf'
            if not (np.allclose(a, b, rtol=1e-9) if numbers else np.array_equal(a.astype(str), b.astype(str))):
                return f'coordinate {dim} is {b[:5]}, ours is {a[:5]}'
        elif (dim in ours.coords) != (dim in theirs.coords):
            return f'coordinate {dim} is there in {"ours" if dim in ours.coords else "theirs"} alone'
    a, b = np.asarray(ours).astype('f8'), np.asarray(theirs).astype('f8')
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return f'{(np.isnan(a) != np.isnan(b)).sum()} of {a.size} values are nodata in one alone ({np.isnan(a).sum()} ours, {np.isnan(b).sum()} theirs)'
    if np.isnan(a).all():
        return ''
    difference = np.nanmax(abs(a - b))
    allowed = 0 if operation['id'] in EXACT else 1e-6 * max(1, np.nanmax(abs(a)))
    if operation['id'] in ('reproject', 'align'):
        allowed *= 10  # GDAL adds up in float32
    return f'differs by up to {difference:.3g} of {np.nanmax(abs(a)):.3g}' if difference > allowed else ''


def main():
    scratch = tempfile.TemporaryDirectory(prefix='cubeloom-export-')
    os.chdir(scratch.name)
    write_inputs()
    operations = [o for o in json.loads(cli('ops', '--json').stdout)['operations'] if not ONLY or o['id'] in ONLY]
    count = engine = 0
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        transforms = [o for o in operations if o['role'] != 'sink']
        results = list(pool.map(both, transforms))
    made_in = time.monotonic() - began
    for operation, (pairs, problems) in zip(transforms, results):
        failures.extend(problems)
        for example, program, file in pairs:
            count += 1
            engine += 'by_cubeloom([' in program
            with xr.open_dataset(file, decode_coords='all') as dataset:
                ours = dataset[list(dataset.data_vars)[0]].load()
            if 'scale_factor' in ours.encoding:  # in a chain they are as they are stored
                ours = np.rint((ours - ours.encoding['add_offset']) / ours.encoding['scale_factor'])
            try:
                problem = compare(operation, ours, ran(program))
            except Exception:
                problem = traceback.format_exc(limit=-2)
            if problem:
                failures.append(f'{example}\n  {problem}\n  ' + program.split('# step: ')[-1])
    for failure in failures:
        print(failure)
    print(f'{count} programs, {engine} of them call the engine; {len(failures)} differ; {made_in:.0f} s + {time.monotonic() - began - made_in:.0f} s',
          file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
