// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop program from outside, where there is no display: what only needs an answer in the terminal gets it.
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QTest>

class TestDesktopProgram : public QObject {
  Q_OBJECT

 private slots:
  void answersWithoutADisplay_data() {
    QTest::addColumn<QString>("question");
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("help") << "--help" << QByteArray("--sample");
    QTest::newRow("short help") << "-h" << QByteArray("--sample");
    QTest::newRow("version") << "--version" << QByteArray("Cubeloom ");
  }
  void answersWithoutADisplay() {
    QFETCH(QString, question);
    QFETCH(QByteArray, answer);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) environment.remove(name);
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(QFileInfo(CUBELOOM_CLI).dir().filePath("cubeloom"), {question});
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    const QByteArray out = process.readAllStandardOutput();
    QVERIFY2(out.contains(answer), out.constData());
  }
};

QTEST_APPLESS_MAIN(TestDesktopProgram)
#include "tst_desktop_program.moc"
