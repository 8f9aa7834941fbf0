# SPDX-License-Identifier: GPL-3.0-or-later
# The package for Python where Debian's Python looks, with what registers the engine in xarray: the contents of python3-cubeloom.
set(CUBELOOM_PYTHON lib/python3/dist-packages CACHE STRING "Where Python packages are installed, below the prefix")
set(metadata ${CMAKE_CURRENT_BINARY_DIR}/cubeloom-${PROJECT_VERSION}.dist-info)
file(WRITE ${metadata}/METADATA "Metadata-Version: 2.1\nName: cubeloom\nVersion: ${PROJECT_VERSION}\nLicense: GPL-3.0-or-later\nRequires-Python: >=3.9\nRequires-Dist: numpy\nRequires-Dist: xarray\n")
file(WRITE ${metadata}/entry_points.txt "[xarray.backends]\ncubeloom = cubeloom.backend:CubeloomBackendEntrypoint\n")
file(WRITE ${metadata}/top_level.txt "cubeloom\n")
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/cubeloom DESTINATION ${CUBELOOM_PYTHON} COMPONENT python PATTERN __pycache__ EXCLUDE)
install(DIRECTORY ${metadata} DESTINATION ${CUBELOOM_PYTHON} COMPONENT python)
