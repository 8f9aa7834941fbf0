// SPDX-License-Identifier: GPL-3.0-or-later
// Before a loop over an array of vectors of a fixed size: written out, so that these stay in registers.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#define CUBELOOM_UNROLL _Pragma("GCC unroll 16")
#else
#define CUBELOOM_UNROLL _Pragma("unroll")
#endif
