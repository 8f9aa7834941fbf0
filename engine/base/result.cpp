// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/result.h"

#include "engine/base/utf8.h"

namespace cubeloom {

const char* errorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidParameter: return "InvalidParameter";
    case ErrorCode::InvalidChain: return "InvalidChain";
    case ErrorCode::GridMismatch: return "GridMismatch";
    case ErrorCode::CrsUnavailable: return "CrsUnavailable";
    case ErrorCode::UnsupportedType: return "UnsupportedType";
    case ErrorCode::OpenFailed: return "OpenFailed";
    case ErrorCode::ReadFailed: return "ReadFailed";
    case ErrorCode::WriteFailed: return "WriteFailed";
    case ErrorCode::PartsMissing: return "PartsMissing";
    case ErrorCode::OverBudget: return "OverBudget";
    case ErrorCode::Canceled: return "Canceled";
    case ErrorCode::Internal: return "Internal";
  }
  return "Internal";
}

Failure invalidParameter(const std::string& parameter, std::string message, std::string hint) {
  Error error;
  error.code = ErrorCode::InvalidParameter;
  error.parameter = parameter;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return fail(std::move(error));
}

std::string Error::text() const {
  std::string origin;
  const auto add = [&origin](const char* what, const std::string& name) {
    if (name.empty()) return;
    if (!origin.empty()) origin += ", ";
    origin += what;
    origin += name;
  };
  add("node ", node);
  add("parameter ", parameter);
  add("chunk ", chunk);
  if (!path.empty() && message.find(path) == std::string::npos) add("", path);
  std::string all = origin.empty() ? message : origin + ": " + message;
  if (!hint.empty()) all += " (" + hint + ")";
  return printable(all);
}

Error Error::atNode(const std::string& id) const {
  Error e = *this;
  if (e.node.empty()) e.node = id;
  return e;
}

}  // namespace cubeloom
