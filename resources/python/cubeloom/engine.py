# SPDX-License-Identifier: GPL-3.0-or-later
"""A cubeloom-cli serve of this process: requests by any thread, answers in any order."""
from __future__ import annotations

import atexit
import fcntl
import itertools
import json
import os
import subprocess
import tempfile
import threading
from typing import Any, Dict, Optional, Tuple

import numpy as np

from .errors import EngineMissingError, error_from
from .program import find_program, resources

_F_SETPIPE_SZ = 1031  # Linux: a pipe of more than 64 KiB, so that large answers take fewer turns
_PIPE_BYTES = 1 << 20


class _Answer:
    """One that is waited for."""

    __slots__ = ('done', 'header', 'data', 'failure')

    def __init__(self) -> None:
        self.done = threading.Event()
        self.header: Dict[str, Any] = {}
        self.data: Optional[np.ndarray] = None
        self.failure: Optional[BaseException] = None


class Engine:
    """One `cubeloom-cli serve`. Thread-safe. It ends with this process, or with close()."""

    def __init__(self) -> None:
        self.command = [find_program(), 'serve', *resources()]
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0,
                                             start_new_session=True)  # an interrupt of the terminal is this process's to handle
        except OSError as error:
            raise EngineMissingError(f"'{self.command[0]}' does not start: {error.strerror}",
                                     hint='set CUBELOOM_CLI to the path of cubeloom-cli') from error
        try:
            fcntl.fcntl(self._process.stdout, _F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            pass
        self._write = threading.Lock()
        self._state = threading.Lock()
        self._waiting: Dict[int, _Answer] = {}
        self._ids = itertools.count(1)
        self._is_open = True
        self._reader = threading.Thread(target=self._read_answers, name='cubeloom answers', daemon=True)
        self._reader.start()

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: Dict[str, Any]) -> Tuple[Dict[str, Any], np.ndarray]:
        """The header and the bytes of the answer to `request`. Raises the engine's error; an interrupt cancels the request."""
        number, answer = self.start(request)
        return self.wait(number, answer)

    def start(self, request: Dict[str, Any]) -> Tuple[int, _Answer]:
        """Sends `request`; `wait` gives its answer."""
        number, answer = next(self._ids), _Answer()
        with self._state:
            if not self._is_open:
                raise self._ended()
            self._waiting[number] = answer
        self._send({'id': number, **request})
        return number, answer

    def wait(self, number: int, answer: _Answer) -> Tuple[Dict[str, Any], np.ndarray]:
        try:
            answer.done.wait()
        except BaseException:
            self.cancel(number)
            answer.done.wait(2)
            raise
        if answer.failure is not None:
            raise answer.failure
        if 'error' in answer.header:
            raise error_from(answer.header['error'])
        assert answer.data is not None
        return answer.header, answer.data

    def cancel(self, number: int) -> None:
        """Ends the request, whose answer then says so."""
        try:
            self._send({'id': number, 'do': 'cancel'})
        except EngineMissingError:
            pass

    def close(self) -> None:
        """Ends the program, whatever it is doing."""
        with self._state:
            self._is_open = False
        try:
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def forget(self) -> None:
        """In a child process: the engine is the parent's."""
        self._is_open = False
        self._process.returncode = 0  # nobody here has to wait for it
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                os.close(pipe.fileno())
            except (OSError, ValueError):
                pass

    def _send(self, request: Dict[str, Any]) -> None:
        rest = memoryview(json.dumps(request, separators=(',', ':')).encode() + b'\n')
        try:
            with self._write:
                while rest:
                    rest = rest[self._process.stdin.write(rest):]
        except (OSError, ValueError) as error:
            with self._state:
                self._is_open = False  # the next request starts another one, though the last answers may not be read yet
            raise self._ended() from error

    def _read_answers(self) -> None:
        stream = os.fdopen(os.dup(self._process.stdout.fileno()), 'rb', buffering=1 << 16)
        try:
            while True:
                line = stream.readline()
                if not line.endswith(b'\n'):
                    break
                header = json.loads(line)
                data = np.empty(header['nbytes'], np.uint8)
                rest = memoryview(data)
                while rest:
                    count = stream.readinto(rest)
                    if not count:
                        raise EOFError
                    rest = rest[count:]
                with self._state:
                    answer = self._waiting.pop(header['id'], None)
                if answer is not None:
                    answer.header, answer.data = header, data
                    answer.done.set()
        except (EOFError, OSError, ValueError):
            pass
        with self._state:
            self._is_open = False
            waiting, self._waiting = list(self._waiting.values()), {}
        for answer in waiting:
            answer.failure = self._ended()
            answer.done.set()

    def _ended(self) -> EngineMissingError:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            code = None
        said = ''
        try:
            self._errors.seek(0)
            said = self._errors.read()[-2000:].decode(errors='replace').strip()
        except (OSError, ValueError):
            pass
        return EngineMissingError(f'cubeloom-cli serve has ended (exit code {code})' + (f': {said}' if said else ''),
                                  hint='ask again: it is started anew')


_engine: Optional[Engine] = None
_starting = threading.Lock()


def engine() -> Engine:
    """The engine of this process; started when it is first needed, and again when it has ended."""
    global _engine
    with _starting:
        if _engine is None or not _engine.is_open:
            _engine = Engine()
        return _engine


def shutdown() -> None:
    """Ends the engine of this process; the next read starts another."""
    global _engine
    with _starting:
        ended, _engine = _engine, None
    if ended is not None:
        ended.close()


def _forget_in_child() -> None:
    global _engine, _starting
    _starting = threading.Lock()
    ended, _engine = _engine, None
    if ended is not None:
        ended.forget()


os.register_at_fork(after_in_child=_forget_in_child)
atexit.register(shutdown)
