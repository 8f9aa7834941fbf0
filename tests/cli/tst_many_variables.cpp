// SPDX-License-Identifier: GPL-3.0-or-later
// Several variables of a file, carried as one array, are several again in NetCDF and Zarr: what xarray reads of the output is what it reads
// of the input's selection, name by name.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

/// in.nc: red and nir (time, y, x) with other units and names, on a grid of UTM zone 10N; pixels without a value.
constexpr const char* kMake = R"(
import numpy as np, xarray as xr, rioxarray, pandas as pd
rng = np.random.default_rng(7)
red = rng.normal(size=(3, 37, 41)).astype('f4'); red[0, 3, 4] = np.nan
nir = rng.normal(size=(3, 37, 41)).astype('f4'); nir[1, 30:, :5] = np.nan
coords = dict(time=pd.to_datetime(['2022-02-24', '2022-03-08', '2022-04-01']),
              y=4000000 - 10 * (np.arange(37) + 0.5), x=500000 + 10 * (np.arange(41) + 0.5))
ds = xr.Dataset(dict(red=(('time', 'y', 'x'), red, dict(units='W m-2', long_name='red light', source='lamp')),
                     nir=(('time', 'y', 'x'), nir, dict(units='K', long_name='near infrared', source='lamp')),
                     height=(('y', 'x'), red[0] * 2, dict(units='m'))), coords).rio.write_crs(32610)
ds.to_netcdf('in.nc', encoding={n: dict(_FillValue=np.float32(-9999), grid_mapping='spatial_ref') for n in ('red', 'nir', 'height')})
)";

/// Names, values, types, units, words, dims, fill values and the CRS of `out` against those of in.nc.
constexpr const char* kCompare = R"(
import sys, numpy as np, xarray as xr, rioxarray
path, names = sys.argv[1], sys.argv[2].split(',')
open_it = (lambda p: xr.open_zarr(p, decode_coords='all')) if path.endswith('.zarr') else (lambda p: xr.open_dataset(p, decode_coords='all'))
out, given = open_it(path), xr.open_dataset('in.nc', decode_coords='all')[names].isel(time=slice(0, 2), x=slice(1, None))
assert sorted(out.data_vars) == sorted(names), list(out.data_vars)
for name in names:
    a, b = out[name], given[name]
    assert a.dims == b.dims and a.dtype == b.dtype, (name, a.dims, a.dtype)
    xr.testing.assert_equal(a.drop_vars('spatial_ref'), b.drop_vars('spatial_ref'))
    assert {k: a.attrs.get(k) for k in b.attrs} == b.attrs, (a.attrs, b.attrs)
    assert a.encoding['_FillValue'] == np.float32(-9999), a.encoding
    assert a.encoding['grid_mapping'] == 'spatial_ref' and a.rio.crs == b.rio.crs
    assert np.allclose(a.rio.transform(), b.rio.transform())
)";

}  // namespace

class TestManyVariables : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  QString at(const QString& name) const { return m_folder.filePath(name); }
  /// What a program says when it fails; "" else.
  QByteArray failureOf(const QString& program, const QStringList& arguments) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(program, arguments);
    if (!process.waitForFinished(120000)) return "no answer";
    return process.exitCode() == 0 ? QByteArray() : process.readAllStandardError() + process.readAllStandardOutput() + " failed";
  }
  QByteArray python(const QString& code, const QStringList& arguments = {}) const {
    return failureOf("/usr/bin/python3", QStringList{"-W", "ignore", "-c", code} + arguments);
  }
  QByteArray run(const QString& pipeline, const QStringList& options = {}) const {
    return failureOf(CUBELOOM_CLI, QStringList{"run", "--progress", "none"} + options + QStringList{pipeline});
  }
  /// All bytes of a file, or of all files of a folder by their names.
  QByteArray content(const QString& name) const {
    QStringList files{at(name)};
    if (QFileInfo(at(name)).isDir()) {
      files.clear();
      for (QDirIterator walk(at(name), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); walk.hasNext();) files += walk.next();
      files.sort();
    }
    QByteArray all;
    for (const QString& path : files) {
      QFile file(path);
      if (file.open(QIODevice::ReadOnly)) all += path.mid(at(name).size()).toUtf8() + file.readAll();
    }
    return all;
  }
  static constexpr const char* kChain = "open in.nc variable=red,nir ! isel time=0:2 x=1: ! write ";

 private slots:
  void initTestCase() { QCOMPARE(python(kMake), QByteArray()); }

  void xarrayReadsTheSame_data() {
    QTest::addColumn<QString>("output");
    QTest::addColumn<QString>("order");
    QTest::newRow("netcdf") << "a.nc"
                            << "";
    QTest::newRow("netcdf in one piece") << "b.nc compress=none"
                                         << "";
    QTest::newRow("zarr") << "c.zarr"
                          << "";
    QTest::newRow("small chunks") << "d.nc chunks=time=1,y=8,x=16"
                                  << "";
    QTest::newRow("zarr without compression") << "e.zarr compress=none chunks=time=1,y=8,x=16"
                                              << "";
    QTest::newRow("variables not first") << "f.nc"
                                         << " ! transpose dims=time,y,band,x";
    QTest::newRow("variables last, in one piece") << "g.nc compress=none"
                                                  << " ! transpose dims=time,y,x,band";
    QTest::newRow("zarr, variables last") << "h.zarr"
                                          << " ! transpose dims=time,y,x,band";
  }
  void xarrayReadsTheSame() {
    QFETCH(QString, output);
    QFETCH(QString, order);
    const QString name = output.section(' ', 0, 0);
    QCOMPARE(run("open in.nc variable=red,nir ! isel time=0:2 x=1:" + order + " ! write " + output, {"--workers", "2"}), QByteArray());
    QCOMPARE(python(kCompare, {name, "red,nir"}), QByteArray());
  }

  /// One of several is that variable, as if it had been opened alone.
  void oneOfThem() {
    for (const QString select : {"isel band=1", "isel band=1:2", "isel band=1:2 ! squeeze"}) {
      QFile::remove(at("one.nc"));
      QCOMPARE(run("open in.nc variable=red,nir ! isel time=0:2 x=1: ! " + select + " ! write one.nc"), QByteArray());
      QCOMPARE(python(kCompare, {"one.nc", "nir"}), QByteArray());
    }
  }

  /// The same bytes for any workers, and from parts, which were made in any order.
  void sameBytes_data() {
    QTest::addColumn<QString>("output");
    QTest::newRow("netcdf") << "a.nc chunks=time=1,y=8,x=16";
    QTest::newRow("netcdf in one piece") << "a.nc compress=none";
    QTest::newRow("zarr") << "a.zarr chunks=time=1,y=8,x=16";
  }
  void sameBytes() {
    QFETCH(QString, output);
    const QString name = output.section(' ', 0, 0);
    QFile::remove(at(name));
    QDir(at(name)).removeRecursively();
    QCOMPARE(run(kChain + output, {"--workers", "1"}), QByteArray());
    const QByteArray whole = content(name);
    QVERIFY(whole.size() > 10000);
    QCOMPARE(run(kChain + output, {"--workers", "7", "--overwrite"}), QByteArray());
    QVERIFY(content(name) == whole);
    QFile::remove(at(name));
    QDir(at(name)).removeRecursively();
    QCOMPARE(run(kChain + output, {"--part", "2/2"}), QByteArray());
    QCOMPARE(run(kChain + output, {"--part", "1/2"}), QByteArray());
    QCOMPARE(run(kChain + output, {"--finalize"}), QByteArray());
    QVERIFY(content(name) == whole);
  }

  void together() {
    QCOMPARE(run(QString(kChain) + "t.nc variables=together"), QByteArray());
    QCOMPARE(python("import xarray as xr\nd = xr.open_dataset('t.nc')\n"
                    "assert list(d.variables['band_name'].values) == ['red', 'nir'], d\n"
                    "assert [v for v in d.data_vars if 'band' in d[v].dims], d\n"
                    "assert not [v for v in d.variables if any(k.startswith('_') for k in d[v].attrs)], d"),
             QByteArray());
  }

  /// What holds of the values of the file does not hold of twice these.
  void computedValues() {
    QCOMPARE(run("open in.nc variable=red,nir ! calc expression=x*2 ! write c2.nc"), QByteArray());
    QCOMPARE(python("import xarray as xr\nd, g = xr.open_dataset('c2.nc'), xr.open_dataset('in.nc')\n"
                    "assert sorted(d.data_vars) == ['nir', 'red', 'spatial_ref'] or sorted(d.data_vars) == ['nir', 'red'], d\n"
                    "xr.testing.assert_allclose(d.red.drop_vars('spatial_ref', errors='ignore').astype('f4'), (g.red * "
                    "2).drop_vars('spatial_ref', errors='ignore'))\n"
                    "assert 'units' not in d.red.attrs and 'long_name' not in d.nir.attrs, (d.red.attrs, d.nir.attrs)"),
             QByteArray());
  }

  /// Where a step speaks of its inputs by number, a plan says which nodes these are.
  void plansNameTheNodes() {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(
        CUBELOOM_CLI,
        {"plan", "r= open in.nc variable=red ! n= open in.nc variable=nir ! mask [r] [n] \"where=x > 0 and in2.x < 1\" ! write m.tif"});
    QVERIFY(process.waitForFinished(60000));
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(said.contains("x > 0 and n.x < 1"), said.constData());
  }

  /// {{ and }} are braces of the name, as in Python's format; a template keeps them too.
  void bracesInNames() {
    QCOMPARE(run(QString(kChain) + "plain_{{band}}.nc"), QByteArray());
    QVERIFY(QFile::exists(at("plain_{band}.nc")));
    QCOMPARE(run(QString(kChain) + "{{x}}_{band}.nc"), QByteArray());
    QVERIFY(QFile::exists(at("{x}_red.nc")) && QFile::exists(at("{x}_nir.nc")));
    QCOMPARE(python(kCompare, {"{x}_nir.nc", "nir"}), QByteArray());
  }
};

QTEST_GUILESS_MAIN(TestManyVariables)
#include "tst_many_variables.moc"
