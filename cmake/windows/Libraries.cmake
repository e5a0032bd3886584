# SPDX-License-Identifier: Apache-2.0
# The libraries of the Windows build under the names that CassiaPackages.cmake gives them.
# Debian has none of them for mingw-w64. Those that are only headers come from this machine's
# packages; the others are built from the upstream archives of Debian's source packages, which
# scripts/windows-sources puts below CASSIA_WINDOWS_SOURCES.

set(CASSIA_WINDOWS_SOURCES ${CMAKE_BINARY_DIR}/sources CACHE PATH
    "Where scripts/windows-sources has unpacked pixman, lz4, libdeflate and libjpeg-turbo")
foreach(library pixman lz4 libdeflate libjpeg-turbo)
  if(NOT EXISTS ${CASSIA_WINDOWS_SOURCES}/${library})
    message(FATAL_ERROR "${library} is not in ${CASSIA_WINDOWS_SOURCES}: run scripts/windows-sources "
                        "${CASSIA_WINDOWS_SOURCES}, or just scripts/test-windows")
  endif()
endforeach()

find_package(Threads REQUIRED)

# Headers alone. /usr/include itself must not be searched: it holds the C library of this machine.
set(headers ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${headers})
foreach(folder fmt tl nlohmann)
  if(NOT EXISTS /usr/include/${folder})
    message(FATAL_ERROR "/usr/include/${folder} is missing: run scripts/install-packages build")
  endif()
  file(CREATE_LINK /usr/include/${folder} ${headers}/${folder} SYMBOLIC)
endforeach()
add_library(cassia_windows_headers INTERFACE)
target_include_directories(cassia_windows_headers SYSTEM INTERFACE ${headers})
add_library(tl::expected ALIAS cassia_windows_headers)
add_library(nlohmann_json::nlohmann_json ALIAS cassia_windows_headers)

add_library(cassia_windows_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt.cc)
target_link_libraries(cassia_windows_fmt PUBLIC cassia_windows_headers)
add_library(fmt::fmt ALIAS cassia_windows_fmt)

add_library(cassia_windows_spice INTERFACE)
target_include_directories(cassia_windows_spice SYSTEM INTERFACE /usr/include/spice-1)
add_library(PkgConfig::SPICE_PROTOCOL ALIAS cassia_windows_spice)

add_subdirectory(${CMAKE_CURRENT_LIST_DIR} ${CMAKE_BINARY_DIR}/libraries)

if(BUILD_TESTING)
  set(INSTALL_GTEST OFF)
  add_subdirectory(/usr/src/googletest ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
endif()
