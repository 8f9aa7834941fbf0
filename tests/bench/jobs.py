# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's jobs: what is run on which data, by whom.

{cube} ENVI BIL, {hdr} its header, {scene} a tiled GeoTIFF, {giants} cubes of 37 TiB, {out} output without suffix, {red} {nir} 1-based bands, {here} this folder.
Peers are measured as their users call them; `-plain` is the same kernel as ours with kernel=plain, `-wide` the widened one that gdalwarp takes by default.
"""
import subprocess
from pathlib import Path

OURS = '{cli} run --progress none --workers {workers} --report {out}.json !'
THREADS = '-multi -wo NUM_THREADS=ALL_CPUS -wm 500'
BAND_TIFF = '-co TILED=YES -co INTERLEAVE=BAND -co BLOCKXSIZE=256 -co BLOCKYSIZE=256 -co BIGTIFF=YES'

# The grid that gdalwarp takes for the scene by default: pixels of 12.3 m, while reproject keeps the source's 10 m.
SCENE_GRID = 'bounds=-13447980.998568743,4178458.202767553,-13309306.258889357,4317736.197262662 shape=11313,11264'

JOBS = {
    'nearest': {
        'floor': '{floor} nearest {cube} {out}',
        'gdalwarp': 'gdalwarp -q -tr 500 500 -tap -r near {cube} {out}.tif',
        'gdal_translate': 'gdal_translate -q -r nearest -tr 500 500 {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject resolution=500 resampling=nearest ! write {out}.tif'},
    'nearest-3310': {
        'gdalwarp': 'gdalwarp -q -t_srs EPSG:3310 -tr 500 500 -tap -r near {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject crs=EPSG:3310 resolution=500 resampling=nearest ! write {out}.tif'},
    'bilinear-4326-plain': {
        'gdalwarp': 'gdalwarp -q -t_srs EPSG:4326 -r bilinear -et 0 -wo XSCALE=1 -wo YSCALE=1 {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject crs=EPSG:4326 resampling=bilinear kernel=plain ! write {out}.tif'},
    'bilinear-4326-wide': {
        'gdalwarp': 'gdalwarp -q -t_srs EPSG:4326 -r bilinear {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject crs=EPSG:4326 resampling=bilinear ! write {out}.tif'},
    'cubic-4326-wide': {
        'gdalwarp': 'gdalwarp -q -t_srs EPSG:4326 -r cubic {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject crs=EPSG:4326 resampling=cubic ! write {out}.tif'},
    'bilinear-3310': {
        'gdalwarp': 'gdalwarp -q -t_srs EPSG:3310 -r bilinear {cube} {out}.tif',
        'gdalwarp-multi': f'gdalwarp -q -of ENVI -co INTERLEAVE=BIL {THREADS} -t_srs EPSG:3310 -r bilinear {{cube}} {{out}}',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject crs=EPSG:3310 resampling=bilinear ! write {out}.tif'},
    'average': {
        'floor': '{floor} average {cube} {out}',
        'gdalwarp': 'gdalwarp -q -tr 30 30 -tap -r average {cube} {out}.tif',
        'gdal_translate': 'gdal_translate -q -r average -tr 30 30 {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! reproject resolution=30 resampling=average ! write {out}.tif'},
    'one-chunk': {  # a PNG is written in one piece: its pixels are made by all workers together
        'gdalwarp': 'gdalwarp -q -of PNG -ot Byte -b 30 -t_srs EPSG:3310 -tr 1 1 -r lanczos {cube} {out}.png',
        'cubeloom': OURS + ' open {hdr} ! isel wavelength=29 ! reproject crs=EPSG:3310 resolution=1 resampling=lanczos ! astype dtype=uint8 nodata=0 ! write {out}.png'},
    'ndvi': {
        'floor': '{floor} ndvi {cube} {out}',
        'gdal_calc': 'gdal_calc.py --quiet -A {cube} --A_band={nir} -B {cube} --B_band={red} --calc=(A-B)/(A+B) --outfile={out}.tif',
        'cubeloom': OURS + ' open {hdr} ! calc expression=(b{nir}-b{red})/(b{nir}+b{red}) ! write {out}.tif'},
    'statistics': {
        'floor': '{floor} statistics {cube} {out}',
        'gdalinfo': 'gdalinfo --config GDAL_PAM_ENABLED NO -stats -hist {cube}',
        'numpy': 'python3 {here}/numpy_statistics.py {cube} {out}',
        'cubeloom': '{cli} run --progress none --workers {workers} --report {out}.json --set cube.path={hdr} --set statistics_file.path={out}.zarr '
                    '--set histogram_file.path={out}_histogram.zarr {here}/statistics.cubeloom'},
    'kmeans': {  # 14 clusters, 10 steps over all pixels
        'sklearn': 'python3 {here}/spectral_peers.py kmeans {cube} {out}',
        'cubeloom': OURS + ' open {hdr} ! kmeans clusters=14 n_init=1 sample=2000 passes=10 ! write {out}.tif'},
    'pca': {
        'numpy': 'python3 {here}/spectral_peers.py pca {cube} {out}',
        'cubeloom': OURS + ' open {hdr} ! pca components=3 ! write {out}.img'},
    'angle': {  # to 14 spectra of the cube itself
        'numpy': 'python3 {here}/spectral_peers.py angle {cube} {out}',
        'cubeloom': OURS + ' c= open {hdr} ! row= isel [c] y=300 x=300:314 ! library= rename [row] names=x:spectrum ! spectral_angle [c] [library] ! write {out}.tif'},
    'savgol': {
        'scipy': 'python3 {here}/spectral_peers.py savgol {cube} {out}',
        'cubeloom': OURS + ' open {hdr} ! smooth window=11 order=2 ! write {out}.img'},
    'bsq': {
        'floor': '{floor} bsq {cube} {out}',
        'gdal_translate': 'gdal_translate -q -of ENVI -co INTERLEAVE=BSQ {cube} {out}',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! write {out}.bsq format=ENVI'},
    'tiles': {
        'gdal_translate': f'gdal_translate -q {BAND_TIFF} -co COMPRESS=ZSTD -co PREDICTOR=3 -co NUM_THREADS=ALL_CPUS {{cube}} {{out}}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! write {out}.tif compress=zstd'},
    'cog': {
        'gdal_translate': 'gdal_translate -q -of COG -co COMPRESS=ZSTD -co PREDICTOR=YES -co NUM_THREADS=ALL_CPUS -co BIGTIFF=YES -co OVERVIEWS=NONE {cube} {out}.tif',
        'cubeloom': OURS + ' open {hdr} ! transpose dims=wavelength,y,x ! write {out}.tif format=COG compress=zstd overviews=none'},
    'mosaic': {
        'gdalwarp': f'gdalwarp -q -of COG -t_srs EPSG:3857 -r bilinear {THREADS} -co COMPRESS=DEFLATE -co PREDICTOR=YES -co NUM_THREADS=ALL_CPUS {{scene}} {{out}}.tif',
        'cubeloom': OURS + ' open {scene} ! reproject crs=EPSG:3857 ' + SCENE_GRID + ' resampling=bilinear fill=0 ! write {out}.tif format=COG compress=deflate'},
    'mosaic-flat': {
        'gdalwarp': f'gdalwarp -q -t_srs EPSG:3857 -r bilinear {THREADS} -co TILED=YES -co COMPRESS=DEFLATE -co PREDICTOR=2 -co NUM_THREADS=ALL_CPUS {{scene}} {{out}}.tif',
        'cubeloom': OURS + ' open {scene} ! reproject crs=EPSG:3857 ' + SCENE_GRID + ' resampling=bilinear fill=0 ! write {out}.tif compress=deflate'},
    'plan': {
        'cubeloom': '{cli} plan --json --memory 4GiB ! open {giants} ! reproject resolution=500 resampling=average ! write {out}.tif compress=zstd'},
    'start': {
        'gdalinfo': 'gdalinfo --version',
        'cubeloom': '{cli} --version'},
}


def make_scene(path: Path, side=10980):
    """A scene of a multispectral sensor: 4 bands uint16, smooth fields with noise in their last bits, tiles of 512 deflated. Done once."""
    if path.exists():
        return
    import numpy
    from osgeo import gdal, osr
    gdal.UseExceptions()
    raw, unfinished = path.with_suffix('.raw.tif'), path.with_suffix('.part.tif')
    dataset = gdal.GetDriverByName('GTiff').Create(str(raw), side, side, 4, gdal.GDT_UInt16, ['TILED=YES', 'BLOCKXSIZE=512', 'BLOCKYSIZE=512'])
    system = osr.SpatialReference()
    system.ImportFromEPSG(32610)
    dataset.SetProjection(system.ExportToWkt())
    dataset.SetGeoTransform((699960, 10, 0, 4000020, 0, -10))
    random = numpy.random.default_rng(7)
    x = numpy.arange(side)
    for first in range(0, side, 512):
        y = numpy.arange(first, min(first + 512, side))[:, None]
        for band in range(4):
            field = 1500 + 400 * band + 900 * numpy.sin(x / (310 + 40 * band)) * numpy.cos(y / 270) + 300 * numpy.sin((x + y) / 37)
            dataset.GetRasterBand(band + 1).WriteArray((field + random.normal(0, 25, field.shape)).astype('uint16'), 0, first)
    dataset = None
    subprocess.run(['gdal_translate', '-q', '-co', 'TILED=YES', '-co', 'BLOCKXSIZE=512', '-co', 'BLOCKYSIZE=512', '-co', 'COMPRESS=DEFLATE', '-co', 'PREDICTOR=2',
                    '-co', 'NUM_THREADS=ALL_CPUS', str(raw), str(unfinished)], check=True)
    raw.unlink()
    unfinished.rename(path)


def make_giants(folder: Path):
    """Three dates of 400,000 x 20,000 pixels x 425 bands that hold nothing and take no room: a million chunks for a plan to think about."""
    folder.mkdir(parents=True, exist_ok=True)
    for date in ('20220301', '20220302', '20220303'):
        with open(folder / f'ang{date}', 'wb') as cube:
            cube.truncate(400000 * 20000 * 425 * 4)
        (folder / f'ang{date}.hdr').write_text('''ENVI
samples = 20000
lines = 400000
bands = 425
header offset = 0
data type = 4
interleave = bil
byte order = 0
data ignore value = -9999
map info = {UTM, 1, 1, 717720, 3865865, 5, 5, 10, North, WGS-84}
''', encoding='ascii')
    return folder / 'ang*.hdr'
