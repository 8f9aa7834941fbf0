# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains written in Python: methods from the operations, documents, errors."""
import inspect
import json
import os
import subprocess

import numpy as np
import pytest
from conftest import CLI

import cubeloom


def test_the_document(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chain = (cubeloom.chain('SHIFT').open('x.hdr').isel(time=0).transpose('wavelength', 'y', 'x')
             .reproject(crs=32610, resolution=500, resampling='nearest').named('grid').write('out.tif', format='COG'))
    assert chain.document() == {'cubeloom': 1, 'title': 'SHIFT', 'nodes': [
        {'id': 'open', 'op': 'open', 'params': {'path': str(tmp_path / 'x.hdr')}},
        {'id': 'isel', 'op': 'isel', 'inputs': ['open'], 'params': {'indexers': {'time': 0}}},
        {'id': 'transpose', 'op': 'transpose', 'inputs': ['isel'], 'params': {'dims': ['wavelength', 'y', 'x']}},
        {'id': 'grid', 'op': 'reproject', 'inputs': ['transpose'], 'params': {'crs': 'EPSG:32610', 'resolution': 500, 'resampling': 'nearest'}},
        {'id': 'write', 'op': 'write', 'inputs': ['grid'], 'params': {'path': str(tmp_path / 'out.tif'), 'format': 'COG'}}]}
    assert chain.node == 'write' and 'grid = reproject [transpose]' in repr(chain)


def test_several_inputs_and_shared_steps(sample):
    cube = cubeloom.chain().open(sample)
    red, near = cube.sel(wavelength=660, method='nearest'), cube.sel(wavelength=865, method='nearest')
    ndvi = red.calc(near, expression='(in2.x - in1.x) / (in2.x + in1.x)')
    assert [(node['id'], node.get('inputs')) for node in ndvi.document()['nodes']] == [
        ('open', None), ('sel', ['open']), ('sel2', ['open']), ('calc', ['sel', 'sel2'])]
    assert cubeloom.chain().calc(red, near, expression='in1.x').document()['nodes'][-1]['inputs'] == ['sel', 'sel2']
    like = cube.reproject(like=cube.reproject(crs=32610, resolution=50).named('coarse'), resampling='average')
    assert like.document()['nodes'][-1]['params']['like'] == 'coarse'
    assert dict(like.to_xarray().sizes)['x'] == 49


def test_values_become_json(sample):
    chain = cubeloom.chain().open(sample).isel(y=slice(0, 10, 2), x=np.array([3, 4]), wavelength=np.int64(2))
    assert chain.document()['nodes'][-1]['params'] == {'indexers': {'y': '0:10:2', 'x': [3, 4], 'wavelength': 2}}
    assert json.dumps(cubeloom.chain().open(sample).assign_nodata(nodata=float('nan')).document())
    assert chain.astype(dtype=np.uint8).document()['nodes'][-1]['params']['dtype'] == 'uint8'


def test_unknown_parameters_name_the_nearest():
    chain = cubeloom.chain().open('x.hdr')
    with pytest.raises(TypeError, match=r"reproject\(\) has no parameter 'resample'; did you mean 'resampling'\?"):
        chain.reproject(resample='near')
    with pytest.raises(TypeError, match='takes its parameters by keyword'):
        chain.reproject(32610, 500)
    with pytest.raises(AttributeError):
        chain.reprojct()
    with pytest.raises(TypeError, match=r'calc\(\) takes 1 to'):
        cubeloom.chain().calc(expression='x')
    with pytest.raises(cubeloom.InvalidChainError, match='begins a chain'):
        chain.open('y.hdr')
    with pytest.raises(cubeloom.InvalidChainError, match='has no step'):
        cubeloom.chain().to_xarray()


def test_every_operation_is_a_method():
    chain = cubeloom.chain()
    listed = json.loads(subprocess.run([CLI, 'ops', '--json'], capture_output=True, check=True).stdout)['operations']
    for operation in listed:
        method = getattr(chain, operation['id'])
        assert method.__doc__.startswith(operation['summary'])
        names = inspect.signature(method).parameters
        for parameter in operation['parameters']:
            assert parameter['name'] in names and parameter['name'] + ' : ' in method.__doc__


def test_saved_and_opened(sample, tmp_path):
    path = cubeloom.chain().open(sample).isel(wavelength=[5, 1]).save(tmp_path / 'c.cubeloom')
    planned = cubeloom.plan(path, node='isel')
    assert planned['nodes'][-1]['shape'] == [400, 2, 480]
    assert os.listdir(tmp_path) == ['c.cubeloom']


def test_errors_of_the_engine(sample):
    with pytest.raises(cubeloom.InvalidChainError) as caught:
        cubeloom.chain().open(sample).isel(time=0).to_xarray()
    assert caught.value.node == 'isel' and isinstance(caught.value, ValueError)
    with pytest.raises(cubeloom.OpenError) as missing:
        cubeloom.chain().open('/no/such.hdr').to_xarray()
    assert missing.value.node == 'open' and isinstance(missing.value, OSError)


def test_without_the_program(monkeypatch, tmp_path):
    import cubeloom.program
    monkeypatch.setenv('CUBELOOM_CLI', str(tmp_path / 'nothing'))
    with pytest.raises(cubeloom.EngineMissingError, match="'.*nothing', which CUBELOOM_CLI names, is no program"):
        cubeloom.find_program()
    monkeypatch.delenv('CUBELOOM_CLI')
    monkeypatch.setenv('PATH', str(tmp_path))
    monkeypatch.setattr(cubeloom.program, '__file__', str(tmp_path / 'a' / 'b' / 'cubeloom' / 'program.py'))
    with pytest.raises(cubeloom.EngineMissingError, match='install the package cubeloom-cli, or set CUBELOOM_CLI'):
        cubeloom.find_program()
