// SPDX-License-Identifier: GPL-3.0-or-later
// Chains that a program wrote: ten thousand steps in a line, a hundred diamonds, sixty branches. Nothing of them may be walked by
// recursion, nor twice.
#include <sys/resource.h>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestLongChains : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  /// With a stack of 512 KiB for every thread: a hundred bytes a step would already be too many.
  int run(const QStringList& arguments, QByteArray& error) const {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.setChildProcessModifier([] {
      const rlimit small{512 * 1024, 512 * 1024};
      ::setrlimit(RLIMIT_STACK, &small);
    });
    process.start(CUBELOOM_CLI, arguments);
    if (!process.waitForFinished(120000)) return -1;
    error = process.readAllStandardError();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  }

  static QJsonObject node(const QString& id, const QString& op, const QStringList& inputs, const QJsonObject& params) {
    return {{"id", id}, {"op", op}, {"inputs", QJsonArray::fromStringList(inputs)}, {"params", params}};
  }

  static QJsonObject output(const QString& of) {
    return node("w", "write", {of}, {{"path", "out.img"}, {"format", "ENVI"}, {"overwrite", true}});
  }

  /// `steps` calcs of `expression`, each over `uses` times the one before.
  QJsonArray calcs(int steps, int uses, const QString& expression) const {
    QJsonArray nodes{node("s", "open", {}, {{"path", "one.hdr"}})};
    QString last = "s";
    for (int i = 0; i < steps; ++i) {
      const QString id = "c" + QString::number(i);
      nodes.append(node(id, "calc", QStringList(uses, last), {{"expression", expression}}));
      last = id;
    }
    nodes.append(output(last));
    return nodes;
  }

 private slots:
  void initTestCase() {
    QFile header(m_folder.filePath("one.hdr")), data(m_folder.filePath("one"));
    QVERIFY(header.open(QIODevice::WriteOnly) && data.open(QIODevice::WriteOnly));
    header.write(
        "ENVI\nsamples = 2\nlines = 1\nbands = 1\ndata type = 4\ninterleave = bsq\nbyte order = 0\nheader offset = 0\n"
        "map info = {UTM, 1, 1, 500000, 4000000, 10, 10, 10, North, WGS-84}\n");
    for (const float value : {1.5F, -3.0F}) data.write(reinterpret_cast<const char*>(&value), sizeof(value));
  }

  void everyStepIsWalkedOnce_data() {
    QTest::addColumn<QJsonArray>("nodes");
    QTest::addColumn<float>("first");
    QTest::addColumn<float>("second");
    QTest::newRow("a line of 10,000") << calcs(10000, 1, "x+1") << 10001.5F << 9997.0F;
    QTest::newRow("100 diamonds") << calcs(100, 2, "(x+in2.x)/2+1") << 101.5F << 97.0F;
    QJsonArray branches{node("s", "open", {}, {{"path", "one.hdr"}})};
    QString sum = "s";
    for (int i = 1; i <= 60; ++i) {
      const QString branch = "b" + QString::number(i), next = "sum" + QString::number(i);
      branches.append(node(branch, "calc", {"s"}, {{"expression", "x*" + QString::number(i)}}));
      branches.append(node(next, "calc", {sum, branch}, {{"expression", "x+in2.x"}}));
      sum = next;
    }
    branches.append(output(sum));
    QTest::newRow("60 branches, summed up") << branches << 1.5F * 1831 << -3.0F * 1831;
  }
  void everyStepIsWalkedOnce() {
    QFETCH(QJsonArray, nodes);
    QFETCH(float, first);
    QFETCH(float, second);
    QFile chain(m_folder.filePath("long.cubeloom"));
    QVERIFY(chain.open(QIODevice::WriteOnly));
    chain.write(QJsonDocument(QJsonObject{{"cubeloom", 1}, {"nodes", nodes}}).toJson());
    chain.close();
    QByteArray error;
    QVERIFY2(run({"plan", "long.cubeloom"}, error) == 0, error.constData());
    QVERIFY2(run({"run", "--progress", "none", "long.cubeloom"}, error) == 0, error.constData());

    QFile out(m_folder.filePath("out.img"));
    QVERIFY(out.open(QIODevice::ReadOnly));
    const QByteArray bytes = out.readAll();
    QCOMPARE(bytes.size(), qsizetype{2 * sizeof(float)});
    const auto* values = reinterpret_cast<const float*>(bytes.constData());
    QCOMPARE(values[0], first);
    QCOMPARE(values[1], second);
  }
};

QTEST_APPLESS_MAIN(TestLongChains)
#include "tst_long_chains.moc"
