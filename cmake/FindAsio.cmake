# Defines asio::asio, the standalone Asio (header only), which has no package to find.
find_path(Asio_INCLUDE_DIR asio.hpp)
mark_as_advanced(Asio_INCLUDE_DIR)

# ASIO_VERSION is major * 100000 + minor * 100 + patch.
if(Asio_INCLUDE_DIR AND EXISTS "${Asio_INCLUDE_DIR}/asio/version.hpp")
    file(STRINGS "${Asio_INCLUDE_DIR}/asio/version.hpp" _asio_line REGEX "^#define ASIO_VERSION [0-9]+")
    if(_asio_line MATCHES "([0-9]+)")
        math(EXPR _asio_major "${CMAKE_MATCH_1} / 100000")
        math(EXPR _asio_minor "${CMAKE_MATCH_1} / 100 % 1000")
        math(EXPR _asio_patch "${CMAKE_MATCH_1} % 100")
        set(Asio_VERSION "${_asio_major}.${_asio_minor}.${_asio_patch}")
    endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Asio REQUIRED_VARS Asio_INCLUDE_DIR VERSION_VAR Asio_VERSION)

if(Asio_FOUND AND NOT TARGET asio::asio)
    find_package(Threads REQUIRED)
    # Asio checks for std::aligned_alloc with a standard library macro before including any standard header, so files that
    # include Asio first would free memory differently from how others allocate it. This makes the check here.
    include(CheckCXXSymbolExists)
    check_cxx_symbol_exists(aligned_alloc cstdlib Asio_ALIGNED_ALLOC)
    set(_asio_definitions ASIO_STANDALONE ASIO_NO_DEPRECATED)
    if(Asio_ALIGNED_ALLOC)
        list(APPEND _asio_definitions ASIO_HAS_STD_ALIGNED_ALLOC=1)
    else()
        list(APPEND _asio_definitions ASIO_DISABLE_STD_ALIGNED_ALLOC)
    endif()
    add_library(asio::asio INTERFACE IMPORTED)
    set_target_properties(asio::asio PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES "${Asio_INCLUDE_DIR}"
        INTERFACE_COMPILE_DEFINITIONS "${_asio_definitions}"
        INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
