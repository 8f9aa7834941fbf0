# SPDX-License-Identifier: GPL-3.0-or-later
"""What the build installs registers the engine in xarray, and finds the program of the same prefix."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import CLI


def test_the_installed_package(sample, tmp_path):
    build = Path(CLI).parents[1]
    if not (build / 'cmake_install.cmake').exists() or shutil.which('cmake') is None:
        pytest.skip('the program does not lie in a build folder')
    subprocess.run(['cmake', '--install', build, '--component', 'python', '--prefix', tmp_path], check=True, capture_output=True)
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin' / 'cubeloom-cli').symlink_to(CLI)
    environment = {**os.environ, 'PYTHONPATH': str(tmp_path / 'lib/python3/dist-packages'), 'PATH': '/usr/bin:/bin'}
    del environment['CUBELOOM_CLI']
    script = ('import xarray as xr\n'
              f'ds = xr.open_dataset({sample!r}, engine="cubeloom")\n'
              'import cubeloom\n'
              'print(ds.sizes["wavelength"], cubeloom.find_program())\n')
    done = subprocess.run(['/usr/bin/python3', '-B', '-c', script], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ['53', str(tmp_path / 'bin' / 'cubeloom-cli')], done.stderr


def test_versions_agree():
    import re

    import cubeloom
    told = subprocess.run([CLI, '--version'], capture_output=True, text=True, check=True).stdout.strip()
    project = (Path(cubeloom.__file__).parents[1] / 'pyproject.toml').read_text()
    assert cubeloom.__version__ == re.search(r'^version = "(.*)"', project, re.M)[1] == told
