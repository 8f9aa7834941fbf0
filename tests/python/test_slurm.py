# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported job array on a real Slurm: one node, started here in a folder of its own, ended by the test. The output has the bytes of one run."""
import getpass
import hashlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import CLI

NEEDED = ('munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'sinfo')
PATHS = f'{Path(CLI).parent}:{os.environ["PATH"]}:/usr/sbin'
CONFIGURATION = """
ClusterName=cubeloom
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
SlurmdParameters=config_overrides
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count):
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope='module')
def slurm():
    """The environment of Slurm's programs; skipped where they are not there or do not start."""
    missing = [program for program in NEEDED if not shutil.which(program, path=PATHS)]
    if missing:
        pytest.skip(f'no Slurm here: {", ".join(missing)} (Debian: slurm-wlm)')
    folder = Path(tempfile.mkdtemp(prefix='cubeloom-slurm-'))
    folder.chmod(0o755)
    for name in ('state', 'spool'):
        (folder / name).mkdir()
    (folder / 'munge.key').write_bytes(os.urandom(1024))
    (folder / 'munge.key').chmod(0o400)
    host = socket.gethostname().split('.')[0]
    (folder / 'slurm.conf').write_text(CONFIGURATION.format(host=host, user=getpass.getuser(), folder=folder, ports=free_ports(2)))
    environment = {**os.environ, 'PATH': PATHS, 'SLURM_CONF': str(folder / 'slurm.conf')}
    programs = []

    def start(*words):
        log = open(folder / f'{words[0]}.out', 'w')
        programs.append(subprocess.Popen(words, env=environment, stdout=log, stderr=log, cwd=folder))

    try:
        start('munged', '--foreground', '--force', f'--socket={folder}/munge.socket', f'--key-file={folder}/munge.key',
              f'--pid-file={folder}/munge.pid', f'--seed-file={folder}/munge.seed', f'--log-file={folder}/munge.log')
        until = time.time() + 20
        while not (folder / 'munge.socket').exists() and time.time() < until:
            time.sleep(0.05)
        start('slurmctld', '-D', '-c')
        start('slurmd', '-D', '-N', host)
        state = ''
        while state != 'idle' and time.time() < until and all(one.poll() is None for one in programs):
            time.sleep(0.1)
            state = subprocess.run(['sinfo', '-h', '-o', '%T'], env=environment, capture_output=True, text=True).stdout.strip()
        if state != 'idle':
            said = ''.join(path.read_text()[-600:] for path in sorted(folder.glob('*.out')))
            pytest.skip(f'Slurm does not start here: {said}')
        yield environment
    finally:
        for program in reversed(programs):
            program.terminate()
        for program in programs:
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
        shutil.rmtree(folder, ignore_errors=True)


def export(folder, *chain):
    subprocess.run([CLI, 'export', '--to', 'slurm', '-o', 'jobs.sh', *chain], cwd=folder, check=True)
    return (folder / 'jobs.sh').read_text()


STEPS = ['!', 'open', 'shift_200x160x53.hdr', '!', 'reproject', 'crs=EPSG:32611', 'resolution=4', 'resampling=cubic', '!', 'write', 'out.tif']


def test_the_script_is_one(small, tmp_path):
    """Also where no Slurm is: bash reads it, and without PARTS it asks for what `plan --parts auto` proposes."""
    text = export(tmp_path, *STEPS)
    subprocess.run(['bash', '-n', 'jobs.sh'], cwd=tmp_path, check=True)
    assert '--dependency=afterok' in text
    folder = Path(small).parent
    (tmp_path / 'sbatch').write_text('#!/bin/sh\necho "$@" >> "$LOG"\necho 7\ncat > /dev/null\n')
    (tmp_path / 'sbatch').chmod(0o755)
    export(folder, *STEPS)
    subprocess.run(['bash', 'jobs.sh'], cwd=folder, check=True, capture_output=True,
                   env={**os.environ, 'PATH': f'{tmp_path}:{PATHS}', 'LOG': str(tmp_path / 'log')})
    proposed = subprocess.run([CLI, 'plan', '--parts', 'auto', *STEPS], cwd=folder, check=True, capture_output=True, text=True).stderr
    count = re.search(r'^in (\d+) part', proposed, re.MULTILINE).group(1)
    assert f'--array=1-{count} ' in (tmp_path / 'log').read_text()


def test_the_job_array_is_one_run(small, slurm):
    folder = Path(small).parent
    subprocess.run([CLI, 'run', '--progress', 'none', *STEPS], cwd=folder, check=True)
    expected = hashlib.sha256((folder / 'out.tif').read_bytes()).hexdigest()
    (folder / 'out.tif').unlink()
    export(folder, *STEPS)
    done = subprocess.run(['bash', 'jobs.sh'], cwd=folder, env={**slurm, 'PARTS': '5', 'CPUS': '1'}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    until = time.time() + 120
    while time.time() < until:
        time.sleep(0.3)
        if not subprocess.run(['squeue', '-h'], env=slurm, capture_output=True, text=True).stdout.strip():
            break
    said = ''.join(path.read_text() for path in sorted(folder.glob('slurm-*.out')))
    assert (folder / 'out.tif').exists(), said
    assert len(list(folder.glob('slurm-*_*.out'))) == 5  # each part a job of its own
    assert hashlib.sha256((folder / 'out.tif').read_bytes()).hexdigest() == expected
    assert not list(folder.glob('*.part-*'))
