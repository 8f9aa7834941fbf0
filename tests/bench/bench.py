#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times cubeloom-cli beside GDAL's tools and a hand-written floor on the same file, in one interleaved session. The jobs stand in jobs.py.

  bench.py --cli CLI --sample SAMPLE --floor FLOOR [--size S|M|LxSxB] [--jobs nearest,average,...] [-n 3] [--workers 2] [--cold] [--keep]

Data and outputs lie under $BENCH_HOME (default: cubeloom-bench in the folder for temporary files). Every run is a whole process, start-up included; the peers of
a job take turns, so that a noisy minute hits all of them. One JSON row a run goes to stdout and to $BENCH_HOME/results.jsonl, a table of
medians to stderr. Rows of cubeloom tell the bytes it read beside those it had planned, and its peak beside the projected one. Sizes: S 0.65 GiB, M 10.4 GiB.
--cold drops the page cache before every run (needs root). Compare only within one session; a peak below Python's own (about 25 MiB) is not seen.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jobs import JOBS, make_giants, make_scene

HOME = Path(os.environ.get('BENCH_HOME', Path(tempfile.gettempdir(), 'cubeloom-bench')))
SIZES = {'S': '600x687x425', 'M': '2400x2748x425'}


def measure(command, log):
    """(exit code, wall s, cpu s, peak RSS in MiB) of one process; its output goes to `log`."""
    started = time.monotonic()
    with open(log, 'w', encoding='utf-8') as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def prepare(source, cold):
    os.sync()
    if cold:
        Path('/proc/sys/vm/drop_caches').write_text('3', encoding='ascii')
    else:
        with open(source, 'rb', buffering=0) as file:
            while file.read(1 << 24):
                pass


def planned_bytes(command):
    """What a run of cubeloom is going to read, by its plan."""
    plan = [command[0], 'plan', '--json', '--workers', command[command.index('--workers') + 1], *command[command.index('!'):]]
    return json.loads(subprocess.run(plan, check=True, capture_output=True, text=True).stdout)['bytes_to_read']


def kept_promises(report):
    facts = json.loads(report.read_text(encoding='utf-8'))
    return {'read_bytes': facts['bytes_read'], 'measured_mib': round(facts['measured_peak_bytes'] / 2**20, 1),
            'projected_mib': round(facts['projected_peak_bytes'] / 2**20, 1)}


def run_job(job, words, options):
    rows = []
    for turn in range(options.n):
        for peer, template in JOBS[job].items():
            out = HOME / 'out' / f'{job}_{peer}'
            command = [word.format(out=out, **words) for word in template.split()]
            if not shutil.which(command[0]):
                continue
            for old in out.parent.glob(out.name + '*'):
                old.unlink()
            prepare(words['scene' if '{scene}' in template else 'cube'], options.cold)
            promised = {'planned_bytes': planned_bytes(command)} if '--report' in command else {}
            code, wall, cpu, peak = measure(command, HOME / 'last.log')
            row = {'job': job, 'size': options.size, 'peer': peer, 'turn': turn, 'state': 'cold' if options.cold else 'warm', 'exit': code,
                   'wall_s': round(wall, 3), 'cpu_s': round(cpu, 3), 'peak_rss_mib': round(peak, 1)}
            if code == 0:
                row['out_bytes'] = sum(made.stat().st_size for made in out.parent.glob(out.name + '*') if made.is_file() and made.suffix != '.json')
                if promised:
                    row |= promised | kept_promises(out.with_suffix('.json'))
            rows.append(row)
            print(json.dumps(row), flush=True)
            if code != 0:
                print((HOME / 'last.log').read_text(encoding='utf-8', errors='replace')[-600:], file=sys.stderr)
    if not options.keep:
        shutil.rmtree(HOME / 'out')
        (HOME / 'out').mkdir()
    return rows


def table(rows):
    lines = [f'{"job":20} {"peer":16} {"wall s":>9} {"cpu s":>9} {"peak MiB":>9}  runs']
    for job, peer in dict.fromkeys((row['job'], row['peer']) for row in rows):
        runs = [row for row in rows if (row['job'], row['peer']) == (job, peer)]
        good = [row for row in runs if row['exit'] == 0]
        if not good:
            lines.append(f'{job:20} {peer:16} failed')
            continue
        wall, cpu, peak = (statistics.median(row[key] for row in good) for key in ('wall_s', 'cpu_s', 'peak_rss_mib'))
        lines.append(f'{job:20} {peer:16} {wall:9.3f} {cpu:9.3f} {peak:9.1f}  {len(good)} of {len(runs)}')
    return '\n'.join(lines)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    for program in ('cli', 'sample', 'floor'):
        parser.add_argument('--' + program, required=True)
    parser.add_argument('--size', default='S')
    parser.add_argument('--jobs', default=','.join(JOBS))
    parser.add_argument('-n', type=int, default=3)
    parser.add_argument('--workers', type=int, default=os.cpu_count())
    parser.add_argument('--cold', action='store_true')
    parser.add_argument('--keep', action='store_true')
    options = parser.parse_args()

    size = SIZES.get(options.size, options.size)
    bands = int(size.split('x')[2])
    (HOME / 'out').mkdir(parents=True, exist_ok=True)
    header = subprocess.run([options.sample, str(HOME / 'data'), size], check=True, capture_output=True, text=True).stdout.strip()
    scene = HOME / 'data' / 'scene.tif'
    if any('{scene}' in template for job in options.jobs.split(',') for template in JOBS[job].values()):
        make_scene(scene)
    words = {'cli': options.cli, 'workers': options.workers, 'scene': scene, 'giants': make_giants(HOME / 'data' / 'giants'), 'floor': options.floor, 'hdr': header, 'cube': header.removesuffix('.hdr'),
             'red': bands * 56 // 425 + 1, 'nir': bands * 100 // 425 + 1}
    rows = []
    for job in options.jobs.split(','):
        rows += run_job(job, words, options)
    with open(HOME / 'results.jsonl', 'a', encoding='utf-8') as results:
        results.writelines(json.dumps(row) + '\n' for row in rows)
    print(table(rows), file=sys.stderr)
    return 0 if all(row['exit'] == 0 for row in rows) else 1


if __name__ == '__main__':
    sys.exit(main())
