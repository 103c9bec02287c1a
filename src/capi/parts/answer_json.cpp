#include "capi/parts/answer_json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace cariosan::capi {

Result<std::string> answer_text(const boost::json::object& answer, std::string_view name) {
    const boost::json::value* value = answer.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) return std::string();
    const boost::json::string* text = value->if_string();
    if (text == nullptr) return invalid_field(std::string(name), std::string(name) + " must be a string");
    return std::string(text->data(), text->size());
}

Result<std::optional<std::int64_t>> answer_number(const boost::json::object& answer, std::string_view name) {
    const boost::json::value* value = answer.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) return std::optional<std::int64_t>();
    const std::int64_t* number = value->if_int64();
    if (number == nullptr || *number < 0) return invalid_field(std::string(name), std::string(name) + " must be a whole number");
    return std::optional(*number);
}

}  // namespace cariosan::capi
