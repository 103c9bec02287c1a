# Defines libpq::libpq, PostgreSQL's client library. CMake's own FindPostgreSQL also asks for headers of the server.
find_path(Libpq_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql)
find_library(Libpq_LIBRARY pq)
mark_as_advanced(Libpq_INCLUDE_DIR Libpq_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libpq REQUIRED_VARS Libpq_LIBRARY Libpq_INCLUDE_DIR)

if(Libpq_FOUND AND NOT TARGET libpq::libpq)
    add_library(libpq::libpq UNKNOWN IMPORTED GLOBAL)
    set_target_properties(libpq::libpq PROPERTIES
        IMPORTED_LOCATION "${Libpq_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${Libpq_INCLUDE_DIR}")
endif()
