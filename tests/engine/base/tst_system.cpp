// SPDX-License-Identifier: GPL-3.0-or-later
// Cores and memory of machines we don't have: fake /proc and /sys trees with topologies and control groups of both versions.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <thread>

#include "engine/base/system.h"
#include "engine/base/system_probe.h"

using namespace cubeloom;

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

/// A directory that stands for "/" of another machine.
class FakeMachine {
 public:
  void write(const QString& path, const QByteArray& text) const {
    const QString full = m_directory.path() + path;
    QVERIFY(QDir().mkpath(QFileInfo(full).path()));
    QFile file(full);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
  }
  /// `threadsPerCore` neighbours share a core.
  void setCores(int count, int threadsPerCore) const {
    const QString cpus = "/sys/devices/system/cpu/";
    write(cpus + "online", count == 1 ? QByteArray("0\n") : "0-" + QByteArray::number(count - 1) + "\n");
    for (int core = 0; core < count; ++core) {
      const int first = core / threadsPerCore * threadsPerCore;
      QByteArray list = QByteArray::number(first);
      if (threadsPerCore > 1) list += "-" + QByteArray::number(first + threadsPerCore - 1);
      write(cpus + QString("cpu%1/topology/thread_siblings_list").arg(core), list + "\n");
    }
  }
  void setMemory(std::int64_t totalMiB, std::int64_t availableMiB) const {
    write("/proc/meminfo", "MemTotal:       " + QByteArray::number(static_cast<qlonglong>(totalMiB * 1024)) +
                               " kB\nMemFree:         1024 kB\nMemAvailable:   " +
                               QByteArray::number(static_cast<qlonglong>(availableMiB * 1024)) + " kB\n");
  }
  std::string root() const { return m_directory.path().toStdString(); }

 private:
  QTemporaryDir m_directory;
};

const QByteArray kV2Mount = "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw\n";

}  // namespace

class TestSystem : public QObject {
  Q_OBJECT
 private slots:
  void choosesWorkers_data() {
    QTest::addColumn<int>("logical");
    QTest::addColumn<int>("threadsPerCore");
    QTest::addColumn<int>("affinity");
    QTest::addColumn<QByteArray>("cpuMax");
    QTest::addColumn<int>("maximum");
    QTest::addColumn<QString>("why");
    QTest::addColumn<int>("desktop");
    QTest::addColumn<QString>("desktopWhy");
    const auto row = [](const char* name, int logical, int threadsPerCore, int affinity, const char* cpuMax, int maximum, const char* why,
                        int desktop, const char* desktopWhy) {
      QTest::newRow(name) << logical << threadsPerCore << affinity << QByteArray(cpuMax) << maximum << QString(why) << desktop
                          << QString(desktopWhy);
    };
    row("one core", 1, 1, 1, "", 1, "1 of 1: only one core is usable", 1, "1 of 1: only one core is usable");
    row("two cores", 2, 1, 2, "", 2, "2 of 2: all usable cores", 1, "1 of 2: keeps one core for the desktop");
    row("laptop", 8, 2, 8, "", 8, "8 of 8: all usable cores", 7, "7 of 8: keeps one core for the desktop");
    row("taskset", 16, 1, 4, "", 4, "4 of 4: all usable cores; this process may use 4 of 16 cores", 3,
        "3 of 4: keeps one core for the desktop; this process may use 4 of 16 cores");
    row("container", 64, 2, 64, "350000 100000\n", 4, "4 of 4: all usable cores; the control group's quota is 3.5 of 64 cores", 3,
        "3 of 4: keeps one core for the desktop; the control group's quota is 3.5 of 64 cores");
    row("quota below one core", 4, 1, 4, "50000 100000\n", 1,
        "1 of 1: only one core is usable; the control group's quota is 0.5 of 4 cores", 1,
        "1 of 1: only one core is usable; the control group's quota is 0.5 of 4 cores");
    row("no quota", 4, 1, 4, "max 100000\n", 4, "4 of 4: all usable cores", 3, "3 of 4: keeps one core for the desktop");
  }
  void choosesWorkers() {
    QFETCH(int, logical);
    QFETCH(int, threadsPerCore);
    QFETCH(int, affinity);
    QFETCH(QByteArray, cpuMax);
    FakeMachine machine;
    machine.setCores(logical, threadsPerCore);
    machine.setMemory(1000, 500);
    machine.write("/proc/self/cgroup", "0::/user.slice/app\n");
    machine.write("/proc/self/mountinfo", kV2Mount);
    machine.write("/sys/fs/cgroup/user.slice/app/cpu.max", cpuMax);
    const SystemFacts facts = probeSystem(machine.root(), affinity);
    QCOMPARE(facts.logicalCores, logical);
    QCOMPARE(facts.physicalCores, logical / threadsPerCore);
    QCOMPARE(facts.affinityCores, affinity);
    QTEST(facts.maximumWorkers, "maximum");
    QTEST(QString::fromStdString(facts.maximumWhy), "why");
    QTEST(facts.desktopWorkers, "desktop");
    QTEST(QString::fromStdString(facts.desktopWhy), "desktopWhy");
  }

  void memoryWithoutLimits() {
    FakeMachine machine;
    machine.setCores(4, 1);
    machine.setMemory(16000, 10000);
    const SystemFacts facts = probeSystem(machine.root(), 4);
    QCOMPARE(facts.memoryTotalBytes, 16000 * kMiB);
    QCOMPARE(facts.memoryAvailableBytes, 10000 * kMiB);
    QCOMPARE(facts.memoryLimitBytes, std::int64_t{0});
    QCOMPARE(facts.defaultBudgetBytes, 7000 * kMiB);
  }

  /// The limit of the parent group binds although the own group has none; its page cache doesn't count as used.
  void memoryLimitOfParentV2() {
    FakeMachine machine;
    machine.setCores(4, 1);
    machine.setMemory(16000, 10000);
    machine.write("/proc/self/cgroup", "0::/job/step\n");
    machine.write("/proc/self/mountinfo", kV2Mount);
    machine.write("/sys/fs/cgroup/job/step/memory.max", "max\n");
    machine.write("/sys/fs/cgroup/job/memory.max", QByteArray::number(qlonglong(4000 * kMiB)));
    machine.write("/sys/fs/cgroup/job/memory.current", QByteArray::number(qlonglong(1500 * kMiB)));
    machine.write("/sys/fs/cgroup/job/memory.stat", "anon 1\ninactive_file " + QByteArray::number(qlonglong(500 * kMiB)) + "\n");
    const SystemFacts facts = probeSystem(machine.root(), 4);
    QCOMPARE(facts.memoryLimitBytes, 4000 * kMiB);
    QCOMPARE(facts.memoryAvailableBytes, 3000 * kMiB);
  }

  /// Docker on v1: the mount shows the container's own group, /proc/self/cgroup tells the host's path.
  void containerOnV1() {
    FakeMachine machine;
    machine.setCores(32, 2);
    machine.setMemory(64000, 50000);
    machine.write("/proc/self/cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/system.slice\n");
    machine.write("/proc/self/mountinfo",
                  "35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                  "32 31 0:29 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
    machine.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
    machine.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    machine.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", QByteArray::number(qlonglong(2000 * kMiB)));
    machine.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", QByteArray::number(qlonglong(600 * kMiB)));
    const SystemFacts facts = probeSystem(machine.root(), 32);
    QCOMPARE(facts.quotaCores, 2.0);
    QCOMPARE(facts.maximumWorkers, 2);
    QCOMPARE(facts.memoryLimitBytes, 2000 * kMiB);
    QCOMPARE(facts.memoryAvailableBytes, 1400 * kMiB);
  }

  /// v1 writes "no limit" as a number near 2^63, and -1 for the quota.
  void unlimitedOnV1() {
    FakeMachine machine;
    machine.setCores(4, 1);
    machine.setMemory(8000, 6000);
    machine.write("/proc/self/cgroup", "4:memory:/\n3:cpu:/\n");
    machine.write("/proc/self/mountinfo",
                  "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                  "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n");
    machine.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    machine.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    machine.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    const SystemFacts facts = probeSystem(machine.root(), 4);
    QCOMPARE(facts.quotaCores, 0.0);
    QCOMPARE(facts.memoryLimitBytes, std::int64_t{0});
    QCOMPARE(facts.memoryAvailableBytes, 6000 * kMiB);
  }

  void nothingReadable() {
    FakeMachine machine;
    const SystemFacts facts = probeSystem(machine.root(), 3);
    QCOMPARE(facts.maximumWorkers, 1);
    QCOMPARE(facts.memoryAvailableBytes, std::int64_t{0});
  }

  void thisMachine() {
    const SystemFacts facts = systemFacts();
    QVERIFY(facts.logicalCores >= 1);
    QVERIFY(facts.physicalCores <= facts.logicalCores);
    QVERIFY(facts.desktopWorkers >= 1 && facts.desktopWorkers <= facts.maximumWorkers);
    QVERIFY(facts.memoryAvailableBytes > 0 && facts.memoryAvailableBytes <= facts.memoryTotalBytes);
  }

  void countersFollowTheProcess() {
    const std::int64_t before = processRssBytes(), start = nowNs();
    const double cpuBefore = processCpuSeconds();
    std::vector<char> memory(64 * kMiB, 1);
    QVERIFY(processRssBytes() - before > 60 * kMiB);
    QVERIFY(processPeakRssBytes() >= before + 60 * kMiB);
    volatile double sum = 0;
    while (nowNs() - start < 100'000'000) sum = sum + memory[static_cast<std::size_t>(nowNs() % 1000)];
    QVERIFY(processCpuSeconds() > cpuBefore);

    QTemporaryDir directory;
    QFile file(directory.filePath("io"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const ProcessIo io = processIo();
    file.write(QByteArray(3 * kMiB, 'x'));
    file.close();
    if (io.writtenBytes > 0) QVERIFY(processIo().writtenBytes - io.writtenBytes >= 3 * kMiB);
  }
};

QTEST_GUILESS_MAIN(TestSystem)
#include "tst_system.moc"
