# Builds one consumer from nothing and runs its programs in a folder of their own.
#   cmake -DMODE=find_package|add_subdirectory|pkg_config|amalgamation|missing_component|packages|examples -DWORK=... -DEXAMPLE=... -DPREFIX=...
#         -DJOINED=... -DBUILD=... -DCARIOSAN=... -DCXX=... -DC=... -DCLANG=... -DLAUNCHER=... -DGENERATOR=... -P consumer.cmake
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

if(CLANG AND MODE MATCHES "^(amalgamation|add_subdirectory)$")
    set(CXX "${CLANG}")
endif()
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

# One file with all optional parts, compiled as its first lines say.
if(MODE STREQUAL "amalgamation")
    pkg_config(flags fmt libutf8proc sqlite3 libcrypto libcurl libpq hiredis)
    set(compiling ${flags})
    list(FILTER compiling EXCLUDE REGEX "^-[lL]")
    run(${LAUNCHER} "${CXX}" -std=c++20 -O0 -Wall -Wextra -Werror -DCARIOSAN_WITH_DELIVERY -DCARIOSAN_WITH_POSTGRES -DCARIOSAN_WITH_REDIS
        -I "${JOINED}/include" ${compiling} -c "${JOINED}/cariosan.cpp" -o "${WORK}/build/cariosan.o")
    run("${CXX}" -std=c++20 -I "${JOINED}/include" -o "${WORK}/build/example" "${EXAMPLE}" "${WORK}/build/cariosan.o" ${flags}
        -lboost_json -pthread)
    run("${WORK}/build/example")
    return()
endif()

# Says in plain words what is missing.
if(MODE STREQUAL "missing_component")
    file(WRITE "${WORK}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.24)\nproject(consumer LANGUAGES CXX)\n"
        "find_package(cariosan REQUIRED COMPONENTS engine mongodb)\n")
    execute_process(COMMAND "${CMAKE_COMMAND}" -S "${WORK}" -B "${WORK}/build" "-DCMAKE_PREFIX_PATH=${PREFIX}" "-DCMAKE_CXX_COMPILER=${CXX}"
                    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE text)
    string(REGEX REPLACE "[ \n]+" " " text "${text}")
    if(result EQUAL 0 OR NOT text MATCHES "has no component mongodb. It has: core, engine, sqlite")
        message(FATAL_ERROR "the missing component was not named (${result}): ${text}")
    endif()
    return()
endif()

# The Debian packages, unpacked into a folder: the server runs, and both libraries are found.
if(MODE STREQUAL "packages")
    find_program(dpkg_deb dpkg-deb)
    find_program(dpkg_shlibdeps dpkg-shlibdeps)
    find_program(file_type file)
    if(NOT dpkg_deb OR NOT dpkg_shlibdeps OR NOT file_type)
        message("skipped: no dpkg-deb, dpkg-shlibdeps and file to make packages with")
        return()
    endif()
    file(REMOVE_RECURSE "${WORK}/packages" "${WORK}/root")
    cmake_path(GET CMAKE_COMMAND PARENT_PATH programs)
    run("${programs}/cpack" -G DEB --config "${BUILD}/CPackConfig.cmake" -B "${WORK}/packages")
    file(GLOB packages "${WORK}/packages/*.deb")
    foreach(name libcariosan0 libcariosan-dev cariosan-server)
        set(package "${packages}")
        list(FILTER package INCLUDE REGEX "/${name}_[0-9.]+-1_[a-z0-9]+\\.deb$")
        if(NOT package)
            message(FATAL_ERROR "no package ${name} among ${packages}")
        endif()
        run("${dpkg_deb}" -x "${package}" "${WORK}/root")
        execute_process(COMMAND "${dpkg_deb}" -f "${package}" Depends OUTPUT_VARIABLE depends COMMAND_ERROR_IS_FATAL ANY)
        if(NOT depends MATCHES "libsqlite3")
            message(FATAL_ERROR "${name} depends on ${depends}, which has no SQLite")
        endif()
    endforeach()
    run("${WORK}/root/usr/bin/cariosan-server" --version)
    set(PREFIX "${WORK}/root/usr")
    pkg_config(flags cariosan)
    run("${C}" -std=c99 -pedantic-errors -o "${WORK}/build/example_c" "${HERE}/c/main.c" ${flags} "-Wl,-rpath,${PREFIX}/${LIBDIR}")
    run("${WORK}/build/example_c")
    pkg_config(flags cariosan-engine cariosan-sqlite cariosan-crypto)
    run("${CXX}" -std=c++20 -o "${WORK}/build/example" "${EXAMPLE}" ${flags})
    run("${WORK}/build/example")
    return()
endif()

# The small examples, each copied out of the tree and built as its README says.
if(MODE STREQUAL "examples")
    foreach(name embed_minimal moderator custom_storage mount_in_other_http)
        file(COPY "${CARIOSAN}/examples/${name}" DESTINATION "${WORK}/run")
        file(READ "${WORK}/run/${name}/README.md" text)
        string(REGEX MATCH "```cmake\n([^`]+)```" matched "${text}")
        file(WRITE "${WORK}/run/${name}/CMakeLists.txt" "${CMAKE_MATCH_1}")
        run("${CMAKE_COMMAND}" -S "${name}" -B "${WORK}/build/${name}" -G "${GENERATOR}" -DCMAKE_BUILD_TYPE=Debug
            "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -Wall -Wextra -Werror" "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
            "-DCMAKE_PREFIX_PATH=${PREFIX}")
        run("${CMAKE_COMMAND}" --build "${WORK}/build/${name}" --parallel 2)
    endforeach()
    run("${WORK}/build/embed_minimal/example" chat.db)
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
