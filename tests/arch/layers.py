#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what the compiler does not: who may include whom, and that no file outgrows its idea.

  layers.py PROJECT      prints one line per violation; exit status 1 if there is one

The rules are those of resources/docs/architecture.md. Only the text of #include lines is read: no build is needed.
"""
import re
import sys
from pathlib import Path

MAX_LINES = 600

# Layer -> layers it may include besides itself. A layer is engine/<name>, ui or app.
_LOW = ['base', 'geo', 'array', 'access']
_CHAIN = _LOW + ['op', 'chain']
BELOW = {
    'base': [],
    'geo': ['base'],
    'array': ['base', 'geo'],
    'access': ['base', 'geo', 'array'],
    'io': _LOW,
    'op': _LOW,
    'ops': _LOW + ['op'],
    'chain': _LOW + ['op'],
    'walk': _CHAIN,
    'preview': _CHAIN + ['walk'],
    'plan': _CHAIN + ['walk'],
    'run': _CHAIN + ['walk', 'plan'],
    'serve': _CHAIN + ['walk', 'plan', 'run'],
    'cluster': _CHAIN + ['walk', 'plan', 'run'],
    'export': _CHAIN,
    'ui': _CHAIN + ['walk', 'preview', 'plan', 'run', 'cluster', 'export'],
}

_UI_LOW = ['theme', 'async', 'words']
_ZONES = ['canvas', 'outline', 'code', 'browser', 'inspector', 'map', 'cluster']
# Rooms of a layer -> rooms of it that they may include. '' is the layer's own folder; what is not listed here may be included by every room.
ROOMS = {
    'engine/geo': {'': [], 'warp': ['']},
    'engine/op': {
        '': ['reduce', 'view', 'expression'],
        'family': ['', 'view', 'reduce', 'product'],
        'reduce': ['', 'view'],
        'view': [''],
        'expression': [''],
        'knowledge': [],
        'product': [],  # matrix products, and no more
    },
    'engine/io': {
        '': ['file', 'source', 'sink', 'gdal', 'envi', 'netcdf', 'zarr', 'tiff', 'stack', 'hdf5', 'table', 'sample'],  # the table of formats
        'file': [],
        'source': ['file'],
        'sink': ['file', 'source'],
        'cf': ['file', 'source'],
        'gdal': ['file', 'source', 'sink'],
        'gdal/module': ['gdal'],  # a library of its own: the values of its requests, no more
        'hdf5': ['file', 'source'],
        'envi': ['file', 'source', 'sink', 'gdal'],
        'netcdf': ['file', 'source', 'sink', 'cf', 'hdf5'],
        'zarr': ['file', 'source', 'sink', 'cf'],
        'tiff': ['file', 'source', 'sink', 'gdal'],
        'stack': ['file', 'source', 'cf', 'gdal'],
        'table': ['file', 'source', 'sink', 'gdal'],
        'catalog': ['', 'file', 'source', 'stack', 'gdal'],  # asks the table what lies at a place
        'sample': ['file', 'source', 'sink'],
    },
    'ui': {
        **{room: [] for room in _UI_LOW},
        'charts': ['theme', 'words'],
        'document': _UI_LOW,
        'run': [*_UI_LOW, 'document'],
        'steps': [*_UI_LOW, 'document', 'run'],  # what the zones share of a step
        'guide': _UI_LOW,
        'table': [*_UI_LOW, 'charts'],  # the part of the map's zone that shows what has no picture
        **{zone: [*_UI_LOW, 'document', 'run', 'steps'] for zone in _ZONES},
        'map': [*_UI_LOW, 'document', 'run', 'steps', 'table'],
        'monitor': [*_UI_LOW, 'charts', 'document', 'run', 'steps'],
        'window': [*_UI_LOW, 'document', 'run', 'steps', *_ZONES, 'monitor', 'guide'],
    },
}

# Third party -> (its headers, the only files that may include them). A header among those files must not be seen from another folder.
CONFINED = {
    'Qt': (re.compile(r'<Q|<q[a-z0-9_]+\.h>|<Qt'), re.compile(r'^(ui|app/desktop|tests)/')),
    'GDAL': (re.compile(r'<(gdal|ogr|cpl_|vrtdataset|rawdataset)'), re.compile(r'^(engine/io/gdal/module|tests)/')),
    'HDF5': (re.compile(r'<(hdf5|netcdf)\.h>'), re.compile(r'^(engine/io|tests)/')),
    'PROJ': (re.compile(r'<(proj|geodesic|proj_experimental)\.h>|<proj/'), re.compile(r'^(engine/geo/crs|tests/)')),
    'oneTBB': (re.compile(r'<(tbb|oneapi)/'), re.compile(r'^engine/run/')),
    'Eigen': (re.compile(r'<Eigen/'), re.compile(r'^engine/op/family/')),
    'QCustomPlot': (re.compile(r'[<"]qcustomplot\.h'), re.compile(r'^ui/charts/')),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])', re.M)
OWN_ROOTS = ('engine/', 'ui/', 'app/', 'tests/')
GENERATED = re.compile(r'^"(moc_\w+\.cpp|\w+\.moc)"$')
SNAKE_CASE = re.compile(r'^[a-z][a-z0-9_]*$')
OPERATION = re.compile(r'^CUBELOOM_OPERATION\(', re.M)
CODE = {'.cpp', '.h'}
COUNTED = CODE | {'.py', '.sh', '.cmake'}


def layer_of(path):
    """'engine/geo/crs.h' -> 'geo'; 'ui/map/map_view.h' -> 'ui'; 'app/cli/main.cpp' -> 'app'."""
    parts = path.split('/')
    return parts[1] if parts[0] == 'engine' and len(parts) > 2 else parts[0]


def home(path):
    """Where a confined third party may be seen: a layer of the engine, else the folder."""
    return f'engine/{layer_of(path)}' if path.startswith('engine/') else Path(path).parent.as_posix()


class Project:
    """The files of the project and what each of them says."""

    def __init__(self, root):
        self.text = {}
        for top in ('engine', 'ui', 'app', 'tests', 'packaging', 'resources'):
            for path in sorted((root / top).rglob('*')):
                relative = path.relative_to(root).as_posix()
                if path.is_file() and (path.suffix in COUNTED or path.name == 'CMakeLists.txt') and '/data/' not in relative:
                    self.text[relative] = path.read_text(encoding='utf-8', errors='replace')

    def brought_in(self, header):
        """The confined third parties that including `header` brings along, at any depth."""
        seen, todo, found = set(), [header], set()
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            for include in INCLUDE.findall(self.text.get(path, '')):
                found |= {name for name, (headers, _) in CONFINED.items() if name != 'Qt' and headers.search(include)}
                todo.append(include.strip('"<>'))
        return found

    def is_operation(self, stem):
        return any(OPERATION.search(text) for path, text in self.text.items() if path.startswith('engine/ops/') and Path(path).stem == stem)


def confined(path, include):
    for name, (headers, allowed) in CONFINED.items():
        if headers.search(include) and not allowed.search(path):
            yield f'includes {include}, but {name} belongs only to {allowed.pattern}'


def own_include(project, path, target):
    """Violations of including the project's own header `target` in `path`."""
    layer, other = layer_of(path), layer_of(target)
    if layer == 'tests':
        return
    if other in ('app', 'tests') and layer != other:
        yield f'includes {target}: nothing depends on {other}'
    elif layer == 'app':
        if not path.startswith('app/desktop/') and other == 'ui':
            yield f'includes {target}: only the desktop knows the window'
    elif layer not in BELOW:
        yield f'lies in the unknown layer "{layer}"; add it to BELOW on purpose'
    elif other != layer and other not in BELOW[layer]:
        yield f'includes {target}: {layer} must not know {other} (only: {", ".join(BELOW[layer]) or "nothing"})'
    elif layer == other == 'ops' and Path(target).stem != Path(path).stem and project.is_operation(Path(target).stem):
        yield f'includes {target}: an operation never includes another operation'
    yield from room_order(path, target)
    if home(target) != home(path):
        for name in sorted(project.brought_in(target)):
            yield f'includes {target}, which brings {name} along: keep that header inside {home(target)}'


def room_order(path, target):
    """Violations of the order of rooms inside one layer."""
    for layer, rooms in ROOMS.items():
        if not (path.startswith(layer + '/') and target.startswith(layer + '/')):
            continue
        room, other = (Path(p).parent.relative_to(layer).as_posix().removeprefix('.') for p in (path, target))
        if room == other:
            continue
        if room not in rooms:
            yield f'lies in the unknown room {layer}/{room}; add it to ROOMS on purpose'
        elif other not in rooms[room]:
            yield f'includes {target}: {layer}/{room} must not know {layer}/{other}'


def code_violations(project, path, text):
    if not SNAKE_CASE.match(Path(path).stem):
        yield 'is not named in snake_case'
    for include in INCLUDE.findall(text):
        yield from confined(path, include)
        if include.startswith('<') or GENERATED.match(include):
            continue
        target = include.strip('"')
        if target == 'qcustomplot.h':
            continue
        if not target.startswith(OWN_ROOTS):
            yield f'includes "{target}" not by its path from the repository root'
        elif target.endswith('.cpp'):
            yield f'includes the source {target}'
        else:
            yield from own_include(project, path, target)


def violations(root):
    """All violations under `root` as 'path: what', sorted by path."""
    project = Project(Path(root))
    found = []
    for path, text in project.text.items():
        lines = text.splitlines()
        if len(lines) > MAX_LINES:
            found.append(f'{path}: has {len(lines)} lines, more than {MAX_LINES}: split it by idea')
        if not any('SPDX-License-Identifier: GPL-3.0-or-later' in line for line in lines[:2]):
            found.append(f'{path}: does not begin with the SPDX line')
        if Path(path).suffix in CODE:
            found += [f'{path}: {what}' for what in code_violations(project, path, text)]
    if not project.text:
        found.append(f'{root}: no source found')
    return found


def main():
    found = violations(sys.argv[1])
    print('\n'.join(found) if found else 'layers: no violation')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
