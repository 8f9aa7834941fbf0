# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains written in Python: a method for every operation, made from what the engine says of it."""
from __future__ import annotations

import difflib
import inspect
import json
import os
import re
import textwrap
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import xarray as xr

from .arrays import Place
from .errors import InvalidChainError
from .program import find_program, operations

_PER_DIM = ('indexers', 'selectors', 'factors', 'names')


class _Step:
    """One operation with its parameters, and the steps that feed it."""

    __slots__ = ('op', 'params', 'inputs', 'name')

    def __init__(self, op: str, params: Dict[str, Any], inputs: Tuple['_Step', ...], name: Optional[str] = None):
        self.op, self.params, self.inputs, self.name = op, params, inputs, name


class Chain:
    """A chain of operations; each method adds one and returns a new chain. `cubeloom.chain()` makes an empty one.

    An input beside the first is another chain, given by position. Pixels are computed when an array of `to_xarray()` is read, or by `run()`.
    """

    def __init__(self, step: Optional[_Step] = None, title: str = ''):
        self._step, self._title = step, title

    @property
    def node(self) -> Optional[str]:
        """The id of the last step in the document."""
        return self._ids()[id(self._step)] if self._step is not None else None

    def named(self, name: str) -> 'Chain':
        """The same chain, whose last step is called `name` in documents, plans and errors."""
        if self._step is None:
            raise InvalidChainError('the chain has no step yet that could be named')
        if not re.fullmatch(r'[A-Za-z_][A-Za-z0-9_-]*', name):
            raise InvalidChainError(f"'{name}' is no name for a step", hint='letters, digits, _ and -')
        last = self._step
        return type(self)(_Step(last.op, last.params, last.inputs, name), self._title)

    def titled(self, title: str) -> 'Chain':
        """The same chain with a title."""
        return type(self)(self._step, title)

    def document(self) -> Dict[str, Any]:
        """The chain as its file has it (version 1 of the format)."""
        ids = self._ids()
        nodes = []
        for step in self._steps():
            params = {key: ids[id(value._step)] if isinstance(value, Chain) else value for key, value in step.params.items()}
            node: Dict[str, Any] = {'id': ids[id(step)], 'op': step.op, 'params': params}
            if step.inputs:
                node['inputs'] = [ids[id(one)] for one in step.inputs]
            nodes.append(node)
        document: Dict[str, Any] = {'cubeloom': 1, 'nodes': nodes}
        if self._title:
            document['title'] = self._title
        return document

    def place(self) -> Place:
        """Where arrays of this chain come from."""
        if self._step is None:
            raise InvalidChainError('the chain has no step', hint='begin it with .open(path)')
        return Place(self.document())

    def save(self, path: 'str | os.PathLike[str]') -> str:
        """Writes the chain file; returns its path."""
        path = os.fspath(path)
        unfinished = f'{path}.{os.getpid()}.tmp'
        with open(unfinished, 'w', encoding='utf-8') as file:
            json.dump(self.document(), file, indent=2, sort_keys=True, ensure_ascii=False)
            file.write('\n')
        os.replace(unfinished, path)
        return path

    def to_xarray(self, chunks: Any = None, node: Optional[str] = None, **options: Any) -> xr.Dataset:
        """The last step's array (or that of `node`) as a lazy dataset; `chunks` and the rest as for xr.open_dataset."""
        from .backend import CubeloomBackendEntrypoint
        return xr.open_dataset(self, engine=CubeloomBackendEntrypoint, chunks=chunks, node=node, **options)

    def run(self, **options: Any) -> Dict[str, Any]:
        """Runs the chain, which has to end in `write`; see cubeloom.run()."""
        from .runs import run
        return run(self, **options)

    def plan(self, **options: Any) -> Dict[str, Any]:
        """What a run would read, write and need; see cubeloom.plan()."""
        from .runs import plan
        return plan(self, **options)

    def _steps(self) -> List[_Step]:
        """Inputs before those that take from them, without recursion: chains may be long."""
        order: List[_Step] = []
        seen = set()
        todo: List[Tuple[_Step, bool]] = [(self._step, False)] if self._step is not None else []
        while todo:
            step, is_ready = todo.pop()
            if is_ready:
                order.append(step)
            elif id(step) not in seen:
                seen.add(id(step))
                todo.append((step, True))
                looked_at = [value._step for value in step.params.values() if isinstance(value, Chain) and value._step is not None]
                todo += [(one, False) for one in reversed((*step.inputs, *looked_at))]
        return order

    def _ids(self) -> Dict[int, str]:
        steps = self._steps()
        taken = {step.name for step in steps if step.name}
        ids: Dict[int, str] = {}
        used = set()
        for step in steps:
            base = step.name or step.op
            name, number = base, 2
            while name in used or (not step.name and name in taken):
                name, number = f'{base}{number}', number + 1
            used.add(name)
            ids[id(step)] = name
        return ids

    def _then(self, operation: Mapping[str, Any], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> 'Chain':
        others = [one for one in arguments if isinstance(one, Chain)]
        params = _params(operation, [one for one in arguments if not isinstance(one, Chain)], keywords)
        inputs = [one._step for one in ([self] if self._step is not None else []) + others]
        most, least = operation['max_inputs'], operation['min_inputs']
        if most == 0 and self._step is not None:
            raise InvalidChainError(f"'{operation['id']}' has no input and begins a chain",
                                    hint=f"write cubeloom.chain().{operation['id']}(...), and give it where it is taken")
        if None in inputs or not least <= len(inputs) <= most:
            count = str(least) if least == most else f'{least} to {most}'
            raise TypeError(f"{operation['id']}() takes {count} input{'s' if most != 1 else ''}; it is given {len(inputs)}")
        return type(self)(_Step(operation['id'], params, tuple(inputs)), self._title)

    def __repr__(self) -> str:
        steps = self._steps()
        lines = []
        ids = self._ids()
        for step in steps:
            words = ' '.join(f'{key}={value._ids()[id(value._step)] if isinstance(value, Chain) else value!r}' for key, value in step.params.items())
            fed = ' '.join(f'[{ids[id(one)]}]' for one in step.inputs)
            lines.append(f'  {ids[id(step)]} = {step.op} {fed} {words}'.rstrip())
        return '<cubeloom.Chain>\n' + '\n'.join(lines)

    def __dask_tokenize__(self):
        from dask.base import normalize_token
        return normalize_token(('cubeloom.Chain', json.dumps(self.document(), sort_keys=True), self.place().describe()['state']))

    def __reduce__(self):
        return _chain_from, (self._step, self._title)


def _chain_from(step: Optional[_Step], title: str) -> Chain:
    return chain_class()(step, title)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Chain):
        return value
    if isinstance(value, slice):
        parts = ['' if part is None else str(_plain(part)) for part in (value.start, value.stop, value.step)]
        return ':'.join(parts if value.step is not None else parts[:2])
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, float) and value != value:
        return 'nan'
    if isinstance(value, float) and value in (float('inf'), float('-inf')):
        return 'inf' if value > 0 else '-inf'
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, range)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    if hasattr(value, 'isoformat'):
        return value.isoformat()
    if isinstance(value, type) and issubclass(value, np.generic) or isinstance(value, np.dtype):
        return np.dtype(value).name
    if hasattr(value, 'to_wkt'):
        return value.to_wkt()  # a CRS of pyproj or rasterio
    raise TypeError(f'{type(value).__name__} is nothing that a chain file can hold')


def _absolute(path: Any) -> Any:
    """Paths of a chain that has no file yet are relative to where Python is now."""
    if isinstance(path, Mapping):
        return {key: _absolute(value) if key == 'path' else value for key, value in path.items()}
    if not isinstance(path, str) or '://' in path or path.startswith('/vsi'):
        return path
    return os.path.join(os.getcwd(), os.path.expanduser(path))


def _parameter(kind: Mapping[str, Any], value: Any) -> Any:
    if kind['type'] == 'node' and isinstance(value, Chain):
        return value
    value = _plain(value)
    if isinstance(value, Chain):
        raise TypeError(f"parameter '{kind['name']}' takes no chain; further inputs are given by position")
    if kind['type'] == 'crs' and isinstance(value, int) and not isinstance(value, bool):
        return f'EPSG:{value}'
    if kind['type'] in ('path', 'output_path', 'features'):
        return _absolute(value)
    if kind['type'] == 'dims' and isinstance(value, str):
        return [value]
    return value


def _params(operation: Mapping[str, Any], positional: Sequence[Any], keywords: Mapping[str, Any]) -> Dict[str, Any]:
    """The step's parameters from a call; raises TypeError for one that the operation does not have, naming the nearest."""
    kinds = {one['name']: one for one in operation['parameters']}
    per_dim = [name for name, one in kinds.items() if one['type'] in _PER_DIM]
    params: Dict[str, Any] = {}
    if positional:
        first = next(iter(kinds), None)
        if first is None:
            raise TypeError(f"{operation['id']}() has no parameter")
        takes_list = kinds[first]['type'] in ('dims', 'numbers')
        if len(positional) > 1 and not takes_list:
            raise TypeError(f"{operation['id']}() takes its parameters by keyword, but for the first, '{first}'")
        value = list(positional) if takes_list and not (len(positional) == 1 and isinstance(positional[0], (list, tuple))) else positional[0]
        params[first] = _parameter(kinds[first], value)
    for name, value in keywords.items():
        if name in kinds:
            if name in params:
                raise TypeError(f"{operation['id']}() is given '{name}' twice")
            if value is not None:
                params[name] = _parameter(kinds[name], value)
        elif per_dim:
            params.setdefault(per_dim[0], {})[name] = _plain(value)  # isel(time=0)
        else:
            near = difflib.get_close_matches(name, kinds, n=1, cutoff=0.5)
            raise TypeError(f"{operation['id']}() has no parameter '{name}'" +
                            (f"; did you mean '{near[0]}'?" if near else f"; it has {', '.join(kinds) or 'none'}"))
    return params


def _documentation(operation: Mapping[str, Any]) -> str:
    lines = [operation['summary'], '', *textwrap.wrap(operation['help'], 110)]
    if operation['inputs']:
        lines += ['', 'Inputs', '------']
        for port in operation['inputs']:
            lines.append(f"{port['name']}{', optional' if port['optional'] else ''}{', several' if port['many'] else ''}: {port['help']}".rstrip(': '))
    if operation['parameters']:
        lines += ['', 'Parameters', '----------']
    for one in operation['parameters']:
        default = 'required' if one['required'] else f"default {one['default']!r}" if one['default'] is not None else 'optional'
        unit = f", {one['unit']}" if one['unit'] else ''
        lines.append(f"{one['name']} : {one['type']}{unit}, {default}")
        lines += textwrap.wrap(one['help'], 106, initial_indent='    ', subsequent_indent='    ')
        if one.get('choices'):
            lines += textwrap.wrap('One of ' + ', '.join(one['choices']) + '.', 106, initial_indent='    ', subsequent_indent='    ')
    lines += ['', f"As a step of a pipeline: {operation['example']}"]
    return '\n'.join(lines)


def _method(operation: Mapping[str, Any]) -> Callable[..., Chain]:
    def step(self: Chain, *arguments: Any, **keywords: Any) -> Chain:
        return self._then(operation, arguments, keywords)

    step.__name__ = operation['id']
    step.__qualname__ = f"Chain.{operation['id']}"
    step.__doc__ = _documentation(operation)
    kind = inspect.Parameter
    parameters = [kind('self', kind.POSITIONAL_ONLY), kind('inputs', kind.VAR_POSITIONAL)]
    for one in operation['parameters']:
        parameters.append(kind(one['name'], kind.KEYWORD_ONLY, default=kind.empty if one['required'] else one['default']))
    if any(one['type'] in _PER_DIM for one in operation['parameters']):
        parameters.append(kind('per_dim', kind.VAR_KEYWORD))
    step.__signature__ = inspect.Signature(parameters, return_annotation=Chain)  # type: ignore[attr-defined]
    return step


_classes: Dict[str, type] = {}


def chain_class() -> type:
    """Chain with a method for every operation of the engine that is found."""
    program = find_program()
    if program not in _classes:
        methods = {name: _method(one) for name, one in operations().items() if not hasattr(Chain, name)}
        _classes[program] = type('Chain', (Chain,), {**methods, '__doc__': Chain.__doc__, '__module__': __name__})
    return _classes[program]


def chain(title: str = '') -> Any:
    """An empty chain: `cubeloom.chain().open("x.hdr").reproject(crs=32610, resolution=500).to_xarray()`.

    Its methods are the engine's operations: `help(cubeloom.chain().reproject)`. Relative paths are relative to Python's current folder.
    """
    return chain_class()(None, title)
