#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workloads that Dask's own makers time for geospatial users, at a size for a small machine, with the peers that do them today.

  geo.py gen [G1 ...]                              makes the data under $BENCH_HOME/geo (about 3 GiB for all)
  geo.py run --cli CLI G1 [G2 ...] [-n N]          cubeloom and the peers in turns; a row of JSON each
  geo.py compare G1                                largest difference from the peer's output, and how many masks differ

The shapes are those of the public large-scale geospatial suite (ERA5 as pancakes of one time step, a national water model of 250 m,
Sentinel-2 over two zones, a folder of daily NetCDF files); values are made here, smooth with deterministic noise, NaN over land.
  G1 rechunk         pancakes (1, lat, lon) to pencils (time, small, small), Zarr to Zarr
  G2 climatology     mean by day of year and hour, over years, weights falling linearly over 61 days, wrapping at new year
  G3 circulation     zonal means of U, V, T, W and of the eddy products uv, vt, uw; means of days
  G4 zonal average   mean over the pixels of each county (a raster of labels), for each time step
  G5 regrid          bilinear, periodic in longitude, 1 to 0.25 degrees
  G6 satellite       items of two UTM zones, 20 m, to EPSG:3857 at 40 m; one image a day; (B08 - B11) / (B08 + B11); mean of each month
  G7 cloud-optimise  one NetCDF file a month to one Zarr of pencils
  G8 vegetation      NDVI of 24 dates, clouds out by a quality band, median over the dates

Cubeloom's rows tell planned and read bytes, projected and measured peak. What differs: of G1 and G7 it writes the chunks it takes by
itself, those of the source; of G3 a file for each variable. Days of the year are those of a year of 366 days, for the peer as well.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

HOME = os.path.join(os.environ.get('BENCH_HOME', os.path.join(tempfile.gettempdir(), 'cubeloom-bench')), 'geo')


def noise(shape, seed):
    n = int(np.prod(shape))
    first = np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    x = (np.arange(n, dtype=np.uint64) + first) * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(31)
    return ((x >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)).reshape(shape)


def field(t, lat, lon, seed, amplitude=10):
    la, lo = np.deg2rad(lat)[:, None], np.deg2rad(lon)[None, :]
    return (285 + amplitude * np.cos(2 * la) + 3 * np.sin(lo * 2 + t / 40) + noise((len(lat), len(lon)), seed + t)).astype('f4')


def pancakes(path, name, times, lat, lon, seed, levels=None, land=False):
    import xarray as xr, zarr, pandas as pd
    dims = ('time', 'level', 'lat', 'lon') if levels else ('time', 'lat', 'lon')
    shape = (len(times),) + ((levels,) if levels else ()) + (len(lat), len(lon))
    coords = {'time': times, 'lat': lat, 'lon': lon}
    if levels:
        coords['level'] = np.linspace(1000, 100, levels)
    names = name if isinstance(name, list) else [name]
    empty = xr.Dataset({n: (dims, np.broadcast_to(np.float32(0), shape)) for n in names}, coords=coords)
    empty = empty.chunk({d: 1 if d == 'time' else -1 for d in dims})
    empty.to_zarr(path, mode='w', compute=False, consolidated=True, encoding={n: {'_FillValue': np.float32('nan')} for n in names})
    g = zarr.open(path)
    mask = (np.sin(np.deg2rad(lon) * 3)[None, :] * np.cos(np.deg2rad(lat) * 2)[:, None]) > 0.55
    for k, n in enumerate(names):
        for t in range(len(times)):
            if levels:
                g[n][t] = np.stack([field(t, lat, lon, seed + 1000 * k + 97 * l, 5 + l) for l in range(levels)]) - 285 * (n != 'T')
            else:
                plane = field(t, lat, lon, seed)
                g[n][t] = np.where(mask, np.float32('nan'), plane) if land else plane


def gen(which):
    import pandas as pd, xarray as xr
    os.makedirs(HOME, exist_ok=True)
    lat, lon = np.arange(90, -90.5, -1.0), np.arange(0, 360, 1.0)
    p = lambda n: os.path.join(HOME, n)
    if which in ('G1', 'G2') and not os.path.exists(p('sst.zarr')):
        pancakes(p('sst.zarr'), 'sst', pd.date_range('2020-01-01', '2022-12-31 18:00', freq='6h'), lat, lon, 1, land=True)
    if which == 'G5' and not os.path.exists(p('sst1.zarr')):
        pancakes(p('sst1.zarr'), 'sst', pd.date_range('2020-01-01', periods=120, freq='6h'), lat, lon, 2)
    if which == 'G3' and not os.path.exists(p('wind.zarr')):
        pancakes(p('wind.zarr'), ['U', 'V', 'T', 'W'], pd.date_range('2020-01-01', periods=72, freq='1h'), lat, lon, 3, levels=13)
    if which == 'G4' and not os.path.exists(p('water.zarr')):
        from osgeo import gdal, osr
        ny, nx = 1000, 1200
        y, x = 4e5 - 250 * (np.arange(ny) + 0.5), -2e5 + 250 * (np.arange(nx) + 0.5)
        a = xr.Dataset({'zwattablrt': (('time', 'y', 'x'), np.broadcast_to(np.float32(0), (240, ny, nx)))},
                       coords={'time': pd.date_range('2020-01-01', periods=240, freq='3h'), 'y': y, 'x': x}).chunk({'time': 24, 'y': 350, 'x': 350})
        a.to_zarr(p('water.zarr'), mode='w', compute=False, consolidated=True)
        import zarr
        z = zarr.open(p('water.zarr'))['zwattablrt']
        for t in range(0, 240, 24):
            z[t:t + 24] = noise((24, ny, nx), 50 + t) + (np.arange(ny) / ny)[None, :, None].astype('f4')
        jj, ii = np.meshgrid(np.arange(nx), np.arange(ny))
        county = ((ii + 40 * np.sin(jj / 60)) // 63).astype('i4') * 20 + ((jj + 30 * np.cos(ii / 50)) // 67).astype('i4') + 1
        county[(ii - 500) ** 2 + (jj - 600) ** 2 > 520 ** 2] = 0
        srs = osr.SpatialReference(); srs.ImportFromEPSG(5070)
        d = gdal.GetDriverByName('GTiff').Create(p('counties.tif'), nx, ny, 1, gdal.GDT_Int32, ['COMPRESS=DEFLATE', 'TILED=YES'])
        d.SetGeoTransform([-2e5, 250, 0, 4e5, 0, -250]); d.SetProjection(srs.ExportToWkt()); d.GetRasterBand(1).SetNoDataValue(0)
        d.GetRasterBand(1).WriteArray(county)
    if which == 'G6' and not os.path.exists(p('s2/collection.json')):
        s2()
    if which == 'G7' and not os.path.exists(p('nex/tas_2015-01.nc')):
        os.makedirs(p('nex'), exist_ok=True)
        for k, month in enumerate(pd.date_range('2015-01-01', periods=36, freq='MS')):
            days = pd.date_range(month, month + pd.offsets.MonthEnd(0), freq='D')
            v = np.stack([field(31 * k + d, np.arange(-59.75, 90, 0.5), np.arange(0.25, 360, 0.5), 7) for d in range(len(days))])
            xr.Dataset({'tas': (('time', 'lat', 'lon'), v, {'units': 'K'})},
                       coords={'time': days, 'lat': np.arange(-59.75, 90, 0.5), 'lon': np.arange(0.25, 360, 0.5)}).to_netcdf(
                p(f'nex/tas_{month:%Y-%m}.nc'), encoding={'tas': {'zlib': True, 'complevel': 4, 'shuffle': True, 'chunksizes': (1, 300, 720), '_FillValue': 1e20}})


    if which == 'G8' and not os.path.exists(p('series.zarr')):
        shape = (24, 1500, 1500)
        x = np.arange(1500, dtype='f4')
        a = xr.Dataset(coords={'time': pd.date_range('2022-01-05', periods=24, freq='15D'), 'y': 4e6 - 30 * (x + 0.5), 'x': 5e5 + 30 * (x + 0.5)})
        wave = 800 * np.sin(x[:, None] / 40) * np.cos(x[None, :] / 55)
        for name, level in (('red', 1200), ('nir', 3000)):
            a[name] = ('time', 'y', 'x'), np.stack([(level + wave + 300 * noise(shape[1:], level + t)).astype('u2') for t in range(24)])
        a['qa'] = ('time', 'y', 'x'), np.stack([np.where(np.sin(x[:, None] / 90 + t) * np.sin(x[None, :] / 70 - t) > 0.4, 8, 0).astype('u1') for t in range(24)])
        a.chunk({'time': 1, 'y': 500, 'x': 500}).to_zarr(p('series.zarr'), mode='w', consolidated=True)


def s2():
    """Two tiles in neighbouring zones that overlap, twelve days, B08 at 20 m, B11 at 40 m, uint16, 0 is nodata."""
    from osgeo import gdal, osr
    home = os.path.join(HOME, 's2'); os.makedirs(home, exist_ok=True)
    items = []
    for d in range(12):
        date = f'2024-{1 + d // 2:02d}-{5 + 12 * (d % 2):02d}T10:{20 + d:02d}:00Z'
        for zone, x0, y0 in ((32, 690000, 5400000), (33, 250000, 5400000)):
            name, assets = f'S2_{zone}_{d:02d}', {}
            for band, size, res in (('B08', 2745, 20), ('B11', 1373, 40)):
                file = os.path.join(home, f'{name}_{band}.tif')
                i, j = np.mgrid[0:size, 0:size].astype('f4') * (res / 1000)
                v = 2500 + 900 * np.sin(i / 3 + d) * np.cos(j / 4) + (300 if band == 'B08' else -200) + 200 * noise((size, size), zone * 100 + d)
                v[(i + j + 5 * d) % 70 < 4] = 0
                g = gdal.GetDriverByName('GTiff').Create(file, size, size, 1, gdal.GDT_UInt16, ['TILED=YES', 'COMPRESS=DEFLATE', 'PREDICTOR=2', 'BLOCKXSIZE=512', 'BLOCKYSIZE=512'])
                srs = osr.SpatialReference(); srs.ImportFromEPSG(32600 + zone)
                g.SetGeoTransform([x0, res, 0, y0, 0, -res]); g.SetProjection(srs.ExportToWkt()); g.GetRasterBand(1).SetNoDataValue(0); g.GetRasterBand(1).WriteArray(v.astype('u2'))
                assets[band] = {'href': f'./{name}_{band}.tif', 'type': 'image/tiff; application=geotiff', 'roles': ['data'],
                                'raster:bands': [{'nodata': 0, 'data_type': 'uint16', 'spatial_resolution': res}]}
            t = osr.CoordinateTransformation(srs, osr.SpatialReference(osr.SRS_WKT_WGS84_LAT_LONG))
            c = [t.TransformPoint(x0 + dx * 54900, y0 - dy * 54900)[:2] for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
            ring = [[b, a] for a, b in c]
            items.append({'type': 'Feature', 'stac_version': '1.0.0', 'id': name, 'collection': 's2', 'properties': {'datetime': date, 'proj:epsg': 32600 + zone},
                          'geometry': {'type': 'Polygon', 'coordinates': [ring]}, 'bbox': [min(r[0] for r in ring), min(r[1] for r in ring), max(r[0] for r in ring), max(r[1] for r in ring)],
                          'assets': assets, 'links': [{'rel': 'collection', 'href': './collection.json'}]})
            json.dump(items[-1], open(os.path.join(home, name + '.json'), 'w'))
    json.dump({'type': 'Collection', 'stac_version': '1.0.0', 'id': 's2', 'description': 'two zones', 'license': 'CC0-1.0',
               'extent': {'spatial': {'bbox': [[11, 47, 19, 50]]}, 'temporal': {'interval': [['2024-01-01T00:00:00Z', '2024-07-01T00:00:00Z']]}},
               'links': [{'rel': 'item', 'href': f"./{i['id']}.json"} for i in items]}, open(os.path.join(home, 'collection.json'), 'w'))


def weights(n=61):
    h = n // 2
    w = np.concatenate([np.linspace(0, 1, h + 1), np.linspace(1, 0, h + 1)[1:]])
    return w / w.mean()


def save(ds, out):
    """Zarr 2 with the library's own default codec, whatever the source was stored with."""
    import inspect
    for v in ds.variables.values():
        v.encoding.clear()
    more = {'zarr_format': 2} if 'zarr_format' in inspect.signature(ds.to_zarr).parameters else {}
    ds.to_zarr(out, mode='w', **more)


def peer(which, out, threads=True):
    """The way of xarray and dask, in their own best words on Debian 12's versions; results as Zarr (G4: NetCDF)."""
    import dask, dask.array, xarray as xr
    p = lambda n: os.path.join(HOME, n)
    if not threads:
        from dask.distributed import Client
        Client(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    if which == 'G1':
        a = xr.open_zarr(p('sst.zarr')).chunk({'time': -1, 'lat': 'auto', 'lon': 'auto'})
        save(a, out)
    elif which == 'G2':
        import xarray as xr
        w = weights()

        def clim(block):
            v, t = block.sst.values, block.time.to_index()
            done = []
            for hour in (0, 6, 12, 18):
                years = []
                for year in sorted(set(t.year)):
                    pick = (t.year == year) & (t.hour == hour)
                    a = v[pick]
                    if len(a) == 365:  # 29 February has a day of its own
                        a = np.insert(a, 59, np.nan, axis=0)
                    years.append(a)
                a = np.stack(years)
                a = np.concatenate([a[:, -30:], a, a[:, :30]], axis=1)
                ok = np.isfinite(a)
                s, n = np.where(ok, a, 0).astype('f8').sum(0), ok.sum(0).astype('f8')
                win = np.lib.stride_tricks.sliding_window_view
                num, den = win(s, 61, axis=0) @ w, win(n, 61, axis=0) @ w
                done.append((num / np.where(den > 0, den, np.nan)).astype('f4'))
            return xr.Dataset({'sst': (('hour', 'dayofyear', 'lat', 'lon'), np.stack(done))},
                              coords={'hour': [0, 6, 12, 18], 'dayofyear': np.arange(1, 367), 'lat': block.lat, 'lon': block.lon})
        a = xr.open_zarr(p('sst.zarr')).chunk({'time': -1, 'lat': 64, 'lon': 64})
        like = xr.Dataset({'sst': (('hour', 'dayofyear', 'lat', 'lon'), dask.array.zeros((4, 366, a.sizes['lat'], a.sizes['lon']), dtype='f4', chunks=(4, 366, 64, 64)))},
                          coords={'hour': [0, 6, 12, 18], 'dayofyear': np.arange(1, 367), 'lat': a.lat, 'lon': a.lon})
        save(a.map_blocks(clim, template=like).chunk({'hour': 1, 'dayofyear': 1, 'lat': -1, 'lon': -1}), out)
    elif which == 'G3':
        a = xr.open_zarr(p('wind.zarr'))
        m = a.mean('lon')
        e = a - m
        prod = xr.Dataset({'uv': e.U * e.V, 'vt': e.V * e['T'], 'uw': e.U * e.W}).mean('lon')
        save(m.merge(prod).chunk({'time': 24}).resample(time='D').mean(), out)
    elif which == 'G4':
        import rasterio
        a, c = xr.open_zarr(p('water.zarr')).zwattablrt, rasterio.open(p('counties.tif')).read(1)
        ids = np.unique(c); ids = ids[ids > 0]
        lut = np.zeros(c.max() + 1, 'i8'); lut[ids] = np.arange(1, len(ids) + 1)
        k = lut[c]

        def sums(v, y0, x0):
            lab = k[y0:y0 + v.shape[1], x0:x0 + v.shape[2]].ravel()
            return np.stack([np.stack([np.bincount(lab, r.ravel(), len(ids) + 1), np.bincount(lab, np.ones(lab.size), len(ids) + 1)]) for r in v])
        total = []
        for t in range(0, a.shape[0], 24):
            parts = [dask.delayed(sums)(a.data[t:t + 24, y:y + 350, x:x + 350], y, x) for y in range(0, a.shape[1], 350) for x in range(0, a.shape[2], 350)]
            total.append(dask.delayed(sum)(parts))
        r = np.concatenate(dask.compute(*total))
        xr.Dataset({'mean': (('time', 'zone'), (r[:, 0] / r[:, 1])[:, 1:])}, coords={'time': a.time, 'zone': ids}).to_netcdf(out)
    elif which == 'G5':
        a = xr.open_zarr(p('sst1.zarr'))
        a = a.pad({'lon': (0, 1)}, mode='wrap').assign_coords(lon=np.arange(0, 361, 1.0)).chunk({'lat': -1, 'lon': -1})
        save(a.interp(lat=np.arange(90, -90.25, -0.25), lon=np.arange(0, 360, 0.25), method='linear').astype('f4'), out)
    elif which == 'G6':
        import rasterio
        from rasterio.vrt import WarpedVRT
        from rasterio.transform import from_origin
        x0, y0, nx, ny = G6_GRID
        days = {}
        for l in json.load(open(p('s2/collection.json')))['links']:
            i = json.load(open(os.path.join(p('s2'), l['href'])))
            days.setdefault(i['properties']['datetime'][:10], []).append(i)

        @dask.delayed(pure=False)
        def plane(day, band):
            out = np.zeros((ny, nx), 'u2')
            for i in day:
                with rasterio.open(os.path.join(p('s2'), i['assets'][band]['href'])) as s, WarpedVRT(s, crs='EPSG:3857', transform=from_origin(x0, y0, 40, 40), width=nx, height=ny, resampling=rasterio.enums.Resampling.nearest, src_nodata=0, nodata=0) as v:
                    a = v.read(1)
                out = np.where(out == 0, a, out)
            return np.where(out == 0, np.nan, out.astype('f4')).astype('f4')
        dates = sorted(days)
        get = lambda b: dask.array.stack([dask.array.from_delayed(plane(days[d], b), (ny, nx), 'f4') for d in dates])
        b8, b11 = get('B08'), get('B11')
        a = xr.DataArray((b8 - b11) / (b8 + b11), dims=('time', 'y', 'x'), coords={'time': np.array(dates, 'M8[ns]')}, name='humidity')
        save(a.groupby('time.month').mean().to_dataset(), out)
    elif which == 'G8':
        a = xr.open_zarr(p('series.zarr')).chunk({'time': -1, 'y': 500, 'x': 500})
        red, nir = (a[name].astype('f4').where((a.qa & 8) == 0) for name in ('red', 'nir'))
        save(((nir - red) / (nir + red)).median('time').astype('f4').to_dataset(name='ndvi'), out)
    elif which == 'G7':
        a = xr.open_mfdataset(sorted(glob.glob(p('nex/*.nc'))), combine='nested', concat_dim='time', data_vars='minimal', coords='minimal', compat='override', chunks={})
        a = a.chunk({'time': -1, 'lat': 'auto', 'lon': 'auto'})
        save(a, out)


G6_GRID = (1260000, 6240000, 6500, 2300)  # left, top, columns, rows of 40 m in EPSG:3857


EDDIES = 'expression=(in1.x-in3.x)*(in2.x-in4.x)'
OURS = {  # behind `run`; {home} the data, {out} the output without suffix
    'G1': '! open {home}/sst.zarr ! write {out}.zarr',
    'G2': '! open {home}/sst.zarr ! climatology by=dayofyear,hour window=59 weights=linear ! transpose dims=hour,dayofyear,lat,lon ! write {out}.zarr',
    'G3': ' '.join([*(f'! {v}= open {{home}}/wind.zarr variable={v} ! m{v}= reduce [{v}] dims=lon' for v in 'UVTW'),
                    *(f'! {a}{b}= calc [{a}] [{b}] [m{a}] [m{b}] {EDDIES} ! m{a}{b}= reduce [{a}{b}] dims=lon' for a, b in ('UV', 'VT', 'UW')),
                    *(f'! resample_time [m{v}] freq=day ! write {{out}}_{v}.zarr' for v in ('U', 'V', 'T', 'W', 'UV', 'VT', 'UW'))]),
    'G4': '! v= open {home}/water.zarr crs=EPSG:5070 ! l= open {home}/counties.tif ! zonal_stats [v] [l] statistics=mean highest=400 ! write {out}.nc',
    'G5': '! open {home}/sst1.zarr crs=EPSG:4326 ! reproject bounds=-0.125,-90.125,359.875,90.125 shape=721,1440 tight=true resampling=bilinear kernel=plain ! write {out}.zarr',
    'G6': '! load {home}/s2/collection.json bands=B08,B11 crs=EPSG:3857 resolution=40 bounds=1260000,6148000,1520000,6240000'
          ' ! calc expression=(b1-b2)/(b1+b2) ! climatology by=month ! write {out}.zarr',
    'G7': '! open {home}/nex/*.nc ! write {out}.zarr',
    'G8': '! red= open {home}/series.zarr variable=red ! nir= open {home}/series.zarr variable=nir ! qa= open {home}/series.zarr variable=qa'
          ' ! ndvi= calc [nir] [red] expression=(in1.x-in2.x)/(in1.x+in2.x) ! clear= qa_mask [ndvi] [qa] drop=3 ! composite [clear] statistic=median ! write {out}.zarr',
}


def ours(cli, w, target):
    return [cli, 'run', '--progress', 'none', '--workers', '2', '--memory', '1GiB', '--report', target + '.json',
            *(word.format(home=HOME, out=target) for word in OURS[w].split())]


def run(names, n, cli):
    out = os.path.join(HOME, 'out')
    os.makedirs(out, exist_ok=True)
    for w in names:
        gen(w)
        for _ in range(n):
            for name in ('dask-threads', 'cubeloom'):
                target = os.path.join(out, f'{w}_{name}')
                for old in glob.glob(target + '*'):
                    (shutil.rmtree if os.path.isdir(old) else os.remove)(old)
                command = ours(cli, w, target) if name == 'cubeloom' else [sys.executable, os.path.abspath(__file__), 'peer', w, target]
                row = {'workload': w, 'peer': name}
                if name == 'cubeloom':
                    plan = subprocess.run([cli, 'plan', '--json', '--workers', '2', '--memory', '1GiB', *command[command.index('!'):]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                    row['planned_bytes'] = json.loads(plan.stdout)['bytes_to_read'] if plan.returncode == 0 else None
                t = time.time()
                process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                errors = process.stderr.read()
                _, status, usage = os.wait4(process.pid, 0)
                code = os.waitstatus_to_exitcode(status)
                row |= {'wall_s': round(time.time() - t, 2), 'cpu_s': round(usage.ru_utime + usage.ru_stime, 2), 'rss_mib': usage.ru_maxrss // 1024, 'exit': code}
                if code:
                    row['stderr'] = errors[-300:]
                elif name == 'cubeloom':
                    facts = json.load(open(target + '.json', encoding='utf-8'))
                    row |= {'read_bytes': facts['bytes_read'], 'measured_mib': facts['measured_peak_bytes'] >> 20, 'projected_mib': facts['projected_peak_bytes'] >> 20}
                print(json.dumps(row), flush=True)


def compare(w):
    import xarray as xr

    def opened(path):
        return xr.open_zarr(path) if os.path.isdir(path) else xr.open_dataset(path)
    start = os.path.join(HOME, 'out', w)
    theirs = opened(start + '_dask-threads')
    for name in theirs.data_vars:
        a = theirs[name]
        path = next(path for path in (f'{start}_cubeloom_{name.upper()}.zarr', start + '_cubeloom.zarr', start + '_cubeloom.nc') if os.path.exists(path))
        mine = opened(path)
        b = next(v for v in mine.data_vars.values() if v.ndim >= a.ndim).squeeze()
        if w == 'G4':
            b = b.transpose('time', 'zone').sel(zone=a.zone.values)
        a, b = a.values, b.values
        both = np.isfinite(a) & np.isfinite(b)
        apart = np.abs(a - b)[both]
        print(f'{w} {name}: shapes {a.shape} {b.shape}, largest difference {apart.max():.3g}, above 1e-4 in {(apart > 1e-4).sum()}, '
              f'masks differ in {(np.isfinite(a) != np.isfinite(b)).sum()} of {a.size}')


if __name__ == '__main__':
    verb, args = sys.argv[1], sys.argv[2:]
    if verb == 'gen':
        for w in args or list(OURS):
            gen(w)
    elif verb == 'peer':
        peer(args[0], args[1], 'processes' not in args[2:])
    elif verb == 'compare':
        compare(*args)
    else:
        names, n, cli = [], 3, 'cubeloom-cli'
        while args:
            a = args.pop(0)
            if a == '-n':
                n = int(args.pop(0))
            elif a == '--cli':
                cli = args.pop(0)
            else:
                names.append(a)
        run(names or list(OURS), n, cli)
