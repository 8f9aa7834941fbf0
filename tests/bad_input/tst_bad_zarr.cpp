// SPDX-License-Identifier: GPL-3.0-or-later
// Zarr stores and kerchunk references with bytes changed at random: each ends as values or as an error, never in a crash or a wait.
#include <QDir>
#include <QDirIterator>
#include <QtTest>
#include <random>

#include "engine/io/file_provider.h"
#include "engine/io/zarr/kerchunk_refs.h"
#include "engine/io/zarr/zarr_codec.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;
using cubeloom::test::writeFile;

namespace {

constexpr int kRounds = 400;

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A few bytes replaced, doubled, dropped or cut off.
QByteArray mutated(QByteArray bytes, std::mt19937& random) {
  static constexpr char kTelling[] = "{}[]\",:-0123456789eEnull.\\/\xFF";
  for (unsigned n = 1 + random() % 4; n > 0 && !bytes.isEmpty(); --n) {
    const auto at = static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size()));
    switch (random() % 5) {
      case 0: bytes[at] = static_cast<char>(random()); break;
      case 1: bytes[at] = kTelling[random() % (sizeof(kTelling) - 1)]; break;
      case 2: bytes.remove(at, 1 + static_cast<qsizetype>(random() % 8)); break;
      case 3: bytes.insert(at, bytes.mid(at, 1 + static_cast<qsizetype>(random() % 16))); break;
      default: bytes.truncate(random() % 8 == 0 ? at : bytes.size()); break;
    }
  }
  return bytes;
}

/// Opens all variables and reads what is small.
void openAndRead(const std::string& path) {
  const auto provider = makeFileProvider();
  const auto info = provider->info(path);
  if (!info) return;
  for (const VariableInfo& variable : info->variables) {
    const auto source = provider->open({path, variable.name, {}});
    if (!source || (*source)->spec().bytes() > 1e6) continue;
    BufferPool pool;
    const Block block = makeBlock(pool, (*source)->spec().type, (*source)->spec().shape());
    ReadContext context;
    const Region all = fullRegion((*source)->spec().shape());
    (void)(*source)->cost(all);
    (void)(*source)->read(all, block.view, context);
  }
}

}  // namespace

class TestBadZarr : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;

  QString copyOf(const QString& store) const {
    const QString from = QString(CUBELOOM_TEST_DATA "/zarr/") + store;
    for (QDirIterator at(from, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); at.hasNext();) {
      const QString file = at.next(), to = m_dir.filePath(store + file.mid(from.size()));
      QDir().mkpath(QFileInfo(to).path());
      QFile::copy(file, to);
      QFile::setPermissions(to, QFile::ReadOwner | QFile::WriteOwner);
    }
    return m_dir.filePath(store);
  }

 private slots:
  void stores_data() {
    QTest::addColumn<QString>("store");
    QTest::addColumn<QString>("file");
    QTest::newRow("consolidated") << "kinds.zarr"
                                  << ".zmetadata";
    QTest::newRow("array") << "campaign.zarr"
                           << "reflectance/.zarray";
    QTest::newRow("attributes") << "campaign.zarr"
                                << "reflectance/.zattrs";
    QTest::newRow("times") << "campaign.zarr"
                           << "time/.zattrs";
    QTest::newRow("chunk") << "campaign.zarr"
                           << "reflectance/0.0.0.0";
    QTest::newRow("version 3") << "version3.zarr/sharded"
                               << "zarr.json";
    QTest::newRow("shard") << "version3.zarr/sharded"
                           << "c/0/0";
    QTest::newRow("filters") << "filters.zarr/scaled_u2"
                             << ".zarray";
    QTest::newRow("xz") << "filters.zarr/xz"
                        << "0.0";
    QTest::newRow("bz2") << "filters.zarr/bz2"
                         << "0.0";
    QTest::newRow("bits") << "filters.zarr/bits"
                          << "1.1";
    QTest::newRow("coordinate") << "campaign.zarr"
                                << "easting/.zarray";
  }
  void stores() {
    QFETCH(QString, store);
    QFETCH(QString, file);
    const QString folder = copyOf(store), path = folder + "/" + file;
    const QByteArray good = contentOf(path);
    QVERIFY(!good.isEmpty());
    std::mt19937 random(11);
    for (int round = 0; round < kRounds / 8; ++round) {
      writeFile(path.toStdString(), mutated(good, random).toStdString());
      openAndRead(folder.toStdString());
    }
    writeFile(path.toStdString(), good.toStdString());
  }

  void references() {
    const QByteArray good = contentOf(CUBELOOM_TEST_DATA "/kerchunk/ang_rdn_ref.json");
    QDir(m_dir.path()).mkpath("refs");
    QDir(m_dir.path()).mkpath("envi");
    for (const char* name : {"ang20170323t202244_rdn_7000-7010", "ang20170323t202244_loc_7000-7010"})
      QFile::copy(QString(CUBELOOM_TEST_DATA "/envi/") + name, m_dir.filePath(QString("envi/") + name));
    const std::string path = m_dir.filePath("refs/refs.json").toStdString();
    std::mt19937 random(12);
    for (int round = 0; round < kRounds; ++round) {
      const QByteArray bad = mutated(good, random);
      (void)KerchunkRefs::parse(bad.toStdString(), path);
      if (round % 8 != 0) continue;
      writeFile(path, bad.toStdString());
      openAndRead(path);
    }
  }

  void codecs() {
    std::vector<std::byte> raw(6000), back(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::byte>(i / 7 % 251);
    BufferPool pool;
    std::mt19937 random(13);
    for (const auto& [compression, id] :
         {std::pair{ZarrCompression::Blosc, "blosc"}, {ZarrCompression::Zstd, "zstd"}, {ZarrCompression::Deflate, "zlib"}}) {
      QByteArray good(static_cast<qsizetype>(zarrEncodedBound(compression, raw.size())), '\0');
      const auto bytes = zarrEncode(compression, 4, raw.data(), raw.size(), reinterpret_cast<std::byte*>(good.data()),
                                    static_cast<std::size_t>(good.size()));
      QVERIFY(bytes.has_value());
      good.truncate(static_cast<qsizetype>(*bytes));
      const auto step = zarrSteps({{"id", id}}, "<f4");
      QVERIFY(step.has_value());
      const auto decode = [&](const QByteArray& encoded) {
        return zarrDecode(*step, reinterpret_cast<const std::byte*>(encoded.data()), static_cast<std::size_t>(encoded.size()), back.data(),
                          back.size(), pool);
      };
      QVERIFY(decode(good).has_value());
      QVERIFY(back == raw);
      for (int round = 0; round < kRounds; ++round) (void)decode(mutated(good, random));
    }
  }
};

QTEST_GUILESS_MAIN(TestBadZarr)
#include "tst_bad_zarr.moc"
