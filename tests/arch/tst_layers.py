#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that layers.py finds what it is for: every rule is broken once in a small tree."""
import tempfile
import unittest
from pathlib import Path

from layers import MAX_LINES, violations

SPDX = '// SPDX-License-Identifier: GPL-3.0-or-later\n'


class Layers(unittest.TestCase):
    def check(self, files, expected):
        """`files`: path -> text after the SPDX line; `expected`: None, or (path, part of the message) of the only violation."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {'engine/base/ok.h': '', **files}.items():
                target = Path(root, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(SPDX + text, encoding='utf-8')
            found = violations(root)
        if expected is None:
            self.assertEqual(found, [])
        else:
            self.assertEqual(len(found), 1, found)
            self.assertTrue(found[0].startswith(expected[0] + ':'), found)
            self.assertIn(expected[1], found[0])

    def include(self, path, *targets):
        return {path: ''.join(f'#include {t}\n' for t in targets)}

    def test_what_is_allowed(self):
        self.check({**self.include('engine/geo/crs.cpp', '<proj.h>', '"engine/geo/crs.h"', '"engine/base/ok.h"'),
                    **self.include('engine/io/gdal/module/open_file.cpp', '<gdal.h>', '<cpl_conv.h>', '"engine/io/gdal/gdal_service.h"'),
                    **self.include('engine/run/arena.cpp', '<tbb/task_arena.h>', '"engine/plan/plan.h"'),
                    **self.include('ui/charts/plot.cpp', '<qcustomplot.h>', '<QWidget>', '"engine/run/run.h"', '"moc_plot.cpp"'),
                    **self.include('app/desktop/main.cpp', '<QApplication>', '"ui/window/main_window.h"', '"engine/io/provider.h"'),
                    **self.include('engine/ops/math/calc.cpp', '"engine/ops/expression.h"', '"engine/op/operation.h"'),
                    **self.include('tests/engine/geo/tst_crs.cpp', '<QtTest>', '<proj.h>', '"engine/geo/crs.h"')}, None)

    def test_an_engine_layer_knows_only_what_lies_below(self):
        for path, target in [('engine/base/text.cpp', 'engine/geo/crs.h'), ('engine/geo/crs.h', 'engine/array/block.h'),
                             ('engine/op/param.cpp', 'engine/io/provider.h'), ('engine/io/sink.cpp', 'engine/op/param.h'),
                             ('engine/chain/chain.cpp', 'engine/plan/plan.h'), ('engine/plan/plan.cpp', 'engine/run/run.h'),
                             ('engine/run/run.cpp', 'engine/io/provider.h'), ('engine/run/run.cpp', 'ui/run/session.h'),
                             ('ui/map/view.cpp', 'engine/io/provider.h'), ('ui/map/view.cpp', 'engine/ops/register_operations.h')]:
            with self.subTest(path=path, target=target):
                self.check(self.include(path, f'"{target}"'), (path, target))

    def test_nothing_depends_on_programs_and_tests(self):
        self.check(self.include('ui/map/view.cpp', '"app/desktop/wiring.h"'), ('ui/map/view.cpp', 'nothing depends on app'))
        self.check(self.include('engine/geo/crs.cpp', '"tests/support/grid.h"'), ('engine/geo/crs.cpp', 'nothing depends on tests'))

    def test_the_command_line_knows_no_window(self):
        self.check(self.include('app/cli/main.cpp', '"ui/theme/theme.h"'), ('app/cli/main.cpp', 'only the desktop knows the window'))
        self.check(self.include('app/cli/main.cpp', '<QString>'), ('app/cli/main.cpp', 'Qt'))

    def test_an_operation_never_includes_another(self):
        self.check({**self.include('engine/ops/select/clip.cpp', '"engine/ops/scale.h"'), 'engine/ops/scale.h': '',
                    'engine/ops/scale.cpp': 'CUBELOOM_OPERATION(scale);\n'}, ('engine/ops/select/clip.cpp', 'never includes another'))

    def test_third_parties_stay_where_they_belong(self):
        for path, header, name in [('engine/geo/warp/warp.h', '<proj.h>', 'PROJ'), ('engine/array/block.cpp', '<gdal_priv.h>', 'GDAL'),
                                   ('ui/map/source.h', '<cpl_vsi.h>', 'GDAL'), ('engine/io/gdal/gdal_service.h', '<gdal.h>', 'GDAL'),
                                   ('engine/plan/plan.cpp', '<ogr_api.h>', 'GDAL'),
                                   ('engine/io/sink.cpp', '<tbb/task_group.h>', 'oneTBB'), ('engine/plan/run.h', '<oneapi/tbb.h>', 'oneTBB'),
                                   ('engine/op/param.cpp', '<QtCore/QString>', 'Qt'), ('engine/op/param.cpp', '<qglobal.h>', 'Qt'),
                                   ('ui/monitor/memory.cpp', '<qcustomplot.h>', 'QCustomPlot'),
                                   ('ui/run/plot.h', '"qcustomplot.h"', 'QCustomPlot')]:
            with self.subTest(path=path, header=header):
                self.check(self.include(path, header), (path, f'but {name} belongs'))

    def test_a_third_party_does_not_leave_its_folder_in_a_header(self):
        private = {**self.include('engine/io/hdf5/file.h', '<hdf5.h>'), **self.include('engine/io/netcdf/open.h', '"engine/io/hdf5/file.h"')}
        self.check({**private, **self.include('engine/io/netcdf/open.cpp', '"engine/io/netcdf/open.h"')}, None)
        self.check({**private, **self.include('app/cli/main.cpp', '"engine/io/netcdf/open.h"')}, ('app/cli/main.cpp', 'brings HDF5 along'))
        self.check({**self.include('ui/charts/plot.h', '<qcustomplot.h>'), **self.include('ui/monitor/view.cpp', '"ui/charts/plot.h"')},
                   ('ui/monitor/view.cpp', 'brings QCustomPlot along'))

    def test_a_room_knows_only_what_lies_below(self):
        for path, target in [('ui/words/run_text.cpp', 'ui/monitor/run_history.h'), ('ui/document/chain.cpp', 'ui/run/session.h'),
                             ('ui/run/bar.cpp', 'ui/steps/facts.h'), ('ui/outline/view.cpp', 'ui/canvas/list.h'),
                             ('ui/charts/plot.cpp', 'ui/document/document.h'), ('ui/map/view.cpp', 'ui/window/zones.h'),
                             ('engine/io/file/bytes.cpp', 'engine/io/zarr/store.h')]:
            with self.subTest(path=path, target=target):
                self.check(self.include(path, f'"{target}"'), (path, 'must not know'))
        self.check({**self.include('ui/window/zones.cpp', '"ui/map/view.h"'), **self.include('ui/outline/view.cpp', '"ui/steps/facts.h"')}, None)
        self.check(self.include('ui/attic/view.cpp', '"ui/theme/theme.h"'), ('ui/attic/view.cpp', 'unknown room'))

    def test_includes_start_at_the_root(self):
        self.check(self.include('engine/geo/crs.cpp', '"crs.h"'), ('engine/geo/crs.cpp', 'repository root'))
        self.check(self.include('engine/geo/crs.cpp', '"engine/base/ok.cpp"'), ('engine/geo/crs.cpp', 'includes the source'))

    def test_size_licence_and_name(self):
        self.check({'ui/map/view.cpp': '\n' * MAX_LINES}, ('ui/map/view.cpp', f'has {MAX_LINES + 1} lines'))
        self.check({'ui/map/view.cpp': '\n' * (MAX_LINES - 1)}, None)
        self.check({'ui/map/MapView.cpp': ''}, ('ui/map/MapView.cpp', 'snake_case'))
        self.check({'engine/secret/key.cpp': '#include "engine/base/ok.h"\n'}, ('engine/secret/key.cpp', 'unknown layer'))
        with tempfile.TemporaryDirectory() as root:
            Path(root, 'engine/base').mkdir(parents=True)
            Path(root, 'engine/base/bare.h').write_text('#pragma once\n', encoding='utf-8')
            self.assertEqual(violations(root), ['engine/base/bare.h: does not begin with the SPDX line'])

    def test_an_empty_folder_does_not_pass(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(len(violations(root)), 1)


if __name__ == '__main__':
    unittest.main()
