# SPDX-License-Identifier: GPL-3.0-or-later
"""One chain, eight ways. Our own ways give the same bytes: the command line, seven parts in any order with one of them twice, two workers of
a Dask cluster, and the window (tests/ui/tst_ways.cpp runs the same table). Programs of others give equal values: the exported Python, GDAL and
notebook; and so does the array that the xarray engine reads.
"""
import hashlib
import json
import os
import random
import shlex
import shutil
import subprocess
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
import xarray as xr
from conftest import CLI, raw
from osgeo import gdal
from ways import CHAINS, make_inputs

gdal.UseExceptions()
PYTHON = '/usr/bin/python3'
QUIET = {**os.environ, 'CUBELOOM_PYTHON': PYTHON, 'PYTHONWARNINGS': 'ignore', 'PYDEVD_DISABLE_FILE_VALIDATION': '1'}


def call(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=QUIET)
    assert done.returncode == 0, f'{words}: {done.stdout[-500:]}{done.stderr[-2000:]}'
    return done.stdout


def hash_of(output):
    """Of a file, or of all files of a folder and their names."""
    output, digest = Path(output), hashlib.sha256()
    for path in sorted(output.rglob('*')) if output.is_dir() else [output]:
        digest.update(str(path.relative_to(output)).encode())
        digest.update(path.read_bytes() if path.is_file() else b'')
    return digest.hexdigest()


def values_of(output):
    """Of a written output: float64, NaN where nodata, dims of one entry left out."""
    if output.endswith('.csv'):
        return np.genfromtxt(output, delimiter=',', skip_header=1)[:, -1].astype('f4').astype('f8')  # the digits are those of a float32
    if output.endswith(('.nc', '.zarr')):
        with xr.open_dataset(output, engine='zarr' if output.endswith('zarr') else 'netcdf4', decode_coords='all') as dataset:
            (name,) = dataset.data_vars
            return dataset[name].values.astype('f8').squeeze()
    file = gdal.Open(output)
    bands, nodata = file.ReadAsArray().astype('f8'), file.GetRasterBand(1).GetNoDataValue()
    return np.where(bands == nodata, np.nan, bands).squeeze() if nodata is not None else bands.squeeze()


def assert_equal(theirs, ours, allowed):
    assert theirs.shape == ours.shape
    np.testing.assert_array_equal(np.isnan(theirs), np.isnan(ours))
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=allowed * np.nanmax(abs(ours)))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('ways')
    make_inputs(folder, CLI)
    return folder


@pytest.fixture(scope='module')
def cluster():
    """The address of two workers on this computer."""
    started = json.loads(call(CLI, 'cluster', 'start', '--workers', '2', '--memory', '2GiB', '--json'))
    address = started['clusters'][0]['address']
    yield address
    call(CLI, 'cluster', 'stop', address)


class Ways:
    """Each method runs the chain in one way in the current folder."""

    def __init__(self, way):
        self.way = way
        self.words = shlex.split(way.steps)

    def run(self, *options):
        call(CLI, 'run', '--progress', 'none', *options, *self.words)

    def in_parts(self):
        numbers = [*range(1, 8), 3]
        random.Random(len(self.way.out)).shuffle(numbers)
        for number in numbers:
            self.run('--part', f'{number}/7', '--workers', 1 + number % 2)
            assert not os.path.exists(self.way.out)
        self.run('--finalize')

    def exported(self, language, suffix):
        path = os.path.abspath(f'exported{suffix}')
        call(CLI, 'export', '--to', language, '-o', path, *(['--strict'] if language == 'gdal' else []), *self.words)
        return path

    def python(self):
        call(PYTHON, self.exported('python', '.py'))

    def gdal(self):
        call(self.exported('gdal', '.sh'))

    def notebook(self):
        book = nbformat.read(self.exported('notebook', '.ipynb'), as_version=4)
        nbclient.NotebookClient(book, timeout=240, kernel_name='python3').execute()

    def taken(self):
        """Its hash and its values; the output is taken away for the next way."""
        result = hash_of(self.way.out), values_of(self.way.out)
        for path in (self.way.out, self.way.out + '.hdr', self.way.out.rsplit('.', 1)[0] + '.hdr', self.way.out + '.aux.xml'):
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)
        return result


@pytest.mark.parametrize('name', CHAINS)
def test_our_ways_give_the_same_bytes(name, folder, cluster, monkeypatch):
    monkeypatch.chdir(folder)
    ways = Ways(CHAINS[name])
    ways.run()
    expected, _ = ways.taken()
    ways.in_parts()
    assert ways.taken()[0] == expected, 'parts'
    ways.run('--cluster', cluster)
    assert ways.taken()[0] == expected, 'cluster'
    assert not list(Path().glob('*.part-*'))


@pytest.mark.parametrize('name', CHAINS)
def test_programs_of_others_give_equal_values(name, folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(os, 'environ', os.environ | {key: QUIET[key] for key in ('PYTHONWARNINGS', 'PYDEVD_DISABLE_FILE_VALIDATION')})
    ways = Ways(CHAINS[name])
    ways.run()
    _, expected = ways.taken()
    # The array before the output, as xarray reads it by our engine: not what was written, bit for bit the same all the same.
    array = raw(ways.way.steps)
    nodata = array.attrs.get('_FillValue')
    if not ways.way.out.endswith(('.nc', '.zarr', '.csv')):
        array = array.transpose(..., 'y', 'x')  # as rasters are read
    stored = array.values.astype('f8')
    assert_equal(np.where(stored == nodata, np.nan, stored).squeeze(), expected, 0)
    ways.python()
    assert_equal(ways.taken()[1], expected, ways.way.allowed)
    ways.notebook()
    assert_equal(ways.taken()[1], expected, ways.way.allowed)
    exports = subprocess.run([CLI, 'export', '--to', 'gdal', '--strict', *ways.words], capture_output=True)
    assert exports.returncode == (0 if ways.way.gdal else 2), exports.stderr
    if ways.way.gdal:
        ways.gdal()
        assert_equal(ways.taken()[1], expected, ways.way.allowed)
