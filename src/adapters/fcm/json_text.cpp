#include "adapters/fcm/json_text.hpp"

#include <boost/json/parse.hpp>
#include <cstddef>
#include <utility>

namespace cariosan::fcm {
namespace {

constexpr std::size_t kMaxJsonBytes = 256 * 1024;
constexpr std::size_t kMaxQuotedBytes = 200;

}  // namespace

std::optional<boost::json::object> parse_object(std::string_view text) {
    if (text.size() > kMaxJsonBytes) return std::nullopt;
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string_view text_member(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = object.if_contains(boost::json::string_view(name.data(), name.size()));
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

const boost::json::object* object_member(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = object.if_contains(boost::json::string_view(name.data(), name.size()));
    return value == nullptr ? nullptr : value->if_object();
}

std::string quoted(std::string_view text) {
    std::string line(text.substr(0, kMaxQuotedBytes));
    for (char& c : line) {
        if (c < ' ' || c > '~') c = '?';
    }
    return line;
}

}  // namespace cariosan::fcm
