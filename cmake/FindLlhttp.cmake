# Defines llhttp::llhttp: an installed llhttp if there is one, otherwise the C sources that Debian ships in node-llhttp. In
# that case Llhttp_SOURCES lists them: they are compiled once into the objects of the target cariosan_llhttp, which become
# part of the library that uses them.
find_path(Llhttp_INCLUDE_DIR llhttp.h)
find_library(Llhttp_LIBRARY NAMES llhttp)
if(NOT Llhttp_INCLUDE_DIR OR NOT Llhttp_LIBRARY)
    find_path(Llhttp_SOURCE_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp /usr/share/node_modules/llhttp/include)
    find_path(Llhttp_SOURCE_DIR NAMES llhttp.c PATHS /usr/share/llhttp)
endif()
mark_as_advanced(Llhttp_INCLUDE_DIR Llhttp_LIBRARY Llhttp_SOURCE_INCLUDE_DIR Llhttp_SOURCE_DIR)

include(FindPackageHandleStandardArgs)
if(Llhttp_INCLUDE_DIR AND Llhttp_LIBRARY)
    find_package_handle_standard_args(Llhttp REQUIRED_VARS Llhttp_LIBRARY Llhttp_INCLUDE_DIR)
    if(NOT TARGET llhttp::llhttp)
        add_library(llhttp::llhttp UNKNOWN IMPORTED)
        set_target_properties(llhttp::llhttp PROPERTIES
            IMPORTED_LOCATION "${Llhttp_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${Llhttp_INCLUDE_DIR}")
    endif()
else()
    find_package_handle_standard_args(Llhttp REQUIRED_VARS Llhttp_SOURCE_DIR Llhttp_SOURCE_INCLUDE_DIR
        REASON_FAILURE_MESSAGE "neither an installed llhttp nor the C sources of Debian's node-llhttp")
    if(Llhttp_FOUND AND NOT TARGET llhttp::llhttp)
        set(Llhttp_SOURCES "${Llhttp_SOURCE_DIR}/api.c" "${Llhttp_SOURCE_DIR}/http.c"
                           "${Llhttp_SOURCE_DIR}/llhttp.c")
        add_library(cariosan_llhttp OBJECT ${Llhttp_SOURCES})
        target_include_directories(cariosan_llhttp SYSTEM PUBLIC "${Llhttp_SOURCE_INCLUDE_DIR}")
        target_compile_options(cariosan_llhttp PRIVATE -w)
        set_target_properties(cariosan_llhttp PROPERTIES
            POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden C_STANDARD 11 UNITY_BUILD OFF)
        add_library(llhttp::llhttp ALIAS cariosan_llhttp)
    endif()
endif()
