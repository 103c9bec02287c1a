# Writes OUTPUT, the C++ source that defines NAMESPACE::FUNCTION() for the files in MANIFEST ("name|path" lines). The bytes
# become hexadecimal escapes in string literals, so nothing in a file can end or alter the literal.
cmake_minimum_required(VERSION 3.24)
file(STRINGS "${MANIFEST}" lines ENCODING UTF-8)
set(entries "")
set(count 0)
foreach(line IN LISTS lines)
    string(REGEX MATCH "^([^|]*)\\|(.*)$" matched "${line}")
    set(name "${CMAKE_MATCH_1}")
    set(path "${CMAKE_MATCH_2}")
    file(SIZE "${path}" size)
    file(READ "${path}" bytes HEX)
    # A gzip file contains its creation time in bytes 4 to 7 (RFC 1952), which is cleared so that the same sources give
    # the same program.
    if(name MATCHES "\\.gz$")
        string(SUBSTRING "${bytes}" 0 8 head)
        string(SUBSTRING "${bytes}" 16 -1 rest)
        set(bytes "${head}00000000${rest}")
    endif()
    # Lines of 64 bytes, so that an editor or a diff can still show the file.
    string(REGEX REPLACE "(................................................................................................................................)" "\\1\"\n    \"" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
    string(APPEND entries "    {\"${name}\", std::string_view(\n    \"${bytes}\", ${size})},\n")
    math(EXPR count "${count} + 1")
endforeach()

set(text "#include \"${FUNCTION}.hpp\"\n\n#include <array>\n\nnamespace ${NAMESPACE} {\n\n")
string(APPEND text "std::span<const EmbeddedFile> ${FUNCTION}() {\n    static constexpr std::array<EmbeddedFile, ${count}> files{{\n")
string(APPEND text "${entries}    }};\n    return files;\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUTPUT}" "${text}")
