// SPDX-License-Identifier: GPL-3.0-or-later
// Swaths by the locations of their pixels, circles around field sites, spectral libraries and GeoPackages, against numpy, shapely, xarray
// and OGR.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestSwathsAndSites : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  QString at(const QString& name) const { return m_folder.filePath(name); }
  QByteArray failureOf(const QString& program, const QStringList& arguments, int code = 0) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(program, arguments);
    if (!process.waitForFinished(120000)) return "no answer";
    const QByteArray said = process.readAllStandardError() + process.readAllStandardOutput();
    return process.exitCode() == code ? QByteArray() : said + " exit code " + QByteArray::number(process.exitCode());
  }
  QByteArray python(const QString& code, const QStringList& arguments = {}) const {
    return failureOf("/usr/bin/python3", QStringList{"-W", "ignore", "-c", code} + arguments);
  }
  QByteArray run(const QString& pipeline, const QStringList& options = {}, int code = 0) const {
    return failureOf(CUBELOOM_CLI, QStringList{"run", "--progress", "none", "--overwrite"} + options + QStringList{pipeline}, code);
  }
  QByteArray content(const QString& name) const {
    QFile file(at(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

 private slots:
  /// A turned swath in swath.nc (radiance with bands, and a plane), its longitudes and latitudes as stored by swath missions; the same
  /// locations in metres as an ENVI IGM. Field sites, and a raster of counts on UTM and on degrees.
  void initTestCase() {
    QCOMPARE(python(R"(
import numpy as np, xarray as xr, json, rasterio
from pyproj import Transformer
L, S = 60, 45
l, s = np.mgrid[0:L, 0:S].astype('f8')
e = 500000 + 30 * (s * np.cos(.4) - l * np.sin(.4)) + 2 * np.sin(l / 9)
n = 4000000 - 30 * (s * np.sin(.4) + l * np.cos(.4)) + 3 * np.cos(s / 7)
lon, lat = Transformer.from_crs(32610, 4326, always_xy=True).transform(e, n)
lon[10, 20] = lat[10, 20] = np.nan
rad = (np.arange(3)[None, None] * 1000 + (l * S + s)[..., None]).astype('f4'); rad[30, 30] = -9999
plane = (0.5 * e + 0.25 * n - 1e6).astype('f8')
xr.Dataset(dict(radiance=(('line', 'sample', 'band'), rad, dict(_FillValue=np.float32(-9999))), plane=(('line', 'sample'), plane),
                lat=(('line', 'sample'), lat, dict(units='degrees_north')),
                lon=(('line', 'sample'), lon, dict(units='degrees_east')))).to_netcdf('swath.nc')
np.stack([e, n]).astype('f8').tofile('igm.img')
open('igm.hdr', 'w').write(f'ENVI\nsamples = {S}\nlines = {L}\nbands = 2\nheader offset = 0\nfile type = ENVI Standard\ndata type = 5\ninterleave = bsq\nbyte order = 0\nband names = {{IGM X Map, IGM Y Map}}\n')
np.savez('truth.npz', e=e, n=n, lon=lon, lat=lat, rad=rad, plane=plane)
rng = np.random.default_rng(3)
v = rng.integers(1, 200, (2, 50, 60)).astype('u1'); v[0, 20:24, 20:24] = 0
for name, crs, t in (('utm.tif', 32610, rasterio.Affine(10, 0, 500000, 0, -10, 4000000)), ('deg.tif', 4326, rasterio.Affine(1e-4, 0, -120, 0, -1e-4, 60))):
    with rasterio.open(name, 'w', driver='GTiff', count=2, height=50, width=60, dtype='uint8', crs=crs, transform=t, nodata=0) as f: f.write(v)
sites = [(500105.3, 3999901.7), (500333, 3999755.5), (500217.4, 3999785.2), (500001, 3999999), (499980, 3999700), (600000, 4000000)]
to = Transformer.from_crs(32610, 4326, always_xy=True)
def put(name, places):
    json.dump(dict(type='FeatureCollection', features=[dict(type='Feature', properties=dict(name=f'site{i}'), geometry=dict(type='Point', coordinates=p)) for i, p in enumerate(places)]), open(name, 'w'))
put('sites.geojson', [to.transform(*p) for p in sites])
put('north.geojson', [(-119.9973, 59.9971), (-119.9951, 59.9979), (-119.99995, 59.99995)])
)"),
             QByteArray());
  }

  /// The location that is nearest on the ground, if it is not farther away than half as far as its own neighbours: numpy, pixel by pixel.
  void nearestLocation_data() {
    QTest::addColumn<QString>("chain");
    QTest::addColumn<QString>("metres");
    QTest::newRow("longitudes and latitudes, in either order")
        << "swath= open swath.nc variable=radiance ! a= open swath.nc variable=lat ! b= open swath.nc variable=lon ! orthorectify [swath] "
           "[a] "
           "[b] method=nearest crs=EPSG:32610 resolution=25 bounds=499000,3997800,501700,4000200"
        << "lon lat";
    QTest::newRow("igm in metres") << "swath= open swath.nc variable=radiance ! a= open igm.hdr ! orthorectify [swath] [a] method=nearest "
                                      "locations_crs=EPSG:32610 resolution=25 bounds=499000,3997800,501700,4000200"
                                   << "";
  }
  void nearestLocation() {
    QFETCH(QString, chain);
    QFETCH(QString, metres);
    QCOMPARE(run(chain + " ! write near.nc", {"--workers", "1"}), QByteArray());
    const QByteArray one = content("near.nc");
    QCOMPARE(run(chain + " ! write near.nc", {"--workers", "7"}), QByteArray());
    QVERIFY(content("near.nc") == one);
    QCOMPARE(python(R"(
import sys, numpy as np, xarray as xr
t = np.load('truth.npz'); e, n = t['e'].copy(), t['n'].copy()
if sys.argv[1]: e[10, 20] = n[10, 20] = np.nan
d = xr.open_dataset('near.nc'); a = d.radiance
x, y = np.meshgrid(d.x, d.y)
def apart(i, j, k, m):
    with np.errstate(invalid='ignore'): return np.hypot(e[i, j] - e[k, m], n[i, j] - n[k, m])
L, S = e.shape
reach = np.zeros_like(e)
for i in range(L):
    for j in range(S):
        near = [apart(i, j, k, m) for k in range(max(0, i - 1), min(L, i + 2)) for m in range(max(0, j - 1), min(S, j + 2))]
        reach[i, j] = np.nanmax(near) / 2 if np.isfinite(e[i, j]) else 0
f = np.isfinite(e.ravel())
dist = np.hypot(x.ravel()[:, None] - e.ravel()[None, f], y.ravel()[:, None] - n.ravel()[None, f])
k = dist.argmin(1); best = dist[np.arange(len(k)), k]
want = np.where((best <= reach.ravel()[f][k] * (1 + 1e-6))[:, None], t['rad'].reshape(-1, 3)[f][k], np.nan)
want[want == -9999] = np.nan
got = a.transpose('y', 'x', 'band').values.reshape(-1, 3)
two = np.sort(dist, 1)[:, :2]
clear = (two[:, 1] - two[:, 0] > 1e-3) & (abs(best - reach.ravel()[f][k]) > 1e-3)
assert clear.mean() > .99
np.testing.assert_array_equal(got[clear], want[clear])
assert 0.1 < np.isfinite(got).mean() < 0.9
)",
                    {metres}),
             QByteArray());
  }

  /// What is linear on the ground stays so between the locations: to the curvature of a pixel.
  void bilinearLocation() {
    QCOMPARE(
        run("swath= open swath.nc variable=plane ! a= open igm.hdr ! orthorectify [swath] [a] method=bilinear locations_crs=EPSG:32610 "
            "resolution=20 bounds=499000,3997800,501700,4000200 ! write plane.nc"),
        QByteArray());
    QCOMPARE(python(R"(
import numpy as np, xarray as xr
d = xr.open_dataset('plane.nc'); a = d.plane
x, y = np.meshgrid(d.x, d.y)
got = a.transpose('y', 'x').values
inside = np.isfinite(got)
assert 0.3 < inside.mean() < 0.9, inside.mean()
np.testing.assert_allclose(got[inside], (0.5 * x + 0.25 * y - 1e6)[inside], atol=1e-6)
)"),
             QByteArray());
    QVERIFY(run("swath= open swath.nc variable=plane ! a= open igm.hdr ! orthorectify [swath] [a] method=nearest "
                "bounds=-130,30,-110,40 resolution=0.1 ! write wrong.nc",
                {}, 1)
                .isEmpty());  // metres are no longitudes
    QVERIFY(run("swath= open swath.nc variable=plane ! a= open igm.hdr ! orthorectify [swath] [a] method=nearest ! write wrong.nc", {}, 2)
                .isEmpty());  // no grid is said
  }

  /// Circles as shapely buffers points, each pixel by the exact part that lies inside; on degrees along geodesics.
  void circlesAroundSites_data() {
    QTest::addColumn<QString>("raster");
    QTest::addColumn<QString>("points");
    QTest::addColumn<QString>("radius");
    QTest::newRow("in metres") << "utm.tif"
                               << "sites.geojson"
                               << "42.5";
    QTest::newRow("smaller than a pixel") << "utm.tif"
                                          << "sites.geojson"
                                          << "3";
    QTest::newRow("on the ellipsoid") << "deg.tif"
                                      << "north.geojson"
                                      << "60";
  }
  void circlesAroundSites() {
    QFETCH(QString, raster);
    QFETCH(QString, points);
    QFETCH(QString, radius);
    QCOMPARE(run("open " + raster + " ! zonal_stats polygons='" + points + "|id=name' buffer=" + radius +
                 " coverage=fraction statistics=count,mean,std,min,max,sum ! write zones.nc"),
             QByteArray());
    for (const char* statistic : {"mean", "std", "min", "max", "sum"})
      QCOMPARE(run("open " + raster + " ! sample_points points='" + points + "|id=name' buffer=" + radius + " statistic=" + statistic +
                   " ! write points_" + statistic + ".nc"),
               QByteArray());
    QCOMPARE(python(R"(
import sys, json, numpy as np, xarray as xr, rasterio
from shapely.geometry import Point, Polygon, box
from pyproj import Transformer, Geod
raster, points, radius = sys.argv[1], sys.argv[2], float(sys.argv[3])
f = rasterio.open(raster); v = f.read().astype('f8'); v[v == 0] = np.nan
places = [p['geometry']['coordinates'] for p in json.load(open(points))['features']]
if f.crs.is_geographic:
    g = Geod(ellps='WGS84')
    shapes = [Polygon([g.fwd(x, y, 90 - 360 * i / 64, radius)[:2] for i in range(64)]) for x, y in places]
else:
    to = Transformer.from_crs(4326, 32610, always_xy=True)
    shapes = [Point(*to.transform(x, y)).buffer(radius, 16) for x, y in places]
z = xr.open_dataset('zones.nc'); z = z[[n for n in z.data_vars if n != 'spatial_ref'][0]].transpose('zone', 'statistic', 'band').values
for k, shape in enumerate(shapes):
    w = np.zeros(f.shape)
    for r in range(f.height):
        for c in range(f.width):
            b = box(*(f.transform * (c, r + 1)), *(f.transform * (c + 1, r)))
            if shape.intersects(b): w[r, c] = shape.intersection(b).area / b.area
    for band in range(2):
        ok = (w > 0) & np.isfinite(v[band]); q, x = w[ok], v[band][ok]
        count = q.sum()
        if count == 0:
            assert z[k, 0, band] == 0 and np.isnan(z[k, 1:, band]).all(), z[k, :, band]
            continue
        mean = (q * x).sum() / count
        want = [count, mean, np.sqrt((q * (x - mean) ** 2).sum() / count), x.min(), x.max(), (q * x).sum()]
        np.testing.assert_allclose(z[k, :, band], want, rtol=2e-5, atol=2e-6)
        for name, i in dict(mean=1, std=2, min=3, max=4, sum=5).items():
            p = xr.open_dataset(f'points_{name}.nc'); p = p[[n for n in p.data_vars if n != 'spatial_ref'][0]]
            np.testing.assert_allclose(p.transpose('point', 'band').values[k, band], want[i], rtol=2e-5, atol=2e-6)
)",
                    {raster, points, radius}),
             QByteArray());
  }

  /// An ENVI library and both forms of tables are one array; an image is compared with it.
  void spectralLibraries() {
    QCOMPARE(python(R"(
import numpy as np
wl = np.array([0.4, 0.55, 0.7, 0.9]); v = np.array([[.1, .2, .3, .4], [.5, .4, .3, .2], [.2, .2, .9, .1]])
v.astype('f4').tofile('lib.sli')
open('lib.hdr', 'w').write('ENVI\nsamples = 4\nlines = 3\nbands = 1\nheader offset = 0\nfile type = ENVI Spectral Library\ndata type = 4\ninterleave = bsq\nbyte order = 0\nwavelength units = Micrometers\nspectra names = {grass, dry grass, soil}\nwavelength = {0.4, 0.55, 0.7, 0.9}\n')
open('columns.csv', 'w').write('# a comment\nWavelength (um);grass;dry grass;soil\n' + '\n'.join(';'.join(map(str, [w, *v[:, i]])) for i, w in enumerate(wl)) + '\n')
open('rows.csv', 'w').write('name,plot,400,550,700 nm,X900\n' + '\n'.join(','.join([n, str(i), *map(str, v[i])]) for i, n in enumerate(['grass', '"dry grass"', 'soil'])) + '\n')
img = np.random.default_rng(1).uniform(.1, .9, (5, 6, 4)).astype('f4'); img.tofile('img.bip')
open('img.hdr', 'w').write('ENVI\nsamples = 6\nlines = 5\nbands = 4\nheader offset = 0\nfile type = ENVI Standard\ndata type = 4\ninterleave = bip\nbyte order = 0\nwavelength units = Nanometers\nwavelength = {400, 550, 700, 900}\n')
)"),
             QByteArray());
    for (const QString name : {"lib.sli", "lib.hdr", "columns.csv", "rows.csv"}) {
      QCOMPARE(run("lib= open " + name + " ! write lib.nc"), QByteArray());
      QCOMPARE(run("img= open img.bip ! lib= open " + name + " ! spectral_angle [img] [lib] ! write angle.nc"), QByteArray());
      QCOMPARE(run("img= open img.bip ! isel wavelength=1:3 ! lib= open " + name +
                   " ! resample_spectra [lib] [isel] method=linear ! write "
                   "two.nc"),
               QByteArray());
      QCOMPARE(python(R"(
import sys, numpy as np, xarray as xr
v = np.array([[.1, .2, .3, .4], [.5, .4, .3, .2], [.2, .2, .9, .1]])
only = lambda d: d[[n for n in d.data_vars if n != 'spatial_ref' and d[n].ndim > 1][0]]
a = only(xr.open_dataset('lib.nc')); assert a.dims == ('spectrum', 'wavelength'), a.dims
np.testing.assert_allclose(a.values, v, rtol=1e-6); np.testing.assert_allclose(a.wavelength, [400, 550, 700, 900])
assert list(map(str, a.spectrum.values)) == ['grass', 'dry grass', 'soil'] and a.wavelength.attrs['units'] == 'nm', a
if sys.argv[1] == 'rows.csv': assert list(a.coords['plot'].values) == [0, 1, 2], a
img = np.fromfile('img.bip', 'f4').reshape(5, 6, 4).astype('f8')
got = only(xr.open_dataset('angle.nc')).values
want = np.arccos(np.einsum('yxw,sw->syx', img, v) / np.sqrt((img ** 2).sum(-1)[None] * (v ** 2).sum(-1)[:, None, None]))
np.testing.assert_allclose(got, want, atol=2e-6)
np.testing.assert_allclose(only(xr.open_dataset('two.nc')).values, v[:, 1:3], rtol=1e-6)
)",
                      {name}),
               QByteArray());
    }
  }

  /// OGR reads what it was given: places, names, numbers, nothing where there is none; the same bytes whoever made them.
  void geoPackages() {
    const QString chain = "open utm.tif ! zonal_stats polygons='sites.geojson|id=name' buffer=30 statistics=count,mean ! write sites.gpkg";
    QCOMPARE(run(chain, {"--workers", "1"}), QByteArray());
    const QByteArray one = content("sites.gpkg");
    QVERIFY(one.startsWith("SQLite format 3"));
    QCOMPARE(run(chain, {"--workers", "2"}), QByteArray());
    QVERIFY(content("sites.gpkg") == one);
    QCOMPARE(run("open utm.tif ! sample_points points='sites.geojson|id=name' ! write points.gpkg"), QByteArray());
    QCOMPARE(run("open utm.tif ! reduce dims=y,x statistic=mean ! write bands.gpkg"), QByteArray());
    QCOMPARE(run("open utm.tif ! zonal_stats polygons='sites.geojson|id=name' buffer=30 statistics=count,mean ! write sites.csv"),
             QByteArray());
    QCOMPARE(python(R"(
import csv, json
from osgeo import ogr
ogr.UseExceptions()
sites = json.load(open('sites.geojson'))['features']
ds = ogr.Open('sites.gpkg'); assert ds.GetLayerCount() == 1
layer = ds.GetLayer(0); assert layer.GetName() == 'sites' and layer.GetSpatialRef().GetAuthorityCode(None) == '4326'
rows = list(csv.DictReader(open('sites.csv')))
lines = list(layer); assert len(lines) == len(sites)
for k, line in enumerate(lines):
    x, y = sites[k]['geometry']['coordinates']; g = line.GetGeometryRef()
    assert line['zone'] == f'site{k}' and abs(g.GetX() - x) < 2e-9 and abs(g.GetY() - y) < 2e-9
    for band in (1, 2):
        row = [r for r in rows if r['zone'] == f'site{k}' and r['band'] == str(band)][0]
        assert line[f'count_{band}'] == float(row['count'])
        mean = line[f'mean_{band}']
        assert (mean is None) == (row['mean'] == '') and (mean is None or mean == float(row['mean']))
assert any(line['mean_1'] is None for line in lines)
points = ogr.Open('points.gpkg'); names = [f.name for f in points.GetLayer(0).schema]
assert names[:3] == ['point', 'x', 'y'] and len(names) == 5, names
bands = ogr.Open('bands.gpkg'); plain = bands.GetLayer(0); assert plain.GetGeomType() == ogr.wkbNone and plain.GetFeatureCount() == 2
)"),
             QByteArray());
    QVERIFY(run("open utm.tif ! write grid.gpkg", {}, 2).isEmpty());
  }
};

QTEST_GUILESS_MAIN(TestSwathsAndSites)
#include "tst_swaths_and_sites.moc"
