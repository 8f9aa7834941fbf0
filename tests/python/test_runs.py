# SPDX-License-Identifier: GPL-3.0-or-later
"""cubeloom.run and cubeloom.plan: reports, refusals, progress, interrupts."""
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import rasterio

import cubeloom


def test_a_run_returns_its_report(sample, sample_values, tmp_path):
    chain = cubeloom.chain().open(sample).isel(wavelength=[3, 5]).transpose('wavelength', 'y', 'x').write(tmp_path / 'out.tif')
    report = cubeloom.run(chain, workers=1, memory='512MiB', progress=False)
    assert report['status'] == 'finished' and report['workers'] == 1 and report['memory_budget_bytes'] == 512 << 20
    assert report['outputs'][0]['shape'] == [2, 400, 480]
    with rasterio.open(tmp_path / 'out.tif') as file:
        np.testing.assert_array_equal(file.read(), sample_values[:, [3, 5]].transpose(1, 0, 2))
    with pytest.raises(cubeloom.InvalidChainError) as there:
        cubeloom.run(chain, progress=False)
    assert there.value.node == 'write' and there.value.parameter
    path = chain.save(tmp_path / 'c.cubeloom')
    assert cubeloom.run(path, overwrite=True, set={'isel.indexers': {'wavelength': [7]}}, progress=False)['outputs'][0]['shape'] == [1, 400, 480]


def test_a_plan(sample, tmp_path):
    chain = cubeloom.chain().open(sample).write(tmp_path / 'out.tif')
    assert chain.plan(memory='512MiB')['fits'] is True
    refused = chain.plan(memory='40MiB')
    assert refused['fits'] is False and refused['refusals'][0]['remedies']
    with pytest.raises(cubeloom.OverBudgetError) as caught:
        chain.run(memory='40MiB', progress=False)
    assert caught.value.details['report']['status'] == 'refused' and caught.value.hint
    with pytest.raises(cubeloom.InvalidChainError) as wrong:
        cubeloom.plan(cubeloom.chain().open(sample).isel(time=0).write(tmp_path / 'o.tif'))
    assert wrong.value.node == 'isel'


def test_a_bar(sample, tmp_path, capsys):
    pytest.importorskip('tqdm')
    cubeloom.chain().open(sample).write(tmp_path / 'out.tif').run(progress=True)
    assert '100%' in capsys.readouterr().err


def test_an_interrupt_cancels(sample, tmp_path):
    chain = cubeloom.chain().open(sample).focal(size=11, statistic='median').write(tmp_path / 'out.tif')
    threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        chain.run(progress=False)
    assert time.monotonic() - start < 15 and not (tmp_path / 'out.tif').exists()


def test_an_interrupt_cancels_a_read(sample):
    script = ('import os, signal, threading, time, cubeloom\n'
              f'array = cubeloom.chain().open({sample!r}).focal(size=31, statistic="median").to_xarray()["shift_sample"]\n'
              'threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()\n'
              'start = time.monotonic()\n'
              'try: array.values\n'
              'except KeyboardInterrupt: pass\n'
              'else: raise SystemExit("was not interrupted")\n'
              'print(time.monotonic() - start, float(array[0, 0, 0]))\n')
    done = subprocess.run([sys.executable, '-B', '-c', script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[0]) < 5
