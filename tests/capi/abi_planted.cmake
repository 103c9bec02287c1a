# Proves that abi.cmake tells what it finds: each change of the headers below is made alone, in a copy.
#   cmake -DFOLDER=<of the headers> -DCC=... -DSCRIPT=abi.cmake -DWORK=... -P abi_planted.cmake
cmake_minimum_required(VERSION 3.24)

find_program(abidiff abidiff)
if(NOT abidiff)
    message("skipped: abidw and abidiff are not installed (Debian: abigail-tools)")
    return()
endif()

# What the headers declare now, whether or not that is recorded.
set(RECORD "${WORK}/now.abi")
file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${FOLDER}" "-DRECORD=${RECORD}" "-DCC=${CC}" "-DWORK=${WORK}/planted" -DRENEW=1
                        -P "${SCRIPT}"
                COMMAND_ERROR_IS_FATAL ANY)

# expect(<ADDITIONS|BREAKS|recorded> <header> <text> <replacement>)
function(expect verdict header text replacement)
    file(REMOVE_RECURSE "${WORK}/headers")
    file(MAKE_DIRECTORY "${WORK}/headers")
    foreach(each cariosan cariosan_parts)
        file(READ "${FOLDER}/${each}.h" content)
        if(each STREQUAL header)
            string(REPLACE "${text}" "${replacement}" changed "${content}")
            if(changed STREQUAL content)
                message(FATAL_ERROR "${header}.h has no \"${text}\": the planted change is out of date")
            endif()
            set(content "${changed}")
        endif()
        file(WRITE "${WORK}/headers/${each}.h" "${content}")
    endforeach()
    execute_process(COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${WORK}/headers" "-DRECORD=${RECORD}" "-DCC=${CC}"
                            "-DWORK=${WORK}/planted" -P "${SCRIPT}"
                    OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE failed)
    if(NOT said MATCHES "${verdict}")
        message(FATAL_ERROR "not ${verdict}, where \"${text}\" became \"${replacement}\":\n${said}")
    endif()
    message(STATUS "${verdict}: ${replacement}")
endfunction()

expect(recorded cariosan "/* Frees text. */" "/* Frees a text. */")
expect(ADDITIONS cariosan "CARIOSAN_API void cariosan_free(char* text);"
       "CARIOSAN_API void cariosan_free(char* text);\nCARIOSAN_API void cariosan_free_again(char* text);")
expect(ADDITIONS cariosan "CARIOSAN_ITEM_PROGRESS = 11" "CARIOSAN_ITEM_PROGRESS = 11, CARIOSAN_ITEM_OTHER = 12")
expect(ADDITIONS cariosan_parts "int64_t (*elapsed_ms)(void* context);"
       "int64_t (*elapsed_ms)(void* context);\n    int64_t (*later_ms)(void* context);")
expect(BREAKS cariosan "CARIOSAN_API void cariosan_free(char* text);" "")
expect(BREAKS cariosan "cariosan_unsubscribe(cariosan_engine* engine, uint64_t subscription"
       "cariosan_unsubscribe(cariosan_engine* engine, uint32_t subscription")
expect(BREAKS cariosan "CARIOSAN_NOT_FOUND = 8" "CARIOSAN_NOT_FOUND = 9")
expect(BREAKS cariosan "    CARIOSAN_ITEM_LOG = 8," "")
expect(BREAKS cariosan_parts "    int64_t (*now_ms)(void* context);"
       "    int64_t (*later_ms)(void* context);\n    int64_t (*now_ms)(void* context);")
expect(BREAKS cariosan_parts "void (*judge)(void* context, uint64_t ticket," "void (*judge)(void* context, uint32_t ticket,")
expect(ADDITIONS cariosan_parts "    const cariosan_event_bus_part* event_bus;     /* instead of \"redis\" */"
       "    const cariosan_event_bus_part* event_bus;\n    const void* more;")
expect(BREAKS cariosan_parts "    const cariosan_clock_part* clock;" "")
expect(BREAKS cariosan_parts "const cariosan_parts* parts," "const cariosan_parts* parts, int more,")
