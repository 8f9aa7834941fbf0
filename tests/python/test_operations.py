# SPDX-License-Identifier: GPL-3.0-or-later
"""Of every operation: any indices give, bit for bit, the elements of the whole array."""
import warnings

import numpy as np
import pytest
from conftest import only

import cubeloom

OPERATIONS = {name: one for name, one in cubeloom.operations().items() if one['role'] == 'transform'}
# Across CRSs positions are interpolated in runs of neighbours.
ACROSS = {
    'bilinear': '! open {0} ! reproject crs=EPSG:4326 resampling=bilinear',
    'average': '! open {0} ! reproject crs=EPSG:32611 resolution=17 resampling=average',
    'then computed': '! open {0} ! reproject crs=EPSG:4326 resampling=cubic ! calc expression=x*2 ! transpose dims=x,wavelength,y',
    'mosaic': '! a= open {0} ! b= open {0} ! c= reproject [b] crs=EPSG:4326 resampling=bilinear ! mosaic [a] [c] resampling=bilinear',
    'sum': '! open {0} ! reproject crs=EPSG:4326 resampling=sum',
}


def indices(shape, random):
    """Per dim all, some with a step, a few in order, one, or a list with repetitions."""
    kinds = [lambda size: np.arange(size), lambda size: np.arange(size)[random.integers(size)::random.integers(1, 5)],
             lambda size: np.sort(random.choice(size, min(size, 6), replace=False)), lambda size: random.integers(size, size=1),
             lambda size: random.integers(size, size=5)]
    return [kinds[random.integers(len(kinds))](size) for size in shape]


def check(chain, times=8):
    random = np.random.default_rng(3)
    array = only(cubeloom.open_dataset(chain, mask_and_scale=False, cache=False))
    whole = array.values
    for _ in range(times):
        index = indices(whole.shape, random)
        part = array.isel(dict(zip(array.dims, index))).values
        assert part.tobytes() == whole[np.ix_(*index)].tobytes(), [one.tolist() for one in index]


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    import subprocess
    from pathlib import Path

    from conftest import CLI
    made = subprocess.run([str(Path(CLI).with_name('cubeloom-sample')), str(tmp_path_factory.mktemp('tiny')), '80x90x20'], check=True,
                          capture_output=True, text=True)
    return made.stdout.strip()


@pytest.mark.parametrize('name', OPERATIONS)
def test_its_example(name, tiny):
    operation = OPERATIONS[name]
    words = operation['example'].split(' ', 1)
    if operation['min_inputs'] == 1:
        chain = f"! open {tiny} ! {operation['example']}"
    else:
        chain = f"! a= open {tiny} ! b= open {tiny} ! {words[0]} [a] [b] {words[1] if len(words) > 1 else ''}"
    warnings.simplefilter('ignore')
    try:
        check(chain)
    except cubeloom.CubeloomError as error:  # an example for swaths, series, polygons or quality bands
        if isinstance(error, (cubeloom.InvalidChainError, cubeloom.OpenError)):
            pytest.skip(str(error))
        raise


@pytest.mark.parametrize('name', ACROSS)
def test_across_crss(name, tiny):
    check(ACROSS[name].format(tiny), times=20)
