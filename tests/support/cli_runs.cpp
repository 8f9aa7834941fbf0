// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cli_runs.h"

#include <sys/resource.h>

#include <QDir>
#include <QFile>
#include <QTest>

#include "engine/io/sample/sample_cube.h"
#include "tests/support/engine.h"

namespace cubeloom::test {

const std::vector<SinkRun>& sinkRuns() {
  static const std::vector<SinkRun> runs{
      {"GTiff", "reproject resolution=4 resampling=cubic ! write a.tif", "a.tif"},
      {"GTiff deflate", "transpose dims=y,x,wavelength ! write b.tif compress=deflate", "b.tif"},
      {"COG", "isel wavelength=0:4 ! reproject resolution=2.5 resampling=nearest ! write c.tif format=COG interleave=band", "c.tif"},
      {"COG pixels", "transpose dims=wavelength,y,x ! write p.tif format=COG compress=zstd interleave=pixel", "p.tif"},
      {"ENVI", "reproject resolution=4 resampling=cubic ! transpose dims=wavelength,x,y ! write d.img", "d.img"},
      {"NetCDF", "transpose dims=wavelength,y,x ! write e.nc", "e.nc"},
      {"NetCDF plain", "transpose dims=wavelength,y,x ! write f.nc compress=none", "f.nc"},
      {"PNG", "calc expression=b2*100 ! astype dtype=uint8 nodata=0 ! write g.png", "g.png"},
      {"Zarr", "transpose dims=wavelength,y,x ! write z.zarr", "z.zarr"},
  };
  return runs;
}

void addSinkRuns() {
  QTest::addColumn<QString>("steps");
  QTest::addColumn<QString>("out");
  for (const SinkRun& run : sinkRuns()) QTest::newRow(run.name) << QString(run.steps) << QString(run.out);
}

QString CliRuns::makeCube(int bands) const {
  const auto cube = writeSyntheticCube(SyntheticCube({320, 300, bands, 0, 5}), m_folder.path().toStdString(), "cube");
  return cube ? QString() : QString::fromStdString(cube.error().text());
}

QStringList CliRuns::words(const QString& steps, const QStringList& options) {
  return QStringList{"run", "--progress", "jsonl"} + options + QStringList{"!", "open", "cube.hdr", "!"} + steps.split(' ');
}

void CliRuns::begin(QProcess& process, const QStringList& arguments) const {
  process.setWorkingDirectory(m_folder.path());
  process.start(CUBELOOM_CLI, arguments);
  // The first line of the stream: planning is over.
  while (process.state() != QProcess::NotRunning && !process.canReadLine()) process.waitForReadyRead(1000);
}

int CliRuns::run(const QStringList& arguments, QByteArray* error, qint64 mostFileBytes) const {
  QProcess process;
  if (mostFileBytes > 0)
    process.setChildProcessModifier([mostFileBytes] {
      const rlimit limit{static_cast<rlim_t>(mostFileBytes), static_cast<rlim_t>(mostFileBytes)};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    });
  begin(process, arguments);
  process.waitForFinished(60000);
  if (error) *error = process.readAllStandardError();
  return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
}

QByteArray CliRuns::content(const QString& name) const { return contentOf(file(name).toStdString()); }

QStringList CliRuns::parts() const { return QDir(m_folder.path()).entryList({"*part*"}, QDir::Files | QDir::Dirs | QDir::Hidden); }

void CliRuns::clearParts() const {
  for (const QString& part : parts()) QDir(file(part)).removeRecursively();
}

void CliRuns::clear(const QString& out) const {
  if (QFileInfo(file(out)).isDir()) QDir(file(out)).removeRecursively();
  QFile::remove(file(out));
  QFile::remove(file(out + ".checksums"));
  QFile::remove(file(QString(out).replace(".img", ".hdr")));
}

}  // namespace cubeloom::test
