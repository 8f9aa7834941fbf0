// SPDX-License-Identifier: GPL-3.0-or-later
// In a program that ends while threads of libraries sleep, LeakSanitizer's own thread now and then reads what is not there and dies (LLVM
// 14). Leaks of the engine are looked for where its tests run it in their own process.

extern "C" int __lsan_is_turned_off() { return 1; }  // NOLINT(readability-identifier-naming): the sanitizer's name
