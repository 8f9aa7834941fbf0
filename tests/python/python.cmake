# SPDX-License-Identifier: GPL-3.0-or-later
# tests/python/test_<name>.py becomes the test python.<name>: the package of resources/python, by Debian's pytest.
file(GLOB python_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.py)
foreach(script IN LISTS python_tests)
  get_filename_component(name ${script} NAME_WE)
  string(REPLACE test_ "" name ${name})
  add_test(NAME python.${name} COMMAND /usr/bin/python3 -B -m pytest -q -p no:cacheprovider --rootdir ${CMAKE_CURRENT_LIST_DIR} ${script})
  set_tests_properties(python.${name} PROPERTIES LABELS python TIMEOUT 300 ENVIRONMENT
    "CUBELOOM_CLI=${CMAKE_BINARY_DIR}/bin/cubeloom-cli;PYTHONPATH=${PROJECT_SOURCE_DIR}/resources/python;CUBELOOM_TEST_DATA=${CUBELOOM_TEST_DATA};${environment}")
endforeach()
