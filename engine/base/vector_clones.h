// SPDX-License-Identifier: GPL-3.0-or-later
// A hot loop compiled for several generations of processors, the best one chosen at start. No contraction of a*b+c anywhere
// (CMakeLists.txt), so every version computes the same bits.
#pragma once

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CUBELOOM_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CUBELOOM_VECTOR_CLONES
#endif
