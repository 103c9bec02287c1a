# Debian packages of what is built: `cpack -G DEB` in the build folder makes libcariosan0 (the C library), libcariosan-dev (headers,
# static libraries, CMake and pkg-config files) and cariosan-server.
set(runtime "libcariosan${PROJECT_VERSION_MAJOR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cariosan)
set(CPACK_PACKAGE_VENDOR Cariosan)
set(CPACK_PACKAGE_CONTACT "Cariosan maintainers <maintainers@cariosan.example>")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)

# One group for each package; every library is a component of its own.
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
get_property(libraries GLOBAL PROPERTY CARIOSAN_LIBRARIES)
set(CPACK_COMPONENTS_ALL ${libraries})
foreach(library IN LISTS libraries)
    string(TOUPPER "${library}" upper)
    set(CPACK_COMPONENT_${upper}_GROUP dev)
endforeach()
if(TARGET cariosan::c)
    list(APPEND CPACK_COMPONENTS_ALL runtime)
    set(CPACK_COMPONENT_RUNTIME_GROUP runtime)
endif()
if(TARGET cariosan-server)
    list(APPEND CPACK_COMPONENTS_ALL server service)
    set(CPACK_COMPONENT_SERVER_GROUP server)
    set(CPACK_COMPONENT_SERVICE_GROUP server)
    # What makes a service of it is in the package alone: a copy installed elsewhere has no user and no /etc.
    set(delivery "${PROJECT_SOURCE_DIR}/examples/server/delivery")
    install(FILES "${delivery}/cariosan-server.service" DESTINATION lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
    install(FILES "${delivery}/server.env" DESTINATION /etc/cariosan COMPONENT service EXCLUDE_FROM_ALL)
    install(FILES LICENSE RENAME copyright DESTINATION share/doc/cariosan-server COMPONENT service EXCLUDE_FROM_ALL)
endif()

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "chat engine to embed - C library
 A complete chat backend inside your process: channels, messages, presence, receipts, search and moderation on an embedded
 database, with JSON in and out.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libcariosan-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_DESCRIPTION "chat engine to embed - headers and static libraries
 For C++ programs, which link the static libraries, and for programs in C or any other language, which link libcariosan.so.")
set(dev_depends "")
if(TARGET cariosan::c)
    list(APPEND dev_depends "${runtime} (= ${PROJECT_VERSION}-1)")
endif()
# What the installed CMake and pkg-config files ask for.
list(APPEND dev_depends libfmt-dev libutf8proc-dev libboost-json-dev)
foreach(pair "sqlite libsqlite3-dev" "crypto libssl-dev" "delivery libcurl4-openssl-dev" "transport zlib1g-dev" "postgres libpq-dev" "redis libhiredis-dev")
    string(REPLACE " " ";" pair "${pair}")
    list(GET pair 0 library)
    list(GET pair 1 package)
    if(TARGET cariosan::${library})
        list(APPEND dev_depends ${package})
    endif()
endforeach()
list(JOIN dev_depends ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME cariosan-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
# adduser makes the service's user; webhooks and push trust the authorities of ca-certificates.
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA "${delivery}/postinst;${delivery}/prerm;${delivery}/postrm;${delivery}/conffiles")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SERVER_DESCRIPTION "chat server over REST and WebSocket
 Serves chat to web and mobile apps from one process, on SQLite, or on PostgreSQL and Redis.")

include(CPack)

# The server's package alone, without a build of everything else: CPack asks for that with Makefiles, and not with Ninja.
if(TARGET cariosan-server)
    add_custom_target(server_package DEPENDS cariosan-server VERBATIM COMMENT "Making the Debian package of the server"
                      COMMAND "${CMAKE_CPACK_COMMAND}" -G DEB --config "${PROJECT_BINARY_DIR}/CPackConfig.cmake"
                              -D CPACK_CMAKE_GENERATOR=Ninja -D "CPACK_COMPONENTS_ALL=server$<SEMICOLON>service")
endif()
