# Builds one consumer from nothing and runs its programs in a folder of their own.
#   cmake -DMODE=find_package|add_subdirectory|pkg_config -DWORK=... -DEXAMPLE=... -DPREFIX=... -DCARIOSAN=...
#         -DCXX=... -DC=... -DLAUNCHER=... -DGENERATOR=... -P consumer.cmake
cmake_minimum_required(VERSION 3.24)

function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}/run" RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "failed (${result}): ${command}")
    endif()
endfunction()

# The flags pkg-config gives for modules of the installed copy.
function(pkg_config result)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${PREFIX}/${LIBDIR}/pkgconfig:$ENV{PKG_CONFIG_PATH}"
                            pkg-config --cflags --libs ${ARGN}
                    OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY OUTPUT_STRIP_TRAILING_WHITESPACE)
    separate_arguments(flags UNIX_COMMAND "${flags}")
    set(${result} ${flags} PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}/run" "${WORK}/build")
file(MAKE_DIRECTORY "${WORK}/run" "${WORK}/build")

if(MODE STREQUAL "pkg_config")
    pkg_config(flags cariosan-engine cariosan-sqlite cariosan-crypto)
    run("${CXX}" -std=c++20 -o "${WORK}/build/example" "${EXAMPLE}" ${flags})
    run("${WORK}/build/example")
    pkg_config(flags cariosan-delivery cariosan-crypto)
    run("${CXX}" -std=c++20 -o "${WORK}/build/upload" "${HERE}/find_package/upload.cpp" ${flags})
    run("${WORK}/build/upload")
    pkg_config(flags cariosan)
    run("${C}" -std=c99 -pedantic-errors -Wall -Wextra -Werror -o "${WORK}/build/example_c" "${HERE}/c/main.c" ${flags}
        "-Wl,-rpath,${PREFIX}/${LIBDIR}")
    run("${WORK}/build/example_c")
    return()
endif()

# Unoptimised and in few units: that it builds is what counts.
run("${CMAKE_COMMAND}" -S "${HERE}/${MODE}" -B "${WORK}/build" -G "${GENERATOR}" -DCMAKE_BUILD_TYPE=Debug
    "-DCMAKE_CXX_FLAGS_DEBUG=-O0" -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=64
    "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_C_COMPILER=${C}"
    "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_PREFIX_PATH=${PREFIX}" "-DEXAMPLE=${EXAMPLE}"
    "-DCARIOSAN=${CARIOSAN}")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --parallel 2)
run("${WORK}/build/example")
if(MODE STREQUAL "find_package")
    run("${WORK}/build/serve")
    run("${WORK}/build/upload")
    run("${WORK}/build/example_c")
endif()
