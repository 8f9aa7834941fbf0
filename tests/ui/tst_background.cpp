// SPDX-License-Identifier: GPL-3.0-or-later
// Work beside the window: its answers come in order, to nobody who is gone, and what is thrown in it is an answer, too.
#include <QtTest>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "engine/base/background.h"
#include "ui/async/latest_task.h"
#include "ui/async/mailbox.h"

using namespace cubeloom;

namespace {

void waitFor(const std::atomic<bool>& flag) {
  while (!flag) QThread::msleep(1);
}

/// As the window's parts are: the mailbox first, so that the work ends before it.
struct Receiver {
  explicit Receiver(std::vector<int>& all) : received(all) {}
  std::vector<int>& received;
  Mailbox mailbox;
  Background background;
  void ask(int number) {
    background.start([this, number] { mailbox.post([this, number] { received.push_back(number); }); });
  }
};

}  // namespace

class TestBackground : public QObject {
  Q_OBJECT
 private slots:
  void answersComeInOrderOnTheThreadOfTheReceiver() {
    Mailbox mailbox;
    std::vector<int> received;
    bool isHere = true;
    std::thread::id worker;
    Background background;
    for (int i = 0; i < 200; ++i)
      background.start([&, i] {
        worker = std::this_thread::get_id();
        mailbox.post([&, i, here = QThread::currentThread()] {
          isHere = isHere && QThread::currentThread() == mailbox.thread() && here != mailbox.thread();
          received.push_back(i);
        });
      });
    QTRY_COMPARE(received.size(), std::size_t{200});
    for (std::size_t i = 0; i < received.size(); ++i) QCOMPARE(received[i], static_cast<int>(i));
    QVERIFY(isHere);
    background.waitForDone();
    QVERIFY(worker != std::this_thread::get_id());
  }

  /// While a letter waits for an answer of the user, as a question does, those that come meanwhile are read.
  void aLetterMayWaitForTheUser() {
    Mailbox mailbox;
    std::vector<int> received;
    mailbox.post([&] {
      received.push_back(0);
      for (int i = 1; i < 4; ++i) mailbox.post([&, i] { received.push_back(i); });
      QTRY_COMPARE(received.size(), std::size_t{4});
      received.push_back(4);
    });
    QTRY_COMPARE(received, (std::vector<int>{0, 1, 2, 3, 4}));
  }

  void whoIsGoneReceivesNothing() {
    std::vector<int> received;
    auto receiver = std::make_unique<Receiver>(received);
    for (int i = 0; i < 5; ++i) receiver->ask(i);
    receiver->background.waitForDone();
    receiver.reset();
    QCoreApplication::processEvents();
    QVERIFY(received.empty());
  }

  /// The letter after it is dropped with its receiver.
  void aLetterMayEndItsReceiver() {
    auto mailbox = std::make_unique<Mailbox>();
    int letters = 0;
    for (int i = 0; i < 2; ++i)
      mailbox->post([&] {
        ++letters;
        mailbox.reset();
      });
    QTRY_VERIFY(!mailbox);
    QCoreApplication::processEvents();
    QCOMPARE(letters, 1);
  }

  void theEndWaitsForWhatRunsAndDropsTheRest() {
    std::vector<int> received;
    std::atomic<bool> hasBegun{false}, isOver{false}, isNextBegun{false};
    {
      Receiver receiver(received);
      receiver.background.start([&] {
        hasBegun = true;
        QThread::msleep(100);
        receiver.mailbox.post([&] { receiver.received.push_back(1); });
        isOver = true;
      });
      receiver.background.start([&] { isNextBegun = true; });
      waitFor(hasBegun);
    }
    QVERIFY(isOver);
    QVERIFY(!isNextBegun);
    QCoreApplication::processEvents();
    QVERIFY(received.empty());
  }

  /// What was to be written is written.
  void whoWaitsHasAllDone() {
    std::atomic<int> done{0};
    Background background(3);
    for (int i = 0; i < 50; ++i) background.start([&] { ++done; });
    background.waitForDone();
    QCOMPARE(done.load(), 50);
    background.start([&] { ++done; });
    background.waitForDone();
    QCOMPARE(done.load(), 51);
  }

  void noMoreThreadsThanAllowed() {
    std::atomic<int> now{0}, most{0};
    Background background(2);
    for (int i = 0; i < 20; ++i)
      background.start([&] {
        const int here = ++now;
        for (int seen = most; seen < here && !most.compare_exchange_weak(seen, here);) {
        }
        QThread::msleep(2);
        --now;
      });
    background.waitForDone();
    QCOMPARE(most.load(), 2);
  }

  void whatIsThrownEndsTheWorkAlone() {
    std::atomic<bool> isNextDone{false};
    Background background;
    background.start([] { throw std::runtime_error("no such band"); });
    background.start([] { throw 7; });
    background.start([&] { isNextDone = true; });
    background.waitForDone();
    QVERIFY(isNextDone);
  }

  void whatIsThrownIsTheAnswer() {
    LatestTask<Result<int>> task;
    std::optional<Result<int>> answer;
    task.start([](const CancelToken&) -> Result<int> { throw std::runtime_error("no such band"); },
               [&](Result<int> result) { answer = std::move(result); });
    QVERIFY(task.isBusy());
    QTRY_VERIFY(answer);
    QVERIFY(!task.isBusy());
    QVERIFY(!*answer);
    QVERIFY2(answer->error().text().find("no such band") != std::string::npos, answer->error().text().c_str());
    LatestTask<int> plain;
    std::optional<int> number;
    plain.start([](const CancelToken&) -> int { throw std::bad_alloc(); }, [&](int result) { number = result; });
    QTRY_COMPARE(number.value_or(-1), 0);
  }

  void onlyTheLatestAnswers() {
    LatestTask<int> task;
    std::vector<int> answers;
    std::atomic<bool> hasBegun{false}, wasCanceled{false};
    task.start(
        [&](const CancelToken& cancel) {
          hasBegun = true;
          while (!cancel.isCanceled()) QThread::msleep(1);
          wasCanceled = true;
          return 1;
        },
        [&](int answer) { answers.push_back(answer); });
    waitFor(hasBegun);
    for (int i = 2; i < 5; ++i) task.start([i](const CancelToken&) { return i; }, [&](int answer) { answers.push_back(answer); });
    QTRY_COMPARE(answers, std::vector<int>{4});
    QTRY_VERIFY(wasCanceled);
    QCoreApplication::processEvents();
    QCOMPARE(answers, std::vector<int>{4});
  }

  /// As a folder of the browser that is read anew once it has been read.
  void anAnswerMayEndItsTask() {
    auto task = std::make_unique<LatestTask<int>>();
    int answer = 0;
    task->start([](const CancelToken&) { return 7; },
                [&](int result) {
                  task.reset();
                  answer = result;
                });
    QTRY_COMPARE(answer, 7);
    QVERIFY(!task);
  }
};

QTEST_GUILESS_MAIN(TestBackground)
#include "tst_background.moc"
