# Compiler flags of our own code, and the function that declares a library of the project.

if(CARIOSAN_SANITIZE)
    add_compile_options(-fsanitize=${CARIOSAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CARIOSAN_SANITIZE})
    # C programs link libcariosan.so, whose code needs UBSan's runtime for C++.
    if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
        add_link_options($<$<LINK_LANGUAGE:C>:-fsanitize-link-c++-runtime>)
        string(APPEND CMAKE_C_STANDARD_LIBRARIES " -lstdc++")
    endif()
endif()
if(CARIOSAN_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "CARIOSAN_FUZZ needs Clang: libFuzzer is part of it")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Flags for every file of the project, never exported to users. Our own includes are relative to src/.
add_library(cariosan_internal INTERFACE)
target_include_directories(cariosan_internal INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(cariosan_internal INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<BOOL:${CARIOSAN_WERROR}>:-Werror>
    # GCC 12 mistakes plain string concatenation for overlapping copies (GCC bug 105651), and sees the members of other
    # alternatives as uninitialized when a variant is moved from. Clang and the sanitizers find real errors of these kinds.
    "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict;-Wno-maybe-uninitialized>"
    -ffunction-sections -fdata-sections)

# cariosan_own_target(<target>): sets language level and visibility of one of our targets.
function(cariosan_own_target target)
    set_target_properties(${target} PROPERTIES
        CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
        C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:cariosan_internal>)
endfunction()

# cariosan_link(<target> <PUBLIC|PRIVATE> <libraries...>): links them, except for those of our libraries that are not part
# of this build (an option is off).
function(cariosan_link target scope)
    foreach(library IN LISTS ARGN)
        if(library MATCHES "^cariosan::" AND NOT TARGET ${library})
            message(STATUS "cariosan: ${target} is built without ${library}")
            continue()
        endif()
        # Objects become part of our library, so its users need not know them.
        if(TARGET ${library})
            get_target_property(type ${library} TYPE)
            if(type STREQUAL "OBJECT_LIBRARY")
                set(library $<BUILD_INTERFACE:${library}>)
            endif()
        endif()
        target_link_libraries(${target} ${scope} ${library})
    endforeach()
endfunction()

# Our shared library only exports C: the version script hides every C++ symbol in it, including those of its
# static libraries.
function(_cariosan_export_c_only target)
    set(script "${PROJECT_SOURCE_DIR}/cmake/exported_symbols.map")
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME cariosan VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS "${script}")
    target_link_options(${target} PRIVATE
        -Wl,--version-script=${script} -Wl,--exclude-libs,ALL -Wl,--gc-sections)
    if(NOT CARIOSAN_SANITIZE)
        target_link_options(${target} PRIVATE -Wl,--no-undefined)
    endif()
endfunction()

# cariosan_library(<name> [SHARED] SOURCES <files...> [LINK_PUBLIC <targets...>] [LINK_PRIVATE <targets...>])
#
# Adds sources to the library cariosan_<name>, alias cariosan::<name>; the first call with sources creates it.
# Several folders can add to one library. Without sources nothing happens. SHARED creates libcariosan.so, which only
# exports cariosan_*.
function(cariosan_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "SHARED" "" "SOURCES;LINK_PUBLIC;LINK_PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "cariosan_library(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT arg_SOURCES)
        return()
    endif()
    set(target cariosan_${name})
    if(NOT TARGET ${target})
        set(kind STATIC)
        if(arg_SHARED)
            set(kind SHARED)
        endif()
        add_library(${target} ${kind})
        add_library(cariosan::${name} ALIAS ${target})
        set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
        cariosan_own_target(${target})
        if(arg_SHARED)
            _cariosan_export_c_only(${target})
        else()
            target_compile_features(${target} PUBLIC cxx_std_20)
        endif()
        target_include_directories(${target} PUBLIC
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
        set_property(GLOBAL APPEND PROPERTY CARIOSAN_LIBRARIES ${name})
    endif()
    list(TRANSFORM arg_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
    target_sources(${target} PRIVATE ${arg_SOURCES})
    cariosan_link(${target} PUBLIC ${arg_LINK_PUBLIC})
    cariosan_link(${target} PRIVATE ${arg_LINK_PRIVATE})
endfunction()

# cariosan_executable(<target> SOURCES <files...> [LINK <targets...>]): one of our programs. Without sources
# nothing happens.
function(cariosan_executable target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    if(NOT arg_SOURCES)
        return()
    endif()
    add_executable(${target} ${arg_SOURCES})
    cariosan_own_target(${target})
    target_link_options(${target} PRIVATE -Wl,--gc-sections)
    cariosan_link(${target} PRIVATE ${arg_LINK})
endfunction()
