# The few rules by which every folder of the project is built.

set(SUNDER_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Werror
  -Wno-missing-field-initializers)  # designated initialisers leave defaults on purpose

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets ccache see through precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

if(SUNDER_SANITIZE)
  # -O1: at -O2, g++ 12 takes more than twice as long over instrumented code.
  add_compile_options(-O1 -fsanitize=${SUNDER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SUNDER_SANITIZE})
endif()

if(SUNDER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What every target of ours is compiled with.
function(sunder_compile target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_compile_options(${target} PRIVATE ${SUNDER_WARNINGS})
  if(SUNDER_SANITIZE)  # instrumented code makes g++ 12 warn of what is not there
    target_compile_options(${target} PRIVATE -Wno-error)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()

set(SUNDER_STANDARD_HEADERS
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span>
  <string> <string_view> <utility> <variant> <vector>)

# Headers that many files need, compiled once: the standard ones for all, GoogleTest's for tests.
function(sunder_precompiled_headers)
  file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp.in "")
  configure_file(${PROJECT_BINARY_DIR}/pch.cpp.in ${PROJECT_BINARY_DIR}/pch.cpp COPYONLY)
  add_library(sunder_pch OBJECT ${PROJECT_BINARY_DIR}/pch.cpp)
  add_library(sunder_test_pch OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/pch.cpp)
  foreach(pch sunder_pch sunder_test_pch)
    sunder_compile(${pch})
    target_precompile_headers(${pch} PRIVATE ${SUNDER_STANDARD_HEADERS})
  endforeach()
  target_link_libraries(sunder_test_pch PRIVATE GTest::gtest)
  target_compile_options(sunder_test_pch PRIVATE -O1)
  target_precompile_headers(sunder_test_pch PRIVATE <gtest/gtest.h>)
endfunction()

# sunder_library(NAME DIR folder [UNITY [ALONE patterns]] [COLD | COLD_FILES pattern]
# [EXCLUDE files or subfolders] [LINK targets]): every .cpp below it. UNITY compiles twelve at a
# time, but those ALONE, which halves a first build of many small files; the clang preset compiles
# each by itself, so that none relies on its neighbours. What is COLD waits for the world or runs
# once, and is compiled at -O1, which takes a third less time.
function(sunder_library name)
  cmake_parse_arguments(ARG "UNITY;COLD" "DIR;COLD_FILES" "EXCLUDE;ALONE;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${ARG_DIR}/*.cpp)
  foreach(excluded ${ARG_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX "^${ARG_DIR}/${excluded}")
  endforeach()
  add_library(${name} STATIC ${sources} ${PROJECT_BINARY_DIR}/pch.cpp)
  sunder_compile(${name})
  target_precompile_headers(${name} REUSE_FROM sunder_pch)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_COLD)
    target_compile_options(${name} PRIVATE -O1)
  elseif(ARG_COLD_FILES)
    set(cold ${sources})
    list(FILTER cold INCLUDE REGEX "^${ARG_DIR}/${ARG_COLD_FILES}")
    set_source_files_properties(${cold} PROPERTIES COMPILE_OPTIONS -O1)
  endif()
  if(SUNDER_UNITY AND ARG_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    foreach(alone ${ARG_ALONE})
      set(stay_alone ${sources})
      list(FILTER stay_alone INCLUDE REGEX "^${ARG_DIR}/${alone}")
      set_source_files_properties(${stay_alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endforeach()
  endif()
endfunction()

# sunder_catalogue(TARGET folder Type header): each <stem>.cpp directly in the folder defines
# add_<stem>(Registry<Type>&); the generated add_all_<target>(Registry<Type>&) calls them all.
function(sunder_catalogue target folder type header)
  file(GLOB stems CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${folder} ${folder}/*.cpp)
  set(declarations "")
  set(calls "")
  foreach(stem ${stems})
    string(REPLACE ".cpp" "" stem ${stem})
    string(APPEND declarations "void add_${stem}(Registry<${type}>& registry);\n")
    string(APPEND calls "  add_${stem}(registry);\n")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/catalogue/${target}.h CONTENT
"#pragma once
#include \"${header}\"
#include \"harness/api/registry.h\"

namespace sunder {
/// Adds everything in ${folder}. Generated from the list of its files.
void add_all_${target}(Registry<${type}>& registry);
}  // namespace sunder
")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/catalogue/${target}.cpp CONTENT
"#include \"catalogue/${target}.h\"

namespace sunder {
${declarations}
void add_all_${target}([[maybe_unused]] Registry<${type}>& registry) {
${calls}}
}  // namespace sunder
")
  target_sources(${target} PRIVATE ${PROJECT_BINARY_DIR}/catalogue/${target}.cpp)
endfunction()

# Bundles reports/web into one HTML text that the target embeds (reports/page.cpp declares it).
function(sunder_report_page target)
  if(EXISTS ${PROJECT_SOURCE_DIR}/reports/web/page.cmake)
    include(${PROJECT_SOURCE_DIR}/reports/web/page.cmake)
  endif()
endfunction()

function(sunder_executable name main)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${main})
    return()
  endif()
  add_executable(${name} ${main})
  sunder_compile(${name})
  target_precompile_headers(${name} REUSE_FROM sunder_pch)
  target_link_libraries(${name} PRIVATE ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

# Binaries that run on bare machines; sanitizers need dynamic linking.
function(sunder_static)
  foreach(name ${ARGN})
    if(TARGET ${name} AND NOT SUNDER_SANITIZE)
      target_link_options(${name} PRIVATE -static)
    endif()
  endforeach()
endfunction()

# Code that is copied into other processes: nothing in it may refer to what is not copied along.
function(sunder_clock_code source)
  set(options -O2 -fPIC -fno-stack-protector -fno-sanitize=all -fno-jump-tables
    -fno-tree-vectorize -fno-tree-slp-vectorize)
  set_source_files_properties(${source} PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "${options}")
endfunction()

# The library that programs of a node are started with when clocks are bent. It needs the C library
# and nothing else, whatever this project is compiled with.
function(sunder_clock_preload folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  add_library(sunder-clock SHARED ${sources})
  sunder_compile(sunder-clock)
  target_compile_options(sunder-clock PRIVATE
    -O2 -fno-sanitize=all -fno-exceptions -fno-rtti -fvisibility=hidden)
  target_link_options(sunder-clock PRIVATE -fno-sanitize=all -Wl,--as-needed,-z,defs)
  set_target_properties(sunder-clock PROPERTIES POSITION_INDEPENDENT_CODE ON
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

# The programs that a test starts in a node's place, each dynamic and static.
function(sunder_test_programs test folder)
  file(GLOB programs CONFIGURE_DEPENDS ${folder}/*.cpp)
  foreach(program ${programs})
    get_filename_component(name ${program} NAME_WE)
    foreach(variant ${name} ${name}_static)
      add_executable(${variant} EXCLUDE_FROM_ALL ${program})
      sunder_compile(${variant})
      target_compile_options(${variant} PRIVATE -O1 -fno-sanitize=all)
      target_link_options(${variant} PRIVATE -fno-sanitize=all)
      add_dependencies(${test} ${variant})
    endforeach()
    target_link_options(${name}_static PRIVATE -static)
  endforeach()
endfunction()

# The program of a folder as tests of ctest, which runs two at a time. Those that wait for real time
# run one beside one that computes, or alone where they measure it to the millisecond; hosts over
# SSH are waited for longest, by two halves, of which one runs beside the others.
function(sunder_add_test folder)
  set(halves ${folder})
  if(folder STREQUAL "ssh")
    set(halves ssh ssh-2)
  endif()
  list(LENGTH halves count)
  set(index 0)
  foreach(half ${halves})
    add_test(NAME ${half} COMMAND test_${folder} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${half} PROPERTIES TIMEOUT 1200
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${count};GTEST_SHARD_INDEX=${index}")
    math(EXPR index "${index} + 1")
    if(half MATCHES "^(agent|real)$")
      set_tests_properties(${half} PROPERTIES RUN_SERIAL ON)
    elseif(half MATCHES "^(cli|crashfs|ssh|stdio|stores)$")
      set_tests_properties(${half} PROPERTIES RESOURCE_LOCK "real time")
    endif()
  endforeach()
endfunction()

# One test program for each folder below tests/ that has *_test.cpp files; names mirror the folders.
function(sunder_tests root)
  file(GLOB folders CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${root} ${root}/*)
  foreach(folder ${folders})
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${root}/${folder}/*_test.cpp)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
      ${root}/${folder}/*_test.cpp ${root}/${folder}/support/*.cpp
      ${root}/${folder}/*/support/*.cpp)
    if(NOT tests)
      continue()
    endif()
    if(folder MATCHES "^(agent|ssh)$")  # stand in the same namespaces as the lab's tests
      list(APPEND sources ${root}/real/support/lab_place.cpp)
    endif()
    if(folder MATCHES "^(stdio|sweeps)$")  # run the same programs as the command line's tests
      list(APPEND sources ${root}/cli/support/command.cpp)
    endif()
    set(name test_${folder})
    add_executable(${name} ${sources})
    sunder_compile(${name})
    target_precompile_headers(${name} REUSE_FROM sunder_test_pch)
    if(folder MATCHES "^(core|store|generate|formats|run)$")
      target_link_libraries(${name} PRIVATE ${folder} GTest::gtest_main)
    elseif(folder STREQUAL "crashfs")
      target_link_libraries(${name} PRIVATE crashfs SQLite::SQLite3 lmdb GTest::gtest_main)
      add_dependencies(${name} sunder-crashfs)
    elseif(folder MATCHES "^(real|agent)$")
      target_link_libraries(${name} PRIVATE agent lab nemesis GTest::gtest_main)
      add_dependencies(${name} sunder-agent sunder-crashfs sunder-clock)
    else()
      target_link_libraries(${name} PRIVATE cli agent GTest::gtest_main)
      foreach(binary sunder sunder-node sunder-agent sunder-crashfs sunder-clock)
        if(TARGET ${binary})
          add_dependencies(${name} ${binary})
        endif()
      endforeach()
    endif()
    if(folder STREQUAL "agent")
      sunder_test_programs(${name} ${root}/agent/programs)
    endif()
    target_compile_options(${name} PRIVATE -O1)  # a quarter less to wait for than at -O2
    target_compile_definitions(${name} PRIVATE SUNDER_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      SUNDER_BINARY_DIR="${PROJECT_BINARY_DIR}")
    sunder_add_test(${folder})
  endforeach()
  file(GLOB benches CONFIGURE_DEPENDS ${root}/bench/*_bench.cpp)
  foreach(bench ${benches})
    get_filename_component(name ${bench} NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL ${bench})
    sunder_compile(${name})
    target_precompile_headers(${name} REUSE_FROM sunder_pch)
    target_link_libraries(${name} PRIVATE cli benchmark::benchmark)
    target_compile_definitions(${name} PRIVATE SUNDER_BINARY_DIR="${PROJECT_BINARY_DIR}")
  endforeach()
  target_sources(linearizable_bench PRIVATE
    ${root}/checker/support/cas_history.cpp ${root}/checker/support/distinct_history.cpp)
  target_sources(one_order_bench PRIVATE
    ${root}/checker/weak/support/builder.cpp ${root}/checker/weak/support/families.cpp)
  target_sources(weak_bench PRIVATE ${root}/checker/weak/support/causal_store.cpp)
  target_sources(staleness_bench PRIVATE ${root}/checker/support/register_script.cpp)
  target_sources(replicated_bench PRIVATE ${root}/checker/support/little_replicas.cpp)
endfunction()

# One libFuzzer program for each *_fuzz.cpp of the folder.
function(sunder_fuzzers folder)
  if(NOT SUNDER_FUZZ)
    return()
  endif()
  file(GLOB fuzzers CONFIGURE_DEPENDS ${folder}/*_fuzz.cpp)
  file(GLOB support CONFIGURE_DEPENDS ${folder}/support/*.cpp)
  foreach(fuzzer ${fuzzers})
    get_filename_component(name ${fuzzer} NAME_WE)
    add_executable(${name} ${fuzzer} ${support})
    sunder_compile(${name})
    target_link_libraries(${name} PRIVATE formats checker)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endfunction()

# sunder_headers(folders...): the target `headers` compiles every header by itself, after none but
# the precompiled ones, so that none relies on what stands before it.
function(sunder_headers)
  set(sources "")
  foreach(folder ${ARGN})
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${folder}/*.h)
    foreach(header ${headers})
      set(source ${PROJECT_BINARY_DIR}/headers/${header}.cpp)
      file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
      list(APPEND sources ${source})
    endforeach()
  endforeach()
  add_library(headers OBJECT EXCLUDE_FROM_ALL ${sources})
  sunder_compile(headers)
  target_precompile_headers(headers REUSE_FROM sunder_pch)
  target_link_libraries(headers PRIVATE cli agent crashfs_mount)
endfunction()
