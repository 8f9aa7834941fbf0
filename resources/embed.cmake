# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the documents FOLDER/PATTERN into OUT as texts of the program, which FUNCTION() returns; run by the build.
cmake_minimum_required(VERSION 3.25)
file(GLOB documents ${FOLDER}/${PATTERN})
list(SORT documents)
set(rows "")
foreach(document IN LISTS documents)
  file(READ ${document} text)
  get_filename_component(name ${document} NAME_WE)
  string(APPEND rows "    {\"${name}\", R\"TEXT(${text})TEXT\"},\n")
endforeach()
file(WRITE ${OUT}.new "// Generated from ${PATTERN}; do not edit.
#include \"engine/base/embedded.h\"

namespace cubeloom {

std::span<const EmbeddedDocument> ${FUNCTION}();

std::span<const EmbeddedDocument> ${FUNCTION}() {
  static constexpr EmbeddedDocument kAll[] = {
${rows}  };
  return kAll;
}

}  // namespace cubeloom
")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
