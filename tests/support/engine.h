// SPDX-License-Identifier: GPL-3.0-or-later
// The whole engine for a test: chains in, pixels or files out.
#pragma once

#include <QByteArray>
#include <QString>
#include <memory>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/chain/graph.h"
#include "engine/plan/plan.h"
#include "engine/run/run.h"

namespace cubeloom::test {

struct Engine {
  Engine();
  Registry registry;
  std::shared_ptr<SourceProvider> sources;
  std::shared_ptr<SinkProvider> sinks;

  /// "open a.hdr ! isel time=0": words separated by blanks.
  Result<Chain> chain(const std::string& pipeline) const;
  Result<std::shared_ptr<const Graph>> bind(const std::string& pipeline) const;
  Result<Plan> plan(const std::string& pipeline, const PlanOptions& options = {}) const;
  Result<RunReport> run(const std::string& pipeline, const PlanOptions& options = {}) const;
};

/// The place of the chain's last node, behind which steps that are parts of nodes may lie; and that node.
int lastIndex(const Graph& graph);
const BoundNode& lastOf(const Graph& graph);

/// Values of `region` of the last node, row-major, as doubles.
Result<std::vector<double>> valuesOf(const Graph& graph, const Region& region);
Result<std::vector<double>> valuesOf(const Graph& graph);
/// What is wrong with reading all of a source; "" when nothing is.
std::string readingProblemOf(Source& source);
/// Copies a folder with all that is in it; ends the test program where that cannot be done.
void copyFolder(const QString& from, const QString& to);
/// All bytes of a file, or of all files in a folder, each behind its path there and its size; empty when there is none.
QByteArray contentOf(const std::string& path);

}  // namespace cubeloom::test
