#include "transfer/import/import_line.hpp"

#include <boost/json.hpp>
#include <cariosan/http.hpp>

namespace cariosan::transfer {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostDepth = 32;

/// Reads the fields of one object; keeps the first error.
class Fields {
  public:
    explicit Fields(const json::object& object) : object_(object) {}

    std::string text(const char* name) {
        const json::value* value = object_.if_contains(name);
        if (value == nullptr) return fail(name, "is missing");
        if (!value->is_string()) return fail(name, "is no string");
        return std::string(value->get_string());
    }

    Timestamp time(const char* name) {
        const std::string written = text(name);
        if (!fault.empty()) return {};
        const auto parsed = Timestamp::parse(written);
        if (!parsed) fail(name, "is no RFC 3339 time");
        return parsed.value_or(Timestamp{});
    }

    /// A string or a whole number.
    std::optional<std::string> name(const char* field) {
        const json::value* value = object_.if_contains(field);
        if (value == nullptr || value->is_null()) return std::nullopt;
        if (value->is_int64()) return std::to_string(value->get_int64());
        if (value->is_uint64()) return std::to_string(value->get_uint64());
        if (!value->is_string()) return fail(field, "is neither a string nor a whole number");
        if (value->get_string().empty()) return fail(field, "is empty");
        return std::string(value->get_string());
    }

    std::string fault;

  private:
    std::string fail(const char* name, const char* what) {
        if (fault.empty()) fault = std::string("\"") + name + "\" " + what;
        return {};
    }

    const json::object& object_;
};

}  // namespace

std::variant<ImportLine, ImportFault> parse_import_line(std::string_view text) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = kMostDepth;
    const json::value value = json::parse(text, error, {}, options);
    if (error) {
        const auto judged = check_json(text);
        return ImportFault{judged ? error.message() : judged.error().message};
    }
    if (!value.is_object()) return ImportFault{"not a JSON object"};

    Fields fields(value.get_object());
    ImportLine line;
    line.channel = fields.text("channel");
    line.at = fields.time("ts");
    line.user = fields.text("user");
    line.text = fields.text("text");
    line.id = fields.name("id");
    line.reply_to = fields.name("reply_to");
    if (!fields.fault.empty()) return ImportFault{fields.fault};
    return line;
}

std::string import_name(const ImportLine& line, std::int64_t number) {
    return line.id.value_or(std::to_string(number));
}

std::string import_key(std::string_view source, std::string_view name) {
    const std::string rest = std::string(source) + ":" + std::string(name);
    if (source.find(':') == std::string_view::npos) return "import:" + rest;
    return "import+" + std::to_string(source.size()) + ":" + rest;
}

}  // namespace cariosan::transfer
