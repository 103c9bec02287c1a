/// How the files in lists/ are read.
#pragma once

#include <algorithm>
#include <string_view>

namespace cariosan::core::moderation {

/// Calls `call(line)` for each line that is neither empty nor a comment (`#` at its beginning).
template <class Call>
void each_line(std::string_view file, Call&& call) {
    while (!file.empty()) {
        const std::string_view line = file.substr(0, file.find('\n'));
        file.remove_prefix(std::min(file.size(), line.size() + 1));
        if (!line.empty() && line.front() != '#') call(line);
    }
}

/// Calls `call(word)` for each of the words between spaces.
template <class Call>
void each_word(std::string_view line, Call&& call) {
    while (!line.empty()) {
        const std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(line.size(), word.size() + 1));
        if (!word.empty()) call(word);
    }
}

}  // namespace cariosan::core::moderation
