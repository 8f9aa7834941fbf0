// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine can do: one job each, written by hand, two threads, nothing else. The benchmark's lower bound.
//   cubeloom-floor nearest|average|ndvi|bsq|statistics CUBE OUT     CUBE: ENVI BIL float32 as cubeloom-sample makes it, named
//   ..._LINESxSAMPLESxBANDS
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr float kNodata = -9999;
constexpr double kLeft = 717720, kTop = 3865865, kPixel = 5;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// A cube and an output file, read and written by offset.
struct Job {
  std::int64_t lines = 0, samples = 0, bands = 0;
  int in = -1, out = -1;

  std::size_t lineValues() const { return static_cast<std::size_t>(bands * samples); }

  void read(std::int64_t first, std::size_t count, float* to) const {
    auto* at = reinterpret_cast<char*>(to);
    std::size_t left = count * sizeof(float);
    auto offset = static_cast<off_t>(first) * static_cast<off_t>(sizeof(float));
    while (left > 0) {
      const ssize_t n = ::pread(in, at, left, offset);
      if (n <= 0) die("pread");
      at += n, offset += n, left -= static_cast<std::size_t>(n);
    }
  }
  void write(std::int64_t first, std::size_t count, const float* from) const {
    const auto* at = reinterpret_cast<const char*>(from);
    std::size_t left = count * sizeof(float);
    auto offset = static_cast<off_t>(first) * static_cast<off_t>(sizeof(float));
    while (left > 0) {
      const ssize_t n = ::pwrite(out, at, left, offset);
      if (n <= 0) die("pwrite");
      at += n, offset += n, left -= static_cast<std::size_t>(n);
    }
  }
};

void onTwoThreads(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  std::atomic<std::int64_t> next{0};
  const auto loop = [&] {
    for (std::int64_t i = next++; i < count; i = next++) work(i);
  };
  std::thread other(loop);
  loop();
  other.join();
}

/// 500 m on the snapped grid: one line in a hundred is read.
void nearest(const Job& job) {
  constexpr double kStep = 500;
  const double x0 = std::floor(kLeft / kStep) * kStep, y0 = std::ceil(kTop / kStep) * kStep;
  const auto width = static_cast<std::int64_t>(std::ceil((kLeft + kPixel * static_cast<double>(job.samples) - x0) / kStep));
  const auto height = static_cast<std::int64_t>(std::ceil((y0 - kTop + kPixel * static_cast<double>(job.lines)) / kStep));
  std::vector<float> result(static_cast<std::size_t>(job.bands * width * height), kNodata);
  onTwoThreads(height, [&](std::int64_t row) {
    const auto y = static_cast<std::int64_t>(std::floor((kTop - (y0 - kStep * (static_cast<double>(row) + 0.5))) / kPixel));
    if (y < 0 || y >= job.lines) return;
    std::vector<float> line(job.lineValues());
    job.read(y * job.bands * job.samples, line.size(), line.data());
    for (std::int64_t column = 0; column < width; ++column) {
      const auto x = static_cast<std::int64_t>(std::floor((x0 + kStep * (static_cast<double>(column) + 0.5) - kLeft) / kPixel));
      if (x < 0 || x >= job.samples) continue;
      for (std::int64_t band = 0; band < job.bands; ++band)
        result[static_cast<std::size_t>((band * height + row) * width + column)] = line[static_cast<std::size_t>(band * job.samples + x)];
    }
  });
  job.write(0, result.size(), result.data());
}

/// Mean of 6 x 6 pixels, BIL.
void average(const Job& job) {
  constexpr std::int64_t kFactor = 6;
  const std::int64_t width = (job.samples + kFactor - 1) / kFactor, height = (job.lines + kFactor - 1) / kFactor;
  onTwoThreads(height, [&](std::int64_t row) {
    std::vector<float> line(job.lineValues()), sum(line.size(), 0), count(line.size(), 0),
        result(static_cast<std::size_t>(job.bands * width));
    for (std::int64_t y = row * kFactor; y < std::min(job.lines, (row + 1) * kFactor); ++y) {
      job.read(y * job.bands * job.samples, line.size(), line.data());
      for (std::size_t i = 0; i < line.size(); ++i) {
        const bool valid = line[i] != kNodata;
        sum[i] += valid ? line[i] : 0;
        count[i] += valid ? 1.0F : 0.0F;
      }
    }
    for (std::int64_t band = 0; band < job.bands; ++band) {
      for (std::int64_t column = 0; column < width; ++column) {
        float total = 0, n = 0;
        for (std::int64_t x = column * kFactor; x < std::min(job.samples, (column + 1) * kFactor); ++x) {
          total += sum[static_cast<std::size_t>(band * job.samples + x)];
          n += count[static_cast<std::size_t>(band * job.samples + x)];
        }
        result[static_cast<std::size_t>(band * width + column)] = n > 0 ? total / n : kNodata;
      }
    }
    job.write(row * job.bands * width, result.size(), result.data());
  });
}

/// (b - a) / (b + a) of two bands: two short reads a line.
void ndvi(const Job& job) {
  const std::int64_t red = job.bands * 56 / 425, infrared = job.bands * 100 / 425;
  onTwoThreads(job.lines, [&](std::int64_t y) {
    const auto samples = static_cast<std::size_t>(job.samples);
    std::vector<float> a(samples), b(samples);
    job.read((y * job.bands + red) * job.samples, samples, a.data());
    job.read((y * job.bands + infrared) * job.samples, samples, b.data());
    for (std::size_t x = 0; x < samples; ++x) a[x] = a[x] == kNodata || b[x] == kNodata ? kNodata : (b[x] - a[x]) / (b[x] + a[x]);
    job.write(y * job.samples, samples, a.data());
  });
}

/// BIL to BSQ in strips of lines: one contiguous write per band and strip.
void bandSequential(const Job& job) {
  const auto strip = std::max<std::int64_t>(1, (std::int64_t{64} << 20) / static_cast<std::int64_t>(job.lineValues() * sizeof(float)));
  onTwoThreads((job.lines + strip - 1) / strip, [&](std::int64_t i) {
    const std::int64_t first = i * strip, count = std::min(strip, job.lines - first);
    std::vector<float> lines(job.lineValues() * static_cast<std::size_t>(count)), band(static_cast<std::size_t>(count * job.samples));
    job.read(first * job.bands * job.samples, lines.size(), lines.data());
    for (std::int64_t b = 0; b < job.bands; ++b) {
      for (std::int64_t y = 0; y < count; ++y)
        std::memcpy(band.data() + y * job.samples, lines.data() + (y * job.bands + b) * job.samples,
                    static_cast<std::size_t>(job.samples) * sizeof(float));
      job.write((b * job.lines + first) * job.samples, band.size(), band.data());
    }
  });
}

struct BandStatistics {
  double count = 0, sum = 0, squares = 0;
  float least = 1e30F, most = -1e30F;
  std::vector<std::uint32_t> bins = std::vector<std::uint32_t>(256);
};

/// Count, extremes, mean, standard deviation and 256 bins from 0 to 1 of every band: a line in cache at a time. Sums of a line in float.
void statistics(const Job& job) {
  const auto samples = static_cast<std::size_t>(job.samples), bands = static_cast<std::size_t>(job.bands);
  std::vector<std::vector<BandStatistics>> found;
  std::mutex mutex;
  std::atomic<std::int64_t> next{0};
  const auto loop = [&] {
    std::vector<BandStatistics> mine(bands);
    std::vector<float> line(job.lineValues());
    for (std::int64_t y = next++; y < job.lines; y = next++) {
      job.read(y * job.bands * job.samples, line.size(), line.data());
      for (std::size_t b = 0; b < bands; ++b) {
        const float* values = line.data() + b * samples;
        BandStatistics& band = mine[b];
        float sum = 0, squares = 0, least = band.least, most = band.most;
        int count = 0;
        for (std::size_t x = 0; x < samples; ++x) {
          const bool valid = values[x] != kNodata;
          const float v = valid ? values[x] : 0.F;
          count += valid ? 1 : 0;
          sum += v;
          squares += v * v;
          least = valid && values[x] < least ? values[x] : least;
          most = valid && values[x] > most ? values[x] : most;
        }
        for (std::size_t x = 0; x < samples; ++x) {
          const float place = values[x] * 256;
          if (place >= 0 && place < 256) ++band.bins[static_cast<std::size_t>(place)];
        }
        band.count += count;
        band.sum += static_cast<double>(sum);
        band.squares += static_cast<double>(squares);
        band.least = least;
        band.most = most;
      }
    }
    const std::lock_guard lock(mutex);
    found.push_back(std::move(mine));
  };
  std::thread other(loop);
  loop();
  other.join();
  std::vector<float> result;
  for (std::size_t b = 0; b < bands; ++b) {
    BandStatistics& one = found[0][b];
    const BandStatistics& two = found[1][b];
    const double count = one.count + two.count, mean = (one.sum + two.sum) / count;
    result.insert(result.end(),
                  {static_cast<float>(count), std::min(one.least, two.least), std::max(one.most, two.most), static_cast<float>(mean),
                   static_cast<float>(std::sqrt(std::max(0.0, (one.squares + two.squares) / count - mean * mean)))});
    for (std::size_t k = 0; k < one.bins.size(); ++k) result.push_back(static_cast<float>(one.bins[k] + two.bins[k]));
  }
  job.write(0, result.size(), result.data());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string mode = argv[1], cube = argv[2];
  Job job;
  const auto size = cube.rfind('_');
  if (size == std::string::npos || std::sscanf(cube.c_str() + size, "_%ldx%ldx%ld", &job.lines, &job.samples, &job.bands) != 3) return 2;
  job.in = ::open(cube.c_str(), O_RDONLY);
  job.out = ::open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (job.in < 0 || job.out < 0) die("open");
  if (mode == "nearest")
    nearest(job);
  else if (mode == "average")
    average(job);
  else if (mode == "ndvi")
    ndvi(job);
  else if (mode == "bsq")
    bandSequential(job);
  else if (mode == "statistics")
    statistics(job);
  else
    return 2;
  return ::close(job.out) == 0 ? 0 : 1;
}
