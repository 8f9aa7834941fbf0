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
import scipy.stats
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


def key_of(array, by):
    """The group of each date; of days those of a leap year."""
    time = array['time'].dt
    if by == 'dayofyear' and array['time'].dtype != object:
        return (time.dayofyear + ((time.dayofyear > 59) & ~time.is_leap_year)).rename('dayofyear')
    return getattr(time, by)


def windowed(array, by, window, weights, statistic, turn):
    """By numpy alone: {group: statistic of all values not farther away than half the window, around the turn}."""
    key = np.asarray(array['time'].dt.month % 12 // 3 if by == 'season' else key_of(array, by))
    rows = []
    for k in np.unique(key):
        apart = np.minimum(abs(key - k), turn - abs(key - k))
        near = apart <= window // 2
        values = array.values[near]
        weight = np.where(np.isnan(values), 0, (1 - apart[near] / (window // 2 + 1))[:, None, None] if weights == 'linear' else 1)
        total = weight.sum(0)
        mean = np.nansum(values * weight, 0) / total
        spread = np.sqrt(np.nansum(weight * (values - mean) ** 2, 0) / total)
        rows.append({'mean': mean, 'std': np.where(total > 0, spread, np.nan), 'median': np.nanmedian(values, 0), 'max': np.nanmax(values, 0)}[statistic])
    names = np.array(['DJF', 'MAM', 'JJA', 'SON'])[np.unique(key)] if by == 'season' else np.unique(key)
    return xr.DataArray(np.array(rows), dims=(by, 'y', 'x'), coords={by: names})


def check_climatology(folder):
    turns = {'month': 12, 'season': 4, 'dayofyear': 366, 'hour': 24}
    daily = series(pd.date_range('1998-12-25', '2004-03-05', freq='D'), 'i2', gaps=0.2, shape=(2, 3))
    for what, array in (('irregular', series(irregular(400))), ('daily', daily)):
        cases = {}
        for by, turn in turns.items():
            if by == 'hour' and what == 'daily':
                continue
            for statistic in ('mean', 'median', 'std', 'max'):
                cases[f'{by} {statistic}'] = ('climatology', {'by': by, 'statistic': statistic},
                                              lambda a, by=by, s=statistic, n=turn: windowed(a, by, 1, 'uniform', s, n))
            cases[f'{by} of xarray'] = ('climatology', {'by': by}, lambda a, by=by: a.groupby(key_of(a, by)).mean().pipe(
                lambda c: c.sel(season=[s for s in ('DJF', 'MAM', 'JJA', 'SON') if s in c['season']]) if by == 'season' else c))
            for window in (3, 31) if by == 'dayofyear' else (3,):
                for weights in ('uniform', 'linear'):
                    for statistic in ('mean', 'std'):
                        cases[f'{by} {window} {weights} {statistic}'] = (
                            'climatology', {'by': by, 'window': window, 'weights': weights, 'statistic': statistic},
                            lambda a, by=by, w=window, l=weights, s=statistic, n=turn: windowed(a, by, w, l, s, n))
        check(folder, f'climatology of {what}', array, cases)
    for calendar, days in (('noleap', 365), ('360_day', 360)):
        array = series(xr.cftime_range('1999-11-15', periods=900, freq='2D', calendar=calendar), shape=(2, 3))
        check(folder, f'climatology in {calendar}', array, {
            'days': ('climatology', {'by': 'dayofyear'}, lambda a: a.groupby('time.dayofyear').mean()),
            'window': ('climatology', {'by': 'dayofyear', 'window': 9}, lambda a: windowed(a, 'dayofyear', 9, 'uniform', 'mean', days)),
            'anomaly': ('anomaly', {'baseline': '2000/2002-02'}, lambda a: a.groupby('time.month') - a.sel(time=slice('2000', '2002-02')).groupby('time.month').mean())})


def check_anomaly(folder):
    def oracle(mode, by, baseline):
        def of(array):
            base = array.sel(time=slice(*baseline.split('/'))) if baseline else array
            mean, std = base.groupby(key_of(base, by)).mean(), base.groupby(key_of(base, by)).std()
            groups = array.groupby(key_of(array, by))
            if mode == 'ratio':
                return groups / mean
            off = groups - mean
            result = off if mode == 'difference' else off.groupby(key_of(array, by)) / std
            return result.where(np.isfinite(result))
        return of
    for what, array in (('floats', series(irregular(300))), ('falling', series(irregular(300), 'i2').isel(time=slice(None, None, -1)))):
        turned = lambda a: a.isel(time=slice(None, None, -1))
        forward = lambda f: lambda a: f(a) if a['time'][0] < a['time'][-1] else turned(f(turned(a)))
        check(folder, f'anomaly of {what}', array, {
            f'{mode} {by} {baseline}': ('anomaly', {'mode': mode, 'by': by, **({'baseline': baseline} if baseline else {})}, forward(oracle(mode, by, baseline)))
            for mode, by, baseline in (('difference', 'month', ''), ('difference', 'season', '2001/2003'), ('ratio', 'month', '2001-03/2004-06-15'), ('zscore', 'season', ''))})


def check_rolling(folder):
    cases = {}
    for window in (4, 5):
        for center in (False, True):
            for least in (None, 2):
                if least and least > window:
                    continue
                for statistic in ('mean', 'median', 'std', 'count'):
                    params = {'window': window, 'center': center, 'statistic': statistic, **({'min_periods': least} if least else {})}
                    cases[f'{params}'] = ('rolling', params, lambda a, w=window, c=center, m=least, s=statistic: getattr(a.rolling(time=w, center=c, min_periods=m), s)())
    weights = xr.DataArray([1.0, 2, 4, 1], dims='w')
    for center in (False, True):
        def oracle(a, center=center):
            windows = a.rolling(time=4, center=center, min_periods=2)
            return windows.construct('w').weighted(weights).mean('w').where(windows.count() >= 2)
        cases[f'weights {center}'] = ('rolling', {'window': 4, 'weights': '1,2,4,1', 'center': center, 'min_periods': 2}, oracle)
    for what, array in (('whole', series(irregular(80), 'i2')), ('falling', series(irregular(80)).isel(time=slice(None, None, -1)))):
        check(folder, f'rolling of {what}', array, cases)


def check_steps(folder):
    for what, array in (('floats', series(irregular(90))), ('int16', series(irregular(90), 'i2')), ('bytes', series(irregular(90), 'u2', 65535, gaps=0))):
        started = lambda a: a.notnull().cumsum('time') > 0
        check(folder, f'steps of {what}', array, {
            **{f'diff {n} {label}': ('diff', {'n': n, 'label': label}, lambda a, n=n, l=label: a.diff('time', n=n, label=l)) for n in (1, 2, 4) for label in ('upper', 'lower')},
            'sum': ('cumulate', {}, lambda a: a.cumsum('time').where(started(a))),
            'max': ('cumulate', {'statistic': 'max'}, lambda a: a.copy(data=np.fmax.accumulate(a.values, 0))),
            'min': ('cumulate', {'statistic': 'min'}, lambda a: a.copy(data=np.fmin.accumulate(a.values, 0)))})
    small = series(irregular(40)) / 300
    small.encoding = {'dtype': 'f4', '_FillValue': -9999.0}
    check(folder, 'steps', small, {'product': ('cumulate', {'statistic': 'product'}, lambda a: a.cumprod('time').where(a.notnull().cumsum('time') > 0))})


def mann_kendall(x, y):
    """tau, z, p: S by hand, its variance from scipy's asymptotic kendalltau, which has no correction for continuity."""
    i, j = np.triu_indices(len(x), 1)
    s = (np.sign(y[j] - y[i]) * np.sign(x[j] - x[i])).sum()
    if s == 0:
        return 0, 0, 1
    spread = abs(s) / scipy.stats.norm.isf(scipy.stats.kendalltau(x, y, method='asymptotic').pvalue / 2)
    z = (s - np.sign(s)) / spread
    return s / len(i), z, 2 * scipy.stats.norm.sf(abs(z))


def trends(method, per, least=3):
    def of(x, y):
        x, y = x[~np.isnan(y)], y[~np.isnan(y)]
        if len(y) < least:
            return [np.nan] * (4 if method == 'mann_kendall' else 5)
        if method == 'ols':
            fit = scipy.stats.linregress(x, y)
            return [fit.slope, fit.intercept, fit.rvalue ** 2, fit.pvalue, len(y)]
        tau, z, p = mann_kendall(x, y)
        if method == 'mann_kendall':
            return [tau, z, p, len(y)]
        fit = scipy.stats.theilslopes(y, x)
        return [fit[0], fit[1], tau, p, len(y)]

    def oracle(array):
        x = np.asarray((array['time'] - array['time'].min()) / np.timedelta64(1, 'D')) / per
        return xr.DataArray(np.apply_along_axis(lambda y: of(x, y), 0, array.values), dims=('statistic', 'y', 'x'))
    return oracle


def check_trend(folder):
    repeated = irregular(60)
    repeated = repeated[:30].append(repeated[29:])
    for what, array in (('floats', series(irregular(90), 'f8')), ('steps', series(irregular(90), 'i2') // 40 * 40), ('repeated', series(repeated, 'f8')),
                        ('falling', series(irregular(70), 'f8').isel(time=slice(None, None, -1))), ('few', series(irregular(5), 'f8', gaps=0.5))):
        array.encoding.setdefault('_FillValue', -9999.0)
        array[:, 1, 1] = 5  # no trend at all
        cases = {f'{method} per {name}': ('trend', {'method': method, 'per': name}, trends(method, days)) for method in ('ols', 'theil_sen', 'mann_kendall')
                 for name, days in (('year', 365.2425), ('day', 1))}
        check(folder, f'trend of {what}', array, cases)


def check_interp(folder):
    def linear(array, times, skip=False, most=np.inf):
        """By numpy alone, pixel by pixel."""
        array = array.sortby('time')
        at, to = array['time'].values.astype('i8') / 86400e9, np.asarray(times, 'datetime64[ns]').astype('i8') / 86400e9
        result = np.full((len(to), *array.shape[1:]), np.nan)
        for place in np.ndindex(array.shape[1:]):
            y = array.values[(slice(None), *place)]
            use = ~np.isnan(y) if skip else np.ones(len(y), bool)
            x, y = at[use], y[use]
            for k, t in enumerate(to):
                low, high = np.searchsorted(x, t, 'right') - 1, np.searchsorted(x, t, 'left')
                if low < 0 or high >= len(x) or x[high] - x[low] > most:
                    continue
                result[(k, *place)] = y[low] if low == high else y[low] + (y[high] - y[low]) * ((t - x[low]) / (x[high] - x[low]))
        return xr.DataArray(result, dims=array.dims, coords={'time': np.asarray(times, 'datetime64[ns]')})
    dates = irregular(60).unique()
    span = lambda a, freq: pd.date_range(a['time'].values.min(), a['time'].values.max(), freq=freq)
    listed = ['2000-05-17', str(dates[7])[:19].replace(' ', 'T'), '1990-01-01', '2000-01-31T06:00', str(dates[-1])[:19].replace(' ', 'T')]
    for what, array in (('floats', series(dates)), ('whole', series(dates, 'i2')), ('falling', series(dates).isel(time=slice(None, None, -1)))):
        cases = {f'step {freq}': ('interp', {'step': freq}, lambda a, f=freq: linear(a, span(a, f))) for freq in ('16D', 'MS', 'W', 'QS-DEC')}
        cases['xarray'] = ('interp', {'step': 'MS'}, lambda a: a.sortby('time').interp(time=span(a, 'MS')))
        cases['skip'] = ('interp', {'step': '5D', 'skip_nodata': True}, lambda a: linear(a, span(a, '5D'), True))
        cases['max_gap'] = ('interp', {'step': '5D', 'skip_nodata': True, 'max_gap': 30}, lambda a: linear(a, span(a, '5D'), True, 30))
        cases['times'] = ('interp', {'times': ','.join(listed)}, lambda a: linear(a, listed))
        cases['nearest'] = ('interp', {'step': '7D', 'method': 'nearest'}, lambda a: a.sortby('time').interp(time=span(a, '7D') , method='nearest'))
        check(folder, f'interp of {what}', array, cases)


def check_composite(folder):
    first = lambda a: a.isel(time=a.notnull().argmax('time')).drop_vars('time')
    for what, array in (('floats', series(irregular(50), gaps=0.6)), ('int16', series(irregular(50), 'i2', gaps=0.6))):
        cases = {s: ('composite', {'statistic': s}, lambda a, s=s: getattr(a, s)('time')) for s in ('median', 'mean', 'min', 'max', 'std', 'count')}
        cases['first'] = ('composite', {'statistic': 'first'}, first)
        cases['last'] = ('composite', {'statistic': 'last'}, lambda a: first(a.isel(time=slice(None, None, -1))))
        cases['few'] = ('composite', {'min_count': 20}, lambda a: a.median('time').where(a.count('time') >= 20))
        check(folder, f'composite of {what}', array, cases)


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
