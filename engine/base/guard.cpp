// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/guard.h"

#include <cerrno>
#include <exception>
#include <new>
#include <system_error>

namespace cubeloom {
namespace {

bool saysNoMemory(const std::error_code& code) {
  return code == std::errc::not_enough_memory || code == std::errc::resource_unavailable_try_again;
}

Error internal(const char* words) {
  Error error;
  error.code = ErrorCode::Internal;
  error.message = std::string("an error that was not foreseen: ") + words;
  error.hint = "please report it with the chain";
  return error;
}

}  // namespace

Error outOfMemory(const char* what) noexcept {
  Error error;
  error.code = ErrorCode::OverBudget;
  error.message = "out of memory";  // short enough to need none itself
  try {
    std::string message = std::string("the system gives this process no more ") + what;
    error.hint = "set a smaller memory budget, use fewer workers, or let the process have more memory";
    error.message = std::move(message);
  } catch (...) {  // the short words stand
  }
  return error;
}

Error caughtError() noexcept {
  try {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      return outOfMemory("memory");
    } catch (const std::system_error& error) {
      return saysNoMemory(error.code()) ? outOfMemory("memory or threads") : internal(error.what());
    } catch (const std::exception& error) {
      return internal(error.what());
    } catch (...) {
      return internal("of an unknown kind");
    }
  } catch (...) {
    return outOfMemory("memory");
  }
}

}  // namespace cubeloom
