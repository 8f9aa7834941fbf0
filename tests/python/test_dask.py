# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays that go to other processes: pickled, by dask's processes, by a cluster, by a fork."""
import multiprocessing
import os
import pickle
import warnings

import dask
import numpy as np
import pytest
import xarray as xr
from conftest import only, raw

import cubeloom
import cubeloom.engine


def masked_mean(values):
    return np.where(values == -9999, np.nan, values)[:, 20]


def test_pickle(sample, sample_values):
    array = raw(sample)
    again = pickle.loads(pickle.dumps(array))
    np.testing.assert_array_equal(again[100:110, [3, 1]].values, sample_values[100:110, [3, 1]])
    chain = pickle.loads(pickle.dumps(cubeloom.chain().open(sample).isel(y=3)))
    np.testing.assert_array_equal(raw(chain).values, sample_values[3])
    error = pickle.loads(pickle.dumps(cubeloom.InvalidChainError('m', code='InvalidParameter', node='n', hint='h')))
    assert (error.node, error.hint, str(error)) == ('n', 'h', 'node n: m (h)')


def test_chunks_are_cheap_to_read(sample):
    array = raw(sample, chunks={})
    assert array.chunks is not None and array.encoding['preferred_chunks'] == dict(zip(array.dims, (one[0] for one in array.chunks)))
    assert array.data.nbytes / array.data.npartitions >= 1 << 20


@pytest.mark.parametrize('scheduler', ['threads', 'processes'])
def test_dask_computes(scheduler, sample, sample_values):
    array = raw(sample, chunks={'y': 100})
    with dask.config.set(scheduler=scheduler, num_workers=2), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        np.testing.assert_array_equal(array[:, 20].compute().values, sample_values[:, 20])
        learned = only(cubeloom.chain().open(sample).isel(y=slice(0, 50)).pca(components=2).to_xarray(chunks={'y': 25}, mask_and_scale=False))
        np.testing.assert_array_equal(learned.compute().values, only(cubeloom.chain().open(sample).isel(y=slice(0, 50)).pca(components=2)
                                                                     .to_xarray(mask_and_scale=False)).values)


def test_a_cluster_computes(sample, sample_values, tmp_path):
    distributed = pytest.importorskip('distributed')
    with dask.config.set({'temporary-directory': str(tmp_path), 'distributed.worker.daemon': True}), \
            distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit='1GiB',
                                     host='127.0.0.1') as cluster, distributed.Client(cluster) as client:
        array = only(cubeloom.open_dataset(sample, chunks={'y': 100}))
        np.testing.assert_allclose(array[:, 20].mean().compute(), np.nanmean(masked_mean(sample_values)), rtol=1e-5)
        pids = client.run(lambda: cubeloom.engine.engine().pid)
        assert len(set(pids.values())) == 2 and cubeloom.engine.engine().pid not in pids.values()
        # In a worker: its threads and part of its memory. (`run` is outside of a task.)
        commands = client.gather([client.submit(lambda: cubeloom.program.resources(), pure=False, workers=[one]) for one in pids])
        assert all(command[:2] == ['--workers', '1'] and command[2] == '--memory' for command in commands), commands


def in_fork(sample, parents, queue):
    try:
        queue.put((float(raw(sample)[100, 20, 240].values), cubeloom.engine.engine().pid != parents))
    except Exception as error:
        queue.put((repr(error), False))


def test_a_fork_has_an_engine_of_its_own(sample, sample_values):
    """And the parent's goes on."""
    first = raw(sample)[100, 20, 240].values
    pid = cubeloom.engine.engine().pid
    fork = multiprocessing.get_context('fork')
    queue = fork.SimpleQueue()
    child = fork.Process(target=in_fork, args=(sample, pid, queue))
    child.start()
    assert queue.get() == (float(sample_values[100, 20, 240]), True)
    child.join()
    assert cubeloom.engine.engine().pid == pid and raw(sample)[100, 20, 240].values == first


def test_an_engine_that_was_killed_is_started_again(sample, sample_values):
    array = raw(sample, cache=False)
    array[0].values  # noqa: B018
    os.kill(cubeloom.engine.engine().pid, 9)
    try:
        array[0].values  # noqa: B018
    except cubeloom.EngineMissingError as error:
        assert 'has ended' in str(error)
    np.testing.assert_array_equal(array[100].values, sample_values[100])


def test_an_engine_that_takes_no_request_is_not_asked_twice(tmp_path, monkeypatch):
    """Its last answers may still come: whether it takes requests is what decides."""
    deaf = tmp_path / 'deaf'
    deaf.write_text('#!/bin/sh\nexec 0<&-\nexec sleep 5\n')
    deaf.chmod(0o755)
    monkeypatch.setenv('CUBELOOM_CLI', str(deaf))
    engine = cubeloom.engine.Engine()
    with pytest.raises(cubeloom.EngineMissingError, match='has ended'):
        for _ in range(1000):  # until it has closed its end
            engine.start({'do': 'nothing'})
    assert not engine.is_open
    engine.close()


def test_names_of_tasks_follow_the_files(sample, tmp_path):
    """Two chains that differ are not taken for one by dask, the same chain is."""
    def name(row):
        return raw(cubeloom.chain().open(sample).isel(wavelength=row), chunks={}).data.name
    assert name(1) == name(1) != name(2)
    values = np.zeros((4, 5), 'f4')
    xr.Dataset({'t': (('y', 'x'), values)}, {'y': np.arange(4.0), 'x': np.arange(5.0)}).to_netcdf(tmp_path / 'a.nc')
    before = raw(str(tmp_path / 'a.nc'), chunks={}).data.name
    assert raw(str(tmp_path / 'a.nc'), chunks={}).data.name == before
    xr.Dataset({'t': (('y', 'x'), values + 1)}, {'y': np.arange(4.0), 'x': np.arange(5.0)}).to_netcdf(tmp_path / 'a.nc')
    assert raw(str(tmp_path / 'a.nc'), chunks={}).data.name != before
    assert xr.open_dataset(sample, engine=cubeloom.XarrayBackend, chunks={}).equals(xr.open_dataset(sample, engine=cubeloom.XarrayBackend))
