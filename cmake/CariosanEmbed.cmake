# cariosan_embed(<target> <header> [NAMESPACE <name>] BASE <folder> FILES <files...>)
#
# Compiles files into a target. `<header>`, for instance page_files.hpp, is generated into a folder that only this
# target has on its include path, and declares in NAMESPACE (default: cariosan)
#
#     struct EmbeddedFile { std::string_view name; std::string_view content; };   // cariosan::EmbeddedFile
#     std::span<const EmbeddedFile> page_files();
#
# sorted by name; the function has the header's name. A file's name is its path below BASE. Contents are embedded unchanged,
# whatever their size and encoding. The next build embeds changed files again.
set(CARIOSAN_EMBED_DIR "${CMAKE_CURRENT_LIST_DIR}/embed")

function(cariosan_embed target header)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAMESPACE;BASE" "FILES")
    if(NOT TARGET ${target})
        return()
    endif()
    if(NOT arg_NAMESPACE)
        set(arg_NAMESPACE cariosan)
    endif()
    get_filename_component(base "${arg_BASE}" ABSOLUTE)
    set(manifest_lines "")
    set(paths "")
    foreach(file IN LISTS arg_FILES)
        get_filename_component(path "${file}" ABSOLUTE)
        file(RELATIVE_PATH name "${base}" "${path}")
        list(APPEND manifest_lines "${name}|${path}")
        list(APPEND paths "${path}")
    endforeach()
    list(SORT manifest_lines COMPARE STRING)

    get_filename_component(stem "${header}" NAME_WE)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded")
    list(JOIN manifest_lines "\n" manifest)
    file(CONFIGURE OUTPUT "${folder}/${stem}.manifest" CONTENT "${manifest}\n" @ONLY)
    set(FUNCTION "${stem}")
    set(NAMESPACE "${arg_NAMESPACE}")
    configure_file("${CARIOSAN_EMBED_DIR}/embedded.hpp.in" "${folder}/${stem}.hpp" @ONLY)

    add_custom_command(
        OUTPUT "${folder}/${stem}.cpp"
        COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${folder}/${stem}.manifest" "-DOUTPUT=${folder}/${stem}.cpp"
                "-DFUNCTION=${stem}" "-DNAMESPACE=${arg_NAMESPACE}" -P "${CARIOSAN_EMBED_DIR}/embed.cmake"
        DEPENDS ${paths} "${folder}/${stem}.manifest" "${CARIOSAN_EMBED_DIR}/embed.cmake"
        COMMENT "Embedding ${stem}" VERBATIM)
    # Compilers may warn about literals as long as these.
    set_source_files_properties("${folder}/${stem}.cpp" PROPERTIES COMPILE_OPTIONS -w)
    target_sources(${target} PRIVATE "${folder}/${stem}.cpp")
    # For those who want the source and not the target.
    add_custom_target(${target}_${stem} DEPENDS "${folder}/${stem}.cpp")
    set_property(TARGET ${target} APPEND PROPERTY CARIOSAN_EMBEDDED ${target}_${stem})
    target_include_directories(${target} PRIVATE "${folder}" "${CARIOSAN_EMBED_DIR}")
endfunction()

# cariosan_bundle(<name> INDEX <index.html> [PATH <path>] [SHARED <folder>] FILES <files...>)
#
# Turns a page of many modules and style sheets into one of each, with a compressed copy beside every file (`.gz`);
# embed/bundle.cmake says how. PATH is where the page is served, if not at the top. SHARED has modules and sheets that it uses
# too. FILES are paths from the index to files that are copied unchanged. Sets <name>_FOLDER and <name>_FILES for cariosan_embed.
function(cariosan_bundle name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "INDEX;PATH;SHARED" "FILES")
    get_filename_component(index "${arg_INDEX}" ABSOLUTE)
    get_filename_component(source "${index}" DIRECTORY)
    file(GLOB parts CONFIGURE_DEPENDS "${source}/*.js" "${source}/*.css")
    if(arg_SHARED)
        get_filename_component(shared "${arg_SHARED}" ABSOLUTE)
        file(GLOB shared_parts CONFIGURE_DEPENDS "${shared}/*.js" "${shared}/*.css")
    endif()
    list(TRANSFORM arg_FILES PREPEND "${source}/" OUTPUT_VARIABLE others)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
    set(made "")
    foreach(file IN ITEMS index.html style.css app.js LISTS arg_FILES)
        get_filename_component(file "${file}" NAME)
        list(APPEND made "${folder}/${file}" "${folder}/${file}.gz")
    endforeach()
    add_custom_command(
        OUTPUT ${made}
        COMMAND "${CMAKE_COMMAND}" "-DINDEX=${index}" "-DOUTPUT=${folder}" "-DPATH=${arg_PATH}" "-DFILES=${arg_FILES}" -P
                "${CARIOSAN_EMBED_DIR}/bundle.cmake"
        DEPENDS "${index}" ${parts} ${shared_parts} ${others} "${CARIOSAN_EMBED_DIR}/bundle.cmake"
        COMMENT "Bundling ${name}" VERBATIM)
    set(${name}_FOLDER "${folder}" PARENT_SCOPE)
    set(${name}_FILES "${made}" PARENT_SCOPE)
endfunction()
