# SPDX-License-Identifier: Apache-2.0
# How every target of the project is built: language level, warnings, sanitizers, and the two
# helpers cassia_library() and cassia_test() that keep the CMakeLists of the rooms short.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

set(CASSIA_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined")
option(CASSIA_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(CASSIA_BENCH "Build the benchmarks" ON)
option(BUILD_TESTING "Build the tests" ON)

find_program(CASSIA_CCACHE ccache)
if(CASSIA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CASSIA_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wno-missing-field-initializers)
if(CASSIA_SANITIZE)
  add_compile_options(-fsanitize=${CASSIA_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${CASSIA_SANITIZE})
endif()
if(CASSIA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  # clang 14 cannot lay out coroutines whose functions carry this check's prologue.
  add_compile_options(-fno-sanitize=function)
endif()

if(BUILD_TESTING)
  enable_testing()
endif()

# cassia_library(NAME SOURCES a.cc b.cc DEPS lib...): a static library of one room.
# Every header is included by its path from the top of the tree: #include "base/result.h".
function(cassia_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
endfunction()

# cassia_test(NAME SOURCES a.cc DEPS lib... [LABELS l...] [TIMEOUT s] [RUN_SERIAL]): one GoogleTest program.
# Each of its test cases becomes a test of ctest.
function(cassia_test name)
  cmake_parse_arguments(ARG "RUN_SERIAL" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  set(props TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  if(ARG_RUN_SERIAL)
    list(APPEND props RUN_SERIAL TRUE)
  endif()
  if(WIN32)
    return()  # tests/interop/windows runs the program as one
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES ${props})
endfunction()

# cassia_fuzzer(NAME SOURCES a.cc DEPS lib...): a libFuzzer program; seeds in tests/fuzz/corpus/NAME.
# Without CASSIA_FUZZ the same source is linked with a driver that replays the seeds, as a test.
function(cassia_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(CASSIA_FUZZ)
    add_executable(fuzz_${name} ${ARG_SOURCES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(fuzz_${name} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz_replay.${name} COMMAND fuzz_${name} ${corpus})
    set_tests_properties(fuzz_replay.${name} PROPERTIES TIMEOUT 60 LABELS fuzz)
  endif()
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPS})
endfunction()
