# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine "cubeloom" of xarray: nodes of chains and rasters as datasets."""
from __future__ import annotations

import os
import re
import warnings
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

import numpy as np
import xarray as xr
from xarray.backends.common import AbstractDataStore, BackendEntrypoint
from xarray.backends.store import StoreBackendEntrypoint
from xarray.core import indexing
from xarray.core.variable import Variable

from .arrays import _MOST_PIECE_BYTES, EngineArray, Place, read_coordinate
from .errors import InvalidChainError, error_from


# What xarray would decode by, and the engine has done, or tells otherwise.
_DECODED = frozenset(('_FillValue', 'missing_value', 'scale_factor', 'add_offset', '_Unsigned', 'coordinates', 'grid_mapping', 'dtype', 'calendar'))


def _identifier(text: str) -> str:
    """A name as NetCDF files have it: what `run` would call the variable."""
    name = re.sub(r'[^A-Za-z0-9_.+\-\u0080-\U0010ffff]', '_', text)
    return ('_' + name if re.match(r'[0-9.+\-]', name) else name)[:200]


def _number(value: Any) -> float:
    return float(value)  # "nan", "inf" too


def _dates(seconds: np.ndarray) -> Tuple[np.ndarray, Dict[str, Any]]:
    """Seconds since 1970 as CF has them: whole numbers keep dates exact."""
    attrs = {'standard_name': 'time', 'units': 'seconds since 1970-01-01', 'calendar': 'proleptic_gregorian'}
    if not (np.abs(seconds) < 9e11).all():  # not a date, or none that numpy could hold
        return seconds, attrs
    if (seconds == np.floor(seconds)).all():
        return seconds.astype(np.int64), attrs
    return np.round(seconds * 1e6).astype(np.int64), {**attrs, 'units': 'microseconds since 1970-01-01'}


def _coordinate_values(facts: Mapping[str, Any], size: int) -> Optional[np.ndarray]:
    if facts['kind'] == 'regular':
        return _number(facts['start']) + np.arange(size, dtype=np.float64) * _number(facts['step'])
    if facts['kind'] == 'values':
        return np.array([_number(value) for value in facts['values']], np.float64)
    return None


class _Description:
    """Variables, coordinates and attributes of one node, from what the engine says of it."""

    def __init__(self, place: Place, node: Mapping[str, Any], state: str, most_bytes: int):
        self.place, self.state, self.most_bytes = place, state, most_bytes
        self.id: str = node['id']
        self.array: Mapping[str, Any] = node['array']
        self.dims: List[str] = self.array['dims']
        self.shape: List[int] = self.array['shape']
        self.sizes = dict(zip(self.dims, self.shape))
        self.coords: Dict[str, Variable] = {}
        self._add_dims()
        self._add_auxiliary()
        self._add_grid()
        self.name = self._free_name(_identifier(self.array['variable'].rsplit('/', 1)[-1]) or 'data')

    def _free_name(self, name: str) -> str:
        return name + '_data' if name in self.coords or name in self.dims else name

    def variable(self) -> Variable:
        array = self.array
        dtype = np.dtype(array['dtype'])
        attrs = {key: value for key, value in array['attributes'].items() if key not in _DECODED}
        if array['unit'] and 'units' not in attrs:
            attrs['units'] = array['unit']
        if array['nodata'] is not None and dtype.kind != 'c':
            attrs['_FillValue'] = dtype.type(_number(array['nodata']))
        if array.get('scale'):
            attrs.update(scale_factor=_number(array['scale']['factor']), add_offset=_number(array['scale']['offset']))
        chunk = array.get('chunk_shape') or array['block_shape'] or None
        if not chunk or len(chunk) != len(self.dims):
            chunk = self.shape
        data = EngineArray(self.place, self.id, self.state, self.dims, self.shape, dtype, chunk, self.most_bytes)
        encoding: Dict[str, Any] = {'dtype': dtype, 'preferred_chunks': dict(zip(self.dims, chunk))}
        if array['geotransform']:
            encoding['grid_mapping'] = 'spatial_ref'
        return Variable(self.dims, indexing.LazilyIndexedArray(data), attrs, encoding)

    def _add_dims(self) -> None:
        spatial = self.array['spatial_dims'] or []
        for dim, size in self.sizes.items():
            facts = self.array['coordinates'][dim]
            values = _coordinate_values(facts, size)
            labels = facts.get('labels') or []
            for name, numbers in (facts.get('beside') or {}).items():
                unit = {'fwhm': facts['unit'], 'scale': self.array['unit'], 'offset': self.array['unit']}.get(name, '1')
                key = name if name not in self.sizes and name not in self.coords else f'{dim}_{name}'
                self.coords[key] = Variable((dim,), np.array([_number(one) for one in numbers]), {'units': unit} if unit else {})
            if labels and facts['is_named'] and facts['unit'] != 'datetime':
                self.coords[dim] = Variable((dim,), np.array(labels, dtype=object))
                continue
            if labels and facts['unit'] != 'datetime':
                self.coords[f'{dim}_name'] = Variable((dim,), np.array(labels, dtype=object))
            if values is not None:
                self.coords[dim] = self._coordinate((dim,), values, facts, is_spatial=dim in spatial, is_x=dim == (spatial or [None])[-1])

    def _coordinate(self, dims: Tuple[str, ...], values: np.ndarray, facts: Mapping[str, Any], is_spatial: bool = False,
                    is_x: bool = False) -> Variable:
        said = dict(facts.get('attributes') or {})
        if facts['unit'] == 'datetime':
            numbers, attrs = _dates(values)
            return Variable(dims, numbers, {**said, **attrs})
        attrs = self._spatial_attributes(is_x) if is_spatial else {}
        if facts['unit'] and 'units' not in attrs and not is_spatial:
            attrs['units'] = facts['unit']
        if facts['unit'] == 'nm':
            attrs.update(standard_name='radiation_wavelength', long_name='wavelength')
        if facts.get('calendar'):
            attrs['calendar'] = facts['calendar']
        is_whole = bool(np.isfinite(values).all() and (values == np.floor(values)).all())
        if dims == ('band',) and is_whole:
            values = values.astype(np.int64)
        elif not is_spatial:
            values = values.astype(np.dtype(facts['dtype']))
        return Variable(dims, values, {**said, **attrs})

    def _spatial_attributes(self, is_x: bool) -> Dict[str, Any]:
        axis = {'axis': 'X' if is_x else 'Y'}
        if not self.array.get('crs_wkt'):
            return {**axis, 'long_name': 'column' if is_x else 'row'}
        if self.array['is_geographic']:
            name = 'longitude' if is_x else 'latitude'
            return {**axis, 'standard_name': name, 'long_name': name, 'units': 'degrees_east' if is_x else 'degrees_north'}
        letter = 'x' if is_x else 'y'
        unit = self.array['crs_unit']
        return {**axis, 'standard_name': f'projection_{letter}_coordinate', 'long_name': f'{letter} coordinate of projection',
                'units': 'm' if unit == 'metre' else _identifier(unit)}

    def _add_auxiliary(self) -> None:
        for name, facts in self.array['auxiliary'].items():
            key = _identifier(name)
            while key in self.coords or key in self.sizes and facts['dims'] != [key]:
                key += '_'
            dims = tuple(facts['dims'])
            shape = [self.sizes[dim] for dim in dims]
            if facts['kind'] == 'array':
                values: Optional[np.ndarray] = read_coordinate(self.place, self.id, self.state, name, shape)
            else:
                values = _coordinate_values(facts, int(np.prod(shape, dtype=np.int64)))
            if values is not None:
                self.coords[key] = self._coordinate(dims, values.reshape(shape), facts)
            elif facts.get('labels'):
                self.coords[key] = Variable(dims, np.array(facts['labels'], dtype=object).reshape(shape))

    def _add_grid(self) -> None:
        if not self.array['geotransform']:
            return
        attrs: Dict[str, Any] = {}
        wkt = self.array.get('crs_wkt')
        if wkt:
            try:
                import pyproj
                attrs.update(pyproj.CRS.from_wkt(wkt).to_cf())
            except Exception:  # without pyproj, or for a CRS that CF has no words for, the WKT says it all
                pass
            attrs.update(crs_wkt=wkt, spatial_ref=wkt)
        attrs['GeoTransform'] = ' '.join(repr(float(number)) for number in self.array['geotransform'])
        self.coords['spatial_ref'] = Variable((), np.array(0), attrs)


class _Store(AbstractDataStore):
    """What xarray decodes: times, nodata and scales by its own rules and options."""

    def __init__(self, variables: Dict[str, Variable], attrs: Dict[str, Any]):
        self._variables, self._attrs = variables, attrs

    def get_variables(self):
        return self._variables

    def get_attrs(self):
        return self._attrs


def _same(a: Variable, b: Variable) -> bool:
    return a.dims == b.dims and a.shape == b.shape and bool(a.identical(b))


def _chosen(header: Mapping[str, Any], node: Optional[str]) -> List[Mapping[str, Any]]:
    """The nodes that become variables: the one named; of a chain the one before its output; of a raster every one."""
    nodes = header['nodes']
    by_id = {one['id']: one for one in nodes}
    is_file = header.get('is_file', False)
    if node is not None or not is_file:
        wanted = header['default']
        if wanted is None:
            raise error_from(header['error_of_default'])
        return [by_id[wanted]]
    working = [one for one in nodes if one['array']]
    if not working:
        raise error_from(nodes[0]['error'])
    first = by_id.get(header['default'], working[0])
    return [first, *(one for one in working if one is not first)]


def open_place(place: Place, *, node: Optional[str] = None, mask_and_scale: bool = True, decode_times: bool = True,
               concat_characters: bool = True, decode_coords: Any = True, drop_variables: Any = None, use_cftime: Optional[bool] = None,
               decode_timedelta: Optional[bool] = None) -> xr.Dataset:
    """The dataset of a place; see CubeloomBackendEntrypoint.open_dataset."""
    header = place.describe(node)
    most = max(1 << 20, min(_MOST_PIECE_BYTES, header['memory_budget_bytes'] // 4))
    variables: Dict[str, Variable] = {}
    coords: Dict[str, Variable] = {}
    sizes: Dict[str, int] = {}
    left_out: List[str] = []
    for facts in _chosen(header, node):
        one = _Description(place, facts, header['state'], most)
        fits = all(sizes.get(dim, size) == size for dim, size in one.sizes.items())
        fits = fits and all(name not in coords or _same(coords[name], value) for name, value in one.coords.items())
        if not fits or one.name in variables or one.name in coords:
            left_out.append(facts['id'])
            continue
        sizes.update(one.sizes)
        coords.update(one.coords)
        variables[one.name] = one.variable()
    if left_out:
        warnings.warn(f"left out, since their dims or coordinates differ from those of '{next(iter(variables))}': {', '.join(left_out)}; "
                      'open each by node=', stacklevel=3)
    attrs = {'title': header['title']} if header.get('title') else {}
    store = _Store({**variables, **coords}, attrs)
    dataset = StoreBackendEntrypoint().open_dataset(store, mask_and_scale=mask_and_scale, decode_times=decode_times,
                                                    concat_characters=concat_characters, decode_coords=decode_coords,
                                                    drop_variables=drop_variables, use_cftime=use_cftime,
                                                    decode_timedelta=decode_timedelta)
    return dataset.set_coords([name for name in coords if name in dataset.variables])


class CubeloomBackendEntrypoint(BackendEntrypoint):
    """xr.open_dataset(..., engine="cubeloom")."""

    description = 'Open chains of Cubeloom, and any raster it knows, lazily (needs cubeloom-cli)'
    open_dataset_parameters = ('filename_or_obj', 'mask_and_scale', 'decode_times', 'concat_characters', 'decode_coords', 'drop_variables',
                               'use_cftime', 'decode_timedelta', 'node')

    def open_dataset(self, filename_or_obj: Any, *, mask_and_scale: Optional[bool] = True, decode_times: bool = True,
                     concat_characters: bool = True, decode_coords: Any = True, drop_variables: Optional[Iterable[str]] = None,
                     use_cftime: Optional[bool] = None, decode_timedelta: Optional[bool] = None, node: Optional[str] = None) -> xr.Dataset:
        """A chain's node, or a raster's variables, as a dataset whose pixels are computed when they are read.

        filename_or_obj: a chain file (*.cubeloom), any file that the operation `open` knows, or a chain made by cubeloom.chain().
        node: of a chain the step whose array is meant (default: the one before the output); of a raster one of its variables (default:
        all). The rest is as xarray has it: nodata is masked and stored scales are applied unless mask_and_scale=False, and stand in the
        encoding; times become datetime64 where their calendar allows it.

        The CRS is the coordinate `spatial_ref`, as rioxarray writes it. Raises CubeloomError, with node, parameter and hint.
        """
        from .chains import Chain
        if isinstance(filename_or_obj, Chain):
            place, node = filename_or_obj.place(), node or filename_or_obj.node
        elif isinstance(filename_or_obj, Place):
            place = filename_or_obj
        elif isinstance(filename_or_obj, (str, os.PathLike)):
            place = Place(filename_or_obj)
        else:
            raise InvalidChainError(f'{type(filename_or_obj).__name__} is no path and no chain', hint='give a path, or a cubeloom.chain()')
        return open_place(place, node=node, mask_and_scale=True if mask_and_scale is None else mask_and_scale, decode_times=decode_times,
                          concat_characters=concat_characters, decode_coords=decode_coords, drop_variables=drop_variables,
                          use_cftime=use_cftime, decode_timedelta=decode_timedelta)

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Only chains: for rasters engine="cubeloom" is said."""
        return isinstance(filename_or_obj, (str, os.PathLike)) and os.fspath(filename_or_obj).endswith('.cubeloom')


XarrayBackend = CubeloomBackendEntrypoint
