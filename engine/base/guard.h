// SPDX-License-Identifier: GPL-3.0-or-later
// The border of a thread: what is thrown inside becomes an Error there, so that no exception ends the process.
#pragma once

#include <type_traits>
#include <utility>

#include "engine/base/result.h"

namespace cubeloom {

/// The exception being handled, as an error: OverBudget where memory or threads could not be had, else Internal with its own words.
/// To be called in a catch block. Never throws: without memory for the words the message is shorter.
Error caughtError() noexcept;

/// OverBudget: the system gives no more memory or threads; `what`: "memory", "threads".
Error outOfMemory(const char* what) noexcept;

namespace detail {
template <class T>
struct Guarded {
  using Type = Result<T>;
};
template <class T>
struct Guarded<Result<T>> {
  using Type = Result<T>;
};
}  // namespace detail

/// Calls `function()`: its Result, or its value as one; what it throws becomes the error.
template <class F>
auto guarded(F&& function) noexcept {
  using Value = std::invoke_result_t<F>;
  using Outcome = typename detail::Guarded<Value>::Type;
  try {
    if constexpr (std::is_void_v<Value>) {
      std::forward<F>(function)();
      return Outcome();
    } else {
      return Outcome(std::forward<F>(function)());
    }
  } catch (...) {
    return Outcome(fail(caughtError()));
  }
}

}  // namespace cubeloom
