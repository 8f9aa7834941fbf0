#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes files in the layouts of products, small enough to be seen through, and facts.json: what netCDF4-python reads of their bands, and
what GDAL makes of the projections of HDF-EOS grids (importFromUSGS).

  make_products.py      in this folder, with Debian 12's python3-netcdf4, python3-h5py and python3-gdal
"""
import json
from pathlib import Path

import h5py
import netCDF4
import numpy as np
from osgeo import osr

HERE = Path(__file__).parent
FACTS = {}


def ramp(shape):
    return (np.arange(np.prod(shape)).reshape(shape) / 4).astype('f4')


def places(group, dims, shape, units):
    for name, unit in (('longitude', 'degrees_east'), ('latitude', 'degrees_north')):
        v = group.createVariable(name if units else name[:3], 'f4', dims)
        v[:] = ramp(shape)
        if units:
            v.units = unit


def pace_l2():
    """OCI level 2: bands of reflectance and all bands of the sensor, in a group of their own."""
    with netCDF4.Dataset(HERE / 'pace_l2.nc', 'w') as d:
        for name, size in (('number_of_lines', 3), ('pixels_per_line', 2), ('wavelength_3d', 4), ('number_of_bands', 6)):
            d.createDimension(name, size)
        bands = d.createGroup('sensor_band_parameters')
        for name, dim, values in (('wavelength', 'number_of_bands', [339, 400, 442, 555, 670, 895]),
                                  ('wavelength_3d', 'wavelength_3d', [400, 442, 555, 670])):
            v = bands.createVariable(name, 'i4', (dim,))
            v[:], v.units = values, 'nm'
        data = d.createGroup('geophysical_data')
        v = data.createVariable('Rrs', 'f4', ('number_of_lines', 'pixels_per_line', 'wavelength_3d'), fill_value=-32767)
        v[:] = ramp((3, 2, 4))
        places(d.createGroup('navigation_data'), ('number_of_lines', 'pixels_per_line'), (3, 2), True)
        FACTS['pace_l2.nc'] = {'Rrs': bands['wavelength_3d'][:].tolist()}


def pace_l1b():
    """OCI level 1B: two spectrometers of equally many bands, and single detectors with widths."""
    with netCDF4.Dataset(HERE / 'pace_l1b.nc', 'w') as d:
        for name, size in (('scans', 3), ('pixels', 2), ('blue_bands', 3), ('red_bands', 3), ('SWIR_bands', 2)):
            d.createDimension(name, size)
        bands = d.createGroup('sensor_band_parameters')
        for name, dim, values in (('blue_wavelength', 'blue_bands', [315, 400.5, 600]), ('red_wavelength', 'red_bands', [600.25, 700, 895]),
                                  ('SWIR_wavelength', 'SWIR_bands', [940, 2258]), ('SWIR_bandpass', 'SWIR_bands', [45, 75])):
            v = bands.createVariable(name, 'f4', (dim,))
            v[:], v.units = values, 'nm'
        places(d.createGroup('geolocation_data'), ('scans', 'pixels'), (3, 2), True)
        data = d.createGroup('observation_data')
        facts = FACTS['pace_l1b.nc'] = {}
        for part in ('blue', 'red', 'SWIR'):
            size = d.dimensions[part + '_bands'].size
            data.createVariable('rhot_' + part, 'f4', (part + '_bands', 'scans', 'pixels'))[:] = ramp((size, 3, 2))
            facts['rhot_' + part] = bands[part + '_wavelength'][:].tolist()


def spectra_by_name():
    """Wavelengths by their standard name alone, beside numbers of channels; dims of one name in two groups; wavenumbers."""
    with netCDF4.Dataset(HERE / 'spectra.nc', 'w') as d:
        for name, size in (('y', 2), ('x', 2), ('channel', 3), ('number', 2)):
            d.createDimension(name, size)
        d.createVariable('channel', 'i4', ('channel',))[:] = [1, 2, 5]
        v = d.createVariable('centre', 'f8', ('channel',))
        v[:], v.units, v.standard_name = [0.47, 0.555, 0.645], 'um', 'sensor_band_central_radiation_wavelength'
        v = d.createVariable('k', 'f8', ('number',))
        v[:], v.units, v.standard_name = [1000, 800], 'cm-1', 'sensor_band_central_radiation_wavenumber'
        v = d.createVariable('wavelength_uncertainty', 'f8', ('channel',))
        v[:], v.units = [1, 1, 1], 'nm'
        d.createVariable('rad', 'f4', ('channel', 'y', 'x'))[:] = ramp((3, 2, 2))
        d.createVariable('infrared', 'f4', ('number', 'y', 'x'))[:] = ramp((2, 2, 2))
        for name, values in (('vnir', [450, 550, 650]), ('swir', [1050, 1550, 2150])):
            group = d.createGroup(name)
            for dim, size in (('y', 2), ('x', 2), ('bands', 3)):
                group.createDimension(dim, size)
            v = group.createVariable('wavelength', 'f8', ('bands',))
            v[:], v.units = values, 'nm'
            group.createVariable('rad', 'f4', ('bands', 'y', 'x'))[:] = ramp((3, 2, 2))
        FACTS['spectra.nc'] = {'rad': [470, 555, 645], 'infrared': [10000, 12500], 'vnir/rad': d['vnir/wavelength'][:].tolist(),
                               'swir/rad': d['swir/wavelength'][:].tolist()}


def emit_bare():
    """EMIT's layout without any unit, the tables before the cube."""
    with netCDF4.Dataset(HERE / 'emit_bare.nc', 'w') as d:
        for name, size in (('downtrack', 3), ('crosstrack', 2), ('bands', 3), ('ortho_y', 4), ('ortho_x', 5)):
            d.createDimension(name, size)
        d.geotransform = np.array([-120, 0.0005, 0, 35, 0, -0.0005])
        wgs84 = osr.SpatialReference()
        wgs84.ImportFromEPSG(4326)
        d.spatial_ref = wgs84.ExportToWkt()
        location = d.createGroup('location')
        for name in ('glt_x', 'glt_y'):
            location.createVariable(name, 'i4', ('ortho_y', 'ortho_x'), fill_value=0)[:] = np.arange(20).reshape(4, 5) % 3
        for name in ('lon', 'lat'):
            location.createVariable(name, 'f8', ('downtrack', 'crosstrack'))[:] = ramp((3, 2))
        bands = d.createGroup('sensor_band_parameters')
        for name, values in (('wavelengths', [381, 1200, 2493]), ('fwhm', [8.5, 8.5, 8.75]), ('good_wavelengths', [1, 0, 1])):
            bands.createVariable(name, 'f4', ('bands',))[:] = values
        data = d.createGroup('zz')
        data.createVariable('reflectance', 'f4', ('downtrack', 'crosstrack', 'bands'), fill_value=-9999)[:] = ramp((3, 2, 3))


def land_cover():
    """Classes in bytes that are unsigned, with numbers of flags in the type of the file and colours."""
    with netCDF4.Dataset(HERE / 'land_cover.nc', 'w') as d:
        for name, values in (('lat', [50.5, 49.5]), ('lon', [7.5, 8.5])):
            d.createDimension(name, 2)
            v = d.createVariable(name, 'f8', (name,))
            v[:], v.units = values, 'degrees_' + ('north' if name == 'lat' else 'east')
        v = d.createVariable('lccs_class', 'i1', ('lat', 'lon'), fill_value=False)
        v.set_auto_maskandscale(False)
        setattr(v, '_Unsigned', 'true')
        v.flag_values = np.array([0, 10, 200, 220], 'u1').view('i1')
        v.flag_meanings = 'no_data cropland bare snow'
        v.flag_colors = '#000000 #ffff64 #fff5d7 #ffffff'
        v[:] = np.array([[0, 10], [200, 220]], 'u1').view('i1')


def dates():
    """A date that is missing, with bounds beside; dates as texts."""
    with netCDF4.Dataset(HERE / 'dates.nc', 'w') as d:
        for name, size in (('time', 3), ('lat', 2), ('lon', 2), ('nv', 2)):
            d.createDimension(name, size)
        for name, values in (('lat', [50.5, 49.5]), ('lon', [7.5, 8.5])):
            v = d.createVariable(name, 'f8', (name,))
            v[:], v.units = values, 'degrees_' + ('north' if name == 'lat' else 'east')
        v = d.createVariable('time', 'f8', ('time',), fill_value=-999)
        v.units, v.bounds = 'days since 2000-01-01', 'time_bnds'
        v[:] = [15, -999, 75]
        d.createVariable('time_bnds', 'f8', ('time', 'nv'))[:] = [[0, 31], [31, 60], [60, 91]]
        d.createVariable('v', 'f4', ('time', 'lat', 'lon'))[:] = ramp((3, 2, 2))
        group = d.createGroup('texts')
        group.createDimension('time', 2)
        group.createDimension('length', 10)
        group.createVariable('time', 'S1', ('time', 'length'))[:] = netCDF4.stringtochar(np.array(['2001-01-31', '2001-02-28'], 'S10'))
        group.createVariable('w', 'f4', ('time', 'lat', 'lon'))[:] = ramp((2, 2, 2))


def usgs(code, zone, parameters, datum):
    crs = osr.SpatialReference()
    crs.ImportFromUSGS(code, zone, [float(p) for p in parameters] + [0.0] * (15 - len(parameters)), datum)
    return crs.ExportToProj4().replace('+ellps=WGS84', '+datum=WGS84')  # GDAL gives the ellipsoid, without its datum


def eos_grids():
    """Grids as VIIRS', AMSR's and SMAP's have them: their place stands in a text alone, their dims have no names."""
    side = 2 * np.pi * 6371007.181 / 36  # of a tile of MODIS' and VIIRS' sinusoidal grid
    tile = (-10 * side, 4 * side), (-9 * side, 3 * side)  # h08v05
    grids = {
        'Tile': (('YDim', 'XDim'), (6, 6), tile, 'SNSOID', [6371007.181], 16, 'SphereCode=-1'),
        'Cube': (('Bands', 'YDim', 'XDim'), (2, 6, 6), tile, 'SNSOID', [6371007.181], 16, 'GridOrigin=HE5_HDFE_GD_UL'),
        'Climate': (('YDim', 'XDim'), (3, 6), ((-180e6, 90e6), (180e6, -90e6)), 'GEO', [], None, 'PixelRegistration=HE5_HDFE_CENTER'),
        'Minutes': (('YDim', 'XDim'), (3, 2), ((-120003000, 40030000), (-119000000, 38060000)), 'GEO', [], None, 'SphereCode=12'),
        'North': (('YDim', 'XDim'), (2, 2), ((-9e6, 9e6), (9e6, -9e6)), 'LAMAZ', [6371228, 0, 0, 0, 0, 90e6], 11,
                  'GridOrigin=HE5_HDFE_GD_LL'),
        'Ice': (('XDim', 'YDim'), (2, 4), ((-3850000, 5850000), (3750000, -5350000)), 'PS',
                [6378273, 6356889.449, 0, 0, -45e6, 70e6], 6, 'SphereCode=-1'),
        'Zone': (('YDim', 'XDim'), (2, 2), ((300000, 4000000), (420000, 3880000)), 'UTM', [], 1, 'ZoneCode=-23\n\t\tSphereCode=12'),
        'Conic': (('YDim', 'XDim'), (2, 2), ((0, 1000), (1000, 0)), 'ALBERS', [6378137, 6356752.314245, 29030000, 45030000, -96e6, 23e6],
                  3, 'SphereCode=-1'),
    }
    facts = FACTS['eos_grids.h5'] = {}
    text = 'GROUP=SwathStructure\nEND_GROUP=SwathStructure\nGROUP=GridStructure\n'
    with h5py.File(HERE / 'eos_grids.h5', 'w') as h:
        for number, (name, (dims, shape, (ul, lr), projection, parameters, code, more)) in enumerate(grids.items(), 1):
            rows, cols = shape[dims.index('YDim')], shape[dims.index('XDim')]
            parameters = parameters + [0] * (13 - len(parameters))
            text += (f'\tGROUP=GRID_{number}\n\t\tGridName="{name}"\n\t\tXDim={cols}\n\t\tYDim={rows}\n'
                     f'\t\tUpperLeftPointMtrs=({ul[0]:.6f},{ul[1]:.6f})\n\t\tLowerRightMtrs=({lr[0]:.6f},{lr[1]:.6f})\n'
                     f'\t\tProjection=HE5_GCTP_{projection}\n\t\tProjParams=({",".join(str(p) for p in parameters)})\n\t\t{more}\n'
                     f'\t\tGROUP=DataField\n\t\t\tOBJECT=DataField_1\n\t\t\t\tDataFieldName="field"\n'
                     f'\t\t\t\tDimList=({",".join(chr(34) + d + chr(34) for d in dims)})\n\t\t\t\tMaxdimList=({",".join(dims)})\n'
                     f'\t\t\tEND_OBJECT=DataField_1\n\t\tEND_GROUP=DataField\n\tEND_GROUP=GRID_{number}\n')
            h[f'HDFEOS/GRIDS/{name}/Data Fields/field'] = np.arange(np.prod(shape)).reshape(shape).astype('i2')
            if projection == 'GEO':  # DDDMMMSSS
                ul, lr = (tuple(np.sign(a) * (abs(a) // 1e6 + abs(a) % 1e6 // 1e3 / 60) for a in corner) for corner in (ul, lr))
            top, step = (lr[1], ul[1] - lr[1]) if 'GD_LL' in more else (ul[1], lr[1] - ul[1])
            facts[name] = {'dims': dims, 'geotransform': [ul[0], (lr[0] - ul[0]) / cols, 0, top, 0, step / rows],
                           'crs': usgs(code, -23 if code == 1 else 0, parameters, 12 if code == 1 else -1) if code else 'EPSG:4326'}
        text += 'END_GROUP=GridStructure\nGROUP=PointStructure\nEND_GROUP=PointStructure\nEND\n'
        h['HDFEOS INFORMATION/StructMetadata.0'] = np.array(text.encode(), dtype='S8000')


def neon():
    """NEON's airborne reflectance: no names of dims, the grid in the words of an ENVI header."""
    cube = np.arange(3 * 2 * 4, dtype='i2').reshape(3, 2, 4)
    with h5py.File(HERE / 'neon.h5', 'w') as h:
        data = h.create_dataset('SITE/Reflectance/Reflectance_Data', data=cube)
        data.attrs['Scale_Factor'], data.attrs['Data_Ignore_Value'] = 10000.0, -9999.0
        spectral = h.create_group('SITE/Reflectance/Metadata/Spectral_Data')
        spectral['Wavelength'], spectral['FWHM'] = [383.5, 500, 1000.25, 2512], [5.0, 5, 6, 7]
        spectral['Wavelength'].attrs['Units'] = 'nanometers'
        place = h.create_group('SITE/Reflectance/Metadata/Coordinate_System')
        place['Map_Info'] = ('UTM,  1.000,  1.000,       257000.00,       4112000.0,       2.0000000,       1.0000000,  11,  North,  WGS-84,'
                             '  units=Meters, 0')
        place['EPSG Code'] = '32611'
        h['SITE/Reflectance/Metadata/Ancillary_Imagery/Path_Length'] = ramp((3, 2))


def prisma_l1():
    """PRISMA in the geometry of its sensor: a cube and the place of each pixel, by sizes alone; lines and samples are equally many."""
    with h5py.File(HERE / 'prisma_l1.he5', 'w') as h:
        h.attrs['Product_ID'] = np.bytes_('PRS_L1_STD')
        swath = h.create_group('HDFEOS/SWATHS/PRS_L1_HCO')
        for part, first in (('Vnir', 400), ('Swir', 1000)):
            h.attrs[f'List_Cw_{part}'] = np.array([first + 20, first + 10], dtype='f4')
            h.attrs[f'List_Fwhm_{part}'] = np.array([9, 10], dtype='f4')
            h.attrs[f'ScaleFactor_{part}'], h.attrs[f'Offset_{part}'] = np.float32(100), np.float32(2)
            swath[f'Data Fields/{part.upper()}_Cube'] = np.arange(18, dtype='u2').reshape(3, 2, 3)
            for number, name in enumerate(('Latitude', 'Longitude')):
                swath[f'Geolocation Fields/{name}_{part.upper()}'] = ramp((3, 3)) + number * 10


def viirs_l2():
    """Ocean colour: the places are at control points, one for each pixel, along a dim of their own."""
    with netCDF4.Dataset(HERE / 'viirs_l2.nc', 'w') as d:
        for name, size in (('number_of_lines', 3), ('pixels_per_line', 2), ('pixel_control_points', 2)):
            d.createDimension(name, size)
        v = d.createGroup('geophysical_data').createVariable('Rrs_443', 'i2', ('number_of_lines', 'pixels_per_line'), fill_value=-32767)
        v.scale_factor, v.add_offset, v.units = 2e-6, 0.05, 'sr^-1'
        v[:] = 0.05
        places(d.createGroup('navigation_data'), ('number_of_lines', 'pixel_control_points'), (3, 2), True)


def swath_in_time():
    """TROPOMI: one time before lines and pixels, in the places as well. NEMO: places by its names alone."""
    with netCDF4.Dataset(HERE / 'swath_in_time.nc', 'w') as d:
        for name, size in (('time', 1), ('scanline', 3), ('ground_pixel', 2)):
            d.createDimension(name, size)
        product = d.createGroup('PRODUCT')
        places(product, ('time', 'scanline', 'ground_pixel'), (1, 3, 2), True)
        product.createVariable('methane', 'f4', ('time', 'scanline', 'ground_pixel'), fill_value=-1)[:] = ramp((1, 3, 2))
        ocean = d.createGroup('ocean')
        for name, size in (('y_grid', 3), ('x_grid', 2)):
            ocean.createDimension(name, size)
        for name in ('nav_lon', 'nav_lat', 'votemper'):
            ocean.createVariable(name, 'f4', ('y_grid', 'x_grid'))[:] = ramp((3, 2))


def bounds():
    """Bounds lie before the array that they are of: of time, of climatological months, and corners of the cells of a curvilinear grid."""
    with netCDF4.Dataset(HERE / 'bounds.nc', 'w') as d:
        for name, size in (('time', 2), ('j', 3), ('i', 2), ('bnds', 2), ('vertices', 4)):
            d.createDimension(name, size)
        for name in ('lat_vertices', 'lon_vertices'):
            d.createVariable(name, 'f4', ('j', 'i', 'vertices'))[:] = ramp((3, 2, 4))
        d.createVariable('spans', 'i4', ('time', 'bnds'))[:] = [[0, 31], [31, 59]]
        time = d.createVariable('time', 'i4', ('time',))
        time[:], time.units, time.climatology = [15, 45], 'days since 2001-01-01', 'spans'
        for name, unit, ends in (('lat', 'degrees_north', 'lat_vertices'), ('lon', 'degrees_east', 'lon_vertices')):
            v = d.createVariable(name, 'f4', ('j', 'i'))
            v[:], v.units, v.bounds = ramp((3, 2)), unit, ends
        d.createVariable('tos', 'f4', ('time', 'j', 'i'), fill_value=-1)[:] = ramp((2, 3, 2))


if __name__ == '__main__':
    for make in (pace_l2, pace_l1b, spectra_by_name, emit_bare, land_cover, dates, eos_grids, neon, prisma_l1, viirs_l2, swath_in_time,
                 bounds):
        make()
    (HERE / 'facts.json').write_text(json.dumps(FACTS, indent=1) + '\n')
