# SPDX-License-Identifier: GPL-3.0-or-later
# The verbs of daily work: run, format, lint, checks, bench, docs.
add_custom_target(format COMMAND ${PROJECT_SOURCE_DIR}/packaging/format.sh COMMENT "Formatting" VERBATIM)
add_custom_target(lint COMMAND ${PROJECT_SOURCE_DIR}/packaging/lint.sh USES_TERMINAL COMMENT "clang-tidy" VERBATIM)
add_custom_target(checks COMMAND ${PROJECT_SOURCE_DIR}/packaging/checks.sh USES_TERMINAL COMMENT "What is too long for every change" VERBATIM)
if(TARGET cubeloom)
  add_custom_target(run COMMAND cubeloom --sample USES_TERMINAL VERBATIM)
endif()
if(TARGET cubeloom-cli)
  add_custom_target(docs
    COMMAND ${PROJECT_SOURCE_DIR}/resources/docs/make_operations_page.py $<TARGET_FILE:cubeloom-cli>
            ${PROJECT_SOURCE_DIR}/resources/docs/guide/operations.md
    COMMAND ${PROJECT_SOURCE_DIR}/resources/docs/make_guide_html.py ${PROJECT_BINARY_DIR}/docs
    COMMENT "The guide: its page of operations, and its form for a browser" VERBATIM)

  add_executable(cubeloom-floor EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/bench/floor.cpp)
  target_compile_options(cubeloom-floor PRIVATE -O3)
  target_link_libraries(cubeloom-floor PRIVATE Threads::Threads)
  add_custom_target(bench
    COMMAND ${PROJECT_SOURCE_DIR}/tests/bench/bench.py --cli $<TARGET_FILE:cubeloom-cli> --sample $<TARGET_FILE:cubeloom-sample>
            --floor $<TARGET_FILE:cubeloom-floor>
    USES_TERMINAL VERBATIM)
  add_dependencies(bench cubeloom-cli cubeloom-sample cubeloom-floor)
endif()
