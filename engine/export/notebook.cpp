// SPDX-License-Identifier: GPL-3.0-or-later
// A Python program as a notebook.
#include "engine/base/text.h"
#include "engine/export/python_program.h"
#include "engine/export/python_words.h"
#include "engine/op/export_forms.h"

namespace cubeloom {
namespace {

/// Text of a chain in Markdown: what would be markup is none.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string("\\`*_{}[]<>#|$&").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

/// Lines as nbformat has them: each but the last one with its end.
Json linesOf(const std::string& text) {
  Json lines = Json::array();
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end == std::string::npos ? end : end - at + 1));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

std::string withoutLastBreaks(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

class Cells {
 public:
  void markdown(const std::string& text) { add("markdown", text); }
  void code(const std::string& text) {
    add("code", withoutLastBreaks(text));
    m_cells.back()["execution_count"] = nullptr;
    m_cells.back()["outputs"] = Json::array();
  }
  const Json& json() const { return m_cells; }

 private:
  void add(const char* type, const std::string& text) {
    m_cells.push_back({{"cell_type", type},
                       {"id", "cell-" + std::to_string(m_cells.size() + 1)},
                       {"metadata", Json::object()},
                       {"source", linesOf(text)}});
  }
  Json m_cells = Json::array();
};

/// One plane of the array, thinned until it is a picture's size.
std::string pictureOf(const PythonProgram& program) {
  return "# One plane, thinned to a picture's size\nplane = " + program.shown +
         "\nplane = plane.isel({dim: 0 for dim in plane.dims if dim not in (" + pythonQuoted(program.shownY) + ", " +
         pythonQuoted(program.shownX) +
         ")})\nplane = plane.isel({dim: slice(None, None, max(1, size // 800)) for dim, size in plane.sizes.items()})\n"
         "plane.plot.imshow(robust=True) if plane.ndim == 2 else plane.plot()";
}

}  // namespace

std::string pythonNotebook(const PythonProgram& program) {
  Cells cells;
  cells.markdown("# " + plain(program.title) +
                 "\n\nA chain of Cubeloom, step by step. In arrays nodata is NaN; files get it back when they are written.\n\n"
                 "This notebook is free of rights (CC0-1.0).");
  cells.code("%matplotlib inline\n" + program.setup);
  for (const PythonCell& cell : program.cells) {
    cells.markdown("## " + plain(cell.heading) + (cell.note.empty() ? "" : "\n\n" + plain(cell.note)));
    cells.code(cell.code);
  }
  for (const std::string& result : program.results) cells.code(result);
  if (!program.shown.empty()) {
    cells.markdown("## A quick look");
    cells.code(pictureOf(program));
  }
  const Json notebook{{"cells", cells.json()},
                      {"metadata",
                       {{"kernelspec", {{"display_name", "Python 3"}, {"language", "python"}, {"name", "python3"}}},
                        {"language_info", {{"name", "python"}}}}},
                      {"nbformat", 4},
                      {"nbformat_minor", 5}};
  return notebook.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cubeloom
