# Install rules: one component per library, each with its headers, its part of the CMake package and its pkg-config file.
# What a library's users must link is derived from what it links, so no second list can go stale.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/cariosan")
set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(staging "${CMAKE_CURRENT_BINARY_DIR}/package")

set(description_core "cariosan: types, use cases and realtime feed")
set(description_engine "cariosan: the engine and the wire protocol")
set(description_sqlite "cariosan: storage in SQLite")
set(description_postgres "cariosan: storage in PostgreSQL")
set(description_redis "cariosan: several nodes over Redis")
set(description_move "cariosan: moving from SQLite to PostgreSQL")
set(description_crypto "cariosan: hashes, signatures and randomness from OpenSSL")
set(description_delivery "cariosan: webhooks, push and uploads")
set(description_transport "cariosan: HTTP and WebSocket over standalone Asio")
set(description_c "cariosan: the C library")

# For each third-party target: the arguments of find_dependency, then the pkg-config module or the linker flags.
set(find_fmt_fmt "fmt")
set(module_fmt_fmt "fmt")
set(find_utf8proc_utf8proc "Utf8proc")
set(module_utf8proc_utf8proc "libutf8proc")
set(find_Boost_json "Boost CONFIG COMPONENTS json")
set(flags_Boost_json "-lboost_json")
set(find_SQLite_SQLite3 "SQLite3")
set(module_SQLite_SQLite3 "sqlite3")
set(find_libpq_libpq "Libpq")
set(module_libpq_libpq "libpq")
set(find_Hiredis_Hiredis "Hiredis")
set(module_Hiredis_Hiredis "hiredis")
set(find_OpenSSL_Crypto "OpenSSL")
set(module_OpenSSL_Crypto "libcrypto")
set(find_OpenSSL_SSL "OpenSSL")
set(module_OpenSSL_SSL "libssl")
set(find_llhttp_llhttp "Llhttp")
set(flags_llhttp_llhttp "-lllhttp")
set(find_ZLIB_ZLIB "ZLIB")
set(module_ZLIB_ZLIB "zlib")
set(find_CURL_libcurl "CURL")
set(module_CURL_libcurl "libcurl")
set(find_Threads_Threads "Threads")
set(flags_Threads_Threads "-pthread")

# Sets, for the component <name>: components (others it needs), find_calls, modules, flags.
macro(_cariosan_collect name)
    set(components "")
    set(find_calls "")
    set(modules "")
    set(flags "")
    get_target_property(links cariosan_${name} LINK_LIBRARIES)
    get_target_property(type cariosan_${name} TYPE)
    if(type STREQUAL "SHARED_LIBRARY" OR NOT links)
        set(links "")
    endif()
    # Links from a folder other than the target's own are wrapped in "::@(...)" markers.
    list(FILTER links EXCLUDE REGEX "^::@|BUILD_INTERFACE")
    list(REMOVE_DUPLICATES links)
    foreach(link IN LISTS links)
        string(MAKE_C_IDENTIFIER "${link}" key)
        string(REPLACE "__" "_" key "${key}")
        if(link MATCHES "^cariosan::(.+)$")
            list(APPEND components ${CMAKE_MATCH_1})
            list(APPEND modules cariosan-${CMAKE_MATCH_1})
        elseif(DEFINED find_${key})
            list(APPEND find_calls "find_dependency(${find_${key}})")
            list(APPEND modules ${module_${key}})
            list(APPEND flags ${flags_${key}})
        else()
            message(FATAL_ERROR "CariosanInstall.cmake does not know how a user finds ${link}, "
                                "which cariosan_${name} links")
        endif()
    endforeach()
    foreach(list components find_calls modules flags)
        list(REMOVE_DUPLICATES ${list})
    endforeach()
endmacro()

get_property(libraries GLOBAL PROPERTY CARIOSAN_LIBRARIES)
foreach(name IN LISTS libraries)
    _cariosan_collect(${name})

    install(TARGETS cariosan_${name} EXPORT cariosan-${name}-targets
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${name}
            # What a program needs that was linked with libcariosan.so.
            LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT ${name})
    install(EXPORT cariosan-${name}-targets NAMESPACE cariosan:: DESTINATION "${package_dir}" COMPONENT ${name})

    list(JOIN find_calls "\n" find_text)
    file(CONFIGURE OUTPUT "${staging}/cariosan-${name}-dependencies.cmake" @ONLY CONTENT
         "set(cariosan_${name}_components \"@components@\")\n@find_text@\n")

    # libcariosan.so is found under its own name, as C users expect.
    set(module "cariosan-${name}")
    set(library "cariosan_${name}")
    if(name STREQUAL "c")
        set(module "cariosan")
        set(library "cariosan")
    endif()
    set(description "${description_${name}}")
    list(JOIN modules ", " modules)
    list(JOIN flags " " flags)
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
               OUTPUT_VARIABLE prefix_from_here)
    configure_file(cmake/cariosan.pc.in "${staging}/${module}.pc" @ONLY)
    install(FILES "${staging}/${module}.pc" DESTINATION "${pkgconfig_dir}" COMPONENT ${name})
    install(FILES "${staging}/cariosan-${name}-dependencies.cmake" DESTINATION "${package_dir}" COMPONENT ${name})
    # Each component can be installed alone, so each installs the files shared by all.
    install(FILES "${staging}/cariosan-config.cmake" "${staging}/cariosan-config-version.cmake"
                  cmake/FindUtf8proc.cmake cmake/FindLlhttp.cmake cmake/FindLibpq.cmake cmake/FindHiredis.cmake
            DESTINATION "${package_dir}" COMPONENT ${name})
endforeach()

configure_package_config_file(cmake/cariosan-config.cmake.in "${staging}/cariosan-config.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${staging}/cariosan-config-version.cmake" COMPATIBILITY SameMinorVersion)

# The public headers, each with the library that implements it.
set(include_dir "${CMAKE_INSTALL_INCLUDEDIR}/cariosan")
file(GLOB core_headers CONFIGURE_DEPENDS include/cariosan/*.hpp)
install(FILES ${core_headers} DESTINATION "${include_dir}" COMPONENT core)
install(FILES include/cariosan/adapters/memory.hpp DESTINATION "${include_dir}/adapters" COMPONENT core)
if(TARGET cariosan::sqlite)
    install(FILES include/cariosan/adapters/sqlite.hpp DESTINATION "${include_dir}/adapters" COMPONENT sqlite)
endif()
if(TARGET cariosan::postgres)
    install(FILES include/cariosan/adapters/postgres.hpp DESTINATION "${include_dir}/adapters" COMPONENT postgres)
endif()
if(TARGET cariosan::redis)
    install(FILES include/cariosan/adapters/redis.hpp DESTINATION "${include_dir}/adapters" COMPONENT redis)
endif()
if(TARGET cariosan::move)
    install(FILES include/cariosan/adapters/move.hpp DESTINATION "${include_dir}/adapters" COMPONENT move)
endif()
if(TARGET cariosan::crypto)
    install(FILES include/cariosan/adapters/openssl.hpp DESTINATION "${include_dir}/adapters" COMPONENT crypto)
endif()
if(TARGET cariosan::delivery)
    install(FILES include/cariosan/adapters/fcm.hpp include/cariosan/adapters/folder.hpp include/cariosan/adapters/s3.hpp
            include/cariosan/adapters/webhook.hpp include/cariosan/adapters/webpush.hpp
            DESTINATION "${include_dir}/adapters" COMPONENT delivery)
endif()
if(TARGET cariosan::transport)
    install(DIRECTORY include/cariosan/asio DESTINATION "${include_dir}" COMPONENT transport
            FILES_MATCHING PATTERN "*.hpp")
endif()
if(TARGET cariosan::c)
    install(FILES include/cariosan/cariosan.h include/cariosan/cariosan_parts.h DESTINATION "${include_dir}" COMPONENT c)
endif()
if(TARGET cariosan-server)
    install(TARGETS cariosan-server RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT server)
endif()
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/licenses/cariosan" COMPONENT core)
