# Compares the interface that cariosan.h and cariosan_parts.h declare with the recorded one, and tells additions from breaks.
#   cmake -DFOLDER=<of the headers> -DRECORD=interface.abi -DCC=... -DWORK=... -P abi.cmake
# With -DRENEW=1 it writes the record. It compiles a library of stubs made from the headers: that has all types in its debug
# information however the project is built, and nothing of what is inside. That the real library exports the same functions is
# what interface.cmake checks.
cmake_minimum_required(VERSION 3.24)

find_program(abidw abidw)
find_program(abidiff abidiff)
if(NOT abidw OR NOT abidiff)
    message("skipped: abidw and abidiff are not installed (Debian: abigail-tools)")
    return()
endif()

# Each declaration becomes a definition. A variable of each enumeration keeps the numbers in the debug information.
set(stubs "")
set(uses "")
foreach(header cariosan cariosan_parts)
    file(READ "${FOLDER}/${header}.h" text)
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
    string(REGEX REPLACE "\nCARIOSAN_API ([^;]*);" "\nCARIOSAN_API \\1 { __builtin_trap(); }" text "${text}")
    string(REGEX REPLACE "#include <cariosan/[^>]*>" "" text "${text}")
    string(REGEX MATCHALL "\nenum {" enumerations "${text}")
    # Tables are looked at one by one, so that a change is reported of the table it is in.
    string(REGEX MATCHALL "const cariosan_[a-z_]+_part\\*" tables "${text}")
    foreach(table IN LISTS tables)
        string(REGEX REPLACE "const (.*)\\*" "\\1" table "${table}")
        string(APPEND uses "CARIOSAN_API void uses_${table}(${table} table) { __builtin_trap(); }\n")
    endforeach()
    string(REGEX REPLACE "const cariosan_[a-z_]+_part\\*" "const void*" text "${text}")
    set(count 0)
    foreach(enumeration IN LISTS enumerations)
        math(EXPR count "${count} + 1")
        string(FIND "${text}" "\nenum {" begin)
        string(SUBSTRING "${text}" 0 ${begin} before)
        math(EXPR begin "${begin} + 7")
        string(SUBSTRING "${text}" ${begin} -1 after)
        set(text "${before}\nenum numbers_${header}_${count} {${after}")
        string(APPEND uses "CARIOSAN_API enum numbers_${header}_${count} uses_numbers_${header}_${count} = 0;\n")
    endforeach()
    string(APPEND stubs "${text}\n")
endforeach()
file(MAKE_DIRECTORY "${WORK}")
file(WRITE "${WORK}/stubs.c" "${stubs}\n${uses}")
# By its name alone, which is all of it that the record then holds.
execute_process(COMMAND "${CC}" -std=c99 -g -O0 -w -fPIC -shared -fvisibility=hidden -o libstubs.so stubs.c
                WORKING_DIRECTORY "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${abidw}" --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --no-architecture
                        --type-id-style hash --out-file "${WORK}/now.abi" "${WORK}/libstubs.so"
                COMMAND_ERROR_IS_FATAL ANY)
if(RENEW)
    file(COPY_FILE "${WORK}/now.abi" "${RECORD}")
    message(STATUS "recorded in ${RECORD}")
    return()
endif()

# Bit 1 and 2: abidiff failed. Bit 4: there is a difference.
execute_process(COMMAND "${abidiff}" --harmless "${RECORD}" "${WORK}/now.abi" RESULT_VARIABLE differs OUTPUT_VARIABLE all ERROR_VARIABLE all)
if(differs EQUAL 0)
    message(STATUS "the interface is as recorded")
    return()
endif()
# A change that is no addition. A table that grew at its end is one, since it says its size: then no member of it moved or changed.
execute_process(COMMAND "${abidiff}" --no-added-syms "${RECORD}" "${WORK}/now.abi"
                RESULT_VARIABLE differs OUTPUT_VARIABLE broken ERROR_VARIABLE broken)
set(breaks FALSE)
if(NOT differs EQUAL 0)
    string(REPLACE ";" "," changes "${broken}")
    string(REPLACE "[C]" ";" changes "${changes}")
    list(POP_FRONT changes summary)
    if(NOT summary MATCHES "changes summary: 0 Removed.*changes summary: 0 Removed" OR NOT changes)
        set(breaks TRUE)
    endif()
    foreach(change IN LISTS changes)
        if(NOT change MATCHES "data member insertion" OR
           change MATCHES "data member change|deletion|parameter [0-9]+ of type '[^']*' (changed|was)|return type changed")
            set(breaks TRUE)
        endif()
    endforeach()
endif()
set(renew "cmake --build <build folder> --target cariosan_abi_record")
if(NOT breaks)
    message(FATAL_ERROR "ADDITIONS: compiled hosts do not notice them. Record them with\n  ${renew}\n\n${all}")
endif()
message(FATAL_ERROR "BREAKS: hosts that are compiled already would not work with this library. Undo that; if it must be, give "
                    "CARIOSAN_ABI_VERSION the next number, and record it with\n  ${renew}\n\n${broken}")
