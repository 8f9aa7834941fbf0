#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reductions of cubeloom-cli beside numpy's, of arrays with ties, NaN, nodata, infinities, of whole numbers, of tiny and skewed ranges.

  check_statistics.py CUBELOOM_CLI DATA      prints what differs; exit status 1 if anything does
"""
import json
import math
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import zarr

CLI = sys.argv[1]
NODATA = -9999
QUANTILES = [0, 0.02, 0.25, 0.5, 0.7, 0.98, 1]
CODES = {'u1': 1, 'i2': 2, 'i4': 3, 'f4': 4, 'f8': 5, 'u2': 12, 'u4': 13, 'i8': 14}
failures = []


def arrays():
    """name, values as (y, band, x): BIL. The long ones are beyond what is selected from in memory, and are searched."""
    random = np.random.default_rng(5)
    shape = (37, 4, 53)
    normal = random.normal(0.2, 0.05, shape)
    normal[:, 1] = NODATA
    normal[3:9, 2, 5:30] = NODATA
    normal[random.random(shape) < 0.1] = np.nan
    yield 'normal', normal.astype('f4')
    ties = random.integers(0, 3, shape).astype('f8')
    ties[0, 0, 0] = np.inf
    ties[0, 1, :20] = -np.inf
    yield 'ties and infinities', ties
    yield 'tiny range', (1e9 + random.random(shape) * 1e-6).astype('f8')
    yield 'skewed', (10.0 ** random.uniform(-140, 140, shape))
    yield 'far from zero', (1e7 + random.random(shape)).astype('f8')
    for code in ('u1', 'i2', 'u2', 'i4', 'u4', 'i8'):
        limits = np.iinfo(code)
        yield f'all of {code}', random.integers(max(limits.min, -2**52), min(limits.max, 2**52), shape, dtype=code, endpoint=True)
    long = random.gamma(2, 0.1, (1300, 1, 1700)).astype('f4')
    long[random.random(long.shape) < 0.3] = NODATA
    yield 'long', long
    yield 'long and whole', np.repeat(long * 100, 2, 1).astype('i2')


def write_envi(path, values):
    lines, bands, samples = values.shape
    values.tofile(path)
    Path(f'{path}.hdr').write_text(f'ENVI\nsamples = {samples}\nlines = {lines}\nbands = {bands}\nheader offset = 0\n'
                                   f'file type = ENVI Standard\ndata type = {CODES[values.dtype.str[1:]]}\ninterleave = bil\n'
                                   f'byte order = 0\ndata ignore value = {NODATA}\n', encoding='ascii')


def cubeloom(folder, source, steps):
    """The results of several reductions of one array, computed side by side from one reading."""
    nodes = [{'id': 'in', 'op': 'open', 'params': {'path': str(source)}}]
    for name, (op, params) in steps.items():
        nodes += [{'id': name, 'op': op, 'inputs': ['in'], 'params': params},
                  {'id': f'{name}_file', 'op': 'write', 'inputs': [name], 'params': {'path': str(folder / f'{name}.zarr'), 'overwrite': True}}]
    chain = folder / 'reductions.cubeloom'
    chain.write_text(json.dumps({'cubeloom': 1, 'nodes': nodes}), encoding='utf-8')
    done = subprocess.run([CLI, 'run', '--progress', 'none', '--workers', '2', str(chain)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f'{steps} failed: {done.stderr}')
    for name in steps:
        group = zarr.open_consolidated(str(folder / f'{name}.zarr'))
        yield next(array[:] for key, array in group.arrays() if array.ndim >= 1 and key == source.stem)


def close(what, actual, expected, tolerance):
    """`tolerance` relative; equal where not finite."""
    actual, expected = np.asarray(actual, 'f8'), np.asarray(expected, 'f8')
    with np.errstate(all='ignore'):
        near = np.abs(actual - expected) <= tolerance * np.abs(expected)
    same = near | (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    if actual.shape != expected.shape or not same.all():
        worst = np.argmin(same) if actual.shape == expected.shape else 0
        failures.append(f'{what}: {actual.shape} {actual.flat[worst]!r}, expected {expected.shape} {expected.flat[worst]!r}')


def sets_of(values, axes):
    """Valid values as float64 of each result, in the order of the dims that stay."""
    kept = [d for d in range(3) if d not in axes]
    flat = np.moveaxis(values, kept, range(len(kept))).reshape(-1, math.prod(values.shape[d] for d in axes))
    for row in flat:
        row = row.astype('f8')
        yield row[~np.isnan(row) & (row != NODATA)]


def quantiles(good):
    """numpy's, but between equal infinities that value (numpy 1.24 has NaN there)."""
    if good.size == 0:
        return [np.nan] * len(QUANTILES)
    lower, upper = np.quantile(good, QUANTILES, method='lower'), np.quantile(good, QUANTILES, method='higher')
    with np.errstate(all='ignore'):
        return np.where(lower == upper, lower, np.quantile(good, QUANTILES))


def check_array(folder, name, values):
    source = folder / 'source.bil'
    write_envi(source, values)
    shape = values.shape
    narrow = values.dtype == np.float32 or values.dtype.itemsize <= 2
    for axes, dims in (((0, 2), 'y,x'), ((1,), 'band'), ((0, 1, 2), 'band,y,x'), ((2,), 'x')):
        is_long, is_whole = values.size > 1e6, values.dtype.kind in 'iu'
        if axes in ((1,), (2,)) and (is_long or is_whole) or is_long and (axes == (0, 2)) != is_whole:
            continue
        kept = tuple(shape[d] for d in range(3) if d not in axes)
        sets = list(sets_of(values, axes))
        what = f'{name} over {dims}'
        count = [good.size for good in sets]
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            sums = [math.fsum(good) if np.isfinite(good).all() else good.sum() for good in sets]
            mean = [s / n if n else np.nan for s, n in zip(sums, count)]
            # From the first value, as the mean itself is rounded.
            off = [good[0] if n else 0 for good, n in zip(sets, count)]
            std = [math.sqrt(math.fsum((good - o - math.fsum(good - o) / n) ** 2) / n) if n and np.isfinite(good).all() else np.std(good) if n else np.nan
                   for good, o, n in zip(sets, off, count)]
        least, most = ([f(good) if good.size else np.nan for good in sets] for f in (np.min, np.max))
        low, high = (0.0, 0.5) if name in ('normal', 'long') else (-1.0, 2.0) if name.startswith('ties') else (-100.0, 30000.0)
        over = dims.split(',')
        statistics, histogram, values_at = cubeloom(folder, source, {
            'statistics': ('statistics', {'dims': over}),
            'histogram': ('reduce', {'dims': over, 'statistic': 'histogram', 'bins': 37, 'range': f'{low},{high}'}),
            'quantiles': ('reduce', {'dims': over, 'statistic': 'quantile', 'q': ','.join(map(str, QUANTILES))})})
        for i, (label, expected, tolerance) in enumerate((('count', count, 0), ('min', least, 0), ('max', most, 0), ('mean', mean, 1e-12),
                                                          ('std', std, 1e-12))):
            close(f'{what}: {label}', statistics[i], np.reshape(expected, kept), tolerance)
        close(f'{what}: histogram', histogram, np.reshape([np.histogram(good, 37, (low, high))[0] for good in sets], (*kept, 37)), 0)
        values_at = np.where(values_at == NODATA, np.nan, values_at)
        expected = np.moveaxis(np.reshape([quantiles(good) for good in sets], (*kept, len(QUANTILES))), -1, 0)
        if narrow:
            with np.errstate(over='ignore'):
                expected = expected.astype('f4')
        close(f'{what}: quantiles', values_at, expected, 1.2e-7 if narrow else 1e-15)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, values in arrays():
            check_array(Path(folder), name, values)
    print('\n'.join(failures) or 'all as numpy has it')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
