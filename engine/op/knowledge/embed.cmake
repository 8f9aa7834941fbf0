# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the documents FOLDER/*.json into OUT as texts of the program; run by the build.
cmake_minimum_required(VERSION 3.25)
file(GLOB documents ${FOLDER}/*.json)
list(SORT documents)
set(rows "")
foreach(document IN LISTS documents)
  file(READ ${document} text)
  get_filename_component(name ${document} NAME_WE)
  string(APPEND rows "    {\"${name}\", R\"JSON(${text})JSON\"},\n")
endforeach()
file(WRITE ${OUT}.new "// Generated from resources/knowledge; do not edit.
#include \"engine/op/knowledge/embedded.h\"

namespace cubeloom {

std::span<const EmbeddedDocument> embeddedDocuments() {
  static constexpr EmbeddedDocument kAll[] = {
${rows}  };
  return kAll;
}

}  // namespace cubeloom
")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
