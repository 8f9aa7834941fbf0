// SPDX-License-Identifier: GPL-3.0-or-later
// Evaluates a region of any node on the calling thread: the walk of one chunk, backwards for needs, forwards for pixels.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/access/source.h"
#include "engine/array/buffer_pool.h"
#include "engine/chain/graph.h"

namespace cubeloom {

/// Stands between evaluations and their sources: hands out what it has, reads the rest. Thread-safe.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  /// As Source::read() of the open node `node`.
  virtual Result<void> read(int node, Source& source, const Region& region, const BlockView& to, ReadContext& context) = 0;
};

/// What a node did in one evaluation.
struct NodeWork {
  std::int64_t startNs = 0, endNs = 0;  ///< of its own work; reads for a leaf
  std::int64_t ownNs = 0;
  double bytesIn = 0, bytesOut = 0;
  std::int64_t calls = 0;
  /// Work that was done between these times, outside evaluate().
  void addOwn(std::int64_t start, std::int64_t end) {
    if (calls++ == 0) startNs = start;
    endNs = end;
    ownNs += end - start;
  }
};

/// Per-thread state of evaluations; reused between chunks.
struct EvaluateContext {
  BufferPool pool;
  CancelToken cancel;
  std::int64_t bytesRead = 0;
  std::vector<NodeWork> work;                   ///< one per graph node; sized by evaluate()
  SourceReader* reader = nullptr;               ///< none: sources are read directly
  const std::vector<char>* onlyRead = nullptr;  ///< per graph node what goes to ReadContext::isOnlyRead; none: nothing does
};

/// Writes `region` of `node` (indices inside its spec) into `out`: same shape and pixel type, any strides.
Result<void> evaluate(const Graph& graph, int node, const Region& region, const BlockView& out, EvaluateContext& context);

/// What evaluating `region` costs, without reading.
struct EvaluateCost {
  double bytesToRead = 0;
  double peakBytes = 0;  ///< live at once inside evaluate(), the output block not counted
  double extents = 0;
  double reads = 0;                 ///< regions that sources are asked for
  std::vector<double> readPerNode;  ///< one per graph node
};
Result<EvaluateCost> evaluateCost(const Graph& graph, int node, const Region& region);

/// How a part is cut into pieces that are read one after another.
using Pieces = std::function<std::vector<Region>(const Region& part)>;
/// What reading `parts` of `node` costs, without reading; `peakBytes` is that of the dearest one, its block counted.
Result<EvaluateCost> gatherCost(const Graph& graph, int node, const std::vector<Region>& parts, const Pieces& pieces);

/// The source regions `region` of `node` touches: calls `visit(nodeIndex of the open node, its region)`.
Result<void> visitSourceRegions(const Graph& graph, int node, const Region& region, const std::function<void(int, const Region&)>& visit);

/// A reduction that can be computed in parts side by side, reached from a node through views alone.
struct PartedNode {
  int node = -1;
  Region region;                   ///< of that node
  std::vector<Region> parts = {};  ///< of its input 0
  std::vector<int> views = {};     ///< the nodes passed on the way ...
  std::vector<Need> needs = {};    ///< ... and what each asked for
};
std::optional<PartedNode> partedNode(const Graph& graph, int node, const Region& region);
/// Where the reduction's result lies inside the block `out` of the node it was reached from.
BlockView partedView(const PartedNode& parted, const BlockView& out);

}  // namespace cubeloom
