// SPDX-License-Identifier: GPL-3.0-or-later
// How an operation declares itself, binds to its inputs, and says what it needs and does for a region of its output.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
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

/// What an operation takes through one input.
struct Port {
  enum class Kind { Array };
  enum class Grid {
    Same,  ///< that of the first input
    Any,
  };
  std::string name = "array";  ///< what it is for: "mask"
  Kind kind = Kind::Array;
  std::string help = {};   ///< one sentence; empty: the name says it
  bool optional = false;   ///< the last ports may be
  bool many = false;       ///< takes up to kMany wires; the last port alone may
  Grid grid = Grid::Same;  ///< of spatial arrays
  static constexpr int kMany = 8;
};

/// Everything that is said about an operation, once.
struct Declaration {
  std::string id = {};          ///< given by registration: file name, chain file word
  std::string category = {};    ///< given by registration, from the folder in ops/: "Grid"
  Role role = Role::Transform;  ///< given by registration
  std::string title = {};       ///< "Reproject"
  std::string summary = {};     ///< one sentence
  std::string help = {};        ///< paragraphs
  std::vector<std::string> references = {};
  std::string example = {};                    ///< a step of a `!` pipeline
  std::vector<std::string> moreExamples = {};  ///< further ones, of what the first does not show; the contract test runs them all
  /// Equivalents elsewhere as templates over the parameters (see export_forms.h), or why there is none: one of each pair.
  std::string python = {}, noPython = {};  ///< xarray / odc-geo, an expression over `array`
  std::string gdal = {}, noGdal = {};      ///< a command line of GDAL's programs from {input} to {output}
  std::vector<Param> params = {};
  std::vector<Port> inputs = {Port{}};     ///< none: it begins a chain
  std::vector<std::string> keywords = {};  ///< further words the palette finds it by
  std::string chain = {};                  ///< of a composite: the steps it stands for, parameters as {name}
  /// Why valid values can come of nodata alone ("count is 0 where nothing is valid"); empty: they never do, and the contract test checks
  /// it.
  std::string validFromNodata = {};

  int minInputs() const;
  int maxInputs() const;
  /// "mask"; of a port that takes many "array 2". `input` counts from 0.
  std::string inputName(int input) const;
  /// The same as words of a pipeline: "array2".
  std::vector<std::string> inputWords() const;
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

class LeafOperation;
class KernelOperation;
class FitOperation;
class ReducerOperation;
class OutputOperation;
/// The one kind of work that a bound operation does.
using Work =
    std::variant<const LeafOperation*, const KernelOperation*, const FitOperation*, const ReducerOperation*, const OutputOperation*>;

class BoundOperation;

/// One of several outputs of an input: the part of it that is taken, and what writes that part.
struct OutputSlice {
  std::shared_ptr<const BoundOperation> taken, written;
  Json selection = Json::object();  ///< what is taken, as positions along dims
};

/// An operation bound to its parameters and its inputs' specs. Immutable, thread-safe.
class BoundOperation {
 public:
  virtual ~BoundOperation() = default;
  const ArraySpec& spec() const { return m_spec; }
  /// What the user should know: "the last row lies on the edge of the source".
  const std::vector<std::string>& warnings() const { return m_warnings; }
  /// What is known of an input and need not be a fault: "values are decoded: ...". With the warnings it is all that `info` notes.
  const std::vector<std::string>& notes() const { return m_notes; }
  /// Files that it reads, or that it was bound with, as those of geometries: a run is of them as they are.
  std::vector<std::string> files() const;
  /// One line for the node: "500 m · nearest · EPSG:32610".
  const std::string& summary() const { return m_summary; }

  /// What it does when it is evaluated; the walk has an answer for each kind.
  virtual Work work() const = 0;
  /// It moves no bytes: every element is one of its input's.
  virtual bool isView() const { return false; }
  /// Of a step that writes its input as several outputs, and is a view of all of it beside: those; none of another.
  virtual std::vector<OutputSlice> slices() const { return {}; }

  /// Shorthands for one kind of work: a leaf's source, what an output writes, what has to be learned first. Null for all others.
  std::shared_ptr<Source> source() const;
  const SinkRequest* sink() const;
  const FitPass* fitPass() const;

 protected:
  ArraySpec m_spec;
  std::vector<std::string> m_warnings, m_notes, m_files;
  std::string m_summary;
};

/// Reads a dataset.
class LeafOperation : public BoundOperation {
 public:
  Work work() const final { return this; }
  virtual std::shared_ptr<Source> opened() const = 0;
};

/// Computes a region of its output from regions of its inputs.
class KernelOperation : public BoundOperation {
 public:
  Work work() const override { return this; }
  /// Prepares `region` of the output exactly.
  virtual Result<std::unique_ptr<Task>> prepare(const Region& region) const = 0;
  /// Needs of `region` for planning; cheaper than prepare() where that makes index maps, never less.
  virtual Result<std::vector<Need>> plan(const Region& region, std::size_t* scratchBytes) const;
};

/// A kernel that may have to learn something before, in passes over its input 0. Until then only plan() answers.
class FitOperation : public KernelOperation {
 public:
  Work work() const final;
  /// The next pass; null: it has learned all, and is a kernel like others.
  virtual const FitPass* pendingPass() const = 0;
};

/// Writes its input, converted by a kernel; its spec is its input's as written.
class OutputOperation : public KernelOperation {
 public:
  Work work() const final { return this; }
  virtual const SinkRequest& request() const = 0;
};

/// Gathers parts of its input 0, and what goes with them of other inputs.
class ReducerOperation : public BoundOperation {
 public:
  Work work() const final { return this; }
  /// The input regions that make up `region` of the output, in order.
  virtual std::vector<Region> parts(const Region& region) const = 0;
  /// True: every part gets a partial of its own and they are merged in order, so parts may run side by side; where they are cut then
  /// depends on the specs alone. False: one partial takes all parts in order. Either way the same bits for any workers and budget.
  virtual bool mergesParts() const = 0;
  /// A part in pieces that are read and added one after another, so that they are still in a core's cache when they are added; only where
  /// that reads no more than the whole does.
  virtual std::vector<Region> pieces(const Region& part) const = 0;
  /// What Partial::addWith() takes of other inputs along with a piece.
  virtual std::vector<Need> beside(const Region& /*piece*/) const { return {}; }
  virtual std::unique_ptr<Partial> partial(const Region& region) const = 0;
  /// No less than partial(region)->bytes() will say, without making it.
  virtual double partialBytes(const Region& region) const = 0;
};

/// Handlers for std::visit of a Work: one for a KernelOperation takes fits and outputs, too; a kind that none takes is a compile error.
template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

class Operation;

/// One of the steps that an operation stands for.
struct ChainStep {
  const Operation* operation = nullptr;
  Json values = Json::object();                      ///< parameters, as in a chain file
  std::shared_ptr<const BoundOperation> bound = {};  ///< of a step that is bound already
  /// What it takes: earlier steps by their place, or ~k for input k of the operation. Unset: what the step before hands on; the first one
  /// takes all inputs of the operation.
  std::optional<std::vector<int>> inputs = {};
};
/// Which input of the operation one of ChainStep::inputs means that is less than 0.
inline std::size_t outerInput(int taken) {
  const int k = ~taken;
  return static_cast<std::size_t>(k);
}

/// What binding may use of the world outside the engine's lower layers.
struct BindContext {
  SourceProvider* sources = nullptr;                                 ///< null: `open` fails
  FeatureProvider* features = nullptr;                               ///< null: parameters of type Features fail
  std::string folder;                                                ///< relative paths are relative to this one
  std::function<Result<ArraySpec>(const std::string& node)> specOf;  ///< for parameters of type Node
  /// The steps of a `!` pipeline, for composites; the words may refer to `inputs`.
  std::function<Result<std::vector<ChainStep>>(const std::vector<std::string>& words, const std::vector<std::string>& inputs)> stepsOf;
  /// The steps behind input 0, bound, from what opens its dataset on, where all others are views; else InvalidChain names the one that is
  /// not.
  std::function<Result<std::vector<ChainStep>>()> stepsBehind;
};

/// An operation: its declaration, and how it binds.
class Operation {
 public:
  virtual ~Operation() = default;
  const Declaration& declaration() const { return m_declaration; }
  /// Of an operation that stands for others: its steps, the first of which takes its inputs or is a source. They are bound instead of it.
  /// Empty: it is one itself.
  virtual Result<std::vector<ChainStep>> steps(const Params& params, const BindContext& context) const;
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
