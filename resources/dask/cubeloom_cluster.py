#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dask clusters of this computer: `cubeloom-cli cluster`, and the window's cluster cards.

  cubeloom_cluster.py start --workers N --memory BYTES [--json]
  cubeloom_cluster.py scale --workers N [ADDRESS] [--json]
  cubeloom_cluster.py stop [ADDRESS] [--json]
  cubeloom_cluster.py list [--json]
  cubeloom_cluster.py list ADDRESS --watch     what is known of any scheduler, a line of JSON every two seconds, until stdin ends

A cluster is a process of its own, which keeps what is known of it in a file below the user's data folder. Its workers are processes of one
thread each, which share the memory equally; it listens on 127.0.0.1 alone. SIGHUP: take the wanted workers from the file; SIGTERM: end.
"""
import argparse
import contextlib
import glob
import json
import os
import select
import signal
import subprocess
import sys
import time

START_SECONDS = 90  # of a busy computer, too
STOP_SECONDS = 20
SCALE_SECONDS = 30
ANSWER_SECONDS = 2  # of a scheduler, where somebody listens
WATCH_SECONDS = 2


class Failed(Exception):
    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def folder():
    data = os.environ.get('XDG_DATA_HOME') or os.path.expanduser('~/.local/share')
    return os.path.join(data, 'cubeloom', 'clusters')


def write(path, state):
    with open(path + '.new', 'w', encoding='utf-8') as file:
        json.dump(state, file, indent=1)
    os.replace(path + '.new', path)


def read(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def is_alive(state):
    """Whether its process is there and is ours: a number is used again once it is free."""
    try:
        with open(f"/proc/{state['pid']}/cmdline", 'rb') as file:
            return state['mark'].encode() in file.read()
    except OSError:
        return False


def clusters():
    """Those that run, by their files; what others have left is removed."""
    found = {}
    for path in sorted(glob.glob(os.path.join(folder(), '*.json'))):
        with contextlib.suppress(OSError, ValueError, KeyError):
            state = read(path)
            if is_alive(state):
                found[path] = state
            else:
                os.unlink(path)
    return found


def chosen(address):
    running = clusters()
    if not running:
        raise Failed('no cluster runs here (start one: cubeloom-cli cluster start)', 2)
    named = {path: state for path, state in running.items() if not address or state['address'] == address}
    if len(named) == 1:
        return next(iter(named.items()))
    addresses = ', '.join(state['address'] for state in running.values())
    if not named:
        raise Failed(f'no cluster of this computer is at {address}: there are {addresses}', 2)
    raise Failed(f'several clusters run here: name one of {addresses}', 2)


def told(state):
    return {key: state[key] for key in ('address', 'dashboard', 'workers', 'memory_bytes', 'pid')}


def show(states, as_json):
    if as_json:
        print(json.dumps({'clusters': [told(state) for state in states]}, indent=1))
        return
    for state in states:
        print(f"{state['address']}  {state['workers']} workers of 1 thread, {state['memory_bytes'] / 2**30:.1f} GiB together"
              f"{'  dashboard ' + state['dashboard'] if state['dashboard'] else ''}")
        print(f"  from dask.distributed import Client; client = Client({state['address']!r})")


def source():
    """This program: a file, or what follows -c."""
    with open('/proc/self/cmdline', 'rb') as file:
        words = file.read().split(b'\0')
    if words[1] == b'-c':
        return words[2].decode()
    with open(__file__, encoding='utf-8') as file:
        return file.read()


def start(arguments):
    os.makedirs(folder(), exist_ok=True)
    mark = f'cubeloom-cluster-{os.getpid()}-{time.time_ns()}'
    path = os.path.join(folder(), mark + '.json')
    state = {'mark': mark, 'workers': arguments.workers, 'memory_bytes': arguments.memory, 'log': path[:-5] + '.log'}
    write(path + '.wanted', state)
    with open(state['log'], 'wb') as log:
        process = subprocess.Popen([sys.executable, '-c', source(), 'serve', path, mark], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, cwd='/')
    until = time.time() + START_SECONDS
    while not os.path.exists(path):
        if process.poll() is not None:
            with open(state['log'], encoding='utf-8', errors='replace') as log:
                words = [line for line in log.read().strip().splitlines() if ' - INFO - ' not in line]
            raise Failed(f"the cluster did not start: {words[-1] if words else 'it says nothing'}", 3)
        if time.time() > until:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
                os.unlink(state['log'])
            raise Failed(f'the cluster was not ready within {START_SECONDS} s (is the computer busy?)', 3)
        time.sleep(0.1)
    show([read(path)], arguments.json)


def serve(path, mark):
    """The cluster itself; `mark` is there to be seen among the processes."""
    import dask
    from distributed import LocalCluster

    # By default a worker looks a hundred times a second at what its threads are doing.
    dask.config.set({'distributed.worker.profile.interval': '200ms'})
    wanted = read(path + '.wanted')
    os.unlink(path + '.wanted')
    asked = {'scale': False, 'stop': False}
    signal.signal(signal.SIGHUP, lambda *_: asked.update(scale=True))
    signal.signal(signal.SIGTERM, lambda *_: asked.update(stop=True))
    share = wanted['memory_bytes'] // max(1, wanted['workers'])
    cluster = LocalCluster(n_workers=wanted['workers'], threads_per_worker=1, processes=True, memory_limit=share, host='127.0.0.1',
                           dashboard_address='127.0.0.1:0', silence_logs=40)
    try:
        dashboard = cluster.dashboard_link
    except Exception:  # without bokeh there is none
        dashboard = ''
    state = {**wanted, 'pid': os.getpid(), 'address': cluster.scheduler_address, 'dashboard': dashboard}
    write(path, state)
    try:
        while not asked['stop']:
            if asked['scale']:
                asked['scale'] = False
                count = read(path)['wanted_workers']
                cluster.scale(count)
                until = time.time() + SCALE_SECONDS
                while len(cluster.scheduler.workers) != count and time.time() < until:
                    time.sleep(0.1)
                state.update(workers=len(cluster.scheduler.workers), memory_bytes=share * len(cluster.scheduler.workers))
                write(path, state)
            time.sleep(0.1)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
            os.unlink(wanted['log'])
        cluster.close(timeout=5)


def scale(arguments):
    path, state = chosen(arguments.address)
    write(path, {**state, 'wanted_workers': arguments.workers})
    os.kill(state['pid'], signal.SIGHUP)
    until = time.time() + SCALE_SECONDS
    while time.time() < until:
        time.sleep(0.1)
        now = read(path)
        if 'wanted_workers' not in now:
            if now['workers'] != arguments.workers:
                raise Failed(f"it has {now['workers']} workers after {SCALE_SECONDS} s")
            show([now], arguments.json)
            return
    raise Failed(f"the cluster at {state['address']} does not answer")


def stop(arguments):
    _, state = chosen(arguments.address)
    os.kill(state['pid'], signal.SIGTERM)
    until = time.time() + STOP_SECONDS
    while is_alive(state):
        if time.time() > until:
            os.kill(state['pid'], signal.SIGKILL)
        time.sleep(0.1)
    if arguments.json:
        print(json.dumps({'stopped': told(state)}, indent=1))
    else:
        print(f"{state['address']} has ended", file=sys.stderr)


def facts_of(client, address):
    workers = client.scheduler_info().get('workers', {})
    try:
        dashboard = client.dashboard_link if client.scheduler_info().get('services', {}).get('dashboard') else ''
    except Exception:  # no dashboard, or a proxy that is not understood
        dashboard = ''
    return {'address': address, 'dashboard': dashboard, 'workers': len(workers),
            'threads': sum(one.get('nthreads', 1) for one in workers.values()),
            'memory_bytes': sum(one.get('memory_limit') or 0 for one in workers.values()),
            'used_bytes': sum((one.get('metrics') or {}).get('memory') or 0 for one in workers.values()), 'status': client.status}


def watch(address):
    import logging

    import distributed

    logging.disable(logging.CRITICAL)  # what matters is said here, in a sentence
    try:
        client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False, name='cubeloom-window')
    except Exception as error:  # whatever another program on that port makes of it
        raise Failed(f'what answers at {address} is no Dask scheduler, or one of another version (is the address right?)', 2) from error
    was = None
    while True:
        now = facts_of(client, address)
        if now != was:
            print(json.dumps(now), flush=True)
            was = now
        if client.status == 'closed':
            raise Failed(f'the scheduler at {address} is gone', 2)
        if select.select([sys.stdin], [], [], WATCH_SECONDS)[0] and not sys.stdin.readline():
            os._exit(0)  # nobody waits for the client's farewell


def main(words):
    if words[:1] == ['serve']:
        return serve(words[1], words[2])
    parser = argparse.ArgumentParser(prog='cubeloom-cli cluster')
    parser.add_argument('action', choices=['start', 'scale', 'stop', 'list'])
    parser.add_argument('address', nargs='?', default='')
    parser.add_argument('--workers', type=int)
    parser.add_argument('--memory', type=int)
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--watch', action='store_true')
    arguments = parser.parse_args(words)
    if arguments.action == 'list' and not arguments.watch:
        running = list(clusters().values())
        if not running and not arguments.json:
            print('no cluster runs here', file=sys.stderr)
        return show(running, arguments.json)
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise Failed(f'{sys.executable} has no distributed: install python3-distributed, or name a Python that has it in CUBELOOM_PYTHON',
                     3) from error
    if arguments.watch:
        return watch(arguments.address)
    if arguments.action == 'scale' and not arguments.workers:
        raise Failed('say how many workers: --workers N', 2)
    return {'start': start, 'scale': scale, 'stop': stop}[arguments.action](arguments)


if __name__ == '__main__':
    try:
        main(sys.argv[1:])
    except Failed as failed:
        print(f'cubeloom-cli: {failed}', file=sys.stderr)
        sys.exit(failed.status)
