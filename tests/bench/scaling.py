#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the cost of a run grows with bands, with pixels and with workers: one step at a time from a cube of 0.65 GiB, warm.

  scaling.py --cli CLI --sample SAMPLE [--jobs average,bilinear-3310,...] [--axes bands,pixels,workers] [--workers 1,2] [-n 3]

For each job (of jobs.py) and each step the median of n runs: wall and CPU seconds, and the ratio to the step before; 2.00 is linear growth where the work doubles,
0.50 a perfect speed-up where the workers do. JSON rows go to stdout and to $BENCH_HOME/scaling.jsonl, a table to stderr.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

from bench import HOME, measure, prepare
from jobs import JOBS

BASE = {'lines': 600, 'samples': 687, 'bands': 424}
STEPS = {'bands': [{'bands': count} for count in (53, 106, 212, 424)],
         'pixels': [{'lines': 150, 'samples': 687}, {'lines': 300, 'samples': 687}, {}, {'lines': 600, 'samples': 1374}]}


def run(job, size, workers, options):
    text = '{lines}x{samples}x{bands}'.format(**size)
    header = subprocess.run([options.sample, str(HOME / 'data'), text], check=True, capture_output=True, text=True).stdout.strip()
    cube, out = header.removesuffix('.hdr'), HOME / 'out' / f'scaling_{job}'
    bands = size['bands']
    words = {'cli': options.cli, 'workers': workers, 'hdr': header, 'cube': cube, 'out': out, 'red': bands * 56 // 425 + 1, 'nir': bands * 100 // 425 + 1}
    command = [word.format(**words) for word in JOBS[job]['cubeloom'].split()]
    walls, cpus = [], []
    for _ in range(options.n):
        for old in out.parent.glob(out.name + '*'):
            old.unlink()
        prepare(cube, cold=False)
        code, wall, cpu, _ = measure(command, HOME / 'last.log')
        if code != 0:
            sys.exit((HOME / 'last.log').read_text(encoding='utf-8', errors='replace'))
        walls.append(wall)
        cpus.append(cpu)
    for old in out.parent.glob(out.name + '*'):
        old.unlink()
    return {'job': job, 'size': text, 'workers': workers, 'wall_s': round(statistics.median(walls), 3), 'cpu_s': round(statistics.median(cpus), 3)}


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    for program in ('cli', 'sample'):
        parser.add_argument('--' + program, required=True)
    parser.add_argument('--jobs', default='average,bilinear-3310,bsq')
    parser.add_argument('--axes', default='bands,pixels,workers')
    parser.add_argument('--workers', default=','.join(str(2 ** k) for k in range((os.cpu_count() or 1).bit_length())))
    parser.add_argument('-n', type=int, default=3)
    options = parser.parse_args()

    (HOME / 'out').mkdir(parents=True, exist_ok=True)
    workers = [int(count) for count in options.workers.split(',')]
    print(f'{"job":20} {"grows":8} {"size":14} {"workers":>7} {"wall s":>8} {"ratio":>6} {"cpu s":>8} {"ratio":>6}', file=sys.stderr)
    with open(HOME / 'scaling.jsonl', 'a', encoding='utf-8') as results:
        for job in options.jobs.split(','):
            series = [(axis, BASE | step, workers[-1]) for axis, steps in STEPS.items() for step in steps] + [('workers', BASE, count) for count in workers]
            series = [step for step in series if step[0] in options.axes.split(',')]
            before = None
            for axis, size, count in series:
                row = run(job, size, count, options) | {'grows': axis}
                ratio = [row[key] / before[key] if before and before['grows'] == axis else None for key in ('wall_s', 'cpu_s')]
                before = row
                print(json.dumps(row), flush=True)
                results.write(json.dumps(row) + '\n')
                shown = [f'{value:6.2f}' if value else '     -' for value in ratio]
                print(f'{job:20} {axis:8} {row["size"]:14} {count:7} {row["wall_s"]:8.3f} {shown[0]} {row["cpu_s"]:8.3f} {shown[1]}', file=sys.stderr)


if __name__ == '__main__':
    main()
