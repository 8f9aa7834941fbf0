// SPDX-License-Identifier: GPL-3.0-or-later
// Compares what is there with what was there.
#include "ui/run/disk_watch.h"

#include <filesystem>

namespace cubeloom {

namespace {

namespace fs = std::filesystem;

constexpr int kIntervalMs = 3000;

/// What is to be written, and where: known without a plan, too.
struct Written {
  std::string path;
  double bytes = 0;  ///< 0: unknown
};

std::vector<Written> outputsOf(const Graph& graph, const Plan* plan) {
  std::vector<Written> outputs;
  for (const int i : graph.outputs()) {
    const SinkRequest* request = graph.nodes[static_cast<std::size_t>(i)].operation->sink();
    outputs.push_back({request->path, 0});
    if (!plan) continue;
    for (const Stage& stage : plan->stages)
      if (stage.sinkRequest.path == request->path) outputs.back().bytes = stage.sinkPlan.bytesToWrite;
  }
  return outputs;
}

DiskState look(const Graph& graph, const std::vector<Written>& outputs) {
  DiskState state;
  for (const BoundNode& node : graph.nodes) {
    std::vector<std::string> files;
    if (node.operation)
      files = node.operation->files();
    else if (node.error && !node.error->path.empty())
      files = {node.error->path};
    for (FileFingerprint& print : fingerprintsOf(files)) state.inputs.push_back(std::move(print));
  }
  for (const Written& output : outputs) {
    const fs::path folder = fs::path(output.path).parent_path();
    std::error_code code;
    state.outputs.push_back(fingerprintOf(output.path));
    state.folders.push_back(fs::is_directory(folder, code));
    const fs::space_info space = fs::space(folder, code);
    state.room.push_back(code || static_cast<double>(space.available) >= output.bytes);
  }
  return state;
}

}  // namespace

DiskWatch::DiskWatch(Document& document, Session& session, QObject* parent) : QObject(parent), m_document(document), m_session(session) {
  m_timer.setInterval(kIntervalMs);
  connect(&m_timer, &QTimer::timeout, this, &DiskWatch::look);
  m_timer.start();
}

void DiskWatch::look() {
  const auto graph = m_document.graph();
  if (!graph || m_document.isBinding() || m_session.isPlanning() || m_session.isRunning() || m_task.isBusy()) return;
  if (graph != m_graph) m_last.reset();
  m_graph = graph;
  m_task.start([graph, outputs = outputsOf(*graph, m_session.plan().get())](const CancelToken&) { return cubeloom::look(*graph, outputs); },
               [this](const DiskState& now) { take(now); });
}

void DiskWatch::take(const DiskState& now) {
  const std::optional<DiskState> before = std::exchange(m_last, now);
  if (!before || *before == now || m_document.graph() != m_graph || m_session.isRunning()) return;
  if (before->inputs != now.inputs)
    m_document.rebind();
  else
    m_session.recheck();
}

}  // namespace cubeloom
