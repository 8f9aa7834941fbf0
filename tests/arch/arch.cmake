# SPDX-License-Identifier: GPL-3.0-or-later
# The layering rules as tests, and the proof that the checker sees a violation.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME arch.layers COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/layers.py ${PROJECT_SOURCE_DIR})
add_test(NAME arch.self_test COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/tst_layers.py)
set_tests_properties(arch.layers arch.self_test PROPERTIES LABELS arch TIMEOUT 60)
