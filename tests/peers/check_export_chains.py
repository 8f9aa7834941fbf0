#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole chains as programs of others: each gives the values of the engine's own run, whatever its files and steps are called.

  check_export_chains.py CUBELOOM_CLI DATA      prints what differs; exit status 1 if anything does
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import xarray as xr
from osgeo import gdal

warnings.simplefilter('ignore')
gdal.UseExceptions()
CLI = sys.argv[1]
os.environ['CUBELOOM_CLI'] = CLI
os.environ['PATH'] = f'{Path(CLI).parent}:{os.environ["PATH"]}'
os.environ['PYTHONWARNINGS'] = 'ignore'
os.environ['PYDEVD_DISABLE_FILE_VALIDATION'] = '1'
failures = []


def check(what, actual, expected=True):
    if actual != expected:
        failures.append(f'{what}: {actual!r}, not {expected!r}')


def cli(*words):
    return subprocess.run([CLI, *words], capture_output=True, text=True)


def started(what, *words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        failures.append(f'{what}: {done.stdout[-500:]}{done.stderr[-1500:]}')
    return done.returncode == 0


def values(path):
    file = gdal.Open(str(path))
    bands = np.atleast_3d(file.ReadAsArray()).reshape(-1, file.RasterYSize, file.RasterXSize)
    return bands, file.GetGeoTransform(), file.GetRasterBand(1).GetNoDataValue()


def same(what, ours, theirs, allowed=0.0):
    """Values, place and nodata of two rasters."""
    (a, a_place, a_nodata), (b, b_place, b_nodata) = values(ours), values(theirs)
    if a.shape != b.shape or a.dtype != b.dtype:
        failures.append(f'{what}: {b.dtype} {b.shape}, ours is {a.dtype} {a.shape}')
        return
    check(f'{what}: place', np.allclose(a_place, b_place, rtol=0, atol=1e-9), True)
    if 'aspect' not in what:  # gdaldem has a nodata value of its own
        check(f'{what}: nodata', b_nodata == a_nodata or (np.isnan(a_nodata) and np.isnan(b_nodata)), True)
    a, b = (np.where(bands == nodata, np.nan, bands.astype('f8')) for bands, nodata in ((a, a_nodata), (b, b_nodata)))
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        failures.append(f'{what}: nodata in one alone')
    elif (difference := np.nanmax(abs(a - b))) > allowed * max(1, np.nanmax(abs(a))):
        failures.append(f'{what}: differs by up to {difference}')


def run_notebook(what, path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    check(f'{what}: a heading for each step', sum(cell.source.startswith('## ') for cell in notebook.cells) >= 3)
    try:
        nbclient.NotebookClient(notebook, timeout=120, kernel_name='python3').execute()
    except Exception as error:
        failures.append(f'{what}: {str(error)[-1500:]}')
    outputs = [output for cell in notebook.cells if cell.cell_type == 'code' for output in cell.outputs]
    check(f'{what}: a picture at the end', any('image/png' in output.get('data', {}) for output in outputs))


def export_and_run(language, chain, script):
    exported = cli('export', '--to', language, '-o', script, *chain)
    if exported.returncode:
        failures.append(f'{language}: {exported.stderr}')
        return False
    if language == 'notebook':
        run_notebook(script, script)
        return True
    return started(f'{language} of {chain}', *(['/usr/bin/python3', script] if language == 'python' else [os.path.abspath(script)]))


def founding_chain():
    """Open, reorder, coarsen, write: a file of bands that are equal to the last bit."""
    steps = ['!', 'open', 'cube.hdr', '!', 'transpose', 'dims=wavelength,y,x', '!',
             'reproject', 'crs=EPSG:32610', 'resolution=25', 'resampling=nearest', '!', 'write']
    started('run', CLI, 'run', '--progress', 'none', *steps, 'ours.tif')
    for language, suffix in (('python', 'py'), ('gdal', 'sh'), ('shell', 'bash'), ('notebook', 'ipynb')):
        if export_and_run(language, [*steps, f'{language}.tif'], f'founding.{suffix}'):
            same(f'founding chain in {language}', 'ours.tif', f'{language}.tif')
    exported = cli('export', '--to', 'python', '--workers', '2', '--memory', '1GiB', *steps, 'client.tif')
    check('a Client is started', "Client(processes=False, n_workers=1, threads_per_worker=2, memory_limit='1GiB')" in exported.stdout)
    Path('client.py').write_text(exported.stdout, encoding='utf-8')
    if started('python with a Client', '/usr/bin/python3', 'client.py'):
        same('founding chain on a Client', 'ours.tif', 'client.tif')


def gdal_steps():
    """Every step that GDAL's programs have words for."""
    exact = ['isel wavelength=3,1,8', 'sel wavelength=400:700', 'clip bounds=717800,3865600,717950,3865800', 'isel y=10:40 x=5:60',
             'drop_bands bands=1-4,1340-1450nm', 'sortby dim=wavelength ascending=false', 'assign_nodata nodata=0', 'assign_crs crs=EPSG:32611',
             'rename names=wavelength:band', 'astype dtype=int16 nodata=-1', 'transpose dims=x,wavelength,y ! transpose dims=wavelength,y,x',
             'assign_grid bounds=500000,3999645,500335,4000000 crs=EPSG:32610', 'reproject crs=EPSG:32611 resolution=20',
             'isel wavelength=20 ! hillshade azimuth=315']
    close = [f'reproject crs=EPSG:32611 resolution=20 resampling={name}' for name in ('bilinear', 'cubic', 'average', 'mode', 'q1', 'lanczos')]
    close += ['isel wavelength=20 ! aspect', 'reproject resolution=3 resampling=cubic kernel=plain']
    for number, steps in enumerate([*exact, *close]):
        chain = ['!', 'open', 'cube.hdr', '!', 'transpose', 'dims=wavelength,y,x', '!', *shlex.split(steps), '!', 'write']
        started(steps, CLI, 'run', '--progress', 'none', *chain, f'ours{number}.tif')
        exported = cli('export', '--to', 'gdal', '--strict', '-o', f'step{number}.sh', *chain, f'gdal{number}.tif')
        if exported.returncode:
            failures.append(f'{steps}: {exported.stderr}')
        elif started(steps, os.path.abspath(f'step{number}.sh')):
            same(f'gdal: {steps}', f'ours{number}.tif', f'gdal{number}.tif', 1e-5 if steps in close else 0)


def all_formats():
    """What a program writes is what the engine writes."""
    for name, more in (('a.tif', 'compress=deflate'), ('b.tif', 'format=COG'), ('c.img', ''), ('d.bil', ''), ('e.tif', 'dtype=int16')):
        order = 'y,wavelength,x' if name == 'd.bil' else 'wavelength,y,x'
        chain = ['!', 'open', 'cube.hdr', '!', 'isel', 'wavelength=0:3', '!', 'transpose', f'dims={order}', '!', 'write']
        started(name, CLI, 'run', '--progress', 'none', *chain, f'ours_{name}', *shlex.split(more))
        if export_and_run('python', [*chain, f'py_{name}', *shlex.split(more)], f'write_{name}.py'):
            same(f'python writes {name}', f'ours_{name}', f'py_{name}')
    for name in ('f.nc', 'g.zarr'):
        chain = ['!', 'open', 'cube.hdr', '!', 'isel', 'wavelength=0:3', '!', 'write']
        started(name, CLI, 'run', '--progress', 'none', *chain, f'ours_{name}')
        if export_and_run('python', [*chain, f'py_{name}'], f'write_{name}.py'):
            engine = {'engine': 'zarr'} if name.endswith('zarr') else {}
            ours, theirs = (xr.open_dataset(f'{who}_{name}', decode_coords='all', **engine) for who in ('ours', 'py'))
            check(f'python writes {name}', list(theirs.data_vars), list(ours.data_vars))
            for variable in ours.data_vars:
                check(f'{name}: values', np.array_equal(ours[variable], theirs[variable], equal_nan=True))
                for coordinate in ('wavelength', 'fwhm', 'good', 'y', 'x'):
                    check(f'{name}: {coordinate}', np.allclose(ours[coordinate], theirs[coordinate]))
            info = json.loads(cli('info', '--json', f'py_{name}').stdout)['variables'][0]
            check(f'{name} as the engine reads it', (info['crs'], info['dims']), ('EPSG:32610', ['y', 'wavelength', 'x']))
    chain = ['!', 'open', 'cube.hdr', '!', 'reduce', 'dims=y,x', 'statistic=mean', '!', 'write']
    started('csv', CLI, 'run', '--progress', 'none', *chain, 'ours.csv')
    if export_and_run('python', [*chain, 'py.csv'], 'write_csv.py'):
        ours, theirs = (np.genfromtxt(f'{who}.csv', delimiter=',', names=True) for who in ('ours', 'py'))
        check('CSV: values', np.allclose(ours[ours.dtype.names[-1]], theirs['value'], rtol=1e-6))


def branches():
    """Two arrays from one file, a step that takes both, a step that only the engine has, two outputs; one node bypassed."""
    nodes = [{'id': 'cube', 'op': 'open', 'params': {'path': 'cube.hdr'}},
             {'id': 'red', 'op': 'sel', 'inputs': ['cube'], 'params': {'indexers': {'wavelength': 650}, 'method': 'nearest'}},
             {'id': 'not used', 'op': 'flip', 'inputs': ['cube'], 'params': {'dims': ['y']}, 'bypassed': True},
             {'id': 'nir', 'op': 'sel', 'inputs': ['not used'], 'params': {'indexers': {'wavelength': 865}, 'method': 'nearest'}},
             {'id': 'index', 'op': 'calc', 'inputs': ['red', 'nir'], 'params': {'expression': '(in2.x - x) / (in2.x + x)'}},
             {'id': 'out', 'op': 'write', 'inputs': ['index'], 'params': {'path': 'index.tif', 'overwrite': True}},
             {'id': 'parts', 'op': 'pca', 'inputs': ['cube'], 'params': {'components': 2}},
             {'id': 'last', 'op': 'transpose', 'inputs': ['parts'], 'params': {'dims': ['...', 'y', 'x']}},
             {'id': 'same', 'op': 'calc', 'inputs': ['last', 'last'], 'params': {'expression': 'x + in2.x'}},
             {'id': 'out2', 'op': 'write', 'inputs': ['same'], 'params': {'path': 'parts.tif', 'overwrite': True}}]
    Path('branches.cubeloom').write_text(json.dumps({'cubeloom': 1, 'title': 'Two\nlines # "of" title', 'nodes': nodes}), encoding='utf-8')
    started('branches', CLI, 'run', '--progress', 'none', 'branches.cubeloom')
    for name in ('index', 'parts'):
        os.rename(f'{name}.tif', f'ours_{name}.tif')
    if export_and_run('python', ['branches.cubeloom'], 'branches.py'):
        same('branches: index', 'ours_index.tif', 'index.tif', 1e-6)
        same('branches: parts', 'ours_parts.tif', 'parts.tif', 1e-6)
    text = Path('branches.py').read_text(encoding='utf-8')
    check('the engine is called for one step alone', text.count('by_cubeloom(['), 1)
    part = cli('export', '--to', 'python', '--node', 'index', 'branches.cubeloom').stdout
    check('--node leaves out what it is not made of', 'pca' not in part and 'to_raster' not in part and part.rstrip().endswith('print(index.compute())'))
    for language in ('shell', 'json'):
        exported = cli('export', '--to', language, 'branches.cubeloom').stdout
        if language == 'json':
            Path('again.cubeloom').write_text(exported, encoding='utf-8')
            again = json.loads(exported)['nodes']
            check('json is the chain', again, json.loads(cli('export', '--to', 'json', 'again.cubeloom').stdout)['nodes'])
            check('json has every node', [node['id'] for node in again], [node['id'] for node in nodes])
        else:
            words = shlex.split(exported.splitlines()[-1])
            check('the pipeline parses back to itself', cli('export', '--to', 'shell', *words[words.index('!'):]).stdout.splitlines()[-1],
                  exported.splitlines()[-1])


HOSTILE = ['a b', "it's", 'say "hi"', 'two\nlines', '100%', '-rf', '$(touch stolen)', '`touch stolen`', 'größe ☃', "');touch('stolen", '# no', '{1}',
           'a\\b', '...', '%matplotlib', '!ls', 'EOF\nEND_OF_JOB\n', "'''", 'class']


def hostile_names():
    """Names are names: nothing that they hold is run, and each program reads and writes the files that are meant."""
    for number, name in enumerate(HOSTILE):
        folder = Path(f'names{number}')
        folder.mkdir()
        file = name if '/' not in name else 'x'
        for suffix in ('', '.hdr'):
            (folder / (file + suffix)).write_bytes(Path('cube' + suffix).read_bytes())
        nodes = [{'id': name, 'op': 'open', 'params': {'path': file + '.hdr'}},
                 {'id': 'b', 'op': 'isel', 'inputs': [name], 'params': {'indexers': {'wavelength': [1, 2]}}},
                 {'id': 'c', 'op': 'transpose', 'inputs': ['b'], 'params': {'dims': ['wavelength', 'y', 'x']}},
                 {'id': 'd', 'op': 'write', 'inputs': ['c'], 'params': {'path': file + '.tif', 'format': 'GTiff', 'overwrite': True}}]
        if '.' in name:
            nodes[0]['id'] = nodes[1]['inputs'][0] = name.replace('.', '_')
        (folder / 'chain.cubeloom').write_text(json.dumps({'cubeloom': 1, 'title': name, 'nodes': nodes}), encoding='utf-8')
        languages = ['python', 'gdal', 'shell'] + (['notebook'] if number in (3, 6, 14, 15) else [])
        for language in languages:
            before = set(os.listdir(folder)) | {file + '.tif'}
            chain, script = str(folder / 'chain.cubeloom'), f'script{number}.{"ipynb" if language == "notebook" else language}'
            if not export_and_run(language, [chain], script):
                continue
            extra = {entry for entry in os.listdir(folder) if entry not in before and not entry.endswith(('.checksums', '.aux.xml'))}
            check(f'{language} of {name!r} touches', extra, set())
            if (folder / (file + '.tif')).exists():
                check(f'{language} of {name!r}: values', values(folder / (file + '.tif'))[0].shape, (2, 71, 67))
                (folder / (file + '.tif')).unlink()
            else:
                failures.append(f'{language} of {name!r} writes nothing')
        jobs(folder, name)
        check('nothing is stolen', Path('stolen').exists() or (folder / 'stolen').exists(), False)


def jobs(folder, name):
    """Slurm and GNU parallel as stand-ins that start what they are given, and an engine that says what it is told."""
    tools = Path('tools')
    if not tools.exists():
        tools.mkdir()
        stand_ins = {
            'cubeloom-cli': '#!/usr/bin/python3\nimport json, os, sys\nprint(json.dumps([os.getcwd(), *sys.argv[1:]]), file=open(os.environ["LOG"], "a"))\n',
            'sbatch': '#!/bin/bash\necho "$@" >> "$LOG.sbatch"\nscript=$(cat; echo x)\nif [[ "$*" == *--array=1-* ]]; then for k in 1 2; do '
                      'SLURM_CPUS_PER_TASK=4 SLURM_ARRAY_TASK_ID=$k SLURM_ARRAY_TASK_COUNT=2 bash -c "${script%x}"; done; echo "77;cluster"; '
                      'else bash -c "${script%x}"; fi\n',
            'parallel': '#!/bin/bash\nwhile read -r k; do "${!#}" "$k" || exit 1; done\n'}
        for tool, text in stand_ins.items():
            (tools / tool).write_text(text, encoding='utf-8')
            (tools / tool).chmod(0o755)
    for language in ('slurm', 'parallel'):
        for pipeline in (False, True):
            log = os.path.abspath(f'{folder}/log')
            chain = [str(folder / 'chain.cubeloom')]
            if pipeline:
                chain = ['!', 'open', f'{folder}/{name}.hdr', '!', 'isel', 'wavelength=1', '!', 'write', f'{name}.tif'] if name[0] != '!' else chain
            exported = cli('export', '--to', language, '-o', 'job.sh', *chain)
            environment = {**os.environ, 'PATH': f'{os.path.abspath("tools")}:{os.environ["PATH"]}', 'LOG': log, 'PARTS': '2'}
            done = subprocess.run(['bash', 'job.sh'], capture_output=True, text=True, env=environment)
            if exported.returncode or done.returncode:
                failures.append(f'{language} of {name!r}: {exported.stderr}{done.stderr}')
                continue
            calls = [json.loads(line) for line in Path(log).read_text(encoding='utf-8').splitlines()]
            Path(log).unlink()
            check(f'{language} of {name!r}: parts', [call[call.index('--part') + 1] for call in calls[:-1]], ['1/2', '2/2'])
            check(f'{language} of {name!r}: the last one', '--finalize' in calls[-1])
            for call in calls:
                given = call[call.index('!'):] if '!' in call and chain[0] == '!' else call[-1:]
                wanted = chain if chain[0] == '!' else [os.path.abspath(chain[0])]
                check(f'{language} of {name!r}: the chain', given, wanted)
                if chain[0] == '!':
                    check(f'{language} of {name!r}: where', os.path.realpath(call[0]), os.path.realpath('.'))
            if language == 'slurm':
                arguments = Path(log + '.sbatch').read_text(encoding='utf-8')
                check('slurm waits for all parts', '--dependency=afterok:77' in arguments and '--array=1-2' in arguments)


def bad_calls():
    """Each says what is wrong and what there is."""
    chain = ['!', 'open', 'cube.hdr', '!', 'kmeans', 'clusters=3', '!', 'write', 'bad.tif']
    for words, says in ((['--to', 'cobol', *chain], 'python, notebook, gdal, shell, slurm, parallel, json'),
                        (['--to', 'python', '--node', 'nothing', *chain], 'open, kmeans, write'),
                        (['--to', 'gdal', '--strict', *chain], 'node kmeans: not in gdal: GDAL'),
                        (['--to', 'python', '--memory', 'much', *chain], '--memory much'), (['--to', 'python'], 'no chain'), ([*chain], '--to')):
        done = cli('export', *words)
        check(f'{words}', (done.returncode, says in done.stderr, done.stdout), (2, True, ''))
    done = cli('export', '--to', 'python', '!', 'open', 'missing.tif', '!', 'write', 'x.tif')
    check('a missing input', (done.returncode, 'missing.tif' in done.stderr), (3, True))
    done = cli('export', '--to', 'shell', '!', 'open', 'missing.tif', '!', 'write', 'x.tif')
    check('a pipeline needs no input', (done.returncode, 'missing.tif' in done.stdout), (0, True))
    done = cli('export', '--to', 'gdal', '-o', 'loose.sh', *chain)
    check('without --strict it is a comment', (done.returncode, '# Left out: GDAL' in Path('loose.sh').read_text(encoding='utf-8')), (0, True))
    check('and the script stops there', subprocess.run(['./loose.sh'], capture_output=True).returncode, 2)
    check('it stays as it is', cli('export', '--to', 'python', '-o', 'no/such/folder.py', *chain).returncode != 0)


def proofs():
    """prove says of right programs that they are right, and where a wrong one is wrong."""
    begin = ['!', 'open', 'cube.hdr', '!', 'transpose', 'dims=wavelength,y,x']
    end = ['!', 'write', 'proof.tif']
    for steps in (['!', 'isel', 'wavelength=3:20'], ['!', 'reproject', 'crs=EPSG:32611', 'resolution=20', 'resampling=bilinear']):
        for language in ('python', 'gdal'):
            done = cli('prove', '--samples', '3', '--with', language, '--json', *begin, *steps, *end)
            if done.returncode:
                failures.append(f'prove {steps} with {language}: {done.stdout}{done.stderr}')
                continue
            (output,) = json.loads(done.stdout)['outputs']
            check(f'prove {steps} with {language}', (output['windows'], output['nodata_in_one'], output['holds'], output['values'] > 1000),
                  (3, 0, True, True))
            if steps[1] == 'isel':
                check(f'{language}: a selection is equal', output['equal'], output['values'])
    # An engine that is another one: it lets the step out, and hands on what it was given.
    wrong = Path('wrong-cli')
    wrong.write_text(f'#!/bin/bash\nwords=()\nfor w in "$@"; do [ "$w" = kmeans ] && break; words+=("$w"); done\n'
                     f'exec {shlex.quote(CLI)} "${{words[@]}}" isel wavelength=0 ! write "${{!#}}"\n', encoding='utf-8')
    wrong.chmod(0o755)
    chain = [*begin, '!', 'kmeans', 'clusters=3', 'sample=500', *end]
    done = subprocess.run([CLI, 'prove', *chain], capture_output=True, text=True, env={**os.environ, 'CUBELOOM_CLI': os.path.abspath('wrong-cli')})
    check('a wrong program is told', (done.returncode, ' differ, by up to ' in done.stdout, ' at y ' in done.stdout), (1, True, True))
    done = cli('prove', '--with', 'gdal', *chain)
    check('what GDAL lacks is told', (done.returncode, 'kmeans' in done.stderr), (2, True))


def main():
    scratch = tempfile.TemporaryDirectory(prefix='cubeloom-chains-')
    os.chdir(scratch.name)
    subprocess.run([Path(CLI).with_name('cubeloom-sample'), '.', '71x67x64'], check=True, capture_output=True)
    for name in ('', '.hdr'):
        os.rename('shift_71x67x64' + name, 'cube' + name)
    only = sys.argv[3:]
    for part in (founding_chain, gdal_steps, all_formats, branches, hostile_names, bad_calls, proofs):
        if not only or part.__name__ in only:
            part()
    for failure in failures:
        print(failure)
    print(f'{len(failures)} differ', file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
