#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes families.json: a small cube and what numpy, scipy and gdaldem make of it. Run in this folder; Debian's python3-scipy and gdal-bin."""
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy import ndimage, signal

BANDS, LINES, SAMPLES = 13, 6, 8
NODATA = -9999
random = np.random.default_rng(18)
wavelengths = np.round(400 + np.cumsum(random.uniform(4, 12, BANDS)), 2)
whole = (100 + 50 * np.sin(np.arange(BANDS) / 2)[:, None, None] + random.normal(0, 10, (BANDS, LINES, SAMPLES))).round(3).astype('f4')
holed = whole.copy()
holed[5, 3, 4] = holed[:, 4, 2] = holed[0, 0, 0] = NODATA


def windows(plane, size):
    """The square around each pixel, NaN where there is none."""
    padded = np.pad(plane, size // 2, constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, (size, size)).reshape(*plane.shape, -1)


def skipping(function, size):
    """A statistic of what is valid in each square; invalid pixels stay so."""
    cube = np.where(holed == NODATA, np.nan, holed.astype('f8'))
    with np.errstate(all='ignore'):
        return np.where(np.isnan(cube), np.nan, np.stack([function(windows(plane, size), axis=-1) for plane in cube]))


def gaps(result, touched):
    """NaN where `touched` entries along the bands hold nodata."""
    bad = holed == NODATA
    out = result.copy()
    for band in range(BANDS):
        first, last = touched(band)
        out[band][bad[first:last].any(axis=0)] = np.nan
    return out


def savgol(cube, window, order):
    """scipy's, and the same by least squares of each window: two answers that must agree."""
    result = signal.savgol_filter(cube.astype('f8'), window, order, axis=0)
    at = np.arange(window)
    powers = np.vander(at - window // 2, order + 1).astype('f8')
    for band in range(BANDS):
        first = min(max(band - window // 2, 0), BANDS - window)
        fit = np.linalg.lstsq(powers, cube[first:first + window].reshape(window, -1).astype('f8'), rcond=None)[0]
        assert np.allclose(powers[band - first] @ fit, result[band].ravel(), rtol=1e-9)
    return result


def slope(cube, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'dem'
        cube.tofile(path)
        path.with_suffix('.hdr').write_text(header(NODATA), encoding='ascii')
        planes = []
        for band in range(BANDS):
            out = Path(folder) / f'{band}.img'
            subprocess.run(['gdaldem', 'slope', '-q', '-of', 'ENVI', '-b', str(band + 1), *options, str(path), str(out)], check=True)
            planes.append(np.fromfile(out, 'f4').reshape(LINES, SAMPLES))
    result = np.stack(planes).astype('f8')
    return np.where(result == NODATA, np.nan, result)


def header(nodata):
    return (f'ENVI\nsamples = {SAMPLES}\nlines = {LINES}\nbands = {BANDS}\nheader offset = 0\nfile type = ENVI Standard\ndata type = 4\n'
            f'interleave = bsq\nbyte order = 0\ndata ignore value = {nodata}\nwavelength units = Nanometers\n'
            f'wavelength = {{{", ".join(map(str, wavelengths))}}}\nmap info = {{UTM, 1, 1, 500000, 5800000, 30, 20, 33, North, WGS-84}}\n')


def cases():
    """steps, input, expected"""
    yield 'smooth', 'whole', savgol(whole, 7, 2)
    yield 'smooth window=5 order=3', 'whole', savgol(whole, 5, 3)
    yield 'smooth window=13 order=4', 'whole', savgol(whole, 13, 4)
    yield 'smooth window=5', 'holed', gaps(savgol(holed, 5, 2), lambda b: (min(max(b - 2, 0), BANDS - 5), min(max(b - 2, 0), BANDS - 5) + 5))
    for method in ('mean', 'gaussian'):
        weights = np.ones(5) if method == 'mean' else np.exp(-0.5 * (np.arange(-6, 7) / 1.5)**2)
        valid = holed != NODATA
        sums = ndimage.convolve1d(np.where(valid, holed.astype('f8'), 0), weights, axis=0, mode='constant')
        totals = ndimage.convolve1d(valid.astype('f8'), weights, axis=0, mode='constant')
        yield f'smooth method={method} window=5 sigma=1.5', 'holed', np.where(valid, sums / np.where(totals == 0, 1, totals), np.nan)
    yield 'smooth method=median window=3', 'whole', np.stack([np.median(whole[max(b - 1, 0):b + 2].astype('f8'), axis=0) for b in range(BANDS)])
    first = np.gradient(whole.astype('f8'), wavelengths, axis=0)
    yield 'derivative', 'whole', first
    yield 'derivative order=2', 'whole', np.gradient(first, wavelengths, axis=0)
    yield 'derivative dim=x', 'whole', np.gradient(whole.astype('f8'), 30, axis=2)
    cube = whole.astype('f8')
    for edge, size in (('reflect', 7), ('nearest', 3)):
        both = (1, size, size)
        mean = ndimage.uniform_filter(cube, both, mode=edge)
        yield f'focal statistic=mean size={size} edge={edge}', 'whole', mean
        yield f'focal statistic=sum size={size} edge={edge}', 'whole', mean * size * size
        yield f'focal statistic=median size={size} edge={edge}', 'whole', ndimage.median_filter(cube, both, mode=edge)
        low, high = ndimage.minimum_filter(cube, both, mode=edge), ndimage.maximum_filter(cube, both, mode=edge)
        yield f'focal statistic=min size={size} edge={edge}', 'whole', low
        yield f'focal statistic=max size={size} edge={edge}', 'whole', high
        yield f'focal statistic=range size={size} edge={edge}', 'whole', high - low
        yield f'focal statistic=std size={size} edge={edge}', 'whole', ndimage.generic_filter(cube, np.std, both, mode=edge)
    for name, function in {'mean': np.nanmean, 'sum': np.nansum, 'median': np.nanmedian, 'min': np.nanmin, 'max': np.nanmax, 'std': np.nanstd}.items():
        yield f'focal statistic={name} size=5', 'holed', skipping(function, 5)
    yield 'slope', 'holed', slope(holed)
    yield 'slope unit=percent z_factor=0.5', 'holed', slope(holed, '-p', '-s', '2')


def numbers(values):
    return [None if np.isnan(v) else float(f'{v:.7g}') for v in values.ravel()]


made = {'header': header(NODATA), 'whole': numbers(whole), 'holed': numbers(holed),
        'cases': [{'steps': steps, 'input': source, 'expected': numbers(expected)} for steps, source, expected in cases()]}
Path('families.json').write_text(json.dumps(made, separators=(',', ':')).replace('{"steps"', '\n{"steps"') + '\n', encoding='ascii')
