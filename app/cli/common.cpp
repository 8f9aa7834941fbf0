// SPDX-License-Identifier: GPL-3.0-or-later
// What the subcommands share: errors to exit codes, chains from files or pipelines, options.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "app/cli/commands.h"
#include "engine/base/guard.h"
#include "engine/base/shell_words.h"
#include "engine/base/text.h"

namespace cubeloom::cli {
namespace {

/// --set NODE.PARAM=VALUE: the value as JSON where it is some, else as text.
Result<void> applySet(Chain& chain, const std::string& set) {
  const auto equals = set.find('=');
  const auto point = set.find('.');
  if (equals == std::string::npos || point == std::string::npos || point > equals)
    return fail(ErrorCode::InvalidParameter, "--set " + set + " is no NODE.PARAM=VALUE");
  Node* node = chain.find(set.substr(0, point));
  if (!node) return fail(ErrorCode::InvalidChain, "--set " + set + ": there is no node '" + set.substr(0, point) + "'");
  const std::string text = set.substr(equals + 1);
  Json value = Json::parse(text, nullptr, false);
  node->params[set.substr(point + 1, equals - point - 1)] = value.is_discarded() ? Json(text) : value;
  return {};
}

}  // namespace

int report(const Error& error) {
  // One writing, so that a sentence is whole or missing; without memory for all of it, what there is.
  if (!guarded([&] { std::cerr << "cubeloom-cli: " + error.text() + "\n"; })) std::cerr << "cubeloom-cli: " << error.message << "\n";
  switch (error.code) {
    case ErrorCode::InvalidParameter:
    case ErrorCode::InvalidChain:
    case ErrorCode::GridMismatch:
    case ErrorCode::CrsUnavailable:
    case ErrorCode::UnsupportedType: return kInvalid;
    case ErrorCode::OpenFailed: return kInputFailed;
    case ErrorCode::OverBudget: return kRefused;
    case ErrorCode::Canceled: return kCanceled;
    default: return kRunFailed;
  }
}

namespace {

/// Calls only what a handler may.
void onInterruptedQuestion(int /*signal*/) {
  constexpr std::string_view kText = "cubeloom-cli: canceled\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(kCanceled);
}

}  // namespace

void endAtInterrupt() { std::signal(SIGINT, onInterruptedQuestion); }

namespace {

/// A pipeline given as one argument: a text that has '!' as a word and is no file.
Result<ChainArgument> taken(ChainArgument argument) {
  std::error_code ignored;
  if (argument.path.find('!') == std::string::npos || std::filesystem::exists(argument.path, ignored)) return argument;
  bool isOpen = false;
  std::vector<std::string> words = shellWords(argument.path, &isOpen);
  if (std::find(words.begin(), words.end(), "!") == words.end()) return argument;
  if (isOpen)
    return fail(ErrorCode::InvalidChain, "the pipeline ends within quotes", "close the quote; within '...' another one is \"...\"");
  if (!argument.pipeline.empty())
    return fail(ErrorCode::InvalidChain, "two pipelines are given: one as a single argument, one as words behind it", "give one of them");
  argument.pipeline = std::move(words);
  argument.path.clear();
  return argument;
}

}  // namespace

Result<Chain> loadArgument(const ChainArgument& given, const Registry& registry) {
  auto understood = taken(given);
  if (!understood) return fail(understood.error());
  const ChainArgument& argument = *understood;
  if (argument.path.empty() && argument.pipeline.empty())
    return fail(ErrorCode::InvalidChain, "no chain is given",
                "name a chain file, or write the chain in place: ! open cube.hdr ! ... ! write out.tif");
  if (!argument.path.empty() && !argument.pipeline.empty())
    return fail(ErrorCode::InvalidChain, "both a chain file (" + argument.path + ") and a pipeline are given", "give one of them");
  auto chain = argument.pipeline.empty() ? loadChain(argument.path) : chainFromPipeline(argument.pipeline, registry);
  if (!chain) return chain;
  if (chain->folder.empty()) chain->folder = std::filesystem::current_path().string();
  for (const std::string& set : argument.sets) CUBELOOM_TRY(applySet(*chain, set));
  return chain;
}

std::string chainName(const ChainArgument& argument) {
  const auto understood = taken(argument);
  return !understood || understood->path.empty() ? "pipeline" : understood->path;
}

Result<std::int64_t> sizeOption(const std::string& option, const std::string& text) {
  if (text.empty()) return 0;
  const auto size = parseSize(text);
  if (!size || *size <= 0) return fail(ErrorCode::InvalidParameter, option + " " + text + " is no size", "write it as 512MiB, 2GiB or 2GB");
  return *size;
}

}  // namespace cubeloom::cli
