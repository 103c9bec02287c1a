# Functions that declare tests. Every doctest case is a test of its own for ctest.
find_package(doctest CONFIG REQUIRED)
include(doctest)

# The main program and helpers shared by all C++ tests.
if(NOT TARGET cariosan_test_support)
    add_library(cariosan_test_support STATIC
        "${PROJECT_SOURCE_DIR}/tests/support/main.cpp" "${PROJECT_SOURCE_DIR}/tests/support/source_folder.cpp")
    cariosan_own_target(cariosan_test_support)
    target_include_directories(cariosan_test_support PUBLIC
        "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/include")
    target_compile_definitions(cariosan_test_support PRIVATE CARIOSAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(cariosan_test_support PUBLIC doctest::doctest)
    target_compile_features(cariosan_test_support PUBLIC cxx_std_20)
endif()

# Builds only the tests that run under ThreadSanitizer (label tsan).
if(NOT TARGET cariosan_tests_tsan)
    add_custom_target(cariosan_tests_tsan)
endif()

# Sets <result> to the first of our libraries in <libraries> that is not part of this build, or to "".
function(_cariosan_missing result)
    set(${result} "" PARENT_SCOPE)
    foreach(library IN LISTS ARGN)
        if(library MATCHES "^cariosan::" AND NOT TARGET ${library})
            set(${result} ${library} PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

# The compiler's flags of a target with tests.
function(_cariosan_test_target target)
    cariosan_own_target(${target})
    # The tested code is optimised; optimising the tests would take most of the compiler's time for nothing.
    target_compile_options(${target} PRIVATE -O0)
    # Fewer than of a library, so that the units of one program keep several processors busy.
    set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE 24)
endfunction()

# cariosan_test_parts(<name> SOURCES <files...> [LINK <targets...>])
#
# Files that several test programs share, compiled once: a program names <name> among its LINK. Without one of the libraries
# in LINK there are no such parts.
function(cariosan_test_parts name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    _cariosan_missing(missing ${arg_LINK})
    if(missing)
        return()
    endif()
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${arg_SOURCES})
    _cariosan_test_target(${name})
    target_link_libraries(${name} PUBLIC ${arg_LINK} cariosan_test_support)
endfunction()

# cariosan_test(<name> SOURCES <files...> [LINK <targets...>] [LABELS <labels...>] [SERVICES <postgres|redis>...]
#               [TIMEOUT <seconds>])
#
# A doctest program test_<name>; its cases are the ctest tests "<name>.<case>". tests/support/main.cpp has the main
# function. If one of its libraries is not part of the build, the test is omitted with a message. Label tsan: also runs in
# the ThreadSanitizer build. SERVICES are started before it where they are installed; elsewhere its cases say that they are
# skipped. TIMEOUT (default 1200) only ends a test that hangs.
function(cariosan_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINK;LABELS;SERVICES")
    if(NOT arg_SOURCES)
        return()
    endif()
    _cariosan_missing(missing ${arg_LINK})
    if(missing)
        message(STATUS "cariosan: test ${name} is left out, it needs ${missing}")
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 1200)
    endif()
    set(target test_${name})
    add_executable(${target} ${arg_SOURCES})
    _cariosan_test_target(${target})
    target_link_libraries(${target} PRIVATE ${arg_LINK} cariosan_test_support)
    target_link_options(${target} PRIVATE -Wl,--gc-sections)
    doctest_discover_tests(${target} TEST_PREFIX "${name}." PROPERTIES TIMEOUT ${arg_TIMEOUT})
    # The discovery script cannot pass lists; ctest reads this file after the one it generates.
    set(services "")
    foreach(service IN LISTS arg_SERVICES)
        if(service IN_LIST CARIOSAN_SERVICES)
            list(APPEND services ${service})
        endif()
    endforeach()
    set(environment "")
    if(services)
        set(environment "${CARIOSAN_SERVICES_ENVIRONMENT}")
    endif()
    set(labels_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_labels.cmake")
    file(CONFIGURE OUTPUT "${labels_file}" @ONLY CONTENT [[
foreach(test IN LISTS @target@_TESTS)
    set_tests_properties("${test}" PROPERTIES LABELS "@arg_LABELS@" FIXTURES_REQUIRED "@services@" ENVIRONMENT "@environment@")
endforeach()
]])
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels_file}")
    if("tsan" IN_LIST arg_LABELS)
        add_dependencies(cariosan_tests_tsan ${target})
    endif()
endfunction()

# cariosan_fuzz(<name> SOURCES <files...> [CORPUS <folder>] [LINK <targets...>])
#
# SOURCES define LLVMFuzzerTestOneInput. replay_<name> passes every file of CORPUS to it once and is the ctest test
# "fuzz.<name>"; with CARIOSAN_FUZZ=ON, fuzz_<name> is the libFuzzer program.
function(cariosan_fuzz name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS" "SOURCES;LINK")
    if(NOT arg_SOURCES)
        return()
    endif()
    _cariosan_missing(missing ${arg_LINK})
    if(missing)
        message(STATUS "cariosan: fuzz target ${name} is left out, it needs ${missing}")
        return()
    endif()
    if(NOT arg_CORPUS)
        set(arg_CORPUS corpus/${name})
    endif()
    get_filename_component(corpus "${arg_CORPUS}" ABSOLUTE)
    add_executable(replay_${name} ${arg_SOURCES} "${PROJECT_SOURCE_DIR}/tests/support/fuzz_replay.cpp")
    cariosan_own_target(replay_${name})
    target_include_directories(replay_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_link_libraries(replay_${name} PRIVATE ${arg_LINK})
    add_test(NAME "fuzz.${name}" COMMAND replay_${name} "${corpus}")
    set_tests_properties("fuzz.${name}" PROPERTIES LABELS fuzz TIMEOUT 1200)
    if(CARIOSAN_FUZZ)
        add_executable(fuzz_${name} ${arg_SOURCES})
        cariosan_own_target(fuzz_${name})
        target_include_directories(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
        target_link_libraries(fuzz_${name} PRIVATE ${arg_LINK})
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()
