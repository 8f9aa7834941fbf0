#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works on whole spectra, as numpy, scipy and scikit-learn do it: spectral_peers.py kmeans|pca|angle|savgol CUBE OUT."""
import re
import sys

import numpy as np

job, path, out = sys.argv[1:4]
header = open(path + '.hdr', encoding='utf-8').read()
lines, bands, samples = (int(re.search(rf'^{word}\s*=\s*(\d+)', header, re.M)[1]) for word in ('lines', 'bands', 'samples'))
cube = np.memmap(path, '<f4', 'r', shape=(lines, bands, samples))
if job in ('kmeans', 'pca'):
    spectra = np.ascontiguousarray(cube.transpose(0, 2, 1)).reshape(-1, bands)
    valid = (spectra != -9999).all(1)
    if not valid.all():
        spectra = spectra[valid]
if job == 'kmeans':
    from sklearn.cluster import KMeans
    result = KMeans(14, n_init=1, max_iter=10, init='random', algorithm='lloyd', random_state=0, tol=0).fit(spectra).labels_
elif job == 'pca':
    spectra -= spectra.mean(0, dtype='f8').astype('f4')
    result = spectra @ np.linalg.eigh((spectra.T @ spectra).astype('f8'))[1][:, :-4:-1].astype('f4')
elif job == 'angle':
    library = np.array(cube[300, :, 300:314]).T
    library /= np.linalg.norm(library, axis=1)[:, None]
    result = np.empty((14, lines, samples), 'f4')
    for y in range(lines):
        line = cube[y]
        result[:, y] = np.arccos(np.clip(library @ line / np.sqrt((line * line).sum(0)), -1, 1))
else:
    from scipy.signal import savgol_filter
    result = np.empty(cube.shape, 'f4')
    for y in range(0, lines, 20):
        result[y:y + 20] = savgol_filter(cube[y:y + 20], 11, 2, axis=1)
result.tofile(out)
