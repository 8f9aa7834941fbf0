// SPDX-License-Identifier: GPL-3.0-or-later
// saveFile(): the old content or the new one, whatever happens.
#include <sys/resource.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "engine/base/saved_file.h"

using namespace cubeloom;

class TestSavedFile : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }
  QByteArray content(const char* name) const {
    QFile file(m_folder.filePath(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(cannot be read)");
  }
  QStringList names() const { return QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden); }

 private slots:
  void theNewContentReplacesTheOld() {
    QVERIFY(saveFile(path("a.txt"), "first, and longer").has_value());
    QVERIFY(saveFile(path("a.txt"), "second").has_value());
    QCOMPARE(content("a.txt"), QByteArray("second"));
    QCOMPARE(names(), QStringList{"a.txt"});
  }

  void linksAndPermissionsStay() {
    QVERIFY(saveFile(path("real.txt"), "old").has_value());
    QVERIFY(QFile::setPermissions(m_folder.filePath("real.txt"), QFile::ReadOwner | QFile::WriteOwner));
    QVERIFY(QFile::link("real.txt", m_folder.filePath("link.txt")));
    QVERIFY(saveFile(path("link.txt"), "new").has_value());
    QVERIFY(QFileInfo(m_folder.filePath("link.txt")).isSymLink());
    QCOMPARE(content("real.txt"), QByteArray("new"));
    QCOMPARE(QFile::permissions(m_folder.filePath("real.txt")) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
  }

  void aFailureLeavesTheOldFileAndNamesTheBytes() {
    QVERIFY(saveFile(path("b.txt"), "old").has_value());
    // A file that may not grow stands for a disk that is full.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{1000, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto saved = saveFile(path("b.txt"), std::string(3500, 'x'));
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    QVERIFY(!saved.has_value());
    QVERIFY2(saved.error().message.find("2,500 bytes short") != std::string::npos, saved.error().message.c_str());
    QCOMPARE(saved.error().path, path("b.txt"));
    QCOMPARE(content("b.txt"), QByteArray("old"));
    const auto nowhere = saveFile(path("missing/b.txt"), "x");
    QVERIFY(!nowhere.has_value());
    QVERIFY(!names().join(' ').contains("saving"));
  }
};

QTEST_APPLESS_MAIN(TestSavedFile)
#include "tst_saved_file.moc"
