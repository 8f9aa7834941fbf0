# SPDX-License-Identifier: GPL-3.0-or-later
# tests/fuzz/fuzz_<parser>.cpp becomes a program of libFuzzer where everything is built for it: cmake --preset fuzz.
if(CUBELOOM_SANITIZE MATCHES fuzzer)
  add_custom_target(fuzzers)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fuzz_*.cpp)
  list(REMOVE_ITEM sources ${CMAKE_CURRENT_LIST_DIR}/fuzz_main.cpp)
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source} ${CMAKE_CURRENT_LIST_DIR}/fuzz_main.cpp)
    target_link_libraries(${name} PRIVATE cubeloom_chain cubeloom_ops cubeloom_io)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
  endforeach()
endif()
