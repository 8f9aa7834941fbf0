# SPDX-License-Identifier: GPL-3.0-or-later
"""Where cubeloom-cli is, and what it may use."""
from __future__ import annotations

import functools
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Union

from .errors import EngineMissingError, error_from_exit

Size = Union[int, str]


@dataclass(frozen=True)
class Settings:
    """What `configure` sets: workers and memory of the engine behind arrays, and the program."""

    workers: Optional[int] = None
    memory: Optional[Size] = None
    program: Optional[str] = None


_settings = Settings()


def configure(*, workers: Optional[int] = None, memory: Optional[Size] = None, program: Optional[str] = None) -> Settings:
    """Sets what engines that start from now on may use; what is left out stays as it is.

    workers: compute threads (default: all usable cores). memory: the budget over all reads at once, bytes or "2GiB" (default: 70 % of what
    is available; in a worker of Dask its threads and 40 % of its memory limit). program: the path of cubeloom-cli.
    """
    global _settings
    given = {key: value for key, value in (('workers', workers), ('memory', memory), ('program', program)) if value is not None}
    _settings = replace(_settings, **given)
    return _settings


def size_text(size: Size) -> str:
    """A size as the command line takes it: 512, "512MiB"."""
    return str(int(size)) if not isinstance(size, str) else size


def find_program() -> str:
    """The path of cubeloom-cli: what `configure` or the variable CUBELOOM_CLI names, else the one on PATH, else one beside the package.

    Raises EngineMissingError with what was tried.
    """
    named = _settings.program or os.environ.get('CUBELOOM_CLI')
    if named:
        found = shutil.which(named) if os.sep not in named else (named if os.access(named, os.X_OK) and os.path.isfile(named) else None)
        if not found:
            raise EngineMissingError(f"'{named}', which {'configure()' if _settings.program else 'CUBELOOM_CLI'} names, is no program",
                                     hint='name the path of cubeloom-cli')
        return os.path.abspath(found)
    found = shutil.which('cubeloom-cli')
    if found:
        return os.path.abspath(found)
    here = Path(__file__).resolve().parent
    beside = [here / 'cubeloom-cli', here.parent / 'cubeloom-cli', here.parent / 'bin' / 'cubeloom-cli',
              *(above / 'bin' / 'cubeloom-cli' for above in here.parents[2:4])]  # <prefix>/lib/python3/dist-packages/cubeloom
    if here.parents[1].name == 'resources':  # in a source folder
        beside += [here.parents[2] / 'build' / preset / 'bin' / 'cubeloom-cli' for preset in ('release', 'dev', 'test')]
    for path in beside:
        if os.access(path, os.X_OK):
            return str(path)
    raise EngineMissingError('cubeloom-cli was found neither by the variable CUBELOOM_CLI, nor on PATH, nor beside the package',
                             hint='install the package cubeloom-cli, or set CUBELOOM_CLI to the path of the program')


def resources() -> List[str]:
    """The options for workers and memory of an engine that this process starts."""
    workers, memory = _settings.workers, _settings.memory
    limits = _dask_worker_limits() or _process_limits()
    workers = workers or limits.get('workers')
    memory = memory or limits.get('memory')
    return (['--workers', str(workers)] if workers else []) + (['--memory', size_text(memory)] if memory else [])


def _dask_worker_limits() -> Dict[str, int]:
    """What a worker of Dask leaves to an engine of its own; nothing outside of one."""
    distributed = sys.modules.get('distributed')
    if distributed is None:
        return {}
    try:
        worker = distributed.get_worker()
        threads = getattr(getattr(worker, 'state', worker), 'nthreads', 1)
        limit = getattr(getattr(worker, 'memory_manager', None), 'memory_limit', None)
    except Exception:  # not in a worker, or of a version that keeps these elsewhere
        return {}
    found = {'workers': max(1, int(threads))}
    if limit:
        found['memory'] = max(256 << 20, int(0.4 * limit))
    return found


def _process_limits() -> Dict[str, int]:
    """Of a process that another one has started beside others like it, as Dask's and multiprocessing's pools do: its share."""
    if multiprocessing.parent_process() is None:
        return {}
    cores = os.cpu_count() or 1
    available = os.sysconf('SC_AVPHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')
    return {'workers': 1, 'memory': max(256 << 20, available // (2 * cores))}


def ask(*arguments: str) -> Any:
    """The JSON document that a subcommand prints. Raises the exception for its exit code; exit code 4 still has a document for `plan`."""
    done = subprocess.run([find_program(), *arguments], capture_output=True, text=True, encoding='utf-8', stdin=subprocess.DEVNULL)
    if done.returncode != 0 and not (done.returncode == 4 and done.stdout.strip()):
        raise error_from_exit(done.returncode, done.stderr)
    return json.loads(done.stdout)


@functools.lru_cache(maxsize=4)
def _operations_of(program: str) -> Dict[str, dict]:
    return {one['id']: one for one in ask('ops', '--json')['operations']}


def operations() -> Dict[str, dict]:
    """Every operation by its id, as `cubeloom-cli ops --json` lists it."""
    return _operations_of(find_program())
