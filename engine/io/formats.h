// SPDX-License-Identifier: GPL-3.0-or-later
// The table of formats: how a file of each is recognised, opened and written. Its words and options: engine/access/formats.h
#pragma once

#include <memory>
#include <string>

#include "engine/access/formats.h"
#include "engine/access/sink.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// One row. Without `open` the format is not read by its name, without `plan` not written.
struct Format {
  const FormatFacts* facts = nullptr;
  /// Whether the file or folder at `path` is one. Null: its first bytes tell, or its suffix of what is opened on choice only. OpenFailed:
  /// it wants to be one and is not.
  Result<bool> (*recognizes)(const std::string& path) = nullptr;
  /// `request.path` is the real path of an existing file or folder. OpenFailed: it is none of this format.
  Result<OpenedDataset> (*open)(const OpenRequest& request) = nullptr;
  bool mayHaveMask = false;  ///< open takes mask=apply
  Result<void> (*checkTarget)(const std::string& path, bool overwrite) = nullptr;
  /// Checks type and shape and costs the output; the path and the options have been checked before.
  Result<SinkPlan> (*plan)(const SinkRequest& request) = nullptr;
  Result<std::unique_ptr<Sink>> (*openSink)(const SinkRequest& request, BufferPool pool) = nullptr;
};

/// The row of a format by its name or a synonym; null when there is none.
const Format* formatRow(const std::string& word);
/// What an existing file or folder is, by its bytes, what lies beside it and, for what is opened on choice only, its name. Null: none of
/// them. OpenFailed: an ENVI header without its data.
Result<const Format*> recognizedFormat(const std::string& path);
/// The format to write by the request's word, else by the suffix of its path. InvalidParameter on `format` when neither says one.
Result<const Format*> sinkFormat(const SinkRequest& request);

}  // namespace cubeloom
