#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the stores beside itself with zarr-python 2.13: what the reader is held against was written by others.

kinds.zarr holds one array of 5 x 7 pixels in chunks of 3 x 4 for each pixel type, byte order, codec and layout. Pixel (y, x) of all of them
is 10 * y + x + 3, of complex ones with the imaginary part -x. campaign.zarr is packed, dated and placed as CF has it, and not consolidated.
filters.zarr has the same pixels through numcodecs' filters and rarer compressors; where a filter loses something, `decoded` holds what
numcodecs itself makes of it. version3.zarr is put together here after the specification of Zarr version 3, since zarr-python 2 does not
write it: chunks encoded by numcodecs, shards and checksums by hand, metadata consolidated as zarr-python 3 does it; v3_groups.zarr is not
consolidated.
"""
import base64
import json
import shutil
import struct
from itertools import product
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


def filters():
    path = HERE / 'filters.zarr'
    shutil.rmtree(path, ignore_errors=True)
    group = zarr.open_group(str(path), mode='w')
    fso, quantize, astype = numcodecs.FixedScaleOffset, numcodecs.Quantize, numcodecs.AsType
    exact = {
        'bz2': ('<f4', [], numcodecs.BZ2(5)), 'xz': ('<i2', [], numcodecs.LZMA()), 'xz9': ('>f8', [], numcodecs.LZMA(preset=9)),
        'alone': ('<u4', [], numcodecs.LZMA(format=2)), 'crc32': ('<i4', [numcodecs.CRC32()], None),
        'adler32_zlib': ('<i4', [numcodecs.Adler32()], numcodecs.Zlib(1)), 'half': ('<f2', [], numcodecs.Zlib(1)), 'half_plain': ('>f2', [], None),
        'half_shuffled': ('<f2', [numcodecs.Shuffle(2)], numcodecs.Zstd(1)),
        'scaled_u2': ('<f4', [fso(offset=3, scale=10, dtype='<f4', astype='<u2')], numcodecs.Blosc('zstd', 3, 1)),
        'scaled_big': ('>f8', [fso(offset=1.5, scale=2.0, dtype='>f8', astype='>i4')], None),
        'quantized': ('<f8', [quantize(2, dtype='<f8', astype='<f4')], numcodecs.Zlib(1)),
        'quantized_half': ('<f4', [quantize(0, dtype='<f4', astype='<f2')], None),
        'cast': ('<i4', [astype(encode_dtype='<i2', decode_dtype='<i4')], None),
        'narrow_delta': ('<i4', [numcodecs.Delta('<i4', astype='<i1')], None), 'delta_big': ('>i2', [numcodecs.Delta('>i2')], None),
        'delta_float': ('<f8', [numcodecs.Delta('<f8')], numcodecs.BZ2(1)),
    }
    for name, (dtype, steps, compressor) in exact.items():
        group.array(name, pixels(dtype), chunks=CHUNKS, compressor=compressor, filters=steps or None, fill_value=None)
    bits = pixels('<i4') % 3 == 0
    group.array('bits', bits, chunks=CHUNKS, compressor=None, filters=[numcodecs.PackBits()], fill_value=None)
    # Values that the filter rounds: 0.1 of a float, divided again in the type that numpy takes.
    lossy = pixels('<f4') * np.float32(0.737)
    group.array('scaled_u1', lossy, chunks=CHUNKS, compressor=None, fill_value=None,
                filters=[fso(offset=-1.3, scale=3.7, dtype='<f4', astype='|u1')])
    group.array('scaled_f4', lossy, chunks=CHUNKS, compressor=None, fill_value=None,
                filters=[fso(offset=0.1, scale=3.7, dtype='<f4', astype='<f4')])
    group.array('scaled_to_whole', pixels('<i2'), chunks=CHUNKS, compressor=None, fill_value=None,
                filters=[fso(offset=1, scale=0.3, dtype='<i2', astype='|u1')])
    names = list(group.array_keys())
    for name in names:
        group[name].attrs['_ARRAY_DIMENSIONS'] = ['y', 'x']
    decoded = {name: group[name][:].astype('f8').ravel().tolist() for name in ('bits', 'scaled_u1', 'scaled_f4', 'scaled_to_whole')}
    (HERE / 'filters.json').write_text(json.dumps(decoded, indent=1) + '\n')


def crc32c(data):
    """RFC 3720, bit by bit."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


assert crc32c(b'123456789') == 0xE3069283


def with_crc32c(data):
    return data + struct.pack('<I', crc32c(data))


def encoded(values, codecs):
    """A chunk through codecs of version 3, as far as used here."""
    order = 'little'
    for codec in codecs:
        name, options = codec['name'], codec.get('configuration', {})
        if name == 'transpose':
            values = values.transpose(options['order'])
        elif name == 'bytes':
            order = options.get('endian', order)
            data = np.ascontiguousarray(values).astype(values.dtype.newbyteorder({'little': '<', 'big': '>'}[order])).tobytes()
        elif name == 'crc32c':
            data = with_crc32c(data)
        else:
            shuffle = {'noshuffle': 0, 'shuffle': 1, 'bitshuffle': 2}.get(options.get('shuffle'))
            made = {'zstd': lambda: numcodecs.Zstd(options['level']), 'gzip': lambda: numcodecs.GZip(options['level']),
                    'blosc': lambda: numcodecs.Blosc(options['cname'], options['clevel'], shuffle)}[name]()
            if name == 'blosc':
                data = np.frombuffer(data, dtype=f'u{options["typesize"]}')
            data = bytes(made.encode(data))
    return data


def chunk_of(values, chunk, place, fill):
    """Chunk `place`, filled up at the edges."""
    whole = np.full(chunk, fill, values.dtype)
    part = values[tuple(slice(p * c, (p + 1) * c) for p, c in zip(place, chunk))]
    whole[tuple(slice(0, n) for n in part.shape)] = part
    return whole


def counts(shape, chunk):
    return [range(-(-n // c)) for n, c in zip(shape, chunk)]


def shard_of(values, inner, codecs, at_end, index_endian, skipped):
    offset = 0 if at_end else 16 * int(np.prod([n // c for n, c in zip(values.shape, inner)])) + 4
    body, index = b'', []
    for number, place in enumerate(product(*counts(values.shape, inner))):
        if number in skipped:
            index.append((2**64 - 1, 2**64 - 1))
            continue
        data = encoded(chunk_of(values, inner, place, 0), codecs)
        index.append((offset + len(body), len(data)))
        body += data
    table = with_crc32c(np.array(index, 'u8').astype({'little': '<u8', 'big': '>u8'}[index_endian]).tobytes())
    return body + table if at_end else table + body


BYTES = {'name': 'bytes', 'configuration': {'endian': 'little'}}
BIG = {'name': 'bytes', 'configuration': {'endian': 'big'}}
CRC = {'name': 'crc32c'}
ZSTD = {'name': 'zstd', 'configuration': {'level': 3, 'checksum': False}}
GZIP = {'name': 'gzip', 'configuration': {'level': 5}}


def write_v3(root, name, values, data_type, codecs, fill=0, dims=('y', 'x'), keys=None, chunk=CHUNKS, attributes=None, skip=()):
    """One array; its zarr.json is also returned."""
    folder = root / name
    folder.mkdir(parents=True)
    keys = keys or {'name': 'default', 'configuration': {'separator': '/'}}
    meta = {'zarr_format': 3, 'node_type': 'array', 'shape': list(values.shape), 'data_type': data_type,
            'chunk_grid': {'name': 'regular', 'configuration': {'chunk_shape': list(chunk)}}, 'chunk_key_encoding': keys, 'fill_value': fill,
            'codecs': codecs, 'attributes': attributes or {}, 'dimension_names': list(dims), 'storage_transformers': []}
    (folder / 'zarr.json').write_text(json.dumps(meta, indent=1))
    separator = keys.get('configuration', {}).get('separator', '/' if keys['name'] == 'default' else '.')
    for place in product(*counts(values.shape, chunk)):
        if place in skip:
            continue
        parts = (['c'] if keys['name'] == 'default' else []) + [str(p) for p in place]
        file = folder / (separator.join(parts) or '0')
        file.parent.mkdir(parents=True, exist_ok=True)
        whole = chunk_of(values, chunk, place, 0)
        if codecs[0]['name'] == 'sharding_indexed':
            options = codecs[0]['configuration']
            file.write_bytes(shard_of(whole, options['chunk_shape'], options['codecs'], options.get('index_location', 'end') == 'end',
                                      options['index_codecs'][0]['configuration']['endian'], (3,) if 'holes' in name else ()))
        else:
            file.write_bytes(encoded(whole, codecs))
    return meta


def shards(inner, codecs, location='end', endian=BYTES):
    return [{'name': 'sharding_indexed', 'configuration': {'chunk_shape': list(inner), 'codecs': codecs, 'index_codecs': [endian, CRC],
                                                           'index_location': location}}]


def version3():
    root = HERE / 'version3.zarr'
    shutil.rmtree(root, ignore_errors=True)
    blosc = {'name': 'blosc', 'configuration': {'cname': 'lz4', 'clevel': 5, 'shuffle': 'shuffle', 'typesize': 2, 'blocksize': 0}}
    nodes = {
        'plain': write_v3(root, 'plain', pixels('<f4'), 'float32', [BYTES]),
        'big': write_v3(root, 'big', pixels('<f8'), 'float64', [BIG, GZIP]),
        'half': write_v3(root, 'half', pixels('<f2'), 'float16', [BYTES, ZSTD], fill='0x7e00'),
        'bytes': write_v3(root, 'bytes', pixels('u1'), 'uint8', [{'name': 'bytes'}, ZSTD]),
        'blosc': write_v3(root, 'blosc', pixels('<i2'), 'int16', [BYTES, blosc]),
        'summed': write_v3(root, 'summed', pixels('<i4'), 'int32', [BYTES, ZSTD, CRC]),
        'turned': write_v3(root, 'turned', pixels('<u4'), 'uint32', [{'name': 'transpose', 'configuration': {'order': [1, 0]}}, BYTES, ZSTD]),
        'dotted': write_v3(root, 'dotted', pixels('<u2'), 'uint16', [BYTES], keys={'name': 'v2', 'configuration': {'separator': '.'}}),
        'dots': write_v3(root, 'dots', pixels('<u2'), 'uint16', [BYTES], keys={'name': 'default', 'configuration': {'separator': '.'}}),
        'holes': write_v3(root, 'holes', pixels('<f4'), 'float32', [BYTES, ZSTD], fill='NaN', skip=((0, 1), (1, 0)),
                          attributes={'_FillValue': base64.b64encode(struct.pack('<d', np.nan)).decode()}),
        'minus': write_v3(root, 'minus', pixels('<f4'), 'float32', [BYTES], fill=0.0,
                          attributes={'_FillValue': base64.b64encode(struct.pack('<d', 54.0)).decode()}),
        'sharded': write_v3(root, 'sharded', pixels('<i2'), 'int16', shards((2, 2), [BYTES, ZSTD]), chunk=(4, 4)),
        'sharded_plain': write_v3(root, 'sharded_plain', pixels('<f4'), 'float32', shards((1, 4), [BYTES], 'start', BIG), chunk=(4, 8)),
        'sharded_holes': write_v3(root, 'sharded_holes', pixels('<i4'), 'int32',
                                  shards((2, 2), [{'name': 'transpose', 'configuration': {'order': [1, 0]}}, BYTES, CRC]), fill=-7, chunk=(4, 4)),
        'turned3': write_v3(root, 'turned3', np.arange(24, dtype='<i2').reshape(2, 3, 4), 'int16',
                            [{'name': 'transpose', 'configuration': {'order': [2, 0, 1]}}, BYTES], dims=('band', 'y', 'x'), chunk=(2, 2, 3)),
        'cube': write_v3(root, 'cube', np.arange(12, dtype='<i2').reshape(2, 2, 3) - 4, 'int16', [BYTES, ZSTD], dims=('time', 'lat', 'lon'),
                         chunk=(1, 2, 3), attributes={'scale_factor': 0.25, '_FillValue': -4, 'units': 'K'}),
    }
    for name, values, units in (('time', np.array([0, 36], '<i8'), 'hours since 2023-05-01'), ('lat', np.array([50.5, 49.5]), 'degrees_north'),
                                ('lon', np.array([7.0, 8.0, 9.0]), 'degrees_east')):
        nodes[name] = write_v3(root, name, values, {'i': 'int64', 'f': 'float64'}[values.dtype.kind], [BYTES, ZSTD], dims=(name,),
                               chunk=values.shape, attributes={'units': units})
    for name, codec in (('wavy', [{'name': 'wavelets'}, BYTES]), ('packed', [BYTES, {'name': 'numcodecs.pcodec', 'configuration': {}}])):
        nodes[name] = {**nodes['plain'], 'codecs': codec}
    (root / 'zarr.json').write_text(json.dumps({
        'zarr_format': 3, 'node_type': 'group', 'attributes': {'title': 'of version 3'},
        'consolidated_metadata': {'kind': 'inline', 'must_understand': False, 'metadata': nodes}}, indent=1))
    root = HERE / 'v3_groups.zarr'
    shutil.rmtree(root, ignore_errors=True)
    write_v3(root / 'north' / 'deep', 'a', pixels('<i2'), 'int16', [BYTES])
    for folder in (root, root / 'north', root / 'north' / 'deep'):
        (folder / 'zarr.json').write_text(json.dumps({'zarr_format': 3, 'node_type': 'group', 'attributes': {}}))


if __name__ == '__main__':
    kinds()
    campaign()
    filters()
    version3()
