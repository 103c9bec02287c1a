#include "protocol/commands/moderation_field.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// Reads one object of a merge patch, member by member; keeps the first fault. If the object itself is null, so are all its
/// members.
class PatchReader {
  public:
    /// `path`: the object's name in errors.
    PatchReader(std::string path, InputValue value, Result<Done>& result)
        : path_(std::move(path)), null_(value.null()), result_(result) {
        if (value.absent() || null_) return;
        object_ = value.json != nullptr ? value.json->if_object() : nullptr;
        if (object_ == nullptr) fail(invalid_field(path_, path_ + " must be an object or null"));
    }

    /// `fallback`: what null stands for.
    template <class T>
    PatchReader& member(std::string_view name, std::optional<T>& target, const T& fallback) {
        const InputValue value = find(name);
        if (null_ || value.null()) {
            target = fallback;
        } else if (!value.absent()) {
            T read{};
            auto done = read_value(path_of(name), value, read);
            if (!done) fail(std::move(done).error());
            target = std::move(read);
        }
        return *this;
    }

    PatchReader object(std::string_view name) {
        static const boost::json::value null;
        return {path_of(name), null_ ? InputValue{.json = &null, .text = nullptr} : find(name), result_};
    }

  private:
    std::string path_of(std::string_view name) const { return (path_ + '.').append(name); }
    InputValue find(std::string_view name) const { return Input(object_, {}).find(name); }
    void fail(Error fault) {
        if (result_) result_ = std::move(fault);
    }

    std::string path_;
    bool null_;
    Result<Done>& result_;
    const boost::json::object* object_ = nullptr;
};

template <class Rule>
PatchReader read_rule(PatchReader reader, RulePatch& patch, const Rule& fallback) {
    reader.member("enabled", patch.enabled, fallback.enabled).member("action", patch.action, fallback.action);
    return reader;
}

Result<Done> read_moderation(const Input& input, Invocation& invocation) {
    const InputValue value = input.find("moderation");
    if (value.absent()) return Done{};
    const ModerationSettings fallback;
    ModerationPatch patch;
    Result<Done> result = Done{};
    PatchReader all("moderation", value, result);
    all.member("enabled", patch.enabled, fallback.enabled)
        .member("blocklist", patch.blocklist, fallback.blocklist)
        .member("allowlist", patch.allowlist, fallback.allowlist)
        .member("auto_mute_seconds", patch.auto_mute_seconds, fallback.auto_mute_seconds);
    PatchReader rules = all.object("rules");
    read_rule(rules.object("profanity"), patch.profanity.rule, fallback.profanity)
        .member("min_severity", patch.profanity.min_severity, fallback.profanity.min_severity);
    read_rule(rules.object("link"), patch.link, fallback.link);
    read_rule(rules.object("phone"), patch.phone, fallback.phone);
    read_rule(rules.object("flood"), patch.flood.rule, fallback.flood)
        .member("max_repeats", patch.flood.max_repeats, fallback.flood.max_repeats)
        .member("window_seconds", patch.flood.window_seconds, fallback.flood.window_seconds);
    if (result) std::get<UpdateWorkspace>(invocation.command).moderation = std::move(patch);
    return result;
}

template <class Rule>
void write_rule(ObjectWriter& object, const Rule& rule) {
    object.boolean("enabled", rule.enabled);
    object.string("action", to_string(rule.action));
}

}  // namespace

Field moderation_field() {
    return {"moderation",
            "How users' texts are moderated. A merge patch (RFC 7396): absent members stay, null is the default, an array "
            "replaces the old one.",
            R"({"$ref":"#/components/schemas/ModerationPatch"})", false, read_moderation};
}

void append_moderation(std::string& out, const ModerationSettings& settings) {
    write_object(out, [&](ObjectWriter& object) {
        object.boolean("enabled", settings.enabled);
        write_object(object.key("rules"), [&](ObjectWriter& rules) {
            write_object(rules.key("profanity"), [&](ObjectWriter& rule) {
                write_rule(rule, settings.profanity);
                rule.string("min_severity", to_string(settings.profanity.min_severity));
            });
            write_object(rules.key("link"), [&](ObjectWriter& rule) { write_rule(rule, settings.link); });
            write_object(rules.key("phone"), [&](ObjectWriter& rule) { write_rule(rule, settings.phone); });
            write_object(rules.key("flood"), [&](ObjectWriter& rule) {
                write_rule(rule, settings.flood);
                rule.integer("max_repeats", settings.flood.max_repeats);
                rule.integer("window_seconds", settings.flood.window_seconds);
            });
        });
        write_array(object.key("blocklist"), settings.blocklist, append_json_string);
        write_array(object.key("allowlist"), settings.allowlist, append_json_string);
        object.integer("auto_mute_seconds", settings.auto_mute_seconds);
    });
}

}  // namespace cariosan::protocol
