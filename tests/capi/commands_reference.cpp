// bindings/COMMANDS.md, for people: what cariosan_describe says of commands and events. Needs nothing but the C library and a
// reader of JSON.
//   commands_reference FILE          fails unless FILE is what the library describes
//   commands_reference --write FILE  writes it
#include <cariosan/cariosan.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace json = boost::json;
using Text = std::string;

std::string_view view_of(const json::value& text) { return {text.get_string().data(), text.get_string().size()}; }

const json::value* member(const json::value& schema, const char* name) {
    const json::object* object = schema.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

Text number(const json::value& value) { return json::serialize(value); }

/// "a, b or c", "a or null", and "a, b or c, or null"
Text listed(std::vector<Text> parts) {
    const bool nullable = parts.size() > 1 && parts.back() == "null";
    if (nullable) parts.pop_back();
    Text out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += i + 1 == parts.size() ? " or " : ", ";
        out += parts[i];
    }
    if (!nullable) return out;
    return out + (out.find(", ") == Text::npos ? " or null" : ", or null");
}

/// Words as a page shows them: nothing in them is markup, and no line of a table ends early.
Text shown(std::string_view words) {
    Text out;
    for (const char c : words) {
        if (c == '<') {
            out += "&lt;";
        } else if (c == '|') {
            out += "\\|";
        } else {
            out += c;
        }
    }
    return out;
}

/// The anchor that a page gives this heading.
Text anchor(std::string_view heading) {
    Text out;
    for (const char c : heading) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-') {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (c == ' ') {
            out += '-';
        }
    }
    return out;
}

Text link(std::string_view heading) { return "[" + Text(heading) + "](#" + anchor(heading) + ")"; }

Text range_of(const json::value& schema, const char* least, const char* most, std::string_view unit) {
    const json::value* low = member(schema, least);
    const json::value* high = member(schema, most);
    // The ends of 64 bits are no limit of anyone's.
    const auto ends = [](const json::value* value) {
        return value != nullptr && value->is_int64() && (value->get_int64() == INT64_MAX || value->get_int64() == INT64_MIN);
    };
    if (ends(low)) low = nullptr;
    if (ends(high)) high = nullptr;
    if (low == nullptr && high == nullptr) return {};
    const json::value* last = high != nullptr ? high : low;
    Text what = unit.empty() ? "" : " " + Text(unit);
    if (!what.empty() && number(*last) == "1") what.pop_back();
    if (low == nullptr) return ", at most " + number(*high) + what;
    if (high == nullptr) return ", at least " + number(*low) + what;
    return ", " + number(*low) + " to " + number(*high) + what;
}

class Page {
  public:
    explicit Page(const json::value& document) : document_(document) {}

    Text write() {
        out_ = "# Commands and events\n\n"
               "What `cariosan_call` takes and what a subscription gets, for whoever writes to or through the C library. Generated from\n"
               "`cariosan_describe`, which says the same as JSON Schema; renew it with `cmake --build build --target cariosan_commands_md`.\n\n"
               "A field or member without a mark is required; `?` marks one that may be absent. Limits are those of an engine with\n"
               "default options; of texts they are counted in characters here, and most of them allow as many bytes of UTF-8. Unknown fields\n"
               "are ignored, and answers and events may get further members.\n\n";
        write_contents();
        out_ += "## Commands\n\n";
        for (const json::value& command : document_.at("commands").as_array()) write_command(command);
        out_ += "## Events\n\nThe `data` of `{\"type\",\"data\"}`.\n\n";
        for (const json::value& event : document_.at("events").as_array()) write_event(event);
        out_ += "## Objects\n\n";
        for (std::size_t i = 0; i < objects_.size(); ++i) write_shape(objects_[i]);
        out_ += "## Errors\n\n| code | when |\n| --- | --- |\n";
        for (const json::value& error : document_.at("errors").as_array()) {
            out_ += "| `" + Text(view_of(error.at("code"))) + "` | " + shown(view_of(error.at("meaning"))) + " |\n";
        }
        return out_;
    }

  private:
    const json::value& schema(std::string_view reference) const {
        return document_.at_pointer(json::string_view(reference.data() + 1, reference.size() - 1));
    }
    static std::string_view name_of(std::string_view reference) { return reference.substr(reference.rfind('/') + 1); }

    /// Whether a schema is an object with members of its own, which gets a section.
    bool has_members(const json::value& shape) const {
        if (member(shape, "properties") != nullptr) return true;
        for (const char* several : {"allOf", "anyOf"}) {
            const json::value* list = member(shape, several);
            if (list == nullptr) continue;
            return std::ranges::any_of(list->as_array(), [this](const json::value& each) {
                const json::value* reference = member(each, "$ref");
                return reference != nullptr ? has_members(schema(view_of(*reference))) : has_members(each);
            });
        }
        return false;
    }

    Text object_link(std::string_view name) {
        if (std::ranges::find(objects_, name) == objects_.end()) objects_.emplace_back(name);
        return "[" + Text(name) + "](#" + anchor(Text(name) + " object") + ")";
    }

    Text type_of_reference(std::string_view reference) {
        const json::value& shape = schema(reference);
        const std::string_view name = name_of(reference);
        if (name == "Id") return "UUID";
        if (name == "Json") return "any JSON";
        if (has_members(shape)) return object_link(name);
        return type_of(shape);
    }

    Text plain_type(std::string_view type, const json::value& shape) {
        if (type == "string") {
            const json::value* format = member(shape, "format");
            if (format != nullptr && view_of(*format) == "uuid") return "UUID";
            if (format != nullptr && view_of(*format) == "date-time") return "time";
            return "string" + range_of(shape, "minLength", "maxLength", "characters");
        }
        if (type == "integer") return "integer" + range_of(shape, "minimum", "maximum", "");
        if (type == "array") {
            const json::value* items = member(shape, "items");
            Text each = items == nullptr ? "anything" : type_of(*items);
            if (each.find(", ") != Text::npos || each.find(" or ") != Text::npos) each = "(" + each + ")";
            return "array of " + each + range_of(shape, "minItems", "maxItems", "items");
        }
        if (type == "object") {
            const json::value* values = member(shape, "additionalProperties");
            const bool maps = member(shape, "properties") == nullptr && values != nullptr && member(*values, "$ref") != nullptr &&
                              name_of(view_of(*member(*values, "$ref"))) != "Json";
            return "object" + (maps ? " of " + type_of(*values) : Text()) + range_of(shape, "minProperties", "maxProperties", "members");
        }
        return Text(type);
    }

    /// The type of a value with its limits, in a few words.
    Text type_of(const json::value& shape) {
        if (const json::value* reference = member(shape, "$ref")) return type_of_reference(view_of(*reference));
        if (const json::value* only = member(shape, "const")) return "`" + number(*only) + "`";
        std::vector<Text> parts;
        if (const json::value* choices = member(shape, "enum")) {
            for (const json::value& each : choices->as_array()) parts.push_back("`" + number(each) + "`");
        } else if (const json::value* any = member(shape, "anyOf")) {
            for (const json::value& each : any->as_array()) parts.push_back(type_of(each));
        } else if (const json::value* all = member(shape, "allOf"); all != nullptr && member(shape, "properties") == nullptr) {
            return type_of(all->as_array().front()) + range_of(shape, "minItems", "maxItems", "items");
        } else if (const json::value* type = member(shape, "type")) {
            if (type->is_string()) {
                parts.push_back(plain_type(view_of(*type), shape));
            } else {
                for (const json::value& each : type->as_array()) parts.push_back(plain_type(view_of(each), shape));
            }
        }
        Text out = listed(parts);
        if (const json::value* usual = member(shape, "default")) out += ", by default " + number(*usual);
        return out;
    }

    /// What a schema says in words, of itself and of what it refers to.
    Text words_of(const json::value& shape) const {
        Text out;
        if (const json::value* said = member(shape, "description")) out = view_of(*said);
        const json::value* reference = member(shape, "$ref");
        if (reference == nullptr || has_members(schema(view_of(*reference)))) return out;
        const std::string_view name = name_of(view_of(*reference));
        if (name == "Id" || name == "Time") return out;
        const Text more = words_of(schema(view_of(*reference)));
        if (more.empty() || out == more) return out;
        return out.empty() ? more : out + " " + more;
    }

    /// A row for each member, also for those of objects inside that have no name.
    void add_members(const json::value& shape, const Text& path, Text& rows) {
        if (const json::value* reference = member(shape, "$ref")) return add_members(schema(view_of(*reference)), path, rows);
        for (const char* several : {"allOf", "anyOf"}) {
            const json::value* list = member(shape, several);
            if (list == nullptr) continue;
            for (const json::value& each : list->as_array()) {
                if (member(each, "if") == nullptr) add_members(each, path, rows);
            }
        }
        const json::value* properties = member(shape, "properties");
        if (properties == nullptr) return;
        std::vector<std::string_view> required;
        if (const json::value* names = member(shape, "required")) {
            for (const json::value& name : names->as_array()) required.push_back(view_of(name));
        }
        for (const auto& property : properties->as_object()) {
            const std::string_view name(property.key().data(), property.key().size());
            const bool always = std::ranges::find(required, name) != required.end();
            const Text row = "| `" + path + Text(name) + "`" + (always ? "" : "?") + " | " + type_of(property.value()) + " | " +
                             shown(words_of(property.value())) + " |\n";
            if (rows.find("| `" + path + Text(name) + "`") != Text::npos) continue;  // an alternative has it too
            rows += row;
            add_inside(property.value(), path + Text(name), rows);
        }
    }

    void add_inside(const json::value& value, const Text& path, Text& rows) {
        if (member(value, "$ref") != nullptr) return;
        if (member(value, "properties") != nullptr) return add_members(value, path + ".", rows);
        const json::value* items = member(value, "items");
        if (items != nullptr && member(*items, "$ref") == nullptr) add_members(*items, path + "[].", rows);
    }

    void write_table(const char* title, const json::value& shape) {
        Text rows;
        add_members(shape, "", rows);
        if (!rows.empty()) out_ += "| " + Text(title) + " | type | |\n| --- | --- | --- |\n" + rows + "\n";
    }

    void write_contents() {
        out_ += "**Commands**\n\n";
        for (const json::value& command : document_.at("commands").as_array()) {
            out_ += "- " + link(view_of(command.at("name"))) + ": " + shown(view_of(command.at("summary"))) + "\n";
        }
        out_ += "\n**Events**\n\n";
        for (const json::value& event : document_.at("events").as_array()) {
            out_ += "- " + link(view_of(event.at("type"))) + ": " + shown(view_of(event.at("summary"))) + "\n";
        }
        out_ += "\n" + link("Objects") + " · " + link("Errors") + "\n\n";
    }

    void write_command(const json::value& command) {
        out_ += "### " + Text(view_of(command.at("name"))) + "\n\n" + shown(view_of(command.at("summary"))) + "\n\n";
        std::vector<Text> callers;
        for (const json::value& each : command.at("callers").as_array()) callers.emplace_back(view_of(each));
        out_ += "Callers: " + listed(callers) + ". " + (command.at("changes").as_bool() ? "Changes something." : "Only reads.");
        if (command.at("fields").at("properties").as_object().empty()) out_ += " No fields.";
        out_ += "\n\n";
        write_table("field", command.at("fields"));
        const json::value& answer = command.at("answer");
        out_ += "Answer: " + (answer.is_null() ? Text("none, an empty text") : type_of(answer)) + ".\n\nErrors:";
        for (const json::value& code : command.at("errors").as_array()) out_ += " `" + Text(view_of(code)) + "`";
        out_ += "\n\n";
    }

    void write_event(const json::value& event) {
        out_ += "### " + Text(view_of(event.at("type"))) + "\n\n" + shown(view_of(event.at("summary"))) + "\n\n";
        write_table("member", event.at("frame").at("properties").at("data"));
    }

    void write_shape(const Text name) {
        const json::value& shape = schema("#/components/schemas/" + name);
        out_ += "### " + name + " object\n\n";
        if (const Text words = words_of(shape); !words.empty()) out_ += shown(words) + "\n\n";
        write_table("member", shape);
    }

    const json::value& document_;
    std::vector<Text> objects_;  // in the order of their first mention
    Text out_;
};

}  // namespace

int main(int argc, char** argv) {
    const bool writes = argc == 3 && std::strcmp(argv[1], "--write") == 0;
    if (argc != (writes ? 3 : 2)) return std::fputs("usage: commands_reference [--write] FILE\n", stderr), 2;
    const char* path = argv[argc - 1];
    char* described = nullptr;
    std::size_t length = 0;
    if (cariosan_describe(&described, &length, nullptr) != CARIOSAN_OK) return std::fputs("cariosan_describe failed\n", stderr), 1;
    const json::value document = json::parse(json::string_view(described, length));
    cariosan_free(described);
    const Text page = Page(document).write();
    if (writes) {
        std::ofstream file(path, std::ios::binary);
        file << page;
        return file.flush() ? 0 : 1;
    }
    std::ifstream file(path, std::ios::binary);
    if (Text(std::istreambuf_iterator<char>(file), {}) == page) return 0;
    std::fprintf(stderr, "%s is not what the library describes. Renew it:\n  cmake --build <build folder> --target cariosan_commands_md\n", path);
    return 1;
}
