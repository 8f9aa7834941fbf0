# SPDX-License-Identifier: GPL-3.0-or-later
# tests/peers/check_<name>.py becomes the test peers.<name>: other programs' readers judge what ours writes. Debian's Python has them.
file(GLOB peer_checks CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/check_*.py)
foreach(script IN LISTS peer_checks)
  get_filename_component(name ${script} NAME_WE)
  string(REPLACE check_ "" name ${name})
  add_test(NAME peers.${name} COMMAND /usr/bin/python3 -B ${script} ${CMAKE_BINARY_DIR}/bin/cubeloom-cli ${CUBELOOM_TEST_DATA})
  set_tests_properties(peers.${name} PROPERTIES LABELS "peers;slow" TIMEOUT 300
    ENVIRONMENT "CUBELOOM_CLI=${CMAKE_BINARY_DIR}/bin/cubeloom-cli;${environment}")
endforeach()
