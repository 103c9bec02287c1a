# Flags of our own code, and the function that declares a library of the project.

if(CARIOSAN_SANITIZE)
    add_compile_options(-fsanitize=${CARIOSAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CARIOSAN_SANITIZE})
    # Programs in C link libcariosan.so, whose code needs UBSan's runtime for C++.
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

# What every file of the project is compiled with; never exported to users. Includes of our own are written
# relative to src/.
add_library(cariosan_internal INTERFACE)
target_include_directories(cariosan_internal INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(cariosan_internal INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<BOOL:${CARIOSAN_WERROR}>:-Werror>
    # GCC 12 takes plain string concatenation for overlapping copies (GCC bug 105651), and sees the members of the other
    # alternatives of a variant that is moved from as uninitialized; Clang and the sanitizers look for the real ones.
    "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict;-Wno-maybe-uninitialized>"
    -ffunction-sections -fdata-sections)

# cariosan_own_target(<target>): language level and visibility of a target of ours.
function(cariosan_own_target target)
    set_target_properties(${target} PROPERTIES
        CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
        C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:cariosan_internal>)
endfunction()

# cariosan_link(<target> <PUBLIC|PRIVATE> <libraries...>): links; a library of ours that this build leaves out
# (an option is off) is left out here too.
function(cariosan_link target scope)
    foreach(library IN LISTS ARGN)
        if(library MATCHES "^cariosan::" AND NOT TARGET ${library})
            message(STATUS "cariosan: ${target} is built without ${library}")
            continue()
        endif()
        # Objects become part of a library of ours: its users need not know of them.
        if(TARGET ${library})
            get_target_property(type ${library} TYPE)
            if(type STREQUAL "OBJECT_LIBRARY")
                set(library $<BUILD_INTERFACE:${library}>)
            endif()
        endif()
        target_link_libraries(${target} ${scope} ${library})
    endforeach()
endfunction()

# A shared library of ours speaks C alone: the version script keeps every C++ symbol in it, its static libraries'
# too, out of sight.
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
# Adds sources to the library cariosan_<name>, alias cariosan::<name>; the first call with sources makes it.
# Several folders can feed one library. Without sources nothing happens. SHARED makes libcariosan.so, which exports
# cariosan_* alone.
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

# cariosan_executable(<target> SOURCES <files...> [LINK <targets...>]): a program of ours. Without sources nothing
# happens.
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
