# SPDX-License-Identifier: GPL-3.0-or-later
# Collects the markers `CUBELOOM_OPERATION(id)` below OPS into the calls of OUT; run by the build. An operation lies in
# <category>/<id>.cpp: another place, a second operation of the same id, or a file without one is an error.
cmake_minimum_required(VERSION 3.25)
file(GLOB_RECURSE sources ${OPS}/*.cpp)
list(SORT sources)
set(declarations "")
set(calls "")
set(ids "")
foreach(source IN LISTS sources)
  file(RELATIVE_PATH place ${OPS} ${source})
  file(STRINGS ${source} markers REGEX "^CUBELOOM_OPERATION\\(")
  list(LENGTH markers count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "engine/ops/${place}: ${count} lines begin with CUBELOOM_OPERATION(id); an operation's file has exactly one")
  endif()
  string(REGEX REPLACE "^CUBELOOM_OPERATION\\(([a-z0-9_]+)\\).*" "\\1" id "${markers}")
  if(NOT place MATCHES "^([a-z]+)/${id}\\.cpp$")
    message(FATAL_ERROR "engine/ops/${place}: declares the operation '${id}'; its place is <category>/${id}.cpp")
  endif()
  set(category ${CMAKE_MATCH_1})
  if(id IN_LIST ids)
    message(FATAL_ERROR "engine/ops/${place}: there is another operation '${id}'")
  endif()
  list(APPEND ids ${id})
  string(APPEND declarations "std::unique_ptr<Operation> makeOperation_${id}();\n")
  string(APPEND calls "  registry.add(\"${id}\", \"${category}\", makeOperation_${id}());\n")
endforeach()
file(WRITE ${OUT}.new "// Generated from the markers in engine/ops; do not edit.
#include \"engine/ops/register_operations.h\"

namespace cubeloom {

${declarations}
void registerOperations(Registry& registry) {
${calls}}

}  // namespace cubeloom
")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
