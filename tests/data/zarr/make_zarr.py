#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes kinds.zarr and campaign.zarr beside itself with zarr-python 2.13: what the reader is held against was written by others.

kinds.zarr holds one array of 5 x 7 pixels in chunks of 3 x 4 for each pixel type, byte order, codec and layout. Pixel (y, x) of all of them
is 10 * y + x + 3, of complex ones with the imaginary part -x. campaign.zarr is packed, dated and placed as CF has it, and not consolidated.
"""
import shutil
from pathlib import Path

import numcodecs
import numpy as np
import zarr

HERE = Path(__file__).parent
SHAPE, CHUNKS = (5, 7), (3, 4)


def pixels(dtype):
    y, x = np.mgrid[0:SHAPE[0], 0:SHAPE[1]]
    values = 10 * y + x + 3
    if np.dtype(dtype).kind == 'c':
        values = values - 1j * x
    return values.astype(dtype)


def kinds():
    path = HERE / 'kinds.zarr'
    shutil.rmtree(path, ignore_errors=True)
    group = zarr.open_group(str(path), mode='w')
    blosc = numcodecs.Blosc
    arrays = {
        'u1_blosclz': ('|u1', blosc('blosclz', 5, 1)), 'i1_lz4': ('|i1', blosc('lz4', 5, 0)), 'u2_lz4hc': ('<u2', blosc('lz4hc', 5, 1)),
        'i2_zlib': ('>i2', blosc('zlib', 5, 2)), 'u4_zstd': ('>u4', blosc('zstd', 5, 2)), 'i4_snappy': ('<i4', blosc('snappy', 5, 1)),
        'u8_plainzstd': ('<u8', numcodecs.Zstd(3)), 'i8_plainzlib': ('>i8', numcodecs.Zlib(5)), 'f4_gzip': ('<f4', numcodecs.GZip(5)),
        'f4_plainlz4': ('>f4', numcodecs.LZ4()), 'f8_none': ('<f8', None), 'f8_swapped': ('>f8', None), 'c8_blosc': ('<c8', blosc('lz4', 5, 1)),
        'c16_none': ('>c16', None), 'bool': ('|b1', blosc('lz4', 5, 1)),
    }
    for name, (dtype, codec) in arrays.items():
        group.array(name, pixels(dtype), chunks=CHUNKS, compressor=codec, fill_value=None)
    group.array('fortran', pixels('<i2'), chunks=CHUNKS, compressor=blosc('lz4', 5, 1), order='F', fill_value=None)
    group.array('fortran_plain', pixels('>f4'), chunks=CHUNKS, compressor=None, order='F', fill_value=None)
    group.array('nested', pixels('<i2'), chunks=CHUNKS, compressor=None, dimension_separator='/', fill_value=None)
    group.array('filtered', pixels('<i4'), chunks=CHUNKS, compressor=None, fill_value=None,
                filters=[numcodecs.Delta('<i4'), numcodecs.Shuffle(4), numcodecs.Zlib(5)])
    for name, dtype, fill, codec in (('holes', '<i2', -9999, blosc('lz4', 5, 1)), ('holes_plain', '<f4', 'NaN', None)):
        array = group.create_dataset(name, shape=SHAPE, chunks=CHUNKS, dtype=dtype, fill_value=fill, compressor=codec, write_empty_chunks=True)
        array[0:3, 0:4] = pixels(dtype)[0:3, 0:4]
        array[3:5, 4:7] = pixels(dtype)[3:5, 4:7]
    group.array('sub/deeper', pixels('<u2'), chunks=CHUNKS, compressor=None, fill_value=None)
    group.array('scaled', pixels('<f4'), chunks=CHUNKS, compressor=None, fill_value=None,
                filters=[numcodecs.FixedScaleOffset(offset=0, scale=10, dtype='<f4', astype='<i2')])
    for name in list(group.array_keys()) + ['sub/deeper']:
        group[name].attrs['_ARRAY_DIMENSIONS'] = ['y', 'x']
    zarr.consolidate_metadata(str(path))


def campaign():
    path = HERE / 'campaign.zarr'
    shutil.rmtree(path, ignore_errors=True)
    group = zarr.open_group(str(path), mode='w')
    group.attrs['title'] = 'made for the tests'

    def coordinate(name, values, **attributes):
        group.array(name, values, compressor=None, fill_value=None).attrs.update({'_ARRAY_DIMENSIONS': [name], **attributes})

    coordinate('time', np.array([0, 12.5, 36], '<f8'), units='hours since 2022-02-24 06:00:00 +01:00', calendar='standard')
    coordinate('wavelength', np.array([0.45, 0.865], '<f8'), units='um')
    coordinate('northing', np.arange(4, dtype='<f8') * 30 + 4000015, standard_name='projection_y_coordinate', units='m')
    coordinate('easting', np.arange(5, dtype='<f8') * 30 + 500015, standard_name='projection_x_coordinate', units='m')
    for name, values, attributes in (('fwhm', np.array([0.02, 0.03]), {'units': 'um'}), ('good', np.array([1, 0], '|i1'), {}),
                                     ('wavelength_name', np.array(['blue', 'near-infrared é'], '<U20'), {})):
        group.array(name, values, compressor=None, fill_value=None).attrs.update({'_ARRAY_DIMENSIONS': ['wavelength'], **attributes})
    group.array('utm', np.int64(0), fill_value=None).attrs.update({'_ARRAY_DIMENSIONS': [], 'crs_wkt': 'EPSG:32610'})
    stored = np.arange(3 * 2 * 4 * 5, dtype='<i2').reshape(3, 2, 4, 5) * 7 - 300
    stored[1, 1, 2, 3] = -32768
    group.array('reflectance', stored, chunks=(1, 2, 3, 5), fill_value=-32768).attrs.update(
        {'_ARRAY_DIMENSIONS': ['time', 'wavelength', 'northing', 'easting'], 'grid_mapping': 'utm', 'units': '1', 'long_name': 'reflectance',
         'scale_factor': 1e-4})
    group.array('temperature', stored[:, 0], chunks=(3, 4, 5), fill_value=-32768).attrs.update(
        {'_ARRAY_DIMENSIONS': ['time', 'northing', 'easting'], 'grid_mapping': 'utm', 'units': 'K', 'scale_factor': 0.01, 'add_offset': 273.15})
    group.array('count', np.arange(20, dtype='|i1').reshape(4, 5) - 10, fill_value=-1).attrs.update(
        {'_ARRAY_DIMENSIONS': ['northing', 'easting'], 'grid_mapping': 'utm', '_Unsigned': 'true'})


if __name__ == '__main__':
    kinds()
    campaign()
