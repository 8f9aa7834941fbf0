# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs and plans: the engine's own, with a bar in the notebook."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from .chains import Chain
from .errors import CanceledError, OverBudgetError, error_from, error_from_exit
from .program import Size, ask, find_program, resources, size_text

ChainLike = Union[str, 'os.PathLike[str]', Chain, Mapping[str, Any]]


@contextmanager
def _chain_argument(chain: ChainLike) -> Iterator[List[str]]:
    """The words that name a chain to a command; a chain without a file gets one for the time being."""
    if isinstance(chain, Chain):
        chain = chain.document()
    if not isinstance(chain, Mapping):
        yield [os.fspath(chain)]
        return
    with tempfile.TemporaryDirectory(prefix='cubeloom-') as folder:
        path = os.path.join(folder, 'chain.cubeloom')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(chain, file)
        yield [path]


def _options(workers: Optional[int], memory: Optional[Size], node: Optional[str], overwrite: bool,
             set: Optional[Mapping[str, Any]]) -> List[str]:
    words = []
    configured = resources()
    if workers is not None:
        words += ['--workers', str(workers)]
    elif '--workers' in configured:
        words += configured[:2]
    if memory is not None:
        words += ['--memory', size_text(memory)]
    elif '--memory' in configured:
        words += configured[-2:]
    if node is not None:
        words += ['--node', node]
    if overwrite:
        words.append('--overwrite')
    for name, value in (set or {}).items():
        words += ['--set', f'{name}={value if isinstance(value, str) else json.dumps(value)}']
    return words


def plan(chain: ChainLike, *, workers: Optional[int] = None, memory: Optional[Size] = None, node: Optional[str] = None,
         overwrite: bool = False, set: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
    """What a run of `chain` would read, write and need, as `cubeloom-cli plan --json` tells it.

    chain: a chain file, a `!` pipeline, a cubeloom.chain(), or a chain document. set: {"node.parameter": value}. What does not fit is told
    under "refusals", and "fits" is False. Raises InvalidChainError, OpenError.
    """
    with _chain_argument(chain) as words:
        return ask('plan', '--json', *_options(workers, memory, node, overwrite, set), *words)


def run(chain: ChainLike, *, workers: Optional[int] = None, memory: Optional[Size] = None, node: Optional[str] = None,
        overwrite: bool = False, resume: bool = False, set: Optional[Mapping[str, Any]] = None, progress: Optional[bool] = None) -> Dict[str, Any]:
    """Runs `chain` by the engine and returns its report (`cubeloom-cli run --report`).

    chain: a chain file, a `!` pipeline, a cubeloom.chain(), or a chain document. workers, memory ("12GiB"): of this run. set:
    {"node.parameter": value}. progress: a bar by tqdm (default: where tqdm is installed).

    An interrupt (Ctrl-C, the notebook's stop button) cancels the run and waits for its end: what is finished is kept, and resume=True goes
    on with it. Raises InvalidChainError, OpenError, OverBudgetError (refused: the report is its `details["report"]`), ReadError, WriteError.
    """
    with tempfile.TemporaryDirectory(prefix='cubeloom-') as folder, _chain_argument(chain) as words:
        report_path = os.path.join(folder, 'report.json')
        command = [find_program(), 'run', '--progress', 'jsonl', '--report', report_path,
                   *_options(workers, memory, node, overwrite, set), *(['--resume'] if resume else []), *words]
        with tempfile.TemporaryFile('w+', encoding='utf-8', errors='replace') as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True,
                                       encoding='utf-8', start_new_session=True)
            events: List[Dict[str, Any]] = []
            try:
                _follow(process, events, progress)
                process.wait()
            except BaseException:
                _stop(process)
                raise
            errors.seek(0)
            said = errors.read()
        try:
            with open(report_path, encoding='utf-8') as file:
                report: Dict[str, Any] = json.load(file)
        except (OSError, ValueError):
            raise error_from_exit(process.returncode, said) from None
    for line in said.splitlines():  # doubts about values are told, as on the command line
        if line.startswith('  ') and not line.startswith('  remedy:'):
            report.setdefault('warnings', []).append(line.strip())
    if process.returncode == 0:
        return report
    raise _error_of(report, process.returncode, said)


def _error_of(report: Dict[str, Any], exit_code: int, said: str) -> Exception:
    found = report.get('errors') or []
    if report.get('status') == 'canceled':
        return CanceledError('the run was cancelled', code='Canceled', hint='run it again with resume=True', details={'report': report})
    if not found:
        return error_from_exit(exit_code, said)
    error = error_from({**found[0], 'report': report})
    if exit_code == 4 and not isinstance(error, OverBudgetError):
        return OverBudgetError(error.message, code=error.code, hint=error.hint, node=error.node, details=error.details)
    return error


def _bar(progress: Optional[bool]) -> Any:
    if progress is False:
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if progress:
            raise ImportError('progress=True needs tqdm: install python3-tqdm') from None
        return None
    return tqdm(total=100.0, unit='%', bar_format='{desc}{percentage:3.0f}% |{bar}| {elapsed}{postfix}', file=None, leave=True)


def _follow(process: 'subprocess.Popen[str]', events: List[Dict[str, Any]], progress: Optional[bool]) -> None:
    bar = _bar(progress)
    done = 0.0
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if bar is None:
                continue
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get('event') == 'snapshot':
                now = 100.0 * float(event.get('fraction') or 0)
                bar.set_postfix_str(_rates(event), refresh=False)
                bar.update(max(0.0, now - done))
                done = max(done, now)
            elif event.get('event') == 'run_finished' and event.get('status', 'finished') == 'finished':
                bar.update(100.0 - done)
                done = 100.0
    finally:
        if bar is not None:
            bar.close()


def _rates(event: Mapping[str, Any]) -> str:
    words = [f"{event.get('phase', '')}".strip()]
    for key, word in (('read_bytes_per_s', 'read'), ('write_bytes_per_s', 'write')):
        if event.get(key):
            words.append(f'{word} {float(event[key]) / 2**20:.0f} MiB/s')
    eta = event.get('eta_seconds')
    if isinstance(eta, list) and eta and eta[-1] is not None:
        words.append(f'about {float(eta[-1]):.0f} s left')
    return ', '.join(word for word in words if word)


def _stop(process: 'subprocess.Popen[str]') -> None:
    """Cancels a run as an interrupt does, and waits: a second interrupt ends it at once."""
    try:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    except BaseException:
        process.kill()
        process.wait()
    finally:
        if process.stdout is not None:
            process.stdout.close()
