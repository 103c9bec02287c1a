# Proves that readmes.cmake sees what it should: a clean tree passes, and each planted fault fails and is named.
#   cmake -DREADMES=<readmes.cmake> -DWORK=<scratch folder> -P readmes_planted.cmake
cmake_minimum_required(VERSION 3.24)

function(make_clean_tree)
    file(REMOVE_RECURSE "${WORK}")
    file(WRITE "${WORK}/src/README.md" "| edits? | `core/messages/edits.cpp`: `check_edit_window` |\n")
    file(WRITE "${WORK}/src/core/README.md" "May include nothing.\n\n| `messages/` | `text.hpp`, `te*.hpp`, `text.*` |\n")
    file(WRITE "${WORK}/src/core/text.hpp" "")
    file(WRITE "${WORK}/src/core/messages/edits.cpp" "bool check_edit_window();\n")
    file(WRITE "${WORK}/src/adapters/README.md" "")
    file(WRITE "${WORK}/src/adapters/sqlite/README.md" "It may include SQLite.\n")
    file(WRITE "${WORK}/src/adapters/sqlite/a.cpp" "")
endfunction()

# expect_fault(<what is printed>): the tree as it is now.
function(expect_fault named)
    execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${WORK}" -P "${READMES}"
                    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(named STREQUAL "")
        if(NOT result EQUAL 0)
            message(FATAL_ERROR "a clean tree does not pass:\n${output}")
        endif()
    elseif(result EQUAL 0 OR NOT output MATCHES "1 violations.*${named}")
        message(SEND_ERROR "not named as the one violation: ${named}\n${output}")
    endif()
    make_clean_tree()
    set(violations "" PARENT_SCOPE)
endfunction()

make_clean_tree()
expect_fault("")

file(REMOVE "${WORK}/src/adapters/sqlite/README.md")
file(WRITE "${WORK}/src/adapters/README.md" "`sqlite/`\n")
expect_fault("src/adapters/sqlite: no README.md that says what it may include")

file(WRITE "${WORK}/src/core/paging.hpp" "")
expect_fault("does not say what paging.hpp is")

file(WRITE "${WORK}/src/core/users/a.cpp" "")
expect_fault("src/core/users: no README says what is in it")

file(APPEND "${WORK}/src/core/README.md" "| `gone.hpp` | x |\n")
expect_fault("there is no gone.hpp")

file(APPEND "${WORK}/src/README.md" "| y | `core/other/edits.cpp` |\n")
expect_fault("there is no core/other/edits.cpp")

file(WRITE "${WORK}/src/core/messages/edits.cpp" "bool check_edit_windows();\n")
expect_fault("no check_edit_window in core/messages/edits.cpp")

file(REMOVE_RECURSE "${WORK}")
