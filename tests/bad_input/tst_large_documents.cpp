// SPDX-License-Identifier: GPL-3.0-or-later
// Documents of millions of values: refused with the number and the limit, before they take memory by the gigabyte.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "engine/base/system.h"
#include "engine/chain/chain.h"
#include "engine/io/file_provider.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

namespace {

constexpr double kMiB = 1 << 20;
const char* const kArray =
    "{'zarr_format':2,'shape':[4,8],'chunks':[4,8],'dtype':'|u1','compressor':null,'filters':null,'fill_value':0,'order':'C'}";

/// JSON is written with single quotes for double ones.
void write(const std::string& path, std::string json) {
  std::replace(json.begin(), json.end(), '\'', '"');
  cubeloom::test::writeFile(path, json);
}

std::string manyEmpty(const char* what, std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) (list += what) += ',';
  return list + "0]";
}

}  // namespace

class TestLargeDocuments : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::string at(const QString& name) const { return m_dir.filePath(name).toStdString(); }

  /// What `open` complains about; it may not have taken more than 400 MiB beyond what there was.
  static QString complaint(const std::function<std::string()>& open) {
    const std::int64_t before = processPeakRssBytes();
    const std::string said = open();
    const double taken = static_cast<double>(processPeakRssBytes() - before);
    return QString("%1%2").arg(taken < 400 * kMiB ? "" : "TOO MUCH MEMORY: ").arg(QString::fromStdString(said));
  }
  static std::string opened(const std::string& path) {
    const auto source = makeFileProvider()->open({path, {}, {}});
    return source ? "opened" : source.error().text();
  }

 private slots:
  void chain() {
    write(at("c.cubeloom"), "{'cubeloom':1,'nodes':[],'view':{'a':" + manyEmpty("{}", 9000000) + "}}");
    const QString said = complaint([this] {
      const auto chain = loadChain(at("c.cubeloom"));
      return chain ? "loaded" : chain.error().text();
    });
    QVERIFY2(said.contains("the chain file holds 1800") && said.contains("at most 2000000 are read") && !said.startsWith("TOO"),
             qPrintable(said));
  }

  void consolidatedZarr() {
    QVERIFY(QDir(m_dir.path()).mkdir("z.zarr"));
    const std::string start = "{'zarr_consolidated_format':1,'metadata':{'.zgroup':{'zarr_format':2},'v/.zarray':";
    write(at("z.zarr/.zmetadata"), start + kArray + ",'v/.zattrs':{'b':" + manyEmpty("[]", 5000000) + "}}}");
    const QString said = complaint([this] { return opened(at("z.zarr")); });
    QVERIFY2(said.contains("holds more than 1,000,000 values (10,0") && !said.startsWith("TOO"), qPrintable(said));
  }

  void references() {
    const std::string start = "{'version':1,'refs':{'.zgroup':{'zarr_format':2},'v/.zarray':";
    write(at("k.json"), start + kArray + ",'v/.zattrs':{'a':" + manyEmpty("[]", 8000000) + "}}}");
    const QString said = complaint([this] { return opened(at("k.json")); });
    QVERIFY2(said.contains("holds more than 1,000,000 values under the key \"v/.zattrs\"") && !said.startsWith("TOO"), qPrintable(said));
  }
};

QTEST_GUILESS_MAIN(TestLargeDocuments)
#include "tst_large_documents.moc"
