#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations along time beside xarray, pandas and scipy: irregular dates, gaps, nodata, whole numbers, other calendars.

  check_time.py CUBELOOM_CLI DATA      prints what differs; exit status 1 if anything does
"""
import json
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import cftime
import numpy as np
import pandas as pd
import xarray as xr

CLI = sys.argv[1]
warnings.simplefilter('ignore')
failures = []
compared = 0


def series(dates, dtype='f4', nodata=-9999, gaps=0.3, shape=(5, 7), seed=1):
    """Values of a season and a trend, with nodata, on (time, y, x)."""
    random = np.random.default_rng(seed)
    t = np.arange(len(dates)) / 12
    values = 300 + 100 * np.sin(2 * np.pi * t)[:, None, None] + 5 * t[:, None, None] + random.normal(0, 30, (len(dates), *shape))
    values = np.round(values) if np.dtype(dtype).kind in 'iu' else values
    values[:, 0, 0] = np.nan  # never
    values[random.random(values.shape) < gaps] = np.nan
    array = xr.DataArray(values.astype('f8'), dims=('time', 'y', 'x'), coords={'time': dates}, name='value')
    array.encoding = {'dtype': dtype, '_FillValue': np.dtype(dtype).type(nodata)}
    return array


def irregular(n, seed=2, start='1999-11-15', mean=11):
    random = np.random.default_rng(seed)
    return pd.Timestamp(start) + pd.to_timedelta(np.cumsum(random.integers(0, 2 * mean, n)) * 24 + random.integers(0, 24, n), unit='h').sort_values()


def computed(folder, array, steps):
    """What the steps make of an array, each from one reading: {name: DataArray}."""
    source = folder / 'value.nc'
    time = {'dtype': 'f8'} if array['time'].dtype == object else {'dtype': 'i8', 'units': 'seconds since 1990-01-01'}
    array.to_netcdf(source, encoding={'time': time})
    nodes = [{'id': 'in', 'op': 'open', 'params': {'path': str(source)}}]
    for name, (op, params) in steps.items():
        nodes += [{'id': name, 'op': op, 'inputs': ['in'], 'params': params},
                  {'id': f'{name}_file', 'op': 'write', 'inputs': [name], 'params': {'path': str(folder / f'{name}.zarr'), 'overwrite': True}}]
    chain = folder / 'time.cubeloom'
    chain.write_text(json.dumps({'cubeloom': 1, 'nodes': nodes}), encoding='utf-8')
    done = subprocess.run([CLI, 'run', '--progress', 'none', '--workers', '2', str(chain)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f'{steps} failed: {done.stderr}')
    for name in steps:
        with xr.open_zarr(str(folder / f'{name}.zarr')) as made:
            yield name, made['value'].load()
        shutil.rmtree(folder / f'{name}.zarr')


def close(what, ours, theirs, rtol=2e-5, atol=1e-4):
    """Values, nodata and the entries of each dim that both have a coordinate of."""
    global compared
    compared += 1
    theirs = theirs.transpose(*ours.dims)
    if ours.shape != theirs.shape:
        failures.append(f'{what}: shape {ours.shape}, expected {theirs.shape}')
        return
    for dim in ours.dims:
        if dim in theirs.coords and dim in ours.coords and list(ours[dim].values) != list(theirs[dim].values):
            failures.append(f'{what}: {dim} {ours[dim].values[:4]}, expected {theirs[dim].values[:4]}')
            return
    a, b = np.asarray(ours, 'f8'), np.asarray(theirs, 'f8')
    same = (np.abs(a - b) <= atol + rtol * np.abs(b)) | (np.isnan(a) & np.isnan(b)) | (a == b)
    if not same.all():
        at = np.unravel_index(np.argmin(same), same.shape)
        failures.append(f'{what}: {(~same).sum()} of {same.size} differ, at {at} {a[at]!r}, expected {b[at]!r}')


def check(folder, what, array, cases):
    """`cases`: {words: (operation, parameters, function of the array)}."""
    numbered = {f'c{i}': case for i, case in enumerate(cases.values())}
    for (name, ours), words in zip(computed(folder, array, {n: c[:2] for n, c in numbered.items()}), cases):
        close(f'{what}, {words}', ours, numbered[name][2](array))


def resampled(freq, statistic, **ends):
    def oracle(array):
        groups = array.resample(time=freq, **ends)
        if statistic == 'count':
            return groups.count().fillna(0)
        return getattr(groups, statistic)(**({'min_count': 1} if statistic == 'sum' else {}))
    return oracle


def check_resample(folder):
    dates = irregular(150)
    daily = pd.date_range('2003-12-20', periods=430, freq='D')
    hourly = pd.date_range('2003-02-25 05:00', periods=300, freq='7H')
    for what, array in (('floats', series(dates)), ('int16', series(dates, 'i2')), ('daily', series(daily, 'u2', 65535)), ('hourly', series(hourly, 'f8'))):
        cases = {}
        for freq in ('YS', 'QS-DEC', 'QS', 'MS', 'W', 'W-WED', '16D', '10D', 'M', 'Q', 'A', 'AS-OCT', 'Q-JAN', '2MS', '3M', '2W', 'D', '2AS'):
            cases[freq] = ('resample_time', {'freq': freq}, resampled(freq, 'mean'))
            for end in ('left', 'right'):
                if freq in ('16D', '10D', 'D') and end == 'right' and what != 'daily':
                    continue  # pandas before 2 moves these edges by a day
                cases[f'{freq} closed {end}'] = ('resample_time', {'freq': freq, 'closed': end}, resampled(freq, 'mean', closed=end))
                cases[f'{freq} label {end}'] = ('resample_time', {'freq': freq, 'label': end}, resampled(freq, 'mean', label=end))
        for statistic in ('mean', 'median', 'min', 'max', 'std', 'var', 'sum', 'count', 'first', 'last'):
            cases[statistic] = ('resample_time', {'freq': 'MS', 'statistic': statistic}, resampled('MS', statistic))
        if what == 'hourly':
            cases['6H'] = ('resample_time', {'freq': '6H'}, resampled('6H', 'mean'))
            cases['9H'] = ('resample_time', {'freq': '9H', 'closed': 'right'}, resampled('9H', 'mean', closed='right'))
        check(folder, f'resample_time of {what}', array, cases)
    for calendar in ('noleap', '360_day'):
        array = series(xr.cftime_range('1999-11-15', periods=200, freq='9D', calendar=calendar))
        check(folder, f'resample_time in {calendar}', array, {
            freq: ('resample_time', {'freq': freq}, resampled(freq, 'mean')) for freq in ('YS', 'QS-DEC', 'MS', '40D')})


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for topic in [value for key, value in globals().items() if key.startswith('check_')]:
            topic(folder)
    print(f'{compared} results compared')
    print('\n'.join(failures[:40]))
    return 1 if failures or compared == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
