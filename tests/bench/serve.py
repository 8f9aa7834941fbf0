#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reads from Python cost: 1 MiB of a warm cube, and the first value of a cube of 261 GiB. Prints medians in
milliseconds, and what this process and the engine
computed for each, which on a busy computer is what can be compared.

  CUBELOOM_CLI=build/release/bin/cubeloom-cli PYTHONPATH=resources/python tests/bench/serve.py
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import cubeloom
import cubeloom.engine

FULL = {'lines': 12023, 'samples': 13739, 'bands': 425}


def computed():
    """Seconds of this process and of the engine."""
    with open(f'/proc/{cubeloom.engine.engine().pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    own = os.times()
    return own.user + own.system + (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def median(call, count):
    """As text."""
    for _ in range(5):
        call()
    times, before = [], computed()
    for _ in range(count):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return f'{statistics.median(times):8.2f} ms, {(computed() - before) / count * 1000:.2f} ms computed'


def only(dataset):
    return dataset[next(iter(dataset.data_vars))]


def full_size(folder):
    """A hole of 261.5 GiB with a header: as many pixels as the campaign's cube."""
    header = ['ENVI', *(f'{key} = {value}' for key, value in FULL.items()), 'header offset = 0', 'file type = ENVI Standard', 'data type = 4',
              'interleave = bil', 'byte order = 0', 'map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84, units=Meters}',
              'data ignore value = -9999']
    (folder / 'full.hdr').write_text('\n'.join(header) + '\n')
    with open(folder / 'full', 'wb') as file:
        file.truncate(4 * FULL['lines'] * FULL['samples'] * FULL['bands'])
    return str(folder / 'full.hdr')


FIRST = """
import sys, time
import xarray, cubeloom
started = time.perf_counter()
array = cubeloom.open_dataset(sys.argv[1])
array = array[next(iter(array.data_vars))]
float(array[6000, 200, 7000].values)
print((time.perf_counter() - started) * 1000)
"""


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([Path(os.environ['CUBELOOM_CLI']).with_name('cubeloom-sample'), name], check=True, capture_output=True)
        cube = only(cubeloom.open_dataset(str(folder / 'shift_sample.hdr'), mask_and_scale=False, cache=False))
        random = np.random.default_rng(5)

        def lines():
            y = int(random.integers(390))
            cube[y:y + 10].values  # noqa: B018 -- 10 x 53 x 480 floats

        def box():
            y, x, band = (int(random.integers(most)) for most in (144, 224, 49))
            cube[y:y + 256, band:band + 4, x:x + 256].values  # noqa: B018

        print(f'1 MiB as whole lines   {median(lines, 400)}')
        print(f'1 MiB as a box         {median(box, 400)}')
        full = full_size(folder)
        first = [float(subprocess.run([sys.executable, '-c', FIRST, full], check=True, capture_output=True, text=True).stdout) for _ in range(5)]
        print(f'first value, 261.5 GiB {statistics.median(first):8.2f} ms, the start of the engine included')
        coarse = cubeloom.chain().open(full).transpose('band', 'y', 'x').reproject(
            crs=32610, resolution=500, resampling='nearest')
        print(f'first value, to 500 m  {median(lambda: only(coarse.to_xarray(cache=False))[200, 60, 70].values, 20)}')


if __name__ == '__main__':
    main()
