# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains that are run in every way there is: the founding one and ten others, which have all sinks and all kinds of work among them.

  ways.py FOLDER      writes inputs and chain files there (for the window's test); each chain writes the output its file is named after
"""
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

CUBE = 'open sample/shift_sample.hdr'  # 400 x 53 x 480, float32
SMALL = 'open small.hdr'  # 120 x 16 x 110


class Way(NamedTuple):
    """`out`: what the chain writes; `gdal`: GDAL's programs can do all of it; `allowed`: by how much other programs may differ, of the
    largest value: 0 for selections and nearest, 1e-6 where sums are taken in another order."""
    out: str
    steps: str
    gdal: bool
    allowed: float


CHAINS = {
    'founding': Way('founding.tif', f'! {CUBE} ! transpose dims=wavelength,y,x ! reproject crs=EPSG:32610 resolution=25 resampling=nearest '
                    '! write founding.tif format=COG', True, 0),
    'mosaic': Way('mosaic.tif', '! a= open west.tif ! b= open east.tif ! mosaic [a] [b] ! write mosaic.tif', True, 0),
    'over time': Way('mean.tif', '! open series.nc ! reduce dims=time statistic=mean ! write mean.tif', False, 1e-6),
    'months': Way('months.nc', '! open series.nc ! resample_time freq=month statistic=max ! write months.nc', False, 1e-6),
    'two inputs': Way('ndvi.tif', f'! red= {SMALL} ! r= sel [red] wavelength=660 method=nearest ! n= sel [red] wavelength=865 method=nearest '
                      '! calc [r] [n] expression="(in2.x - in1.x) / (in2.x + in1.x)" ! write ndvi.tif compress=deflate', False, 1e-6),
    'pca': Way('pca.nc', f'! {SMALL} ! pca components=3 ! write pca.nc', False, 1e-6),
    'standardize': Way('standard.zarr', f'! {SMALL} ! standardize dims=y,x ! write standard.zarr', False, 1e-6),
    'another CRS': Way('other.bil', f'! {SMALL} ! isel wavelength=2:9 ! reproject crs=EPSG:32611 resolution=20 resampling=bilinear '
                       '! transpose dims=y,wavelength,x ! write other.bil format=ENVI', True, 2e-6),
    'neighbours': Way('focal.tif', f'! {SMALL} ! isel wavelength=0:4 ! transpose dims=wavelength,y,x ! focal size=5 statistic=mean '
                      '! write focal.tif', False, 1e-6),
    'one spectrum': Way('spectrum.csv', f'! {SMALL} ! reduce dims=y,x statistic=mean ! write spectrum.csv', False, 1e-6),
    'masked': Way('masked.zarr', f'! {SMALL} ! isel wavelength=0:6 ! mask where="x > 0.2" ! write masked.zarr', False, 0),
}


def make_inputs(folder, cli):
    """Two rasters that overlap, a series with gaps over four months, the sample cube and a small one."""
    sample = Path(cli).with_name('cubeloom-sample')
    subprocess.run([sample, 'sample'], cwd=folder, check=True, capture_output=True)
    subprocess.run([sample, '.', '120x110x16'], cwd=folder, check=True, capture_output=True)
    for suffix in ('', '.hdr'):
        os.rename(folder / f'shift_120x110x16{suffix}', folder / f'small{suffix}')
    for name, columns in (('west', '0:70'), ('east', '50:110')):
        subprocess.run([cli, 'run', '--progress', 'none', '!', 'open', 'small.hdr', '!', 'isel', 'wavelength=3', f'x={columns}', '!', 'write',
                        f'{name}.tif'], cwd=folder, check=True)
    random = np.random.default_rng(47)
    values = random.normal(290, 8, (12, 60, 70)).astype('f4')
    values[random.random(values.shape) < 0.1] = np.nan
    series = xr.Dataset({'temperature': (('time', 'y', 'x'), values, {'units': 'K', 'grid_mapping': 'crs'}),
                         'crs': ((), 0, {'grid_mapping_name': 'latitude_longitude', 'semi_major_axis': 6378137.0,
                                         'inverse_flattening': 298.257223563})},
                        {'time': np.arange('2022-02-01', '2022-06-01', 10, dtype='datetime64[D]').astype('datetime64[ns]'),
                         'y': ('y', 40 - 0.25 * np.arange(60), {'standard_name': 'latitude', 'units': 'degrees_north'}),
                         'x': ('x', 5 + 0.25 * np.arange(70), {'standard_name': 'longitude', 'units': 'degrees_east'})})
    series.to_netcdf(folder / 'series.nc')


def write_chains(folder, cli):
    """NAME.cubeloom for each, beside the inputs."""
    for way in CHAINS.values():
        subprocess.run([cli, 'export', '--to', 'json', '-o', f'{way.out}.cubeloom', *shlex.split(way.steps)], cwd=folder, check=True)


if __name__ == '__main__':
    make_inputs(Path(sys.argv[1]), os.environ['CUBELOOM_CLI'])
    write_chains(Path(sys.argv[1]), os.environ['CUBELOOM_CLI'])
