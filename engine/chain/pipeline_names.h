// SPDX-License-Identifier: GPL-3.0-or-later
// The grammar of `!` pipelines, and the names of their steps.
//
//   pipeline  := ["!"] step { "!" step }           "!" is a word of its own
//   step      := [ name "=" ] operation { word }   "name=" is one word
//   word      := "[" name [ "." port ] "]"         feeds that step's output into the next port
//              | "[]"                              leaves the next port unconnected
//              | parameter "=" value
//              | dim "=" selection                 of isel and sel
//              | path                              any other word, where the operation has a parameter `path`
//   name      := letters, digits, "_", "-"
//
// A step without a word in brackets takes the step before it; one whose operation begins a chain takes none. A name in brackets is that of
// an earlier step, so that there are no cycles. A step without a name is called as its operation: open, open2, open3; given names come
// first. The value of a parameter that looks at a step (like=) is the name of any step. What looks like something else is written as
// parameter=value: path=[a].
#pragma once

#include <string>

namespace cubeloom {

bool isStepName(const std::string& name);

}  // namespace cubeloom
