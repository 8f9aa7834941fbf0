// SPDX-License-Identifier: GPL-3.0-or-later
// Files read by position: through the system's cache and past it, the same bytes.
#include <fcntl.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <cstring>

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
};

QTEST_GUILESS_MAIN(TestRawFile)
#include "tst_raw_file.moc"
