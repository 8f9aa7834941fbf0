// SPDX-License-Identifier: GPL-3.0-or-later
// How an operation declares itself, binds to its inputs, and says what it needs and does for a region of its output.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/access/source.h"
#include "engine/array/array_spec.h"
#include "engine/array/block.h"
#include "engine/base/result.h"
#include "engine/op/param.h"
#include "engine/op/reduce/accumulator.h"

namespace cubeloom {

/// Where an operation stands in a chain.
enum class Role {
  Source,     ///< has no input: reads a dataset
  Transform,  ///< an array from arrays
  Sink,       ///< writes its input; nothing comes after it
};

/// Everything that is said about an operation, once.
struct Declaration {
  std::string id;               ///< given by registration: file name, chain file word
  std::string category;         ///< given by registration, from the folder in ops/: "Grid"
  Role role = Role::Transform;  ///< given by registration
  std::string title;            ///< "Reproject"
  std::string summary;          ///< one sentence
  std::string help;             ///< paragraphs
  std::vector<std::string> references;
  std::string example;  ///< a step of a `!` pipeline
  /// Equivalents elsewhere as templates over the parameters (see export_forms.h), or why there is none: one of each pair.
  std::string python, noPython;  ///< xarray / odc-geo, an expression over `array`
  std::string gdal, noGdal;      ///< a command line of GDAL's programs from {input} to {output}
  std::vector<Param> params;
  int minInputs = 1, maxInputs = 1;
  std::vector<std::string> keywords;  ///< further words the palette finds it by
  /// Why valid values can come of nodata alone ("count is 0 where nothing is valid"); empty: they never do, and the contract test checks
  /// it.
  std::string validFromNodata;
};

/// What one output region needs of one input.
struct Need {
  int input = 0;
  Region region;  ///< in the input's order of dims
  /// Set: the input is delivered straight into the output (no block of its own): input dim d lies along output dim `axes[d]`
  /// (-1: dropped, count 1), at `offset` of the output block. Only for inputs of the output's pixel type.
  struct Direct {
    std::vector<int> axes;
    std::vector<std::int64_t> offset;  ///< one per output dim
  };
  std::optional<Direct> direct;
};

/// One region's work, prepared: its index maps are made. Used by one thread.
class Task {
 public:
  virtual ~Task() = default;
  /// In the order in which they are evaluated. A need that lies outside its input is left out.
  virtual const std::vector<Need>& needs() const = 0;
  /// Bytes the task holds (index maps) and uses while running, beside inputs and output.
  virtual std::size_t scratchBytes() const { return 0; }
  /// `inputs[i]` belongs to needs()[i]; a direct one is an empty view and already lies in `out`.
  virtual Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) = 0;
};

/// An operation bound to its parameters and its inputs' specs. Immutable, thread-safe.
class BoundOperation {
 public:
  virtual ~BoundOperation() = default;
  const ArraySpec& spec() const { return m_spec; }
  /// What the user should know: "the last row lies on the edge of the source".
  const std::vector<std::string>& warnings() const { return m_warnings; }
  /// One line for the node: "500 m · nearest · EPSG:32610".
  const std::string& summary() const { return m_summary; }

  /// A leaf reads from here.
  virtual std::shared_ptr<Source> source() const { return nullptr; }
  /// An output: what to write. Its spec is its input's as written.
  virtual const SinkRequest* sink() const { return nullptr; }

  /// Prepares `region` of the output exactly.
  virtual Result<std::unique_ptr<Task>> prepare(const Region& region) const = 0;
  /// Needs of `region` for planning; cheaper than prepare() where that makes index maps, never less.
  virtual Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const;

  /// A reduction: the input regions (of input 0) that make up `region`, in order; empty: prepare() does it all.
  virtual std::vector<Region> parts(const Region& region) const;
  /// True: every part gets a partial of its own and they are merged in order, so parts may run side by side; where they are cut then
  /// depends on the specs alone. False: one partial takes all parts in order. Either way the same bits for any workers and budget.
  virtual bool mergesParts() const { return false; }
  /// A part in pieces that are read and added one after another, so that they are still in a core's cache when they are added; only where
  /// that reads no more than the whole does.
  virtual std::vector<Region> pieces(const Region& part) const { return {part}; }
  virtual std::unique_ptr<Partial> partial(const Region& region) const;
  /// What partial(region)->bytes() will say, without making it.
  virtual double partialBytes(const Region& region) const;

  /// Set: it has to be fitted first, by a pass over input 0; until then only plan() answers. Null: ready.
  virtual const FitPass* fitPass() const { return nullptr; }

 protected:
  ArraySpec m_spec;
  std::vector<std::string> m_warnings;
  std::string m_summary;
};

/// What binding may use of the world outside the engine's lower layers.
struct BindContext {
  SourceProvider* sources = nullptr;                                 ///< null: `open` fails
  std::string folder;                                                ///< relative paths are relative to this one
  std::function<Result<ArraySpec>(const std::string& node)> specOf;  ///< for parameters of type Node
};

/// An operation: its declaration, and how it binds.
class Operation {
 public:
  virtual ~Operation() = default;
  const Declaration& declaration() const { return m_declaration; }
  /// InvalidParameter, GridMismatch, UnsupportedType, OpenFailed; the caller adds the node.
  virtual Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                             const BindContext& context) const = 0;

 protected:
  Declaration m_declaration;

 private:
  friend class Registry;
};

using BindFunction =
    std::function<Result<std::shared_ptr<const BoundOperation>>(const Params&, const std::vector<ArraySpec>&, const BindContext&)>;
/// An operation from its declaration and a bind function: all that one file in ops/ has to give.
std::unique_ptr<Operation> makeOperation(Declaration declaration, BindFunction bind);

/// The palette's content. Filled once at start-up, then only read.
class Registry {
 public:
  /// `folder`: the operation's folder in ops/, which is its category.
  void add(const std::string& id, const std::string& folder, std::unique_ptr<Operation> operation);
  const Operation* find(const std::string& id) const;
  /// In the order of categories, then title.
  std::vector<const Operation*> all() const;
  std::vector<std::string> ids() const;

 private:
  std::vector<std::unique_ptr<Operation>> m_operations;
};

}  // namespace cubeloom

/// Marks an operation for registration: `CUBELOOM_OPERATION(reproject) { return makeOperation(...); }` inside namespace cubeloom in
/// engine/ops/grid/reproject.cpp. The build collects the markers, which begin their line.
#define CUBELOOM_OPERATION(id) std::unique_ptr<Operation> makeOperation_##id()
