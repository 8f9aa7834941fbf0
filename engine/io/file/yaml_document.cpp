// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxYamlDepth = 64;
constexpr std::size_t kMaxNodes = 200000;

/// Ends the parse from within an event; caught in parseYaml.
struct TooMuch : std::exception {
  TooMuch(std::string text, int line) : message(std::move(text)), line(line + 1) {}
  const char* what() const noexcept override { return message.c_str(); }
  std::string message;
  int line;
};

/// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  std::shared_ptr<const YamlNode> root() const { return m_root; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(YamlNode::Kind::Null, {}, anchor, mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor, const std::string& value) override {
    leaf(YamlNode::Kind::Scalar, value, anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    charge(1, mark);
    if (anchor >= m_anchors.size() || !m_anchors[anchor]) throw TooMuch("an alias names a node that it is part of", mark.line);
    place(m_anchors[anchor], mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::List, anchor, mark);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::Map, anchor, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    bool hasKey = false;
    std::string key;
    std::vector<std::shared_ptr<const YamlNode>> merges;
  };

  void charge(std::size_t count, const YAML::Mark& mark) {
    m_nodes += count;
    if (m_nodes > kMaxNodes) throw TooMuch("it holds more than " + std::to_string(kMaxNodes) + " nodes", mark.line);
  }

  void leaf(YamlNode::Kind kind, const std::string& value, YAML::anchor_t anchor, const YAML::Mark& mark) {
    charge(1, mark);
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->scalar = value;
    remember(anchor, node);
    place(node, mark);
  }

  void open(YamlNode::Kind kind, YAML::anchor_t anchor, const YAML::Mark& mark) {
    charge(1, mark);
    if (m_open.size() >= kMaxYamlDepth) throw TooMuch("it nests deeper than " + std::to_string(kMaxYamlDepth) + " levels", mark.line);
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    m_open.push_back({node, anchor, mark, false, {}, {}});
  }

  void close() {
    Level level = std::move(m_open.back());
    m_open.pop_back();
    for (const auto& merge : level.merges) mergeInto(level, *merge);
    remember(level.anchor, level.node);
    place(level.node, level.mark);
  }

  /// YAML 1.1's "<<": the pairs of another map, or of a list of maps, where the map has none of its own.
  void mergeInto(const Level& level, const YamlNode& other) {
    for (const auto& item : other.items)
      if (item->isMap()) mergeInto(level, *item);
    for (const auto& [key, value] : other.pairs) {
      charge(1 + level.node->pairs.size() / 16, level.mark);
      if (level.node->find(key) == nullptr) level.node->pairs.emplace_back(key, value);
    }
  }

  void remember(YAML::anchor_t anchor, std::shared_ptr<const YamlNode> node) {
    if (anchor == 0) return;
    if (m_anchors.size() <= anchor) m_anchors.resize(anchor + 1);
    m_anchors[anchor] = std::move(node);
  }

  /// Hands a finished node to the level above: as an item, as a key, or as the value of the key before it.
  void place(std::shared_ptr<const YamlNode> node, const YAML::Mark& /*mark*/) {
    if (m_open.empty()) {
      if (!m_root) m_root = std::move(node);
      return;
    }
    Level& level = m_open.back();
    if (level.node->isList()) {
      level.node->items.push_back(std::move(node));
    } else if (!level.hasKey) {
      level.key = node->scalar;  // a key that is a list or a map is of no use here: it becomes ""
      level.hasKey = true;
    } else {
      level.hasKey = false;
      if (level.key == "<<") {
        level.merges.push_back(std::move(node));
      } else {
        level.node->pairs.emplace_back(std::move(level.key), std::move(node));
      }
    }
  }

  std::shared_ptr<const YamlNode> m_root;
  std::vector<Level> m_open;
  std::vector<std::shared_ptr<const YamlNode>> m_anchors;
  std::size_t m_nodes = 0;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [key](const auto& pair) { return pair.first == key; });
  return found == pairs.end() ? nullptr : found->second.get();
}

std::string YamlNode::text(std::string_view key) const {
  const YamlNode* value = find(key);
  return value != nullptr ? value->scalar : std::string();
}

Result<std::shared_ptr<const YamlNode>> parseYaml(const std::string& text, const std::string& path) {
  const auto refuse = [&path](const std::string& why, int line) {
    return failAt(ErrorCode::OpenFailed, path, path + " is not read: line " + std::to_string(line) + ": " + why);
  };
  TreeBuilder builder;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const TooMuch& error) {
    return refuse(error.message, error.line);
  } catch (const YAML::Exception& error) {
    return refuse("not valid YAML: " + error.msg.substr(0, 200), error.mark.line + 1);
  } catch (const std::exception& error) {
    return failAt(ErrorCode::OpenFailed, path, path + " is not valid YAML: " + error.what());
  }
  if (!builder.root()) return failAt(ErrorCode::OpenFailed, path, path + " is empty");
  return builder.root();
}

}  // namespace cubeloom
