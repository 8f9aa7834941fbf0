// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/module/vrt.h"

#include <cpl_minixml.h>
#include <strings.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

namespace cubeloom::gdal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

struct Destroy {
  void operator()(CPLXMLNode* node) const { CPLDestroyXMLNode(node); }
};

bool is(const char* name, const char* word) { return strcasecmp(name, word) == 0; }

/// What GDAL would run, or open by a name of another kind.
constexpr std::array<const char*, 9> kNever{"PixelFunctionCode", "PixelFunctionType", "PixelFunctionLanguage", "GDALWarpOptions", "Group",
                                            "SourceDataset",     "PanchroBand",       "ProcessingSteps",       "ArraySource"};

class Check {
 public:
  explicit Check(const std::string& path) : m_folder(fs::path(path).parent_path()) {}

  /// The first problem of `node`, what is below it and what follows it. GDAL's parser has a limit of depth.
  std::string walk(const CPLXMLNode* node) const {
    for (; node != nullptr; node = node->psNext) {
      std::string problem = node->eType == CXT_Element || node->eType == CXT_Attribute ? problemOf(*node) : std::string();
      if (problem.empty()) problem = walk(node->psChild);
      if (!problem.empty()) return problem;
    }
    return {};
  }

 private:
  static std::string textOf(const CPLXMLNode& node) {
    const char* text = CPLGetXMLValue(&node, nullptr, "");
    return text != nullptr ? text : "";
  }

  std::string problemOf(const CPLXMLNode& node) const {
    const char* name = node.pszValue;
    for (const char* word : kNever)
      if (is(name, word)) return std::string("it has <") + word + ">, which is never run";
    if (is(name, "subClass") && !is(textOf(node).c_str(), "VRTSourcedRasterBand"))
      return "it has a part of the class " + textOf(node) + "; only plain sources are read";
    if (is(name, "SourceFilename") && node.eType == CXT_Element) return sourceProblem(node);
    return {};
  }

  std::string sourceProblem(const CPLXMLNode& node) const {
    const std::string source = textOf(node);
    const std::string called = "its source " + source.substr(0, 200);
    if (std::atoi(CPLGetXMLValue(&node, "relativeToVRT", "0")) == 0) return called + " is not named relative to it (relativeToVRT=\"1\")";
    std::error_code error;
    const fs::path real = fs::canonical(m_folder / source, error);
    if (error || !fs::is_regular_file(real, error)) return called + " is no file under its folder";
    if (!real.string().starts_with(m_folder.string() + "/")) return called + " lies outside its folder";
    return {};
  }

  fs::path m_folder;
};

}  // namespace

std::string vrtProblem(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error || bytes > kMostBytes) return "it cannot be read, or has more than 64 MiB";
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::unique_ptr<CPLXMLNode, Destroy> root(CPLParseXMLString(text.str().c_str()));
  if (root == nullptr) return "it is no XML";
  return Check(path).walk(root.get());
}

}  // namespace cubeloom::gdal
