#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics and histogram of every band of a BIL float32 cube, as one writes them with numpy.

  numpy_statistics.py CUBE OUT     CUBE: as cubeloom-sample makes it, named ..._LINESxSAMPLESxBANDS
"""
import sys

import numpy as np

lines, samples, bands = (int(word) for word in sys.argv[1].rsplit('_', 1)[1].split('x'))
cube = np.memmap(sys.argv[1], 'f4', 'r', shape=(lines, bands, samples))
rows = []
for band in range(bands):
    values = cube[:, band]
    values = values[values != -9999]
    rows.append([values.size, values.min(), values.max(), values.mean(dtype='f8'), values.std(dtype='f8'), *np.histogram(values, 256, (0, 1))[0]])
np.array(rows, 'f4').tofile(sys.argv[2])
