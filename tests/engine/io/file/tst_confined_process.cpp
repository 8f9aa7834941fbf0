// SPDX-License-Identifier: GPL-3.0-or-later
// What a process can no longer do once it is confined to a folder.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

#include "engine/io/file/confined_process.h"
#include "tests/support/envi_writer.h"

using namespace cubeloom;

namespace {

/// The exit code of `work` in a process of its own that is confined to `folder`; -1: it was killed.
int confinedTo(const std::string& folder, const std::function<bool()>& work) {
  const pid_t child = fork();  // one thread: nothing else is running here
  if (child == 0) {
    confineThisProcess({folder}, 0);
    _exit(work() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

class TestConfinedProcess : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_dir;
  std::string at(const char* name) const { return m_dir.filePath(name).toStdString(); }

 private slots:
  void initTestCase() {
    QVERIFY(QDir(m_dir.path()).mkdir("in"));
    cubeloom::test::writeFile(at("in/a"), "a");
    cubeloom::test::writeFile(at("b"), "b");
  }

  void filesOfTheFolderAreRead() {
    QCOMPARE(confinedTo(at("in"), [&] { return open(at("in/a").c_str(), O_RDONLY) >= 0; }), 1);
  }

  void others_data() {
    QTest::addColumn<bool>("takesLandlock");
    for (const char* name : {"file outside", "up and out", "descriptor of it"}) QTest::newRow(name) << true;
    for (const char* name :
         {"writing", "making", "removing", "socket", "TCP", "program", "process", "times", "attributes", "young call", "x32 call"})
      QTest::newRow(name) << false;
  }
  void others() {
    QFETCH(bool, takesLandlock);
    const Confining has = confining();
    if (takesLandlock && has.landlock == 0) QSKIP("this kernel has no Landlock");
    if (!takesLandlock && !has.seccomp) QSKIP("this machine has no seccomp filter for us");
    const std::string row = QTest::currentDataTag();
    const std::map<std::string, std::function<bool()>> attempts{
        {"file outside", [&] { return open(at("b").c_str(), O_RDONLY) >= 0; }},
        {"up and out", [&] { return open(at("in/../b").c_str(), O_RDONLY) >= 0; }},
        {"descriptor of it", [&] { return openat(open(at("in").c_str(), O_RDONLY | O_DIRECTORY), "../b", O_RDONLY) >= 0; }},
        {"writing", [&] { return open(at("in/a").c_str(), O_RDWR) >= 0; }},
        {"making", [&] { return open(at("in/new").c_str(), O_CREAT | O_WRONLY, 0600) >= 0; }},
        {"removing", [&] { return unlink(at("in/a").c_str()) == 0; }},
        {"socket", [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
        {"TCP", [] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
        {"program", [] { return execl("/bin/true", "true", nullptr) == 0; }},
        {"process", [] { return fork() >= 0; }},
        {"times", [&] { return utimensat(AT_FDCWD, at("in/a").c_str(), nullptr, 0) == 0; }},
        {"attributes", [&] { return fchmod(open(at("in/a").c_str(), O_RDONLY), 0777) == 0; }},
        {"young call", [] { return syscall(462, 0, 0, 0) != -1 || errno != ENOSYS; }},
        {"x32 call", [] { return syscall(0x40000000 + SYS_getpid) >= 0; }},
    };
    QCOMPARE(confinedTo(at("in"), attempts.at(row)), 0);
    QVERIFY(QFile::exists(m_dir.filePath("in/a")));
  }

  /// Of a file in the root of the file system the folder is everything: a file alone can be allowed, too.
  void aFileAlone() {
    if (confining().landlock == 0) QSKIP("this kernel has no Landlock");
    QCOMPARE(confinedTo(at("in/a"), [&] { return open(at("in/a").c_str(), O_RDONLY) >= 0; }), 1);
    QCOMPARE(confinedTo(at("in/a"), [&] { return open(at("b").c_str(), O_RDONLY) >= 0; }), 0);
  }

  void whatIsMissingIsSaid() {
    QCOMPARE(confiningNotice({1, true}), std::string());
    QVERIFY(confiningNotice({0, true}).find("not to their folders") != std::string::npos);
    QVERIFY(confiningNotice({0, false}).find("not confined") != std::string::npos);
  }

  void threadsAndMemoryStay() {
    QCOMPARE(confinedTo(at("in"),
                        [] {
                          std::vector<char> much(64 << 20, 'x');
                          bool isRun = false;
                          std::thread([&] { isRun = much.back() == 'x'; }).join();
                          return isRun;
                        }),
             1);
  }
};

QTEST_GUILESS_MAIN(TestConfinedProcess)
#include "tst_confined_process.moc"
