# Bundles a page: writes into OUTPUT an index.html with one script and one style sheet instead of the modules and sheets
# that the INDEX refers to, these two files, every other file of FILES unchanged, and a gzip copy of each.
#
# A module becomes a function that runs once and returns its exports; modules come before those that import them. Supports
# the forms of import and export that the page uses: `import { a, b } from './x.js';`, `import x from './x.js';`, `export
# const|let|class|function|async function|default`. A module or sheet of a folder beside this one is `../other/x.js`; no two
# modules of a bundle may share a name. URLs in index.html begin with PATH, which may be empty, and contain a version of the
# content (`?v=`), so that browsers may cache the files forever. Comment lines are omitted.
cmake_minimum_required(VERSION 3.24)

get_filename_component(folder "${INDEX}" DIRECTORY)
file(READ "${INDEX}" html)

# add_module(<path>): appends the module to `script`, preceded by everything it imports, each once.
function(add_module path)
    get_filename_component(path "${path}" ABSOLUTE)
    get_filename_component(stem "${path}" NAME_WE)
    get_filename_component(beside "${path}" DIRECTORY)
    get_property(begun GLOBAL PROPERTY begun_${stem})
    if(begun STREQUAL path)
        return()
    elseif(begun)
        message(FATAL_ERROR "${path}: the bundle already has a module of this name, ${begun}")
    endif()
    set_property(GLOBAL PROPERTY begun_${stem} "${path}")
    file(READ "${path}" code)
    string(PREPEND code "\n")
    set(from "from '(\\./|\\.\\./[a-z_]+/)([a-z0-9_]+)\\.js'")
    string(REGEX MATCHALL "\nimport [^;]* ${from}" imports "${code}")
    foreach(import IN LISTS imports)
        string(REGEX REPLACE ".* ${from}" "\\1\\2" imported "${import}")
        add_module("${beside}/${imported}.js")
    endforeach()
    string(REGEX REPLACE "\nimport ({[^;]*}) ${from}" "\nconst \\1 = \\3_js" code "${code}")
    string(REGEX REPLACE "\nimport ([a-z_]+) ${from}" "\nconst \\1 = \\3_js.exported" code "${code}")
    set(declaration "(async function|function|class|const|let) ([A-Za-z0-9_]+)")
    string(REGEX MATCHALL "\nexport ${declaration}" exports "${code}")
    list(TRANSFORM exports REPLACE "\nexport ${declaration}" "\\2")
    string(REGEX REPLACE "\nexport ${declaration}" "\n\\1 \\2" code "${code}")
    if(code MATCHES "\nexport default ")
        string(REPLACE "\nexport default " "\nconst exported = " code "${code}")
        list(APPEND exports exported)
    endif()
    string(REGEX REPLACE "\n *//[^\n]*" "" code "${code}")
    if(code MATCHES "\n((import|export) [^\n]*)")
        message(FATAL_ERROR "${path}: cannot bundle this form: ${CMAKE_MATCH_1}")
    endif()
    list(JOIN exports ", " names)
    set_property(GLOBAL APPEND_STRING PROPERTY script "const ${stem}_js = (() => {${code}return { ${names} };\n})();\n")
endfunction()

# compress(<name>): writes OUTPUT/<name>.gz.
function(compress name)
    file(ARCHIVE_CREATE OUTPUT "${OUTPUT}/${name}.gz" PATHS "${OUTPUT}/${name}" FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
endfunction()

# put(<name> <content>): writes OUTPUT/<name> and its compressed copy, and returns a version of the content.
function(put name content)
    file(WRITE "${OUTPUT}/${name}" "${content}")
    compress(${name})
    string(SHA256 hash "${content}")
    string(SUBSTRING ${hash} 0 24 hash)
    set(version ${hash} PARENT_SCOPE)
endfunction()

# The style sheets, in order.
set(sheet "<link rel=\"stylesheet\" href=\"(/|\\.\\./[a-z_]+/)([a-z_]+)\\.css\">")
string(REGEX MATCHALL "${sheet}" links "${html}")
set(styles "")
foreach(link IN LISTS links)
    string(REGEX REPLACE "${sheet}" "\\1\\2" path "${link}")
    file(READ "${folder}/${path}.css" one)
    string(APPEND styles "${one}")
endforeach()
put(style.css "${styles}")
list(POP_FRONT links first)
string(REPLACE "${first}" "<link rel=\"stylesheet\" href=\"${PATH}/style.css?v=${version}\">" html "${html}")
foreach(link IN LISTS links)
    string(REGEX REPLACE "\n *${link}" "" html "${html}")
endforeach()

# The modules, beginning with the one that index.html starts.
if(NOT html MATCHES "<script type=\"module\" src=\"/([a-z_]+)\\.js\">")
    message(FATAL_ERROR "${INDEX}: no module is started")
endif()
set(entry ${CMAKE_MATCH_1})
add_module("${folder}/${entry}.js")
get_property(script GLOBAL PROPERTY script)
put(app.js "${script}")
string(REPLACE "src=\"/${entry}.js\"" "src=\"${PATH}/app.js?v=${version}\"" html "${html}")
put(index.html "${html}")

foreach(file IN LISTS FILES)
    get_filename_component(name "${file}" NAME)
    file(COPY "${folder}/${file}" DESTINATION "${OUTPUT}")
    compress(${name})
endforeach()
