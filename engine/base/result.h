// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: what every fallible engine function returns. No exception crosses the engine's API.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace cubeloom {

/// What went wrong, in few classes; the message carries the particulars.
enum class ErrorCode {
  InvalidParameter,
  InvalidChain,
  GridMismatch,
  CrsUnavailable,
  UnsupportedType,
  OpenFailed,
  ReadFailed,
  WriteFailed,
  PartsMissing,  // of a run made in parts: not all of them are there
  OverBudget,
  Canceled,  // travels inside the engine only; at the API a canceled run is an outcome, not an error
  Internal,
};

/// The code's name as it stands in reports ("InvalidParameter").
const char* errorCodeName(ErrorCode code);

/// A failure: what happened (value and limit), what to do about it, and where it came from.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  std::string hint;       ///< the remedy, one sentence; may be empty
  std::string node;       ///< chain node id, if known
  std::string parameter;  ///< parameter name, if the error is about one
  std::string path;       ///< file, if the error is about one
  std::string chunk;      ///< chunk label, if the error arose in one

  /// "node cube, parameter path: message (hint)" for people.
  std::string text() const;
  /// A copy that names the node, unless one is named already.
  Error atNode(const std::string& id) const;
};

template <class T = void>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

/// Shorthand for `return fail(...)`.
inline Failure fail(ErrorCode code, std::string message, std::string hint = {}) {
  Error e;
  e.code = code;
  e.message = std::move(message);
  e.hint = std::move(hint);
  return Failure(std::move(e));
}
inline Failure fail(Error e) { return Failure(std::move(e)); }

/// An InvalidParameter about `parameter`.
Failure invalidParameter(const std::string& parameter, std::string message, std::string hint = {});

}  // namespace cubeloom

/// Returns the error of a Result<> from the enclosing function.
#define CUBELOOM_TRY(expression)                                                                          \
  do {                                                                                                    \
    if (auto tryResult = (expression); !tryResult) return ::cubeloom::fail(std::move(tryResult.error())); \
  } while (false)
