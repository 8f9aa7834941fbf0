// SPDX-License-Identifier: GPL-3.0-or-later
// Chains that clients ask for, bound once and kept as long as their files stay what they were.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/file_fingerprint.h"
#include "engine/chain/graph.h"
#include "engine/chain/services.h"
#include "engine/serve/region_read.h"
#include "engine/serve/serve_request.h"

namespace cubeloom {

/// One chain, bound. Thread-safe.
class ServedChain {
 public:
  ServedChain(std::shared_ptr<const Graph> graph, std::string title, bool isFile, std::vector<FileFingerprint> files);

  const std::string& title() const { return m_title; }
  /// It stands for a file: its nodes are the variables.
  bool isFile() const { return m_isFile; }
  /// As bound: what its nodes are does not change when something is learned.
  const Graph& graph() const { return *m_bound; }
  /// A short text that changes with the files' sizes and dates.
  const std::string& state() const { return m_state; }
  /// What has become of the files since; empty: nothing.
  std::string changes() const;
  /// The node whose array is meant by `id`: of an output the one that it writes; without an id the one before the only output, else the
  /// last node. InvalidParameter lists the nodes.
  Result<int> nodeOf(const std::string& id) const;
  /// The graph in which everything that `node` needs to know has been learned; by a run's passes, with all workers, once. Canceled.
  Result<std::shared_ptr<const Graph>> learned(int node, const Services& services, const CancelToken& cancel, ReadResources& resources);

  Pace& paceOf(int node) { return m_paces[static_cast<std::size_t>(node)]; }

 private:
  /// The only one of that name in any group; -1: none, or several.
  int variableCalled(const std::string& name) const;
  bool hasToLearn(const Graph& graph, int node) const;

  const std::shared_ptr<const Graph> m_bound;
  const std::string m_title;
  const bool m_isFile;
  const std::vector<FileFingerprint> m_files;
  std::string m_state;
  std::vector<Pace> m_paces;    ///< by node
  std::timed_mutex m_learning;  ///< one learns, the others wait
  std::mutex m_mutex;           ///< guards below
  std::shared_ptr<const Graph> m_graph;
};

/// Keeps the chains asked for last. Thread-safe.
class ServedChains {
 public:
  explicit ServedChains(const Services& services) : m_services(services) {}
  /// Bound now, unless it is kept and its files are what they were. Errors as of loading and binding; of a node that cannot be bound the
  /// graph knows. `triesAgain`: a chain of which some node could not be bound is bound anew, too: what was missing may be there now.
  Result<std::shared_ptr<ServedChain>> find(const ServeRequest& request, bool triesAgain);

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<ServedChain> chain;
  };
  Result<std::shared_ptr<ServedChain>> bind(const ServeRequest& request) const;

  const Services& m_services;
  std::mutex m_mutex;  ///< guards below
  std::list<Kept> m_kept;
};

}  // namespace cubeloom
