// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/operation.h"

#include <algorithm>
#include <array>

namespace cubeloom {

int Declaration::minInputs() const {
  return static_cast<int>(std::count_if(inputs.begin(), inputs.end(), [](const Port& port) { return !port.optional; }));
}

int Declaration::maxInputs() const {
  const auto ports = static_cast<int>(inputs.size());
  return ports > 0 && inputs.back().many ? ports - 1 + Port::kMany : ports;
}

std::string Declaration::inputName(int input) const {
  const int last = static_cast<int>(inputs.size()) - 1;
  if (last < 0) return "input";
  const Port& port = inputs[static_cast<std::size_t>(std::min(input, last))];
  return port.many ? port.name + " " + std::to_string(input - last + 1) : port.name;
}

std::vector<std::string> Declaration::inputWords() const {
  std::vector<std::string> words;
  for (int i = 0; i < maxInputs(); ++i) {
    words.push_back(inputName(i));
    std::erase(words.back(), ' ');
  }
  return words;
}

Result<std::vector<Need>> KernelOperation::plan(const Region& region, std::size_t* scratchBytes) const {
  auto task = prepare(region);
  if (!task) return fail(task.error());
  if (scratchBytes) *scratchBytes = (*task)->scratchBytes();
  return (*task)->needs();
}

Work FitOperation::work() const {
  if (pendingPass()) return this;
  return static_cast<const KernelOperation*>(this);
}

std::shared_ptr<Source> BoundOperation::source() const {
  const Work kind = work();
  const auto* leaf = std::get_if<const LeafOperation*>(&kind);
  return leaf ? (*leaf)->opened() : nullptr;
}

std::vector<std::string> BoundOperation::files() const {
  const auto read = source();
  std::vector<std::string> all = read ? read->files() : std::vector<std::string>();
  all.insert(all.end(), m_files.begin(), m_files.end());
  return all;
}

const SinkRequest* BoundOperation::sink() const {
  const Work kind = work();
  const auto* output = std::get_if<const OutputOperation*>(&kind);
  return output ? &(*output)->request() : nullptr;
}

const FitPass* BoundOperation::fitPass() const {
  const Work kind = work();
  const auto* fit = std::get_if<const FitOperation*>(&kind);
  return fit ? (*fit)->pendingPass() : nullptr;
}

namespace {

class DeclaredOperation : public Operation {
 public:
  DeclaredOperation(Declaration declaration, BindFunction bind) : m_bind(std::move(bind)) { m_declaration = std::move(declaration); }
  Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                     const BindContext& context) const override {
    return m_bind(params, inputs, context);
  }

 private:
  BindFunction m_bind;
};

}  // namespace

Result<std::vector<ChainStep>> Operation::steps(const Params& /*params*/, const BindContext& /*context*/) const {
  return std::vector<ChainStep>();
}

std::unique_ptr<Operation> makeOperation(Declaration declaration, BindFunction bind) {
  return std::make_unique<DeclaredOperation>(std::move(declaration), std::move(bind));
}

namespace {

/// A folder of ops/ and what its operations are called together.
struct Category {
  const char* folder;
  const char* title;
};
constexpr std::array<Category, 12> kCategories{{{"input", "Input"},
                                                {"select", "Select"},
                                                {"grid", "Grid"},
                                                {"mask", "Masks"},
                                                {"math", "Math"},
                                                {"spectral", "Spectra"},
                                                {"time", "Time"},
                                                {"focal", "Neighbourhood"},
                                                {"statistics", "Statistics"},
                                                {"learn", "Learn"},
                                                {"vector", "Vectors"},
                                                {"output", "Output"}}};

}  // namespace

void Registry::add(const std::string& id, const std::string& folder, std::unique_ptr<Operation> operation) {
  Declaration& declaration = operation->m_declaration;
  declaration.id = id;
  const auto category = std::find_if(kCategories.begin(), kCategories.end(), [&](const Category& c) { return c.folder == folder; });
  declaration.category = category == kCategories.end() ? folder : category->title;
  declaration.role = folder == "input" ? Role::Source : folder == "output" ? Role::Sink : Role::Transform;
  m_operations.push_back(std::move(operation));
}

const Operation* Registry::find(const std::string& id) const {
  for (const auto& operation : m_operations)
    if (operation->declaration().id == id) return operation.get();
  return nullptr;
}

std::vector<const Operation*> Registry::all() const {
  const auto rank = [](const Operation* operation) {
    return std::find_if(kCategories.begin(), kCategories.end(),
                        [&](const Category& c) { return c.title == operation->declaration().category; }) -
           kCategories.begin();
  };
  std::vector<const Operation*> sorted;
  for (const auto& operation : m_operations) sorted.push_back(operation.get());
  std::sort(sorted.begin(), sorted.end(), [&rank](const Operation* a, const Operation* b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a->declaration().title < b->declaration().title;
  });
  return sorted;
}

std::vector<std::string> Registry::ids() const {
  std::vector<std::string> names;
  for (const Operation* operation : all()) names.push_back(operation->declaration().id);
  return names;
}

}  // namespace cubeloom
