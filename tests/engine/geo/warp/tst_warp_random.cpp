// SPDX-License-Identifier: GPL-3.0-or-later
// Hundreds of warps at random beside gdalwarp -et 0: nearest to the bit, the others to 1e-6 of the value, integers to the rounding of a
// tie. CUBELOOM_WARP_CASES and CUBELOOM_WARP_SEED ask for more, or for others.
#include <QtTest>

#include "tests/support/random_warp.h"
#include "tests/support/warp_judge.h"

using namespace cubeloom;
using namespace cubeloom::test;

namespace {

std::uint64_t fromEnvironment(const char* name, std::uint64_t otherwise) {
  bool isNumber = false;
  const qulonglong value = qEnvironmentVariable(name).toULongLong(&isNumber);
  return isNumber ? value : otherwise;
}

}  // namespace

class TestWarpRandom : public QObject {
  Q_OBJECT

 private slots:
  void equalsGdalwarp();
};

void TestWarpRandom::equalsGdalwarp() {
  const std::uint64_t seed = fromEnvironment("CUBELOOM_WARP_SEED", 1), cases = fromEnvironment("CUBELOOM_WARP_CASES", 224);
  const std::uint64_t first = fromEnvironment("CUBELOOM_WARP_FIRST", 0);
  std::size_t compared = 0, differing = 0, artefacts = 0;
  for (std::uint64_t index = first; index < first + cases; ++index) {
    const GdalWarpJob job = randomWarp(seed, index);
    const WarpVerdict verdict = judgeWarp(job, 1 + static_cast<std::int64_t>(index % 9), 1 + static_cast<std::int64_t>(index % 13));
    ++compared;
    if (verdict.needsOtherWay) ++artefacts;
    if (verdict.problem.isEmpty()) continue;
    ++differing;
    qWarning("seed %llu, case %llu: %s\n  %s", static_cast<unsigned long long>(seed), static_cast<unsigned long long>(index),
             describe(job).c_str(), qPrintable(verdict.problem));
  }
  qInfo("%zu warps compared, %zu differ, %zu need gdalwarp to be asked another way", compared, differing, artefacts);
  QCOMPARE(differing, std::size_t(0));
  if (first == 0 && cases >= 224) {
    QVERIFY(compared >= 200);
    QVERIFY(artefacts * 20 <= compared);
  }
}

QTEST_APPLESS_MAIN(TestWarpRandom)
#include "tst_warp_random.moc"
