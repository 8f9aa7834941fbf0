# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol of cubeloom-cli serve, spoken by hand: answers, refusals, cancels, clients that die, files that change."""
import json
import os
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest
from conftest import CLI

LONG = '! open {} ! focal size=31 statistic=median'  # minutes for the whole sample


class Client:
    """A serve of its own."""

    def __init__(self, *options):
        self.process = subprocess.Popen([CLI, 'serve', *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def send(self, **request):
        self.process.stdin.write(json.dumps(request).encode() + b'\n')
        self.process.stdin.flush()

    def receive(self):
        header = json.loads(self.process.stdout.readline())
        data = self.process.stdout.read(header['nbytes'])
        assert len(data) == header['nbytes']
        return header, data

    def ask(self, **request):
        self.send(**request)
        return self.receive()

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.process.stderr.close()


@pytest.fixture
def client():
    made = Client('--workers', '2', '--memory', '512MiB')
    yield made
    made.end()


def test_describe(client, sample):
    header, _ = client.ask(id='first', do='describe', chain=sample)
    assert header['id'] == 'first' and header['is_file'] and header['default'] == 'shift_sample'
    array = header['nodes'][0]['array']
    assert array['dims'] == ['y', 'wavelength', 'x'] and array['shape'] == [400, 53, 480] and array['dtype'] == 'float32'
    assert array['nodata'] == -9999 and array['geotransform'] == [717720, 5, 0, 3865865, 0, -5]
    assert 'UTM zone 10N' in array['crs_wkt'] and array['coordinates']['wavelength']['unit'] == 'nm'
    assert len(array['chunk_shape']) == 3 and all(1 <= chunk <= size for chunk, size in zip(array['chunk_shape'], array['shape']))


def test_describe_tells_every_node_and_what_is_wrong_with_it(client, sample):
    document = {'cubeloom': 1, 'nodes': [{'id': 'cube', 'op': 'open', 'params': {'path': sample}},
                                         {'id': 'bad', 'op': 'isel', 'inputs': ['cube'], 'params': {'indexers': {'time': 0}}}]}
    header, _ = client.ask(id=1, do='describe', chain=document)
    cube, bad = header['nodes']
    assert cube['array']['shape'] == [400, 53, 480] and bad['array'] is None
    assert bad['error']['node'] == 'bad' and 'wavelength' in bad['error']['message'] + bad['error'].get('hint', '')


def test_read(client, sample, sample_values):
    header, data = client.ask(id=7, do='read', chain=sample, index={'y': '10:20:3', 'x': [4, 2, -1], 'wavelength': -2})
    assert (header['id'], header['dtype'], header['shape'], header['nbytes']) == (7, 'float32', [4, 3], 48)
    np.testing.assert_array_equal(np.frombuffer(data, '<f4').reshape(4, 3), sample_values[10:20:3, -2][:, [4, 2, -1]])


def test_several_at_once(client, sample, sample_values):
    """A long one does not hold up short ones; each answer has its id."""
    client.send(id='long', do='read', chain=LONG.format(sample))
    for row in range(20):
        client.send(id=row, do='read', chain=sample, index={'y': row})
    seen = set()
    for _ in range(20):
        header, data = client.receive()
        np.testing.assert_array_equal(np.frombuffer(data, '<f4').reshape(53, 480), sample_values[header['id']])
        seen.add(header['id'])
    assert seen == set(range(20))


@pytest.mark.parametrize('chain', [LONG, '! open {} ! isel wavelength=0:20 ! reproject crs=EPSG:4326 resolution=0.0000004 resampling=cubic',
                                   '! open {} ! kmeans clusters=40 n_init=50 seed={}'])
def test_a_cancelled_read_ends_within_100_ms(client, sample, chain):
    client.ask(id=0, do='read', chain=sample, index={'y': 0})  # the program is there
    index = {'x': '0:4000', 'y': '0:4000'} if 'reproject' in chain else None
    took = []
    for number in range(3):
        client.send(id=number + 1, do='read', chain=chain.format(sample, number), index=index)
        time.sleep(0.3)
        start = time.monotonic()
        client.send(id=number + 1, do='cancel')
        header, _ = client.receive()
        took.append(time.monotonic() - start)
        assert header['id'] == number + 1 and header['error']['code'] in ('Canceled', 'OverBudget'), header
    assert min(took) < 0.1, took  # the least: others use the machine, too


def test_errors(client, sample):
    def error(**request):
        header, data = client.ask(id=1, **request)
        assert data == b''
        return header['error']

    assert error(do='read', chain=sample, index={'time': 0})['parameter'] == 'index'
    assert 'y, wavelength, x' in error(do='read', chain=sample, index={'time': 0})['message']
    assert 'index 400 is outside dim y of size 400' in error(do='read', chain=sample, index={'y': 400})['message']
    assert error(do='read', chain=sample, index={'y': '0:10:0'})['code'] == 'InvalidParameter'
    assert error(do='read', chain=sample, index={'y': 'x'})['hint']
    assert error(do='read', chain='/no/such/file.hdr')['code'] == 'OpenFailed'
    wrong = error(do='read', chain=f'! open {sample} ! reproject crs=EPSG:1')
    assert (wrong['code'], wrong['node'], wrong['parameter']) == ('CrsUnavailable', 'reproject', 'crs') or wrong['node'] == 'reproject'
    assert 'did you mean' in error(do='read', chain=f'! open {sample} ! pca dims=x')['hint']
    assert error(do='write', chain=sample)['parameter'] == 'do'
    assert error(do='read', chain=sample, colour='red')['parameter'] == 'colour'
    assert error(do='read')['parameter'] == 'chain'
    client.process.stdin.write(b'no json\n\n{"id": 5}\n')
    client.process.stdin.flush()
    assert client.receive()[0]['error']['message'] == 'a request is one JSON object on one line'
    assert client.receive()[0]['id'] == 5


def test_what_does_not_fit_is_refused_with_the_numbers(sample):
    client = Client('--memory', '100MiB', '--workers', '1')
    header, _ = client.ask(id=1, do='read', chain=f'! open {sample} ! reproject crs=EPSG:32610 resolution=1 resampling=nearest')
    assert header['error']['code'] == 'OverBudget' and 'MiB' in header['error']['message']
    assert header['error']['budget_bytes'] < 100 << 20
    header, data = client.ask(id=2, do='read', chain=sample, index={'y': '0:10'})  # and it goes on
    assert 'error' not in header and len(data) == 10 * 53 * 480 * 4
    client.end()
    small = Client('--memory', '1MiB')
    assert small.process.wait(5) == 4 and b'memory budget' in small.process.stderr.read()
    small.end()


def test_reads_together_stay_within_the_budget(sample):
    """Eight reads of 39 MiB in a budget for two or three: all are answered, one after the other."""
    client = Client('--memory', '220MiB', '--workers', '2')
    for number in range(8):
        client.send(id=number, do='read', chain=sample)
    peak = 0
    for _ in range(8):
        header, data = client.receive()
        assert len(data) == 400 * 53 * 480 * 4, header
        with open(f'/proc/{client.process.pid}/status') as status:
            peak = max(peak, *(int(line.split()[1]) for line in status if line.startswith('VmHWM')))
    assert peak < 220 << 10, f'{peak / 1024:.0f} MiB'
    client.end()


def children(pid):
    found = []
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat') as stat:
                    words = stat.read().rsplit(')', 1)[1].split()
                if int(words[1]) == pid and words[0] != 'Z':
                    found.append(int(name))
            except OSError:
                pass
    return found


def is_gone(pid):
    try:
        with open(f'/proc/{pid}/stat') as stat:
            return stat.read().rsplit(')', 1)[1].split()[0] == 'Z'
    except OSError:
        return True


@pytest.mark.parametrize('how', ['stdin ends', 'nobody reads', 'killed'])
def test_a_dead_client_ends_it_at_once(how, sample, data, tmp_path):
    if how == 'killed':
        script = (f"import subprocess, sys, time\np = subprocess.Popen([{CLI!r}, 'serve'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
                  f"p.stdin.write(b'''{json.dumps({'id': 1, 'do': 'read', 'chain': LONG.format(sample)})}\\n'''); p.stdin.flush()\n"
                  'print(p.pid, flush=True)\ntime.sleep(60)\n')
        parent = subprocess.Popen(['/usr/bin/python3', '-c', script], stdout=subprocess.PIPE, text=True)
        pid = int(parent.stdout.readline())
        time.sleep(0.5)
        assert not is_gone(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        started = []
    else:
        client = Client()
        pid = client.process.pid
        client.ask(id=0, do='read', chain=str(data / 'geotiff' / 'rgb_mask_tiny.tif'))  # GDAL's reader is a process of its own
        started = children(pid)
        client.send(id=1, do='read', chain=LONG.format(sample))
        time.sleep(0.3)
        if how == 'stdin ends':
            client.process.stdin.close()
        else:
            client.process.stdout.close()
            client.send(id=2, do='read', chain=sample)
    start = time.monotonic()
    while time.monotonic() - start < 3 and not (is_gone(pid) and all(is_gone(one) for one in started)):
        time.sleep(0.01)
    took = time.monotonic() - start
    assert is_gone(pid) and all(is_gone(one) for one in started) and took < 1, took
    if how != 'killed':
        client.process.wait(1)
        client.process.stderr.close()
        if how == 'nobody reads':
            client.process.stdin.close()
        else:
            client.process.stdout.close()


def copy_of(sample, folder):
    for file in (sample, sample.removesuffix('.hdr')):
        shutil.copy(file, folder)
    return str(folder / 'shift_sample.hdr')


def test_a_changed_file_is_noticed(client, sample, sample_values, tmp_path):
    header_path = copy_of(sample, tmp_path)
    described, _ = client.ask(id=1, do='describe', chain=header_path)
    _, before = client.ask(id=2, do='read', chain=header_path, state=described['state'], index={'y': 100})
    changed = sample_values.copy()
    changed[100] += 1
    changed.tofile(header_path.removesuffix('.hdr'))
    refused, _ = client.ask(id=3, do='read', chain=header_path, state=described['state'], index={'y': 100})
    assert refused['error']['code'] == 'ReadFailed' and 'not what it was' in refused['error']['message']
    again, _ = client.ask(id=4, do='describe', chain=header_path)
    assert again['state'] != described['state']
    _, after = client.ask(id=5, do='read', chain=header_path, state=again['state'], index={'y': 100})
    np.testing.assert_array_equal(np.frombuffer(after, '<f4'), np.frombuffer(before, '<f4') + np.float32(1))
    # Without a state what is there now is read: no older values are kept.
    sample_values.tofile(header_path.removesuffix('.hdr'))
    _, now = client.ask(id=6, do='read', chain=header_path, index={'y': 100})
    assert now == before


def test_a_changed_chain_file_is_noticed(client, sample, tmp_path):
    path = tmp_path / 'c.cubeloom'

    def save(row):
        path.write_text(json.dumps({'cubeloom': 1, 'nodes': [
            {'id': 'cube', 'op': 'open', 'params': {'path': sample}},
            {'id': 'row', 'op': 'isel', 'inputs': ['cube'], 'params': {'indexers': {'y': row}}}]}))

    save(100)
    _, first = client.ask(id=1, do='read', chain=str(path))
    save(1000)
    assert client.ask(id=2, do='read', chain=str(path))[0]['error']['node'] == 'row'
    save(150)
    _, second = client.ask(id=3, do='read', chain=str(path))
    assert len(first) == len(second) and first != second


def test_a_node_that_is_wrong_does_not_hold_up_others(client, sample):
    """What was learned is kept, although another node of the chain cannot be bound."""
    document = {'cubeloom': 1, 'nodes': [{'id': 'cube', 'op': 'open', 'params': {'path': sample}},
                                         {'id': 'learned', 'op': 'pca', 'inputs': ['cube'], 'params': {'components': 8}},
                                         {'id': 'bad', 'op': 'isel', 'inputs': ['cube'], 'params': {'indexers': {'time': 0}}}]}
    took = []
    for number in range(4):
        start = time.monotonic()
        header, data = client.ask(id=number, do='read', chain=document, node='learned', index={'y': 200, 'x': 240})
        took.append(time.monotonic() - start)
        assert 'error' not in header and len(data) == 32
    assert min(took[1:]) < took[0] / 3, took
    assert client.ask(id=9, do='read', chain=document, node='bad')[0]['error']['node'] == 'bad'


def test_a_file_that_comes_later(client, sample, tmp_path):
    assert client.ask(id=1, do='describe', chain=str(tmp_path / 'shift_sample.hdr'))[0]['error']['code'] == 'OpenFailed'
    chain = f"! open {tmp_path / 'shift_sample.hdr'} ! isel y=0"
    assert client.ask(id=2, do='describe', chain=chain)[0]['nodes'][0]['error']['code'] == 'OpenFailed'
    copy_of(sample, tmp_path)
    assert client.ask(id=3, do='describe', chain=str(tmp_path / 'shift_sample.hdr'))[0]['default'] == 'shift_sample'
    assert client.ask(id=4, do='describe', chain=chain)[0]['nodes'][1]['array']['shape'] == [53, 480]
