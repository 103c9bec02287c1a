# Checks the project's layers below ROOT: which folder includes what, and what exists at the top level.
#   cmake -DROOT=<project> -P layers.cmake
# Prints every violation; any makes the script fail.
cmake_minimum_required(VERSION 3.24)

# For each folder, the folders of src/ that it may include.
set(folders_encoding encoding)
set(folders_core encoding core)
set(folders_realtime encoding core realtime)
set(folders_engine encoding core realtime outbox engine)
set(folders_outbox encoding core outbox)
set(folders_protocol encoding core realtime outbox engine protocol)
set(folders_transfer encoding core transfer)
set(folders_transport encoding transport)
set(folders_capi encoding core realtime engine protocol capi)
set(adapters memory sql sqlite postgres move redis openssl curl objects s3 folder fcm webhook webpush)
foreach(adapter IN LISTS adapters)
    set(folders_adapters_${adapter} adapters/${adapter})
endforeach()
# What tables and readers do is the same in every SQL database.
foreach(adapter sqlite postgres)
    list(APPEND folders_adapters_${adapter} adapters/sql)
endforeach()
# Reads the one's files and fills the other's tables.
list(APPEND folders_adapters_move adapters/sql adapters/sqlite adapters/postgres)
# PostgreSQL refuses a text that is not UTF-8 without NUL: looking for one is answered without it.
list(APPEND folders_adapters_postgres encoding)
# Adapters that make HTTP calls share text encodings and one HTTP client.
foreach(adapter fcm webhook webpush)
    set(folders_adapters_${adapter} encoding adapters/curl adapters/${adapter})
endforeach()
# What the stores of attachments have in common: keys, names and addresses.
foreach(adapter objects s3 folder)
    set(folders_adapters_${adapter} encoding adapters/objects adapters/${adapter})
endforeach()
# Takes files out of a bucket.
list(APPEND folders_adapters_s3 adapters/curl)

# For each third-party header, the folders that may include it. fmt is for everything except public headers.
set(third_party
    "^asio(\\.hpp|/)" "^llhttp\\.h$" "^openssl/" "^boost/json" "^sqlite3\\.h$" "^utf8proc\\.h$" "^CLI/"
    "^curl/" "^libpq-fe\\.h$" "^hiredis/" "^zlib\\.h$" "^fmt/" "^boost/(asio|beast)/")
set(users_of_0 transport include/asio)
set(users_of_1 transport)
# The server asks itself for its health, over TLS if that is how it is served.
set(users_of_2 adapters/openssl transport server)
# FCM speaks Google's JSON in both directions: key file, token answer, message and error. A browser's subscription is JSON as well.
set(users_of_3 protocol transfer capi server adapters/fcm adapters/webpush)
set(users_of_4 adapters/sqlite)
# Names of uploaded files are normalised where their keys are made.
set(users_of_5 core adapters/objects)
set(users_of_6 server)
set(users_of_7 adapters/curl)
set(users_of_8 adapters/postgres)
set(users_of_9 adapters/redis)
set(users_of_10 transport)
set(users_of_11 core realtime engine outbox protocol transfer transport capi server)
set(users_of_12 mount)
foreach(adapter IN LISTS adapters)
    list(APPEND users_of_11 adapters/${adapter})
endforeach()

# Generated headers, which have no folder.
set(generated sqlite_migrations.hpp postgres_migrations.hpp page_files.hpp console_page_files.hpp moderation_lists.hpp embedded_file.hpp)

# The core does no I/O, and neither starts threads nor waits for them; a mutex for shared state is allowed.
set(not_in_core "^(thread|condition_variable|future|semaphore|latch|barrier|stop_token)$"
                "^(iostream|fstream|filesystem|cstdio|syncstream)$" "\\.h$")
set(not_in_protocol "^(sys/socket|sys/un|sys/epoll|netinet/.*|netdb)\\.h$")

# Standard headers, which a public header may include.
set(standard
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
    functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator
    semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
    syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
    variant vector version)
set(standard_c "^(assert|ctype|errno|float|inttypes|limits|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|time)\\.h$")
set(system "^(sys/.+|netinet/.+|arpa/.+|linux/.+|net/.+|unistd|fcntl|poll|pthread|signal|sched|netdb|dirent|termios|dlfcn|getopt|pwd|grp|malloc)(\\.h)?$")

set(top_level CMakeLists.txt CMakePresets.json include src examples bindings tests cmake LICENSE README.md)

set(violations "")
macro(violation text)
    list(APPEND violations "${text}")
endmacro()

# check_angle(<file> <owner> <header>): owner is a folder as above, "include", "include/asio", "server" or "mount".
function(check_angle file owner header)
    if(header MATCHES "^cariosan/(adapters|asio)/")
        set(part ${CMAKE_MATCH_1})
        if(NOT (owner MATCHES "^(server|mount)$"
                OR (part STREQUAL "adapters" AND owner MATCHES "^(adapters/|capi$|include/adapters$)")
                OR (part STREQUAL "asio" AND owner MATCHES "^(transport|include/asio)$")))
            violation("${file}: ${owner} may not include <${header}>")
        endif()
    elseif(header MATCHES "^cariosan/")
    elseif(header IN_LIST standard OR header MATCHES "${standard_c}" OR header MATCHES "${system}")
        if(owner STREQUAL "core")
            foreach(pattern IN LISTS not_in_core)
                if(header MATCHES "${pattern}")
                    violation("${file}: no I/O and no threads in the core, so not <${header}>")
                endif()
            endforeach()
        elseif(owner STREQUAL "protocol" AND header MATCHES "${not_in_protocol}")
            violation("${file}: the protocol has no sockets, so not <${header}>")
        elseif(owner MATCHES "^include" AND header MATCHES "${system}")
            violation("${file}: a public header may not include <${header}>")
        endif()
    else()
        set(index 0)
        set(known FALSE)
        foreach(pattern IN LISTS third_party)
            if(header MATCHES "${pattern}")
                set(known TRUE)
                if(NOT owner IN_LIST users_of_${index})
                    violation("${file}: ${owner} may not include <${header}>")
                endif()
            endif()
            math(EXPR index "${index} + 1")
        endforeach()
        if(NOT known)
            violation("${file}: <${header}> is neither standard nor a dependency of the project")
        endif()
    endif()
    set(violations "${violations}" PARENT_SCOPE)
endfunction()

# check_quoted(<file> <owner> <header>)
function(check_quoted file owner header)
    if(header IN_LIST generated AND NOT owner MATCHES "^include")
        return()
    endif()
    if(owner MATCHES "^include")
        violation("${file}: a public header includes \"${header}\" and not <cariosan/...>")
    elseif(header MATCHES "(^|/)\\.\\.?/")
        violation("${file}: \"${header}\" is relative to the file")
    elseif(owner MATCHES "^(server|mount)$")
        if(EXISTS "${ROOT}/src/${header}")
            violation("${file}: the server uses public headers alone, not \"${header}\"")
        endif()
    elseif(NOT header MATCHES "^((adapters/)?[^/]+)/")
        violation("${file}: \"${header}\" is not written relative to src/")
    elseif(NOT CMAKE_MATCH_1 IN_LIST folders_${key})
        violation("${file}: ${owner} may not include \"${header}\"")
    endif()
    set(violations "${violations}" PARENT_SCOPE)
endfunction()

# check_files(<owner> <paths>)
function(check_files owner paths)
    string(REPLACE "/" "_" key "${owner}")
    foreach(path IN LISTS paths)
        file(RELATIVE_PATH file "${ROOT}" "${path}")
        file(STRINGS "${path}" lines REGEX "^[ \t]*#[ \t]*include")
        foreach(line IN LISTS lines)
            if(line MATCHES "include[ \t]*<([^>]+)>")
                check_angle("${file}" "${owner}" "${CMAKE_MATCH_1}")
            elseif(line MATCHES "include[ \t]*\"([^\"]+)\"")
                check_quoted("${file}" "${owner}" "${CMAKE_MATCH_1}")
            else()
                violation("${file}: an include that cannot be checked: ${line}")
            endif()
        endforeach()
    endforeach()
    set(violations "${violations}" PARENT_SCOPE)
endfunction()

# check_folder(<path below ROOT> <owner>): checks everything in the folder.
function(check_folder folder owner)
    file(GLOB_RECURSE paths "${ROOT}/${folder}/*.hpp" "${ROOT}/${folder}/*.cpp" "${ROOT}/${folder}/*.h"
                            "${ROOT}/${folder}/*.c" "${ROOT}/${folder}/*.ipp" "${ROOT}/${folder}/*.inl")
    check_files("${owner}" "${paths}")
    set(violations "${violations}" PARENT_SCOPE)
endfunction()

# A folder without a rule is a violation.
file(GLOB entries "${ROOT}/src/*" "${ROOT}/src/adapters/*")
foreach(path IN LISTS entries)
    file(RELATIVE_PATH folder "${ROOT}/src" "${path}")
    if(NOT IS_DIRECTORY "${path}" OR folder STREQUAL "adapters")
        continue()
    endif()
    string(REPLACE "/" "_" key "${folder}")
    if(DEFINED folders_${key})
        check_folder("src/${folder}" "${folder}")
    else()
        violation("src/${folder}: no layer has this name")
    endif()
endforeach()
file(GLOB entries "${ROOT}/src/*.cpp" "${ROOT}/src/*.hpp" "${ROOT}/src/adapters/*.cpp" "${ROOT}/src/adapters/*.hpp")
foreach(path IN LISTS entries)
    file(RELATIVE_PATH file "${ROOT}" "${path}")
    violation("${file}: belongs to no layer")
endforeach()

file(GLOB entries "${ROOT}/include/cariosan/*")
foreach(path IN LISTS entries)
    file(RELATIVE_PATH entry "${ROOT}/include/cariosan" "${path}")
    if(IS_DIRECTORY "${path}" AND NOT entry MATCHES "^(adapters|asio)$")
        violation("include/cariosan/${entry}: no such folder in the design")
    endif()
endforeach()
# Folders stay small, and no two headers have the same name.
set(most_files 20)
file(GLOB_RECURSE paths RELATIVE "${ROOT}/src" "${ROOT}/src/*.hpp" "${ROOT}/src/*.cpp")
set(crowded "")
foreach(path IN LISTS paths)
    cmake_path(GET path PARENT_PATH folder)
    string(MAKE_C_IDENTIFIER "${folder}" key)
    math(EXPR files_${key} "0${files_${key}} + 1")
    if(files_${key} GREATER most_files)
        list(APPEND crowded "${folder}")
    endif()
endforeach()
list(REMOVE_DUPLICATES crowded)
foreach(folder IN LISTS crowded)
    violation("src/${folder}: more than ${most_files} files")
endforeach()
file(GLOB_RECURSE paths RELATIVE "${ROOT}" "${ROOT}/src/*.hpp" "${ROOT}/include/*.hpp")
foreach(path IN LISTS paths)
    cmake_path(GET path FILENAME name)
    # The public header of an adapter has the adapter's name.
    if(path MATCHES "^include/cariosan/(adapters|asio)/")
        continue()
    endif()
    string(MAKE_C_IDENTIFIER "${name}" key)
    if(DEFINED header_${key})
        violation("${path}: a header of this name is ${header_${key}}")
    endif()
    set(header_${key} "${path}")
endforeach()

# Adapters make no decisions of the chat: core/commit does, once for all storages. So they only name errors of their own: those of a
# failing storage and, if an adapter has options, of wrong options. A new adapter may name no more than a storage until it is listed
# here. Exceptions for single files are listed with their reason.
set(adapter_says unavailable internal misuse)
set(option_says invalid_field validation_error)
set(adapters_with_options openssl curl s3 folder fcm webhook webpush)
set(file_may_say
    # Two rows with the same id: a constraint of the table, not a rule of the chat.
    "src/adapters/sqlite/failures.cpp conflict"
    "src/adapters/postgres/pg_failures.cpp conflict"
    # An existing file, or a database that another process has open.
    "src/adapters/sqlite/files/files.cpp conflict"
    # A second backup while one is running, and a backup that does not exist.
    "src/adapters/sqlite/sqlite_storage.cpp conflict"
    "src/adapters/sqlite/files/restore.cpp not_found"
    # Reads, not writes: two reads whose contract requires an existing workspace.
    "src/adapters/sql/read/read_workspaces.hpp not_found")
set(error_names "ErrorCode::[a-z_]+|[^a-zA-Z0-9_](invalid_field|over_limit|too_many|not_found)[ \t\r\n]*[({]|using[ \t\r\n]+enum[ \t\r\n]+[a-zA-Z:]*ErrorCode|(static|bit)_cast<[a-zA-Z:]*ErrorCode>")
file(GLOB adapter_folders RELATIVE "${ROOT}/src/adapters" "${ROOT}/src/adapters/*")
foreach(adapter IN LISTS adapter_folders)
    set(may_say ${adapter_says})
    if(adapter IN_LIST adapters_with_options)
        list(APPEND may_say ${option_says})
    endif()
    file(GLOB_RECURSE paths "${ROOT}/src/adapters/${adapter}/*.hpp" "${ROOT}/src/adapters/${adapter}/*.cpp")
    foreach(path IN LISTS paths)
        file(RELATIVE_PATH file "${ROOT}" "${path}")
        file(READ "${path}" text)
        string(REGEX MATCHALL "${error_names}" named "${text}")
        list(TRANSFORM named REPLACE "^ErrorCode::" "")
        list(TRANSFORM named REPLACE "^[^a-zA-Z0-9_]|[ \t\r\n]*[({]$" "")
        list(REMOVE_DUPLICATES named)
        foreach(name IN LISTS named)
            if(NOT name IN_LIST may_say AND NOT "${file} ${name}" IN_LIST file_may_say)
                violation("${file}: an adapter decides nothing of the chat and may not say ${name}")
            endif()
            list(APPEND files_said "${file} ${name}")
        endforeach()
    endforeach()
endforeach()
foreach(entry IN LISTS file_may_say)
    string(REGEX REPLACE " .*" "" file "${entry}")
    if(EXISTS "${ROOT}/${file}" AND NOT entry IN_LIST files_said)
        violation("${file}: what it may say is listed for nothing: ${entry}")
    endif()
endforeach()

# A refusal is worded once, whoever makes it: no sentence of four words or more occurs twice in the core.
set(sentence "\"[a-z_]+ [a-z_]+ [a-z_]+ [a-z_][^\"\n]*\"")
file(GLOB_RECURSE paths RELATIVE "${ROOT}" "${ROOT}/src/core/*.hpp" "${ROOT}/src/core/*.cpp")
foreach(path IN LISTS paths)
    file(READ "${ROOT}/${path}" text)
    string(REPLACE ";" "," text "${text}")
    string(REGEX MATCHALL "${sentence}" said "${text}")
    foreach(words IN LISTS said)
        string(MAKE_C_IDENTIFIER "${words}" key)
        if(DEFINED said_${key})
            violation("${path}: ${words} is worded in ${said_${key}} already: name it in src/core/refusals.hpp")
        endif()
        set(said_${key} "${path}")
    endforeach()
endforeach()

check_folder(include/cariosan/adapters include/adapters)
check_folder(include/cariosan/asio include/asio)
file(GLOB headers "${ROOT}/include/cariosan/*.hpp" "${ROOT}/include/cariosan/*.h")
check_files(include "${headers}")

# The example of a foreign server is the only one to include that.
file(GLOB examples RELATIVE "${ROOT}/examples" "${ROOT}/examples/*")
foreach(example IN LISTS examples)
    if(example STREQUAL "mount_in_other_http")
        check_folder(examples/${example} mount)
    else()
        check_folder(examples/${example} server)
    endif()
endforeach()

file(GLOB entries RELATIVE "${ROOT}" "${ROOT}/*")
foreach(entry IN LISTS entries)
    # What git ignores is not part of the project.
    if(NOT entry IN_LIST top_level AND NOT entry MATCHES "^(\\..*|build|build-.*|data)$")
        violation("${entry}: not an entry of the top level")
    endif()
endforeach()
foreach(entry IN LISTS top_level)
    if(NOT EXISTS "${ROOT}/${entry}")
        violation("${entry}: missing at the top level")
    endif()
endforeach()

if(violations)
    list(JOIN violations "\n  " text)
    list(LENGTH violations count)
    message(FATAL_ERROR "${count} violations of the layers:\n  ${text}\n")
endif()
message(STATUS "the layers are kept")
