# The target `amalgamation`: build/amalgamation/ with cariosan.cpp, which is every library in one file, and the public headers; for
# projects that add files rather than packages. amalgamate.cmake says what the file is like.

# What is compiled only where a macro is defined, because it needs a package that not everyone has. The rest always is.
set(macro_delivery CARIOSAN_WITH_DELIVERY)
set(macro_postgres CARIOSAN_WITH_POSTGRES)
set(macro_move CARIOSAN_WITH_POSTGRES)
set(macro_redis CARIOSAN_WITH_REDIS)

foreach(name core engine sqlite crypto)
    if(NOT TARGET cariosan_${name})
        message(STATUS "cariosan: no amalgamation, it needs cariosan::${name}")
        return()
    endif()
endforeach()

set(manifest "")
set(depends "")
set(folders "${PROJECT_SOURCE_DIR}/src")
foreach(name core engine sqlite crypto delivery postgres move redis)
    if(NOT TARGET cariosan_${name})
        continue()
    endif()
    get_target_property(sources cariosan_${name} SOURCES)
    get_target_property(embedded cariosan_${name} CARIOSAN_EMBEDDED)
    if(embedded)
        list(APPEND depends ${embedded})
    endif()
    get_target_property(includes cariosan_${name} INCLUDE_DIRECTORIES)
    list(FILTER includes INCLUDE REGEX "^/")
    list(APPEND folders ${includes})
    foreach(source IN LISTS sources)
        string(APPEND manifest "${macro_${name}}|${source}\n")
    endforeach()
endforeach()
list(REMOVE_DUPLICATES folders)

set(amalgamation "${CMAKE_CURRENT_BINARY_DIR}/amalgamation")
file(CONFIGURE OUTPUT "${amalgamation}.manifest" CONTENT "${manifest}" @ONLY)
add_custom_target(amalgamation
    COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${amalgamation}.manifest" "-DFOLDERS=${folders}" "-DROOT=${PROJECT_SOURCE_DIR}"
            "-DVERSION=${PROJECT_VERSION}" "-DOUTPUT=${amalgamation}" -P "${CMAKE_CURRENT_LIST_DIR}/amalgamate.cmake"
    COMMENT "Joining the library into ${amalgamation}/cariosan.cpp" VERBATIM)
if(depends)
    add_dependencies(amalgamation ${depends})
endif()
