#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds runs against their memory budget: inputs of 20 times the budget, under a limit of the control group just above it.

  memory.py --cli CLI --sample SAMPLE [--budgets 512MiB,1GiB,2GiB,8GiB] [--jobs average,...] [--times 20]

The input is a stack of dates: as many names of one real cube of 10.4 GiB (hard links) as the budget asks for, so that every byte is really read. Each run lies in a
control group of its own (v1 or v2; needs root) that allows 1.10 times the budget, page cache included; without control groups the limit is `ulimit -v`
(address space, set wider by what libraries map), and the row says so. A run that needs more is killed, and its row says that. One JSON row a run goes to stdout and to
$BENCH_HOME/memory.jsonl, a table to stderr. Exit 1 when any run fails, or its peak is above 1.10 times its budget or above its own projection.
"""
import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(os.environ.get('BENCH_HOME', Path(tempfile.gettempdir(), 'cubeloom-bench')))
CUBE = '2400x2748x425'
ALLOWED = 1.10
LIBRARIES = 2 << 30  # address space without memory behind it
UNITS = {'MiB': 1 << 20, 'GiB': 1 << 30}

# {stack} all dates, {cube} one of them, {out} output without suffix
JOBS = {
    'average': 'open {stack} ! reproject resolution=30 resampling=average ! write {out}.tif compress=zstd',
    'time-std': 'open {stack} ! isel wavelength=0:50 ! reduce dims=time statistic=std ! write {out}.zarr',
    'warp': 'open {stack} ! isel time=0 wavelength=0:100 ! transpose dims=wavelength,y,x ! reproject crs=EPSG:3310 resampling=cubic ! write {out}.tif format=COG compress=zstd',
    'turn': 'open {cube} ! transpose dims=y,x,wavelength ! write {out}.img format=ENVI',
}
ONLY_SMALL = {'turn'}  # one cube is 20 times the smallest budget alone


def size(text):
    return int(text[:-3]) * UNITS[text[-3:]]


def make_stack(header, dates):
    """Hard links of the cube under dated names; the pattern that `open` takes."""
    folder = HOME / 'data' / 'stack'
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for i in range(dates):
        name = folder / f'ang2022{i // 28 + 1:02}{i % 28 + 1:02}_cube'
        os.link(str(header).removesuffix('.hdr'), name)
        os.link(header, f'{name}.hdr')
    return folder / 'ang2022*_cube.hdr'


class ControlGroup:
    """A group of its own with a memory limit, or none where the system has no writable ones."""

    def __init__(self, limit):
        self.folder = None
        for top, limit_file in (('/sys/fs/cgroup/memory', 'memory.limit_in_bytes'), ('/sys/fs/cgroup', 'memory.max')):
            folder = Path(top, f'cubeloom-bench-{os.getpid()}')
            try:
                folder.mkdir()
                (folder / limit_file).write_text(str(limit), encoding='ascii')
                self.folder = folder
                return
            except OSError:
                if folder.is_dir():
                    folder.rmdir()

    def enter(self):
        (self.folder / 'cgroup.procs').write_text(str(os.getpid()), encoding='ascii')

    def close(self):
        if self.folder:
            self.folder.rmdir()


def run_job(job, words, budget, options):
    out = HOME / 'out' / f'memory_{job}'
    for old in out.parent.glob(out.name + '*'):
        subprocess.run(['rm', '-rf', str(old)], check=True)
    report = out.with_suffix('.json')
    limit = int(size(budget) * ALLOWED)
    group = ControlGroup(limit)
    chain = JOBS[job].format(out=out, **words).split()
    command = [options.cli, 'run', '--progress', 'none', '--workers', str(options.workers), '--memory', budget, '--report', str(report), '!', *chain]

    def confine():
        if group.folder:
            group.enter()
        else:
            resource.setrlimit(resource.RLIMIT_AS, (limit + LIBRARIES, limit + LIBRARIES))

    process = subprocess.run(command, preexec_fn=confine, capture_output=True, text=True, check=False)
    group.close()
    row = {'job': job, 'budget': budget, 'limit': 'control group' if group.folder else 'address space', 'workers': options.workers, 'exit': process.returncode}
    if process.returncode == 0:
        facts = json.loads(report.read_text(encoding='utf-8'))
        row |= {'wall_s': round(facts['wall_seconds'], 1), 'read_gib': round(facts['bytes_read'] / 2**30, 1), 'chunks': facts['chunks_done'],
                'projected_mib': round(facts['projected_peak_bytes'] / 2**20), 'measured_mib': round(facts['measured_peak_bytes'] / 2**20),
                'rss_mib': round(facts['peak_rss_bytes'] / 2**20), 'rss_share': round(facts['peak_rss_bytes'] / size(budget), 3)}
        row['holds'] = facts['measured_peak_bytes'] <= facts['projected_peak_bytes'] <= size(budget) and row['rss_share'] <= ALLOWED
    else:
        row |= {'holds': False, 'error': process.stderr.strip()[-300:]}
    for old in out.parent.glob(out.name + '*'):
        subprocess.run(['rm', '-rf', str(old)], check=True)
    return row


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    for program in ('cli', 'sample'):
        parser.add_argument('--' + program, required=True)
    parser.add_argument('--budgets', default='512MiB,1GiB,2GiB,8GiB')
    parser.add_argument('--jobs', default=','.join(JOBS))
    parser.add_argument('--times', type=float, default=20, help='size of the input over the budget')
    parser.add_argument('--workers', type=int, default=2)
    options = parser.parse_args()

    (HOME / 'out').mkdir(parents=True, exist_ok=True)
    header = Path(subprocess.run([options.sample, str(HOME / 'data'), CUBE], check=True, capture_output=True, text=True).stdout.strip())
    bytes_of_cube = header.with_suffix('').stat().st_size
    rows = []
    for budget in options.budgets.split(','):
        dates = max(2, math.ceil(options.times * size(budget) / bytes_of_cube))
        words = {'stack': make_stack(header, dates), 'cube': header}
        for job in options.jobs.split(','):
            if job in ONLY_SMALL and size(budget) * options.times > bytes_of_cube * 1.05:
                continue
            rows.append(run_job(job, words, budget, options))
            print(json.dumps(rows[-1]), flush=True)
    with open(HOME / 'memory.jsonl', 'a', encoding='utf-8') as results:
        results.writelines(json.dumps(row) + '\n' for row in rows)
    print(f'{"job":10} {"budget":>8} {"projected":>10} {"measured":>10} {"RSS MiB":>8} {"RSS/budget":>10} {"read GiB":>9} {"wall s":>7}', file=sys.stderr)
    for row in rows:
        if row['exit'] != 0:
            print(f'{row["job"]:10} {row["budget"]:>8} exit {row["exit"]}: {row["error"]}', file=sys.stderr)
            continue
        print(f'{row["job"]:10} {row["budget"]:>8} {row["projected_mib"]:10} {row["measured_mib"]:10} {row["rss_mib"]:8} {row["rss_share"]:10} '
              f'{row["read_gib"]:9} {row["wall_s"]:7}', file=sys.stderr)
    return 0 if all(row['holds'] for row in rows) else 1


if __name__ == '__main__':
    sys.exit(main())
