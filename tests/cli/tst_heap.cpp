// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in the heap never gets into a file: glibc fills memory that is taken or given back with one byte, then with another.
#include <QTest>

#include "tests/support/cli_runs.h"

using namespace cubeloom::test;

class TestHeap : public QObject {
  Q_OBJECT
 private:
  CliRuns m_runs;

  QByteArray written(const QString& steps, const QString& out, const char* filling) const {
    qputenv("MALLOC_PERTURB_", filling);
    QByteArray error;
    const int code = m_runs.run(CliRuns::words(steps), &error);
    qunsetenv("MALLOC_PERTURB_");
    if (code != 0) return "exit " + QByteArray::number(code) + ": " + error;
    const QByteArray bytes = m_runs.content(out);
    m_runs.clear(out);
    return bytes;
  }

 private slots:
  void initTestCase() { QCOMPARE(m_runs.makeCube(4), QString()); }

  void filesAreTheSame_data() {
    addSinkRuns();
    for (const char* dtype : {"uint8", "float32"})
      for (const char* compress : {"lzw", "lerc", "lerc_zstd"})
        QTest::addRow("%s %s", dtype, compress)
            << QString("calc expression=b2*200 ! astype dtype=%1 nodata=0 ! write t.tif format=COG compress=%2").arg(dtype, compress)
            << QString("t.tif");
  }
  void filesAreTheSame() {
    QFETCH(QString, steps);
    QFETCH(QString, out);
    const QByteArray first = written(steps, out, "17");
    QVERIFY2(!first.startsWith("exit"), first.constData());
    QVERIFY(written(steps, out, "229") == first);
  }
};

QTEST_GUILESS_MAIN(TestHeap)
#include "tst_heap.moc"
