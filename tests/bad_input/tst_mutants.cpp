// SPDX-License-Identifier: GPL-3.0-or-later
// Files of every format with something in them broken: each ends as a result, or as an error with exit code 1 to 4 that names it. Never in
// a crash, a wait of more than 10 s, or memory beyond what a small file is worth. CUBELOOM_MUTANTS: how many (200); CUBELOOM_MUTANT_SEED:
// another choice. A mutant that fails is told by its number, which makes it again.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/engine.h"

extern char** environ;

namespace {

constexpr int kMostSeconds = 10;
constexpr long kMostKiB = 1 << 20;

/// A dataset: a folder that holds it, the file that is named, and the words for the program.
struct Sample {
  QString folder, file;
  QStringList words{"preview", "--node", "open", "--size", "40x40", "-o", "{out}", "!", "open", "{file}"};

  QStringList wordsFor(const QString& inFolder) const {
    QStringList all = words;
    return all.replaceInStrings("{out}", inFolder + "/out.png").replaceInStrings("{file}", inFolder + "/" + file);
  }
};

struct Ended {
  int code = -1;
  long peakKiB = 0;
  bool isLate = false;
  QByteArray words;
};

/// The program's end, with all that it said on stderr.
Ended ranWith(const QStringList& words, const QString& said) {
  std::vector<QByteArray> texts{CUBELOOM_CLI};
  for (const QString& word : words) texts.push_back(word.toLocal8Bit());
  std::vector<char*> arguments;
  for (QByteArray& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, said.toLocal8Bit().constData(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t process = -1;
  Ended ended;
  if (posix_spawn(&process, CUBELOOM_CLI, &files, nullptr, arguments.data(), environ) != 0) return ended;
  posix_spawn_file_actions_destroy(&files);
  QElapsedTimer clock;
  clock.start();
  int status = 0;
  rusage used{};
  while (wait4(process, &status, WNOHANG, &used) == 0) {
    // By the time that it had: on a busy machine it waits for its turn.
    if (clock.elapsed() > kMostSeconds * 1000 * 6 && !ended.isLate) {
      ended.isLate = true;
      kill(process, SIGKILL);
    }
    usleep(2000);
  }
  const double seconds = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  ended.isLate |= seconds > kMostSeconds;
  ended.peakKiB = used.ru_maxrss;
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  QFile text(said);
  if (text.open(QIODevice::ReadOnly)) ended.words = text.readAll();
  return ended;
}

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A run of digits somewhere behind `from` becomes another number.
void changeNumber(QByteArray& bytes, qsizetype from, unsigned choice) {
  static constexpr const char* kNumbers[] = {"99999999999", "-1", "0", "4294967296", "1e308", "9223372036854775807", "2147483648", "nan"};
  const auto isDigit = [&bytes](qsizetype at) { return at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; };
  while (from < bytes.size() && !isDigit(from)) ++from;
  qsizetype end = from;
  while (isDigit(end)) ++end;
  if (end > from) bytes.replace(from, end - from, kNumbers[choice % std::size(kNumbers)]);
}

/// Most changes fall into the first 4 KB, where headers are.
QByteArray mutated(QByteArray bytes, std::mt19937& random) {
  for (unsigned n = 1 + random() % 4; n > 0 && !bytes.isEmpty(); --n) {
    const auto most = static_cast<unsigned>(random() % 4 != 0 ? std::min<qsizetype>(bytes.size(), 4096) : bytes.size());
    const auto at = static_cast<qsizetype>(random() % most);
    switch (random() % 8) {
      case 0:
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
      case 2: bytes[at] = static_cast<char>(random()); break;
      case 3: {  // a length or an offset made huge
        const qsizetype size = qsizetype{1} << random() % 4, place = at / size * size;
        const char byte = random() % 2 == 0 ? '\xFF' : '\x7F';
        for (qsizetype i = place; i < std::min(place + size, bytes.size()); ++i) bytes[i] = byte;
        break;
      }
      case 4: changeNumber(bytes, at, random()); break;
      case 5: {  // a piece of it elsewhere
        const QByteArray piece = bytes.mid(at, 1 + static_cast<qsizetype>(random() % 64));
        if (random() % 2 == 0) {
          bytes.insert(static_cast<qsizetype>(random() % most), piece);
        } else {
          bytes.replace(static_cast<qsizetype>(random() % most), piece.size(), piece);
        }
        break;
      }
      case 6: bytes.remove(at, 1 + static_cast<qsizetype>(random() % 16)); break;
      default:
        if (random() % 4 == 0) bytes.truncate(at);
    }
  }
  return bytes;
}

int number(const char* variable, int otherwise) {
  return qEnvironmentVariableIsSet(variable) ? qEnvironmentVariableIntValue(variable) : otherwise;
}

}  // namespace

class TestMutants : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_dir;
  std::vector<Sample> m_samples;

  /// Files of the tests' data, in a folder of their own.
  Sample& add(const QStringList& files) {
    const QString folder = m_dir.filePath("sample_" + QString::number(m_samples.size()));
    QDir().mkpath(folder);
    for (const QString& name : files) {
      const QString from = QString(CUBELOOM_TEST_DATA "/") + name, to = folder + "/" + QFileInfo(name).fileName();
      if (QFileInfo(from).isDir()) {
        cubeloom::test::copyFolder(from, to);
      } else if (!QFile::copy(from, to)) {
        qFatal("cannot copy %s", qPrintable(from));
      }
    }
    m_samples.push_back({folder, QFileInfo(files.front()).fileName()});
    return m_samples.back();
  }
  /// A small raster in a format of GDAL's.
  Sample& convert(const char* driver, const char* name, const QStringList& options = {}) {
    const QString folder = m_dir.filePath("sample_" + QString::number(m_samples.size()));
    QDir().mkpath(folder);
    QProcess process;
    process.start("gdal_translate", QStringList{"-q", "-of", driver, "-b", "1"} + options +
                                        QStringList{CUBELOOM_TEST_DATA "/geotiff/sentinel2_l2a_nan.tif", folder + "/" + name});
    if (!process.waitForFinished(60000) || process.exitCode() != 0) qFatal("%s: %s", driver, process.readAllStandardError().constData());
    m_samples.push_back({folder, name});
    return m_samples.back();
  }

  /// Words on what is wrong with mutant `index`; "" where nothing is.
  QString problemOf(int index, unsigned seed) const {
    std::mt19937 random(seed * 1000003U + static_cast<unsigned>(index));
    const Sample& sample = m_samples[static_cast<std::size_t>(index) % m_samples.size()];
    const QTemporaryDir place(m_dir.filePath("mutant"));
    cubeloom::test::copyFolder(sample.folder, place.path());
    QStringList files;
    for (QDirIterator all(place.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); all.hasNext();) files << all.next();
    files.sort();
    // Every second time the one that is named: others may only be read in part.
    const QString named = place.filePath(sample.file);
    const bool isNamed = QFileInfo(named).isFile() && random() % 2 == 0;
    const QString victim = isNamed ? named : files[static_cast<qsizetype>(random() % static_cast<unsigned>(files.size()))];
    const QByteArray bytes = mutated(contentOf(victim), random);
    QFile file(victim);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size()) return "cannot write " + victim;
    file.close();
    const Ended ended = ranWith(sample.wordsFor(place.path()), place.filePath("said"));
    QString problem;
    if (ended.isLate)
      problem = "takes too long";
    else if (ended.code < 0 || ended.code > 4)
      problem = QString("ends with %1").arg(ended.code);
    else if (ended.peakKiB > kMostKiB)
      problem = QString("takes %1 KiB").arg(ended.peakKiB);
    else if (ended.code != 0 && !ended.words.contains(QFileInfo(place.path()).fileName().toUtf8()))
      problem = "names no path";
    if (problem.isEmpty()) return {};
    return QString("mutant %1 of seed %2, %3 in %4: %5\n%6")
        .arg(index)
        .arg(seed)
        .arg(QFileInfo(victim).fileName(), sample.file, problem, QString::fromUtf8(ended.words.left(600)));
  }

 private slots:
  void initTestCase() {
    for (const char* file : {"geotiff/sentinel2_south_up.tif", "geotiff/float_mask_8x6.tif", "geotiff/complex_int16_gcps.tif",
                             "netcdf/classic.nc", "netcdf/cdf5.nc", "netcdf/chunked.nc", "netcdf/names_string.nc", "netcdf/latest.h5",
                             "netcdf/scale_offset.h5", "cf/utm/cube.zarr"})
      add({file});
    add({"netcdf/hostile.h5"}).words << "variable=honest";
    add({"envi/envi_rgbsmall_bil.hdr", "envi/envi_rgbsmall_bil.img"});
    add({"envi/enmap_berlin_10x7.hdr", "envi/enmap_berlin_10x7.bsq"});
    add({"cf/utm/kerchunk.json", "cf/utm/hdf5.h5"});
    for (const QFileInfo& store : QDir(CUBELOOM_TEST_DATA "/zarr").entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot))
      if (store.fileName().endsWith(".zarr")) add({"zarr/" + store.fileName()});
    for (const char* catalog : {"intake/catalog.yaml", "intake/shift_catalog.yml"}) add({catalog}).words = {"catalog", "{file}"};
    QDirIterator items(CUBELOOM_TEST_DATA "/stac", {"*.json"}, QDir::Files, QDirIterator::Subdirectories);
    for (int i = 0; i < 3 && items.hasNext(); ++i)
      add({QString(items.next()).remove(0, int(sizeof(CUBELOOM_TEST_DATA)))}).words = {"catalog", "{file}"};
    convert("PNG", "a.png", {"-ot", "Byte"});
    convert("JP2OpenJPEG", "a.jp2", {"-ot", "UInt16"});
    convert("GRIB", "a.grb2", {"-ot", "Float32"});
    convert("HDF4Image", "a.hdf");
    convert("HFA", "a.img");
    convert("GTiff", "tiled.tif", {"-co", "TILED=YES", "-co", "COMPRESS=LZW", "-co", "BLOCKXSIZE=16", "-co", "BLOCKYSIZE=16"});
    Sample& mosaic = convert("GTiff", "part.tif");
    QProcess build;
    build.setWorkingDirectory(mosaic.folder);
    build.start("gdalbuildvrt", {"-q", "a.vrt", "part.tif"});
    QVERIFY(build.waitForFinished(60000) && build.exitCode() == 0);
    mosaic.file = "a.vrt";
    mosaic.words = QStringList{mosaic.words.front(), "--trust", "{file}"} + mosaic.words.mid(1);
    // A chain over files that are whole.
    Sample& chain = add({"envi/envi_rgbsmall_bil.hdr", "envi/envi_rgbsmall_bil.img"});
    QFile file(chain.folder + "/a.cubeloom");
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"json({"cubeloom": 1, "title": "Broken", "nodes": [
      {"id": "cube", "op": "open", "params": {"path": "envi_rgbsmall_bil.hdr"}},
      {"id": "calc", "op": "calc", "inputs": ["cube"], "params": {"expression": "where(x > 10, sqrt(x) * 2.5, -x)"}},
      {"id": "mean", "op": "reduce", "inputs": ["calc"], "params": {"dims": ["y"], "statistic": "mean"}},
      {"id": "file", "op": "write", "inputs": ["mean"], "params": {"path": "mean.zarr"}}]})json");
    file.close();
    chain.file = "a.cubeloom";
    chain.words = {"plan", "{file}"};
    QVERIFY(QDir().mkpath(m_dir.filePath("mutant")));
  }

  /// As they are, all can be read: otherwise nothing was tried.
  void samplesAreWhole() {
    QByteArray problems;
    for (const Sample& sample : m_samples) {
      const Ended ended = ranWith(sample.wordsFor(sample.folder), m_dir.filePath("said"));
      if (ended.code != 0) problems += sample.file.toUtf8() + ": " + ended.words;
    }
    QVERIFY2(problems.isEmpty(), problems.constData());
  }

  void mutants() {
    const int count = number("CUBELOOM_MUTANTS", 200);
    const auto seed = static_cast<unsigned>(number("CUBELOOM_MUTANT_SEED", 1));
    std::atomic<int> next{0};
    std::mutex mutex;
    QStringList problems;
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
      workers.emplace_back([&] {
        for (int index = next++; index < count; index = next++)
          if (const QString problem = problemOf(index, seed); !problem.isEmpty()) {
            const std::lock_guard lock(mutex);
            problems << problem;
          }
      });
    for (std::thread& worker : workers) worker.join();
    QVERIFY2(problems.isEmpty(), qPrintable(QString("%1 of %2:\n").arg(problems.size()).arg(count) + problems.join("\n")));
  }
};

QTEST_APPLESS_MAIN(TestMutants)
#include "tst_mutants.moc"
