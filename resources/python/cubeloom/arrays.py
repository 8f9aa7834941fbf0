# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays whose pixels the engine computes when they are asked for."""
from __future__ import annotations

import math
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
from xarray.backends.common import BackendArray
from xarray.core import indexing

from .engine import engine
from .errors import CubeloomError, OverBudgetError

PlaceLike = Union[str, 'os.PathLike[str]', Mapping[str, Any]]
_MOST_PIECE_BYTES = 256 << 20
_PIECES_AHEAD = 2


class Place:
    """Where an array comes from: a chain file, a raster, a `!` pipeline or a chain document; pickles as it is.

    chain: as in a request. folder: what relative paths are relative to.
    """

    def __init__(self, chain: PlaceLike, folder: Optional[str] = None):
        if isinstance(chain, Mapping):
            self.chain: Any = dict(chain)
        else:
            self.chain = os.fspath(chain)
            is_pipeline = '!' in self.chain.split() and not os.path.exists(self.chain)
            if not is_pipeline and '://' not in self.chain and not self.chain.startswith('/vsi'):
                self.chain = os.path.abspath(os.path.expanduser(self.chain))
        self.folder = folder or os.getcwd()

    def request(self, verb: str, **further: Any) -> Dict[str, Any]:
        """A request about this place; what is None is left out."""
        asked = {'do': verb, 'chain': self.chain, 'folder': self.folder, **further}
        return {key: value for key, value in asked.items() if value is not None}

    def describe(self, node: Optional[str] = None) -> Dict[str, Any]:
        """What the engine says of the nodes, or of one of them."""
        header, _ = engine().ask(self.request('describe', node=node))
        return header

    def __repr__(self) -> str:
        return f'<cubeloom place {self.chain if isinstance(self.chain, str) else "chain document"}>'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and (self.chain, self.folder) == (other.chain, other.folder)

    __hash__ = None  # type: ignore[assignment]

    def __dask_tokenize__(self):
        from dask.base import normalize_token
        # With the files' state: what was computed of a file before it changed is nothing that dask may give again.
        return normalize_token(('cubeloom.Place', self.chain, self.folder, self.describe()['state']))


class EngineArray(BackendArray):
    """A node's array, read by outer indexing: slices with any step, lists in any order, numbers.

    shape, dtype: of the whole array. A read of more than the engine's budget comes in pieces. Errors: ReadError when a file is not what it
    was when the array was opened; OverBudgetError when not even one element fits. Pickles by place and node: an engine of the process
    that reads is asked.
    """

    def __init__(self, place: Place, node: str, state: str, dims: Sequence[str], shape: Sequence[int], dtype: np.dtype,
                 chunk: Optional[Sequence[int]] = None, most_bytes: int = _MOST_PIECE_BYTES):
        self.place, self.node, self.state = place, node, state
        self.dims, self.shape, self.dtype = tuple(dims), tuple(int(size) for size in shape), np.dtype(dtype)
        self.chunk = tuple(chunk) if chunk else self.shape
        self.most_bytes = int(most_bytes)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> np.ndarray:
        if isinstance(key, (indexing.BasicIndexer, indexing.OuterIndexer)):
            return self.read(key.tuple)  # as it is: xarray 2023.01 loses an entry where it turns a negative step round
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self.read)

    def read(self, key: Tuple[Any, ...]) -> np.ndarray:
        """The values at `key`: per dim a slice, a list of indices or a number, outer indexing.

        Returns an array of the key's shape (dims with a number are gone).
        """
        key = tuple(key) + (slice(None),) * (len(self.shape) - len(key))
        places: List[np.ndarray] = []
        numbers: List[bool] = []
        for one, size in zip(key, self.shape):
            is_number = np.ndim(one) == 0 and not isinstance(one, slice)
            numbers.append(is_number)
            places.append(np.arange(size)[one] if isinstance(one, slice) else np.atleast_1d(_whole(one, size)))
        shape = tuple(len(one) for one in places)
        if self.dtype.itemsize * math.prod(shape) <= self.most_bytes:
            try:
                values = self._ask(places)
            except OverBudgetError:
                values = self._in_pieces(places, shape)
        else:
            values = self._in_pieces(places, shape)
        return values.reshape(tuple(size for size, is_number in zip(shape, numbers) if not is_number))

    def _request(self, places: Sequence[np.ndarray]) -> Dict[str, Any]:
        index = {dim: _index(at, size) for dim, at, size in zip(self.dims, places, self.shape)}
        return self.place.request('read', node=self.node, state=self.state, index={dim: at for dim, at in index.items() if at is not None})

    def _values(self, header: Mapping[str, Any], data: np.ndarray) -> np.ndarray:
        if header['dtype'] != self.dtype.name:
            raise CubeloomError(f"the engine gives {header['dtype']} where {self.dtype.name} was described", hint='open it again')
        return data.view(self.dtype.newbyteorder('<')).view(self.dtype).reshape(header['shape'])

    def _ask(self, places: Sequence[np.ndarray]) -> np.ndarray:
        return self._values(*engine().ask(self._request(places)))

    def _in_pieces(self, places: Sequence[np.ndarray], shape: Tuple[int, ...]) -> np.ndarray:
        """Reads what does not fit at once: halved along the dim that has most chunks, until each piece fits."""
        values = np.empty(shape, self.dtype)
        todo: List[Tuple[slice, ...]] = [tuple(slice(0, size) for size in shape)]
        going: List[Tuple[Tuple[slice, ...], Any]] = []
        asked = engine()
        try:
            while todo or going:
                while todo and len(going) < _PIECES_AHEAD:
                    box = todo.pop()
                    count = math.prod(part.stop - part.start for part in box)
                    halves = self._halves(box) if count * self.dtype.itemsize > self.most_bytes else None
                    if halves:
                        todo += reversed(halves)
                    else:
                        going.append((box, asked.start(self._request([at[part] for at, part in zip(places, box)]))))
                if not going:
                    continue
                box, answer = going.pop(0)
                try:
                    values[box] = self._values(*asked.wait(*answer))
                except OverBudgetError:
                    halves = self._halves(box)
                    if not halves:
                        raise
                    todo += reversed(halves)
        finally:
            for _, (number, _answer) in going:
                asked.cancel(number)
        return values

    def _halves(self, box: Tuple[slice, ...]) -> Optional[Tuple[Tuple[slice, ...], Tuple[slice, ...]]]:
        sizes = [part.stop - part.start for part in box]
        chunks = [size / max(1, chunk) for size, chunk in zip(sizes, self.chunk)]
        wide = [d for d, size in enumerate(sizes) if size > 1]
        if not wide:
            return None
        d = max(wide, key=lambda at: (chunks[at], sizes[at]))
        chunk = max(1, self.chunk[d])
        half = sizes[d] // 2
        if half > chunk:
            half -= half % chunk
        middle = box[d].start + half
        return (*box[:d], slice(box[d].start, middle), *box[d + 1:]), (*box[:d], slice(middle, box[d].stop), *box[d + 1:])


def _whole(index: Any, size: int) -> np.ndarray:
    at = np.asarray(index)
    if at.dtype == bool:
        at = np.flatnonzero(at)
    at = at.astype(np.int64)
    if ((at < -size) | (at >= size)).any():
        raise IndexError(f'index {int(at[(at < -size) | (at >= size)][0])} is out of bounds for a dim of size {size}')
    return np.where(at < 0, at + size, at)


def _index(places: np.ndarray, size: int) -> Union[None, str, List[int]]:
    """The shortest way to ask for `places`: nothing for all, a slice where they are evenly spaced, else a list."""
    if len(places) == 0:
        return '0:0'
    first, last = int(places[0]), int(places[-1])
    if len(places) == 1:
        return f'{first}:{first + 1}'
    step = int(places[1]) - first
    if step == 0 or not (np.diff(places) == step).all():
        return places.tolist()
    if step == 1 and first == 0 and len(places) == size:
        return None
    stop = last + (1 if step > 0 else -1)
    return f'{first}:{stop if stop >= 0 else ""}:{step}'


def read_coordinate(place: Place, node: str, state: str, name: str, shape: Sequence[int]) -> np.ndarray:
    """The values of a coordinate along several dims, float64 of `shape`."""
    _, data = engine().ask(place.request('read', node=node, state=state, coordinate=name))
    return data.view('<f8').astype(np.float64, copy=False).reshape(tuple(shape))
