#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes gdalwarp.json beside it: what gdalwarp (GDAL 3.6.2, PROJ 9.1.1) answers for small sources that the test builds itself.

Each case is run as
  gdalwarp -t_srs CRS -te ... -ts ... -r METHOD -et 0 -ovr NONE -wm 2000 [-dstnodata NODATA | -wo INIT_DEST=0] SOURCE OUT
"""
import json
import os
import subprocess
import tempfile

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
METHODS = ['near', 'bilinear', 'cubic', 'cubicspline', 'lanczos', 'average', 'rms', 'mode', 'min', 'max', 'med', 'q1', 'q3', 'sum']
TYPES = {'int16': gdal.GDT_Int16, 'float32': gdal.GDT_Float32, 'uint8': gdal.GDT_Byte, 'float64': gdal.GDT_Float64}

# name, source (crs, geotransform, rows, cols), target (crs, geotransform, rows, cols)
GRIDS = [
    ('same crs, shrinking 3.7 times', ('EPSG:32610', [500000, 10, 0, 4000000, 0, -10], 60, 70),
     ('EPSG:32610', [500013, 37, 0, 3999981, 0, -37], 14, 17)),
    ('same crs, enlarging', ('EPSG:32610', [500000, 10, 0, 4000000, 0, -10], 12, 14),
     ('EPSG:32610', [499995, 4, 0, 4000006, 0, -4], 32, 38)),
    ('utm to longitude and latitude', ('EPSG:32610', [600000, 30, 0, 3900000, 0, -30], 40, 44),
     ('EPSG:4326', [-121.905, 0.0005, 0, 35.236, 0, -0.0005], 20, 26)),
    ('south-up longitude and latitude to albers', ('EPSG:4326', [-120.5, 0.01, 0, 34.0, 0, 0.01], 40, 44),
     ('EPSG:3310', [-47000, 2000, 0, -399000, 0, -2000], 23, 21)),
    ('skewed source', ('EPSG:32611', [500000, 9, 3, 4000000, 4, -10], 30, 32),
     ('EPSG:32611', [500020, 11, 0, 4000090, 0, -11], 30, 30)),
]


def pixels(rows, cols, kind, nodata):
    r, c = np.mgrid[0:rows, 0:cols]
    v = ((r * 131 + c * 71 + (r * c) % 17 * 29) % 251).astype('f8')
    if kind.startswith('float'):
        v = v / 8 - 10
    if nodata is not None:
        v[(r * 7 + c * 3) % 11 == 0] = nodata
        v[(r // 6 + c // 9) % 4 == 3] = nodata
    return v.astype(kind)


def run(folder, grid, method, kind, nodata):
    name, (scrs, sgt, srows, scols), (tcrs, tgt, trows, tcols) = grid
    source, out = os.path.join(folder, 's.tif'), os.path.join(folder, 'o.tif')
    ds = gdal.GetDriverByName('GTiff').Create(source, scols, srows, 1, TYPES[kind])
    ds.SetGeoTransform(sgt)
    srs = osr.SpatialReference()
    srs.SetFromUserInput(scrs)
    ds.SetProjection(srs.ExportToWkt())
    if nodata is not None:
        ds.GetRasterBand(1).SetNoDataValue(nodata)
    ds.GetRasterBand(1).WriteArray(pixels(srows, scols, kind, nodata))
    ds = None
    te = [tgt[0], tgt[3] + tgt[5] * trows, tgt[0] + tgt[1] * tcols, tgt[3]]
    cmd = ['gdalwarp', '-q', '-overwrite', '-t_srs', tcrs, '-te', *map(repr, te), '-ts', str(tcols), str(trows), '-r', method,
           '-et', '0', '-ovr', 'NONE', '-wm', '2000']
    cmd += ['-wo', 'INIT_DEST=0'] if nodata is None else ['-dstnodata', repr(nodata)]
    subprocess.run([*cmd, source, out], check=True)
    values = gdal.Open(out).ReadAsArray().ravel()
    text = [('%d' if not kind.startswith('float') else '%.9g') % v for v in values]
    return {'grid': name, 'source': {'crs': scrs, 'geotransform': sgt, 'shape': [srows, scols]},
            'target': {'crs': tcrs, 'geotransform': tgt, 'shape': [trows, tcols]}, 'method': method, 'type': kind, 'nodata': nodata,
            'values': ' '.join(text)}


def main():
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for grid in GRIDS:
            for method in METHODS:
                for kind, nodata in (('int16', -9999), ('float32', None)):
                    cases.append(run(folder, grid, method, kind, nodata))
        for method in ('bilinear', 'cubic', 'average'):
            cases.append(run(folder, GRIDS[1], method, 'uint8', 100))
            cases.append(run(folder, GRIDS[2], method, 'float64', 5.0))
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, 'gdalwarp.json'), 'w') as f:
        f.write('{"made_with": "gdalwarp, GDAL 3.6.2, PROJ 9.1.1; see make_gdalwarp.py", "cases": [\n')
        f.write(',\n'.join(json.dumps(c) for c in cases))
        f.write('\n]}\n')


if __name__ == '__main__':
    main()
