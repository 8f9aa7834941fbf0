#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the way over a Dask cluster costs: one chain by the engine's two threads, and in parts by a cluster of two workers of this computer.

  CUBELOOM_CLI=build/release/bin/cubeloom-cli tests/bench/cluster.py ['STEPS']

Prints what each computed (seconds of the processor, all programs of the cluster included) and how long it took. By default medians of large
squares, which compute much and write little; 'isel wavelength=20:24 ! reproject crs=EPSG:32611 resolution=0.23 resampling=lanczos' writes 1.4 GB.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLI = os.environ['CUBELOOM_CLI']


def ticks(pid):
    """Of a process and of its children that have ended; its parent."""
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return sum(int(one) for one in fields[11:15]), int(fields[1])


def tree_seconds(root):
    """Computed by a process and all below it."""
    every = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                every[int(name)] = ticks(name)
            except OSError:
                continue
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        total += every.get(pid, (0, 0))[0]
        waiting += [child for child, (_, parent) in every.items() if parent == pid]
    return total / os.sysconf('SC_CLK_TCK')


def timed(*words):
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    subprocess.run([CLI, *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.time() - started


def main():
    chain = sys.argv[1] if len(sys.argv) > 1 else 'transpose dims=wavelength,y,x ! focal size=45 statistic=median'
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ['XDG_DATA_HOME'] = folder
        subprocess.run([Path(CLI).with_name('cubeloom-sample'), '.'], check=True, capture_output=True)
        steps = ['!', 'open', 'shift_sample.hdr', '!', *chain.split(), '!', 'write', 'out.tif', 'overwrite=true']
        here, here_took = timed('run', '--workers', '2', '--memory', '2GiB', '--progress', 'none', *steps)
        os.unlink('out.tif')  # else it would be found to be there
        made = json.loads(subprocess.run([CLI, 'cluster', 'start', '--workers', '2', '--memory', '2GiB', '--json'], check=True, capture_output=True,
                                         text=True).stdout)['clusters'][0]
        try:
            timed('run', '--cluster', made['address'], '--progress', 'none', '!', 'open', 'shift_sample.hdr', '!', 'isel', 'wavelength=0', '!',
                  'write', 'first.tif')  # the workers have loaded what they need
            before = tree_seconds(made['pid'])
            led, there_took = timed('run', '--cluster', made['address'], '--progress', 'none', '--report', 'report.json', *steps)
            worked = tree_seconds(made['pid']) - before
        finally:
            subprocess.run([CLI, 'cluster', 'stop', made['address']], check=True, capture_output=True)
        with open('report.json', encoding='utf-8') as file:
            report = json.load(file)
        parts, there = report['cluster']['parts'], led + worked
        print(f'here     {here:7.2f} s computed in {here_took:6.2f} s')
        print(f'cluster  {there:7.2f} s computed in {there_took:6.2f} s, {parts} parts')
        print(f"of which {report['cpu_seconds']:.2f} s by cubeloom-cli, {led:.2f} s by who leads the run and puts it together")
        print(f'{there / here - 1:+.1%} for parts of {here / parts:.0f} s')


if __name__ == '__main__':
    main()
