// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/source_conformance.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>

namespace cubeloom::test {
namespace {

using Random = std::mt19937;

std::int64_t below(Random& random, std::int64_t limit) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit)); }

/// A set of one of the kinds that chains, previews and warps produce.
IndexSet awkwardSet(std::int64_t size, int kind, Random& random) {
  const std::int64_t first = below(random, size);
  const std::int64_t rest = size - first;
  const std::int64_t step = 1 + below(random, 4);
  std::vector<std::int64_t> list;
  switch (kind) {
    case 0: return IndexSet::all(size);
    case 1: return IndexSet::single(first);
    case 2: return IndexSet::single(size - 1);
    case 3: return IndexSet::range(first, 1 + below(random, rest));
    case 4: return IndexSet::range(first, (rest - 1) / step + 1, step);
    case 5: return IndexSet::range(size - 1, size, -1);
    case 6: return IndexSet::range(first, first / step + 1, -step);
    case 7:
      for (std::int64_t i = 0; i < size; ++i)
        if (below(random, 3) == 0) list.push_back(i);
      break;
    case 8:
      for (std::int64_t i = 0; i < size; ++i)
        for (std::int64_t n = below(random, 4); n > 0; --n) list.push_back(i);
      break;
    case 9: return IndexSet::range(first, 3, 0);
    default:
      for (std::int64_t n = 1 + below(random, 12); n > 0; --n) list.push_back(below(random, size));
      break;
  }
  return IndexSet::list(std::move(list));
}
constexpr int kKinds = 11;

std::string describe(const Region& region) {
  std::string text = "region";
  for (const IndexSet& set : region) {
    text += " [";
    for (std::int64_t i = 0; i < std::min<std::int64_t>(set.count(), 6); ++i) text += (i ? "," : "") + std::to_string(set.at(i));
    text += set.count() > 6 ? ",... " + std::to_string(set.count()) + " in all]" : "]";
  }
  return text;
}

/// Memory for a region with dims in a random order and padding all around, filled with a mark that must survive.
struct PaddedMemory {
  static constexpr std::byte kMark{0xA5};
  std::vector<std::byte> bytes;
  BlockView view;
  std::vector<bool> inside;  ///< bytes that belong to the view

  PaddedMemory(PixelType type, const std::vector<std::int64_t>& shape, Random& random) {
    std::vector<int> order(shape.size());
    for (std::size_t d = 0; d < order.size(); ++d) order[d] = static_cast<int>(d);
    std::shuffle(order.begin(), order.end(), random);
    const auto pixel = static_cast<std::int64_t>(pixelTypeBytes(type));
    view = {nullptr, type, shape, std::vector<std::int64_t>(shape.size())};
    std::int64_t stride = pixel;
    for (std::size_t i = order.size(); i-- > 0;) {
      const auto d = static_cast<std::size_t>(order[i]);
      view.strides[d] = stride;
      stride *= shape[d] + below(random, 3);
    }
    constexpr std::int64_t kFront = 16;
    bytes.assign(static_cast<std::size_t>(stride + 2 * kFront), kMark);
    inside.assign(bytes.size(), false);
    view.data = bytes.data() + kFront;
    forEachRun(view, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t i = 0; i < n; ++i, p += step)
        for (std::int64_t b = 0; b < pixel; ++b) inside[static_cast<std::size_t>(p - bytes.data() + b)] = true;
    });
  }
  bool marksIntact() const {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      if (!inside[i] && bytes[i] != kMark) return false;
    return true;
  }
};

std::string firstDifference(const BlockView& whole, const Region& region, const BlockView& part) {
  const std::size_t pixel = pixelTypeBytes(part.type);
  std::vector<std::int64_t> index(part.shape.size(), 0);
  for (std::int64_t n = part.count(); n > 0; --n) {
    const std::byte* expected = whole.data;
    const std::byte* actual = part.data;
    for (std::size_t d = 0; d < index.size(); ++d) {
      expected += region[d].at(index[d]) * whole.strides[d];
      actual += index[d] * part.strides[d];
    }
    if (std::memcmp(expected, actual, pixel) != 0) {
      std::string at;
      for (const std::int64_t i : index) at += " " + std::to_string(i);
      return describe(region) + ": the pixel at" + at + " differs from the whole array's";
    }
    for (std::size_t d = index.size(); d-- > 0;) {
      if (++index[d] < part.shape[d]) break;
      index[d] = 0;
    }
  }
  return {};
}

std::string regionProblem(Source& source, const BlockView& whole, const Region& region, const BlockView& to, CostPromise promise) {
  ReadContext context;
  if (const auto read = source.read(region, to, context); !read) return describe(region) + ": " + read.error().text();
  const double announced = source.cost(region).bytes;
  const auto taken = static_cast<double>(context.bytesRead);
  if (taken > announced || (promise == CostPromise::Exact && taken != announced))
    return describe(region) + ": read " + std::to_string(taken) + " bytes, announced " + std::to_string(announced);
  return firstDifference(whole, region, to);
}

std::string randomRegionsProblem(Source& source, const BlockView& whole, unsigned seed, int rounds, CostPromise promise) {
  Random random(seed);
  const std::vector<std::int64_t> shape = source.spec().shape();
  for (int round = 0; round < rounds; ++round) {
    Region region;
    for (const std::int64_t size : shape) region.push_back(awkwardSet(size, static_cast<int>(below(random, kKinds)), random));
    PaddedMemory memory(source.spec().type, regionShape(region), random);
    std::string problem = regionProblem(source, whole, region, memory.view, promise);
    if (problem.empty() && !memory.marksIntact()) problem = describe(region) + ": bytes outside the destination were written";
    if (!problem.empty()) return "seed " + std::to_string(seed) + ", round " + std::to_string(round) + ", " + problem;
  }
  return {};
}

/// Each kind of set along one dim, all of the others, into dense memory.
std::string oneDimProblem(Source& source, const BlockView& whole, CostPromise promise) {
  Random random(7);
  BufferPool pool;
  const std::vector<std::int64_t> shape = source.spec().shape();
  for (std::size_t d = 0; d < shape.size(); ++d) {
    for (int kind = 0; kind < kKinds; ++kind) {
      Region region = fullRegion(shape);
      region[d] = awkwardSet(shape[d], kind, random);
      const Block block = makeBlock(pool, source.spec().type, regionShape(region));
      if (std::string problem = regionProblem(source, whole, region, block.view, promise); !problem.empty()) return problem;
    }
  }
  Region nothing = fullRegion(shape);
  nothing[0] = IndexSet();
  const Block block = makeBlock(pool, source.spec().type, regionShape(nothing));
  return regionProblem(source, whole, nothing, block.view, promise);
}

}  // namespace

Block readWhole(Source& source, BufferPool& pool) {
  Block block = makeBlock(pool, source.spec().type, source.spec().shape());
  std::memset(block.view.data, 0x5A, block.buffer.size());
  ReadContext context;
  if (!source.read(fullRegion(source.spec().shape()), block.view, context)) return {};
  return block;
}

std::string sourceProblem(Source& source, CostPromise promise) {
  BufferPool pool;
  const Block whole = readWhole(source, pool);
  if (!whole.buffer) return "the whole array cannot be read";
  // Fewer regions of larger arrays: the time goes into comparing them.
  const auto rounds = static_cast<int>(std::clamp<std::int64_t>(4'000'000 / source.spec().count(), 20, 120));
  if (source.files().empty()) return "no files are named";
  if (std::string problem = oneDimProblem(source, whole.view, promise); !problem.empty()) return problem;
  if (std::string problem = randomRegionsProblem(source, whole.view, 1, rounds, promise); !problem.empty()) return problem;

  for (const int count : {2, 7}) {
    std::mutex mutex;
    std::string first;
    std::vector<std::thread> threads;
    for (int k = 0; k < count; ++k)
      threads.emplace_back([&, k] {
        const std::string problem =
            randomRegionsProblem(source, whole.view, static_cast<unsigned>(count + k), std::max(1, rounds / (2 * count)), promise);
        const std::lock_guard lock(mutex);
        if (!problem.empty() && first.empty()) first = "from " + std::to_string(count) + " threads: " + problem;
      });
    for (std::thread& thread : threads) thread.join();
    if (!first.empty()) return first;
  }

  ReadContext canceled;
  canceled.cancel.cancel();
  const auto stopped = source.read(fullRegion(source.spec().shape()), whole.view, canceled);
  if (stopped || stopped.error().code != ErrorCode::Canceled) return "a canceled read does not end as canceled";
  return {};
}

}  // namespace cubeloom::test
