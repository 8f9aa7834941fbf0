// SPDX-License-Identifier: GPL-3.0-or-later
// Every chain of resources/chains runs on the samples, and says what it writes.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestExamples : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  static QDir chains() { return QDir(QStringLiteral(CUBELOOM_SOURCE_DIR "/resources/chains")); }

  static QByteArray run(const QString& program, const QStringList& arguments, int* code) {
    QProcess process;
    process.start(program, arguments);
    process.waitForFinished(120000);
    *code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    return process.readAllStandardError();
  }

 private slots:
  void initTestCase() {
    for (const QStringList& words : {QStringList{m_folder.path()}, {"--scene", "coast", m_folder.path()}}) {
      int code = -1;
      const QByteArray error = run(QFileInfo(CUBELOOM_CLI).path() + "/cubeloom-sample", words, &code);
      QVERIFY2(code == 0, error.constData());
    }
  }

  void runs_data() {
    QTest::addColumn<QString>("name");
    for (const QString& name : chains().entryList({"*.cubeloom"})) QTest::newRow(name.toLocal8Bit().constData()) << name;
  }
  void runs() {
    QFETCH(QString, name);
    const QString chain = m_folder.filePath(name);
    QVERIFY(QFile::copy(chains().filePath(name), chain));
    const QStringList before = QDir(m_folder.path()).entryList(QDir::Files);
    int code = -1;
    const QByteArray error = run(CUBELOOM_CLI, {"run", "--progress", "none", chain}, &code);
    QVERIFY2(code == 0, error.constData());
    QVERIFY(QDir(m_folder.path()).entryList(QDir::Files).size() > before.size());
  }
};

QTEST_APPLESS_MAIN(TestExamples)
#include "tst_examples.moc"
