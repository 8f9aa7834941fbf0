# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, as exceptions that carry what the engine knows of it."""
from __future__ import annotations

import re
from typing import Any, Mapping, Optional


class CubeloomError(Exception):
    """A failure of the engine.

    Attributes (None where it is not known): `code` (the engine's class of errors, such as "InvalidParameter"), `message`, `hint` (the
    remedy), `node` (id of the step), `parameter`, `path`.
    """

    def __init__(self, message: str, *, code: str = 'Internal', hint: Optional[str] = None, node: Optional[str] = None,
                 parameter: Optional[str] = None, path: Optional[str] = None, details: Optional[Mapping[str, Any]] = None):
        self.message, self.code, self.hint = message, code, hint
        self.node, self.parameter, self.path = node, parameter, path
        self.details = dict(details or {})
        super().__init__(self._text())

    def _text(self) -> str:
        where = ', '.join(f'{what} {name}' for what, name in (('node', self.node), ('parameter', self.parameter)) if name)
        if self.path and self.path not in self.message:
            where += (', ' if where else '') + self.path
        return (f'{where}: ' if where else '') + self.message + (f' ({self.hint})' if self.hint else '')

    def __str__(self) -> str:
        return self._text()

    def __reduce__(self):
        facts = {key: getattr(self, key) for key in ('code', 'hint', 'node', 'parameter', 'path', 'details')}
        return _rebuild, (type(self), self.message, facts)


class InvalidChainError(CubeloomError, ValueError):
    """The chain, a parameter or an index is not valid; or grids do not match, a CRS or a type is not known."""


class OpenError(CubeloomError, OSError):
    """An input cannot be opened, or is not what its header says."""


class ReadError(CubeloomError, OSError):
    """An input could not be read, or is not what it was when it was opened."""


class WriteError(CubeloomError, OSError):
    """An output could not be written."""


class OverBudgetError(CubeloomError, MemoryError):
    """It does not fit the memory budget, or the disk."""


class CanceledError(CubeloomError):
    """It was cancelled."""


class EngineMissingError(CubeloomError, RuntimeError):
    """cubeloom-cli was not found, does not start, or has ended."""


_CLASSES = {
    'InvalidParameter': InvalidChainError, 'InvalidChain': InvalidChainError, 'GridMismatch': InvalidChainError,
    'CrsUnavailable': InvalidChainError, 'UnsupportedType': InvalidChainError, 'OpenFailed': OpenError, 'ReadFailed': ReadError,
    'WriteFailed': WriteError, 'OverBudget': OverBudgetError, 'Canceled': CanceledError,
}


def _rebuild(kind: type, message: str, facts: dict) -> CubeloomError:
    return kind(message, **facts)


def error_from(facts: Mapping[str, Any]) -> CubeloomError:
    """The exception for the engine's facts about an error: "code", "message", "hint", "node", "parameter", "path"."""
    known = ('code', 'message', 'hint', 'node', 'parameter', 'path')
    kind = _CLASSES.get(facts.get('code', ''), CubeloomError)
    return kind(facts.get('message', 'unknown'), code=facts.get('code', 'Internal'), details={k: v for k, v in facts.items() if k not in known},
                **{key: facts.get(key) or None for key in ('hint', 'node', 'parameter', 'path')})


_BY_EXIT = {2: 'InvalidChain', 3: 'OpenFailed', 4: 'OverBudget', 130: 'Canceled'}


def error_from_exit(exit_code: int, stderr: str) -> CubeloomError:
    """The exception for a command that ended with `exit_code`, from the sentence that it printed."""
    said = [line[len('cubeloom-cli: '):] for line in stderr.splitlines() if line.startswith('cubeloom-cli: ')]
    text = said[-1] if said else stderr.strip() or f'cubeloom-cli ended with exit code {exit_code}'
    facts = {'code': _BY_EXIT.get(exit_code, 'Internal'), 'message': text}
    origin = re.match(r'(?:node (?P<node>[^\s,:]+))?(?:, )?(?:parameter (?P<parameter>[^\s,:]+))?: (?P<rest>.*)', text, re.S)
    if origin and (origin['node'] or origin['parameter']):
        facts.update(node=origin['node'], parameter=origin['parameter'], message=origin['rest'])
    remedy = re.fullmatch(r'(?P<message>.*?) \((?P<hint>[^()]*(?:\([^()]*\)[^()]*)*)\)', facts['message'], re.S)
    if remedy:
        facts.update(message=remedy['message'], hint=remedy['hint'])
    return error_from(facts)
