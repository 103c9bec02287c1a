/// Reads the members of what a part of the host answers.
#pragma once

#include <algorithm>
#include <boost/json/fwd.hpp>
#include <cariosan/error.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cariosan::capi {

/// An optional string; empty if it is absent or null. `VALIDATION_ERROR` if it is something else.
Result<std::string> answer_text(const boost::json::object& answer, std::string_view name);
/// An optional whole number, at least 0.
Result<std::optional<std::int64_t>> answer_number(const boost::json::object& answer, std::string_view name);

/// One of the words, which must be there.
template <class T, std::size_t Count>
Result<T> answer_word(const boost::json::object& answer, std::string_view name,
                      const std::pair<std::string_view, T> (&words)[Count]) {
    const auto given = answer_text(answer, name);
    if (!given) return given.error();
    const auto* found = std::ranges::find(words, std::string_view(*given), &std::pair<std::string_view, T>::first);
    if (found != std::end(words)) return found->second;
    return invalid_field(std::string(name), std::string(name) + " is missing, or not a word that is known here");
}

}  // namespace cariosan::capi
