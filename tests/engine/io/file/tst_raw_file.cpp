// SPDX-License-Identifier: GPL-3.0-or-later
// Files read by position: through the system's cache and past it, the same bytes.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

#include "engine/array/buffer_pool.h"
#include "engine/io/file/raw_file.h"

using namespace cubeloom;

class TestRawFile : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;

  /// 7 MiB and 1234 bytes that tell where they are, on the disk and not in memory.
  std::string coldFile(std::vector<std::byte>& bytes) const {
    bytes.resize((std::size_t{7} << 20) + 1234);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 31 + (i >> 8) * 7 + (i >> 16));
    const std::string path = m_folder.filePath("cold").toStdString();
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (::write(descriptor, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) bytes.clear();
    ::fsync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
    return path;
  }

 private slots:
  /// Window after window from a place that is aligned to nothing, over the end of the file. Where the file system has no such reads (or
  /// keeps its files in memory), read() does it.
  void pastTheCacheTheSameBytes() {
    std::vector<std::byte> bytes;
    const auto file = RawFile::open(coldFile(bytes));
    QVERIFY(file.has_value());
    BufferPool pool;
    const Buffer window = pool.take(RawFile::kWindowBytes);
    const auto end = static_cast<std::int64_t>(bytes.size());
    std::vector<std::byte> got(bytes.size());
    for (std::int64_t at = 4093; at < end;) {
      if (const auto held = (*file)->readPastCache(window.data(), at, end)) {
        QVERIFY(held->bytes > 0 && at + held->bytes <= end);
        std::memcpy(got.data() + at, held->data, static_cast<std::size_t>(held->bytes));
        at += held->bytes;
      } else {
        const std::int64_t count = std::min<std::int64_t>(end - at, 100'000);
        QVERIFY((*file)->read(got.data() + at, count, at, end).has_value());
        at += count;
      }
    }
    QCOMPARE(std::memcmp(got.data() + 4093, bytes.data() + 4093, bytes.size() - 4093), 0);
  }

  /// What is in memory is taken from there.
  void memoryFirst() {
    std::vector<std::byte> bytes;
    const auto file = RawFile::open(coldFile(bytes));
    QVERIFY(file.has_value());
    BufferPool pool;
    const Buffer window = pool.take(RawFile::kWindowBytes);
    std::vector<std::byte> page(4096);
    QVERIFY((*file)->read(page.data(), 4096, 0, 4096).has_value());
    QVERIFY(!(*file)->readPastCache(window.data(), 100, static_cast<std::int64_t>(bytes.size())));
  }

  /// What is fetched ahead comes by itself, and is what read() gives.
  void fetchedAhead() {
    std::vector<std::byte> bytes;
    const auto file = RawFile::open(coldFile(bytes));
    QVERIFY(file.has_value());
    constexpr std::int64_t kPlace = (std::int64_t{5} << 20) + 17;
    if ((*file)->isAtHand(kPlace)) QSKIP("the file system keeps its files in memory");
    (*file)->fetch(kPlace, 1000);
    QTRY_VERIFY((*file)->isAtHand(kPlace));
    QVERIFY(!(*file)->isAtHand(std::int64_t{3} << 20));
    std::vector<std::byte> got(1000);
    QVERIFY((*file)->read(got.data(), 1000, kPlace, kPlace + 1000).has_value());
    QCOMPARE(std::memcmp(got.data(), bytes.data() + kPlace, 1000), 0);
  }

  /// Behind the end there is nothing, and read() says so.
  void endsWithTheFile() {
    std::vector<std::byte> bytes;
    const auto file = RawFile::open(coldFile(bytes));
    QVERIFY(file.has_value());
    BufferPool pool;
    const Buffer window = pool.take(RawFile::kWindowBytes);
    const auto end = static_cast<std::int64_t>(bytes.size());
    QVERIFY(!(*file)->readPastCache(window.data(), end, end + (4 << 20)));
    const auto read = (*file)->read(window.data(), 10, end - 5, end + 5);
    QVERIFY(!read);
    QVERIFY(read.error().code == ErrorCode::ReadFailed);
  }

  /// 400 files where 96 may be open: all can be read, by several threads at once, and none is taken for another.
  void moreFilesThanMayBeOpen() {
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few{96, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &few), 0);
    constexpr int kFiles = 400;
    std::vector<std::shared_ptr<RawFile>> files;
    for (int i = 0; i < kFiles; ++i) {
      const std::string path = m_folder.filePath(QString("many_%1").arg(i)).toStdString();
      const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
      QVERIFY(::write(descriptor, &i, sizeof(i)) == sizeof(i));
      ::close(descriptor);
      auto file = RawFile::open(path);
      QVERIFY2(file.has_value(), file ? "" : file.error().text().c_str());
      files.push_back(std::move(*file));
    }
    std::atomic<int> wrong{0};
    const auto readAll = [&](int step) {
      for (int k = 0; k < 3 * kFiles; ++k) {
        const int i = (k * step) % kFiles;
        int value = -1;
        const auto done = files[static_cast<std::size_t>(i)]->read(reinterpret_cast<std::byte*>(&value), sizeof(value), 0, sizeof(value));
        if (!done || value != i) ++wrong;
      }
    };
    std::thread one(readAll, 1), two(readAll, 7), three(readAll, 399);
    for (std::thread* thread : {&one, &two, &three}) thread->join();
    QCOMPARE(wrong.load(), 0);

    // Another file has come in the place of one that is not open now.
    const std::string last = files.back()->path();
    const std::string fresh = last + ".new";
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT, 0600);
    QVERIFY(::write(descriptor, "abcd", 4) == 4);
    ::close(descriptor);
    for (std::size_t i = 100; i < 300; ++i) {  // so that the last one is closed by now
      int value = 0;
      QVERIFY(files[i]->read(reinterpret_cast<std::byte*>(&value), sizeof(value), 0, sizeof(value)).has_value());
    }
    QCOMPARE(std::rename(fresh.c_str(), last.c_str()), 0);
    int value = 0;
    QVERIFY(!files.back()->read(reinterpret_cast<std::byte*>(&value), sizeof(value), 0, sizeof(value)).has_value());
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
  }
};

QTEST_GUILESS_MAIN(TestRawFile)
#include "tst_raw_file.moc"
