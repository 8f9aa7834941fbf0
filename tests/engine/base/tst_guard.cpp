// SPDX-License-Identifier: GPL-3.0-or-later
// What is thrown inside a guard is an error outside of it, with the class that decides about the exit code.
#include <QTest>
#include <new>
#include <stdexcept>
#include <system_error>

#include "engine/base/guard.h"

using namespace cubeloom;

class TestGuard : public QObject {
  Q_OBJECT
 private slots:
  void valuesAndErrorsPassThrough() {
    QCOMPARE(guarded([] { return 7; }).value(), 7);
    QVERIFY(guarded([] {}).has_value());
    const auto failed = guarded([]() -> Result<int> { return fail(ErrorCode::ReadFailed, "the disk is gone", "look at it"); });
    QVERIFY(!failed);
    QCOMPARE(failed.error().text(), std::string("the disk is gone (look at it)"));
  }

  void whatIsNoTextIsShownByItsBytes() {
    const auto failed = []() -> Result<void> { return fail(ErrorCode::OpenFailed, "'zst\xfb' and '\x1b[31m' in 'gr\xc3\xbcn'"); }();
    QCOMPARE(failed.error().text(), std::string("'zst\\xfb' and '\\x1b[31m' in 'gr\xc3\xbcn'"));
  }

  void memoryIsOverBudget() {
    const auto failed = guarded([]() -> int { throw std::bad_alloc(); });
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, ErrorCode::OverBudget);
    QVERIFY(failed.error().hint.find("fewer workers") != std::string::npos);
  }

  void threadsAreOverBudget() {
    const auto failed =
        guarded([] { throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again), "a thread"); });
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, ErrorCode::OverBudget);
  }

  void theRestIsInternalWithItsWords() {
    const auto failed = guarded([] { throw std::out_of_range("index 9 of 3"); });
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, ErrorCode::Internal);
    QVERIFY(failed.error().message.find("index 9 of 3") != std::string::npos);
    QCOMPARE(guarded([] { throw 7; }).error().code, ErrorCode::Internal);
  }
};

QTEST_APPLESS_MAIN(TestGuard)
#include "tst_guard.moc"
